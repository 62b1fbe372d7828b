package iam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/cloudformation"
)

// New returns a Guard with the roles and policies in a stack. The error lists all problems. If observe is not nil, the Guard calls it with
// each decision, possibly from several goroutines concurrently.
func New(stack *cloudformation.Stack, observe func(Decision)) (*Guard, error) {
	r := reader{
		stack:  stack,
		guard:  &Guard{account: stack.Account, observe: observe, roles: map[string]role{}, attached: map[string][]statement{}},
		byName: map[string]string{},
	}
	r.roles() // must come first, since policies refer to roles
	for _, id := range slices.Sorted(maps.Keys(stack.Resources)) {
		r.policy(stack.Resources[id])
	}
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return r.guard, nil
}

// reader builds a Guard from a stack and collects the errors.
type reader struct {
	stack *cloudformation.Stack
	guard *Guard
	// byName maps the names of the roles to their ARNs.
	byName map[string]string
	errs   []error
}

func (r *reader) fail(of cloudformation.Resource, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: "+format, append([]any{of}, args...)...))
}

// parse decodes a policy that belongs to the given resource, and collects the errors.
func (r *reader) parse(of cloudformation.Resource, kind string, policy any) []statement {
	statements, err := parse(of.String(), kind, policy)
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return statements
}

// decode decodes the properties of a resource. An unknown property is an error, since it could change which calls are allowed.
func (r *reader) decode(of cloudformation.Resource, into any) {
	if err := cloudformation.DecodeAll(of, into); err != nil {
		r.errs = append(r.errs, err)
	}
}

func (r *reader) roles() {
	for _, resource := range r.stack.OfType("AWS::IAM::Role") {
		var in struct {
			RoleName, Path, Description string
			Tags                        any
			AssumeRolePolicyDocument    any
			Policies                    []struct {
				PolicyName     string
				PolicyDocument any
			}
		}
		r.decode(resource, &in)
		parsed := role{trust: r.parse(resource, trustPolicy, in.AssumeRolePolicyDocument)}
		for _, p := range in.Policies {
			parsed.identity = append(parsed.identity, r.parse(resource, identityBased, p.PolicyDocument)...)
		}
		arn := resource.Attributes["Arn"]
		r.guard.roles[arn] = parsed
		r.byName[resource.PhysicalID] = arn
	}
}

// policy reads the policy in a resource that is not a role. The stack does not attach its managed policies to roles.
func (r *reader) policy(resource cloudformation.Resource) {
	document := resource.Properties["PolicyDocument"]
	switch resource.Type {
	case "AWS::IAM::Policy":
		r.inlinePolicy(resource)
	case "AWS::KMS::Key":
		// A key without KeyPolicy has the default policy, which delegates to IAM policies, as we assume for keys outside the stack.
		if policy, ok := resource.Properties["KeyPolicy"]; ok {
			r.guard.attached[resource.Attributes["Arn"]] = r.parse(resource, resourceBased, policy)
		}
	case "AWS::S3::BucketPolicy":
		r.attach(resource, "AWS::S3::Bucket", []any{resource.Properties["Bucket"]}, r.parse(resource, resourceBased, document))
	case "AWS::SQS::QueuePolicy":
		r.attach(resource, "AWS::SQS::Queue", resource.Properties["Queues"], r.parse(resource, resourceBased, document))
	case "AWS::SNS::TopicPolicy":
		r.attach(resource, "AWS::SNS::Topic", resource.Properties["Topics"], r.parse(resource, resourceBased, document))
	case "AWS::Lambda::Permission":
		r.permission(resource)
	}
}

func (r *reader) inlinePolicy(resource cloudformation.Resource) {
	var in struct {
		PolicyName     string
		PolicyDocument any
		Roles          []string
	}
	r.decode(resource, &in)
	statements := r.parse(resource, identityBased, in.PolicyDocument)
	for _, name := range in.Roles {
		arn, known := r.byName[name]
		if !known {
			r.fail(resource, "the policy is for role %s, which is not in the stack", name)
			continue
		}
		to := r.guard.roles[arn]
		to.identity = append(to.identity, statements...)
		r.guard.roles[arn] = to
	}
}

// attach adds the statements to the policies of the named resources, which have the given type. A name is a physical ID or an ARN.
func (r *reader) attach(policy cloudformation.Resource, kind string, names any, statements []statement) {
	list, _ := names.([]any)
	for _, name := range list {
		all := r.stack.OfType(kind)
		i := slices.IndexFunc(all, func(owner cloudformation.Resource) bool {
			return name == owner.PhysicalID || name == owner.Attributes["Arn"]
		})
		if i < 0 {
			r.fail(policy, "the policy is for %s %q, which is not in the stack", kind, name)
			continue
		}
		arn := cmp.Or(all[i].Attributes["Arn"], all[i].PhysicalID) // Ref of a topic is its ARN
		r.guard.attached[arn] = append(r.guard.attached[arn], statements...)
	}
}

// permission reads an AWS::Lambda::Permission, which is one statement of a function's policy.
func (r *reader) permission(resource cloudformation.Resource) {
	var in struct{ Action, FunctionName, Principal, SourceArn string }
	r.decode(resource, &in)
	if !strings.HasSuffix(in.Principal, ".amazonaws.com") {
		r.fail(resource, "the local IAM supports only service principals, not %q", in.Principal)
	}
	// The statement is part of the policy of a single function, so "*" means that function.
	e := policyStatement{
		Effect: "Allow", Principal: &principals{Service: list[string]{in.Principal}}, Action: list[string]{in.Action},
		Resource: list[string]{"*"},
	}
	if in.SourceArn != "" {
		e.Condition = map[string]map[string]list[string]{"ArnLike": {"aws:SourceArn": {in.SourceArn}}}
	}
	statements, err := e.statements(resourceBased)
	if err != nil {
		r.fail(resource, "%w", err)
	}
	r.attach(resource, "AWS::Lambda::Function", []any{in.FunctionName}, statements)
}
