package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/cloudformation"
)

// New makes the Guard of a stack out of its roles and policies, and reports all that is wrong with them. Each decision is told to
// observe, if there is one; it is called from whichever goroutine asks, and so from several at once.
func New(stack *cloudformation.Stack, observe func(Decision)) (*Guard, error) {
	r := reader{
		stack: stack,
		guard: &Guard{
			account: stack.Account, region: stack.Region, observe: observe,
			roles: map[string]role{}, attached: map[string][]statement{},
		},
		managed: map[string][]statement{},
		byName:  map[string]string{},
	}
	r.refuseOtherTypes()
	r.managedPolicies() // before the roles, which name them
	r.roles()
	r.policies()
	r.resourcePolicies()
	r.permissions()
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return r.guard, nil
}

// reader makes a Guard out of a stack, and remembers all that is wrong with it.
type reader struct {
	stack *cloudformation.Stack
	guard *Guard
	// managed are the statements of the managed policies, by ARN.
	managed map[string][]statement
	// byName are the ARNs of the roles.
	byName map[string]string
	errs   []error
}

func (r *reader) fail(of cloudformation.Resource, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: "+format, append([]any{of}, args...)...))
}

// parse reads the policy of a resource.
func (r *reader) parse(of cloudformation.Resource, kind string, policy json.RawMessage) []statement {
	statements, err := parse(of.String(), kind, policy)
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return statements
}

// decode reads all of the properties: one that is not known could change what is allowed.
func (r *reader) decode(of cloudformation.Resource, into any) {
	b, err := json.Marshal(of.Properties)
	if err == nil {
		err = strict(b, into)
	}
	if err != nil {
		r.fail(of, "the local IAM does not take its properties: %w", err)
	}
}

// The types that are read here.
const (
	typeRole          = "AWS::IAM::Role"
	typePolicy        = "AWS::IAM::Policy"
	typeManagedPolicy = "AWS::IAM::ManagedPolicy"
)

func (r *reader) refuseOtherTypes() {
	for _, id := range slices.Sorted(maps.Keys(r.stack.Resources)) {
		switch resource := r.stack.Resources[id]; resource.Type {
		case typeRole, typePolicy, typeManagedPolicy:
		default:
			if strings.HasPrefix(resource.Type, "AWS::IAM::") {
				r.fail(resource, "the local IAM knows no resources of this type; it knows %s, %s and %s", typeRole, typePolicy, typeManagedPolicy)
			}
		}
	}
}

func (r *reader) managedPolicies() {
	for _, resource := range r.stack.OfType(typeManagedPolicy) {
		r.managed[resource.PhysicalID] = r.parse(resource, identityBased, policyDocument(resource))
	}
}

// policyDocument is the property of that name; null, which no policy is, where there is none.
func policyDocument(of cloudformation.Resource) json.RawMessage {
	b, _ := json.Marshal(of.Properties["PolicyDocument"]) // it came out of JSON
	return b
}

func (r *reader) roles() {
	for _, resource := range r.stack.OfType(typeRole) {
		var in struct {
			RoleName, Path, Description string
			MaxSessionDuration          int
			Tags                        any
			AssumeRolePolicyDocument    json.RawMessage
			Policies                    []struct {
				PolicyName     string
				PolicyDocument json.RawMessage
			}
			ManagedPolicyArns []string
		}
		r.decode(resource, &in)
		if in.Path == "" {
			in.Path = "/"
		}
		made := role{name: resource.PhysicalID, path: in.Path, id: resource.Attributes["RoleId"], trustPolicy: string(in.AssumeRolePolicyDocument)}
		made.trust = r.parse(resource, trustPolicy, in.AssumeRolePolicyDocument)
		for _, p := range in.Policies {
			made.identity = append(made.identity, r.parse(resource, identityBased, p.PolicyDocument)...)
		}
		for _, arn := range in.ManagedPolicyArns {
			statements, known := r.managed[arn]
			if !known {
				r.fail(resource, "the managed policy %s is not in the stack; write what the role needs of it into a policy of its own", arn)
			}
			made.identity = append(made.identity, statements...)
		}
		arn := resource.Attributes["Arn"]
		r.guard.roles[arn] = made
		r.byName[made.name] = arn
	}
}

// policies attaches the inline policies that are resources of their own, and the managed ones that name their roles.
func (r *reader) policies() {
	for _, resource := range r.stack.OfType(typePolicy) {
		var in struct {
			PolicyName     string
			PolicyDocument json.RawMessage
			Roles          []string
		}
		r.decode(resource, &in)
		r.attach(resource, in.Roles, r.parse(resource, identityBased, in.PolicyDocument))
	}
	for _, resource := range r.stack.OfType(typeManagedPolicy) {
		var in struct {
			ManagedPolicyName, Path, Description string
			PolicyDocument, Tags                 any
			Roles                                []string
		}
		r.decode(resource, &in)
		r.attach(resource, in.Roles, r.managed[resource.PhysicalID])
	}
}

func (r *reader) attach(policy cloudformation.Resource, roles []string, statements []statement) {
	for _, name := range roles {
		arn, known := r.byName[name]
		if !known {
			r.fail(policy, "there is no role %s in the stack to attach it to", name)
			continue
		}
		to := r.guard.roles[arn]
		to.identity = append(to.identity, statements...)
		r.guard.roles[arn] = to
	}
}

// resourcePolicies reads the policies of buckets, keys, queues and topics.
func (r *reader) resourcePolicies() {
	for _, resource := range r.stack.OfType("AWS::KMS::Key") {
		// A key without a policy gets one that leaves everything to IAM; so does one that is not known here.
		if policy, ok := resource.Properties["KeyPolicy"]; ok {
			b, _ := json.Marshal(policy) // it came out of JSON
			arn := resource.Attributes["Arn"]
			r.guard.attached[arn] = r.parse(resource, resourceBased, b)
		}
	}
	for _, kind := range []struct{ policy, property, owner, arn string }{
		{"AWS::S3::BucketPolicy", "Bucket", "AWS::S3::Bucket", "Arn"},
		{"AWS::SQS::QueuePolicy", "Queues", "AWS::SQS::Queue", "Arn"},
		{"AWS::SNS::TopicPolicy", "Topics", "AWS::SNS::Topic", "TopicArn"},
	} {
		for _, resource := range r.stack.OfType(kind.policy) {
			statements := r.parse(resource, resourceBased, policyDocument(resource))
			b, _ := json.Marshal(resource.Properties[kind.property]) // it came out of JSON
			var owners list[string]
			if err := strict(b, &owners); err != nil {
				r.fail(resource, "%s: %w", kind.property, err)
			}
			for _, name := range owners {
				r.own(resource, kind.owner, name, kind.arn, statements)
			}
		}
	}
}

// own makes the statements part of the policy of a resource of the stack, which is known by its physical ID or its ARN.
func (r *reader) own(policy cloudformation.Resource, kind, name, attribute string, statements []statement) {
	for _, owner := range r.stack.OfType(kind) {
		if arn := owner.Attributes[attribute]; name == owner.PhysicalID || name == arn {
			r.guard.attached[arn] = append(r.guard.attached[arn], statements...)
			return
		}
	}
	r.fail(policy, "there is no %s %q in the stack for it", kind, name)
}

// permissions reads the policies of functions, which CloudFormation has a statement a resource.
func (r *reader) permissions() {
	for _, resource := range r.stack.OfType("AWS::Lambda::Permission") {
		var in struct{ Action, FunctionName, Principal, SourceArn, SourceAccount string }
		r.decode(resource, &in)
		who := principals{AWS: list[string]{in.Principal}}
		if strings.HasSuffix(in.Principal, ".amazonaws.com") {
			who = principals{Service: list[string]{in.Principal}}
		}
		when := map[string]map[string]list[value]{}
		if in.SourceArn != "" {
			when["ArnLike"] = map[string]list[value]{"aws:SourceArn": {value(in.SourceArn)}}
		}
		if in.SourceAccount != "" {
			when["StringEquals"] = map[string]list[value]{"aws:SourceAccount": {value(in.SourceAccount)}}
		}
		// The resource is the function, which the statement is attached to.
		e := element{Effect: "Allow", Principal: &who, Action: list[string]{in.Action}, Resource: list[string]{"*"}, Condition: when}
		statements, err := e.statements(resource.String(), resourceBased)
		if err != nil {
			r.errs = append(r.errs, err)
		}
		r.own(resource, "AWS::Lambda::Function", in.FunctionName, "Arn", statements)
	}
}
