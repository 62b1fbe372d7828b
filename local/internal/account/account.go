// Package account emulates the services that `make doctor` queries: STS, CloudFormation, KMS, EventBridge Scheduler, Systems Manager and
// Service Quotas. Their responses describe the deployed stack and an account that meets all requirements. They support only the read
// operations that `make doctor` calls, and AssumeRole for analysts' clients. Any other operation fails with an error that names it.
package account

import (
	"context"
	"net/http"
	"sync"
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
	// NewSession returns credentials for a role's session, which are valid until the given time.
	NewSession func(session iam.Caller, expires time.Time) (keyID, secret, token string)
}

// Account is an emulated AWS account.
type Account struct {
	options Options

	mu          sync.Mutex
	stackStatus string
	parameters  map[string]string
	quotas      map[string]float64        // by quota code
	keys        []cloudformation.Resource // KMS keys outside the stack
}

// `cdk bootstrap` creates this SSM parameter. The value is the one that the pinned version of the CDK writes.
const bootstrapParameter, bootstrapVersion = "/cdk-bootstrap/hnb659fds/version", "33"

// New returns an account that is bootstrapped for the CDK. It contains the deployed stack and has AWS's default quotas.
func New(o Options) *Account {
	a := &Account{
		options: o, stackStatus: "CREATE_COMPLETE",
		parameters: map[string]string{bootstrapParameter: bootstrapVersion},
		quotas:     map[string]float64{},
	}
	a.AddKey(databaseKey, nil)
	for _, q := range quotas() {
		a.quotas[q.QuotaCode] = q.standard
	}
	return a
}

// Handlers returns a map from the signing name of each service to its HTTP handler.
func (a *Account) Handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"sts":            a.sts(),
		"cloudformation": a.cloudFormation(),
		"kms":            a.kms(),
		"scheduler":      http.HandlerFunc(a.serveScheduler),
		"ssm":            a.ssm(),
		"servicequotas":  a.serviceQuotas(),
	}
}

// SetStackStatus sets the status of the stack; "" means that the stack was never deployed.
func (a *Account) SetStackStatus(status string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stackStatus = status
}

// SetParameter sets a Systems Manager parameter; an empty value deletes the parameter.
func (a *Account) SetParameter(name, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if value == "" {
		delete(a.parameters, name)
	} else {
		a.parameters[name] = value
	}
}

// SetQuota sets the quota with the given code to the given value.
func (a *Account) SetQuota(code string, value float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quotas[code] = value
}

func (a *Account) check(ctx context.Context, action, resource string) error {
	return a.options.Guard.Check(ctx, iam.Call{Action: action, Resource: resource})
}

// arn returns the ARN of a resource in the stack's account and Region.
func (a *Account) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + a.options.Stack.Region + ":" + a.options.Stack.Account + ":" + resource
}
