package iam

import (
	"net/http"

	"snaplake/local/internal/wire"
)

// Handler serves IAM's API as far as it reads: GetRole and SimulatePrincipalPolicy. It speaks IAM's protocol, the Query protocol;
// its signing name is "iam".
func (g *Guard) Handler() http.Handler {
	return wire.QueryService{
		Name: "IAM", Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/", InvalidParameter: invalidInput,
		Operations: map[string]wire.QueryOperation{
			"GetRole": g.getRole, "SimulatePrincipalPolicy": g.simulate,
		},
	}
}

const invalidInput = "InvalidInput"

func noSuchEntity(text string) *wire.Error {
	return &wire.Error{Code: "NoSuchEntity", Message: text, Status: http.StatusNotFound}
}
