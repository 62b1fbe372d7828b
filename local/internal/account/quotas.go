package account

import (
	"context"
	"net/http"

	"snaplake/local/internal/wire"
)

// quota is an AWS quota that the pipeline could exceed.
type quota struct {
	ServiceCode, QuotaCode, QuotaName, QuotaArn string
	Adjustable                                  bool
	Value                                       float64
}

// quotas returns the default quotas (AWS General Reference, "AWS Glue endpoints and quotas" and "Amazon Athena endpoints and quotas").
func quotas() []quota {
	return []quota{
		{ServiceCode: "glue", QuotaCode: "L-11FA2C1A", QuotaName: "Number of crawlers per account", Adjustable: true, Value: 1000},
		{ServiceCode: "athena", QuotaCode: "L-3CE0BBA0", QuotaName: "Active DDL queries", Adjustable: true, Value: 20},
	}
}

// serviceQuotas serves the Service Quotas API.
func (a *Account) serviceQuotas() http.Handler {
	return wire.JSONService{Target: "ServiceQuotasV20190624", Version: "1.1", Operations: map[string]wire.Operation{
		"GetServiceQuota": wire.JSON(a.getServiceQuota),
	}}
}

func (a *Account) getServiceQuota(ctx context.Context, in struct{ ServiceCode, QuotaCode string }) (any, error) {
	arn := a.arn("servicequotas", in.ServiceCode+"/"+in.QuotaCode)
	if err := a.check(ctx, "servicequotas:GetServiceQuota", arn); err != nil {
		return nil, err
	}
	for _, q := range quotas() {
		if q.ServiceCode == in.ServiceCode && q.QuotaCode == in.QuotaCode {
			q.QuotaArn = arn
			return map[string]any{"Quota": q}, nil
		}
	}
	return nil, wire.Errorf("NoSuchResourceException", "the local AWS does not support the quota %s of %s", in.QuotaCode, in.ServiceCode)
}
