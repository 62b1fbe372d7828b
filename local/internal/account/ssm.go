package account

import (
	"context"
	"net/http"
	"strings"

	"snaplake/local/internal/wire"
)

// `cdk bootstrap` creates this SSM parameter. The value is the one that the pinned version of the CDK writes.
const bootstrapParameter, bootstrapVersion = "/cdk-bootstrap/hnb659fds/version", "33"

// ssm serves the API of Systems Manager's Parameter Store.
func (a *Account) ssm() http.Handler {
	return wire.JSONService{Target: "AmazonSSM", Version: "1.1", Operations: map[string]wire.Operation{
		"GetParameter": wire.JSON(a.getParameter),
	}}
}

type parameter struct {
	ARN, Name, Type, Value string
	DataType               string
	LastModifiedDate       wire.Time
	Version                int
}

type getParameterOutput struct{ Parameter parameter }

func (a *Account) getParameter(ctx context.Context, in struct{ Name string }) (getParameterOutput, error) {
	arn := a.arn("ssm", "parameter/"+strings.TrimPrefix(in.Name, "/"))
	if err := a.check(ctx, "ssm:GetParameter", arn); err != nil {
		return getParameterOutput{}, err
	}
	if in.Name != bootstrapParameter {
		return getParameterOutput{}, wire.Errorf("ParameterNotFound", "parameter %s does not exist", in.Name)
	}
	return getParameterOutput{parameter{
		ARN: arn, Name: in.Name, Type: "String", Value: bootstrapVersion, DataType: "text", Version: 1,
		LastModifiedDate: wire.Time(a.options.Deployed),
	}}, nil
}
