package account

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/wire"
)

// cloudFormation serves the CloudFormation API for the deployed stack. It does not paginate; in AWS, a page lists up to 100 resources.
func (a *Account) cloudFormation() http.Handler {
	return wire.QueryService{
		Name: "CloudFormation", Version: "2010-05-15", Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		InvalidParameter: "ValidationError",
		Operations: map[string]wire.QueryOperation{
			"DescribeStacks": a.describeStacks, "ListStackResources": a.listStackResources,
		},
	}
}

type stackDescription struct {
	StackId, StackName, StackStatus string
	CreationTime                    string
	Outputs                         []output `xml:"Outputs>member"`
}

type output struct{ OutputKey, OutputValue string }

func (a *Account) describeStacks(ctx context.Context, p *wire.Parameters) (any, error) {
	name := cmp.Or(p.Text("StackName"), a.options.Stack.Name) // without a name, AWS describes all stacks
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := a.checkStack(ctx, "cloudformation:DescribeStacks", name); err != nil {
		return nil, err
	}
	d := stackDescription{StackId: a.stackID(), StackName: a.options.Stack.Name, StackStatus: "CREATE_COMPLETE", CreationTime: a.deployed()}
	for _, key := range slices.Sorted(maps.Keys(a.options.Stack.Outputs)) {
		d.Outputs = append(d.Outputs, output{key, a.options.Stack.Outputs[key]})
	}
	return struct {
		Stacks []stackDescription `xml:"Stacks>member"`
	}{[]stackDescription{d}}, nil
}

type resourceSummary struct {
	LogicalResourceId, PhysicalResourceId, ResourceType string
	ResourceStatus, LastUpdatedTimestamp                string
}

func (a *Account) listStackResources(ctx context.Context, p *wire.Parameters) (any, error) {
	name := p.Text("StackName")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := a.checkStack(ctx, "cloudformation:ListStackResources", name); err != nil {
		return nil, err
	}
	var all []resourceSummary
	for _, id := range slices.Sorted(maps.Keys(a.options.Stack.Resources)) {
		r := a.options.Stack.Resources[id]
		all = append(all, resourceSummary{id, r.PhysicalID, r.Type, "CREATE_COMPLETE", a.deployed()})
	}
	return struct {
		StackResourceSummaries []resourceSummary `xml:"StackResourceSummaries>member"`
	}{all}, nil
}

// checkStack checks the caller's permission, and that the stack has the given name or ID.
func (a *Account) checkStack(ctx context.Context, action, name string) error {
	if name == a.options.Stack.Name || strings.HasPrefix(name, a.arn("cloudformation", "stack/"+a.options.Stack.Name+"/")) {
		return a.check(ctx, action, a.stackID())
	}
	if err := a.check(ctx, action, a.arn("cloudformation", "stack/"+name+"/*")); err != nil {
		return err
	}
	return wire.Errorf("ValidationError", "Stack with id %s does not exist", name)
}

// stackID returns the ARN of the stack, which ends with a UUID.
func (a *Account) stackID() string {
	return a.arn("cloudformation", "stack/"+a.options.Stack.Name+"/00000000-0000-0000-0000-000000000000")
}

func (a *Account) deployed() string { return a.options.Deployed.UTC().Format(time.RFC3339) }
