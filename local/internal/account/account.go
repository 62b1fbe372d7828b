// Package account emulates the services that `make doctor` queries: STS, CloudFormation, KMS and Service Quotas. They support only the
// read operations that `make doctor` calls, and AssumeRole for analysts' clients.
package account

import (
	"context"
	"net/http"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// Options configure an Account.
type Options struct {
	// Stack is the deployed stack.
	Stack *cloudformation.Stack
	// Guard authorizes each call. If nil, every call is allowed.
	Guard *iam.Guard
	// Deployed is the time of the deployment.
	Deployed time.Time
	// Clock determines when the credentials of AssumeRole expire.
	Clock clock.Clock
	// NewSession returns credentials for a session of a role. The credentials are valid until the given time.
	NewSession func(session iam.Caller, expires time.Time) (keyID, secret, token string)
}

// Account is an emulated AWS account. It contains the deployed stack and has AWS's default quotas.
type Account struct{ options Options }

// New returns an account with the given options.
func New(o Options) *Account { return &Account{o} }

// Handlers returns a map from the signing name of each service to its HTTP handler.
func (a *Account) Handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"sts":            a.sts(),
		"cloudformation": a.cloudFormation(),
		"kms":            a.kms(),
		"servicequotas":  a.serviceQuotas(),
	}
}

func (a *Account) check(ctx context.Context, action, resource string) error {
	return a.options.Guard.Check(ctx, iam.Call{Action: action, Resource: resource})
}

// arn returns the ARN of a resource in the stack's account and Region.
func (a *Account) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + a.options.Stack.Region + ":" + a.options.Stack.Account + ":" + resource
}
