package account

import (
	"context"
	"net/http"
	"slices"

	"snaplake/local/internal/wire"
)

// quota describes an AWS quota that the pipeline could exceed. The field standard holds the default quota (AWS General Reference,
// "AWS Glue endpoints and quotas" and "Amazon Athena endpoints and quotas").
type quota struct {
	ServiceCode, QuotaCode, QuotaName string
	standard                          float64
}

func quotas() []quota {
	return []quota{
		{"glue", "L-11FA2C1A", "Number of crawlers per account", 1000},
		{"athena", "L-3CE0BBA0", "Active DDL queries", 20},
	}
}

// serviceQuotas serves the Service Quotas API.
func (a *Account) serviceQuotas() http.Handler {
	return wire.JSONService{Target: "ServiceQuotasV20190624", Version: "1.1", Operations: map[string]wire.Operation{
		"GetServiceQuota": wire.JSON(a.getServiceQuota),
	}}
}

type getServiceQuotaOutput struct {
	Quota struct {
		quota
		QuotaArn   string
		Adjustable bool
		Value      float64
	}
}

func (a *Account) getServiceQuota(ctx context.Context, in struct{ ServiceCode, QuotaCode string }) (out getServiceQuotaOutput, err error) {
	arn := a.arn("servicequotas", in.ServiceCode+"/"+in.QuotaCode)
	if err := a.check(ctx, "servicequotas:GetServiceQuota", arn); err != nil {
		return out, err
	}
	all := quotas()
	i := slices.IndexFunc(all, func(q quota) bool { return q.ServiceCode == in.ServiceCode && q.QuotaCode == in.QuotaCode })
	if i < 0 {
		return out, wire.Errorf("NoSuchResourceException", "the local AWS does not support the quota %s of %s", in.QuotaCode, in.ServiceCode)
	}
	out.Quota.quota, out.Quota.QuotaArn, out.Quota.Adjustable, out.Quota.Value = all[i], arn, true, all[i].standard
	return out, nil
}
