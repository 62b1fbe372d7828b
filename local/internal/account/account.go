// Package account is what the local AWS knows of its account besides the work of its services: whose credentials they are, what
// CloudFormation has deployed, keys, schedules, parameters and quotas. All of it can only be read.
package account

import (
	"context"
	"net/http"
	"sync"
	"time"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// Options are what the account is of.
type Options struct {
	// Stack is what CloudFormation has deployed.
	Stack *cloudformation.Stack
	// Guard decides about each call; nil lets everybody do everything.
	Guard *iam.Guard
	// Deployed is when the stack was.
	Deployed time.Time
}

// Account answers for an account.
type Account struct {
	options Options

	mu          sync.Mutex
	stackStatus string
	parameters  map[string]string
	quotas      map[string]float64        // by their codes
	keys        []cloudformation.Resource // that are not the stack's
}

// What the CDK leaves in an account that it has bootstrapped, and the version that the pinned one does.
const bootstrapParameter, bootstrapVersion = "/cdk-bootstrap/hnb659fds/version", "33"

// New makes an account that is bootstrapped for the CDK, has the stack deployed, and AWS's own quotas.
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

// Handlers are those of the services, by their signing names.
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

// SetStackStatus makes the stack have another status; "" means that it was never deployed.
func (a *Account) SetStackStatus(status string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stackStatus = status
}

// SetParameter gives a parameter of Systems Manager a value; "" deletes it.
func (a *Account) SetParameter(name, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if value == "" {
		delete(a.parameters, name)
	} else {
		a.parameters[name] = value
	}
}

// SetQuota changes a quota of the account.
func (a *Account) SetQuota(code string, value float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quotas[code] = value
}

func (a *Account) check(ctx context.Context, action, resource string) error {
	return a.options.Guard.Check(ctx, iam.Call{Action: action, Resource: resource})
}

// arn is the ARN of a resource in the account and Region.
func (a *Account) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + a.options.Stack.Region + ":" + a.options.Stack.Account + ":" + resource
}
