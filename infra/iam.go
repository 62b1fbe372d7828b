package main

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// actions are those of a policy statement, for example s3:GetObject.
type actions []string

// on allows the actions on resources.
func (a actions) on(resources ...*string) awsiam.PolicyStatement {
	return a.when(nil, resources...)
}

// when allows the actions on resources under conditions.
func (a actions) when(c conditions, resources ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings(a...),
		Resources:  &resources,
		Conditions: c.jsii(),
	})
}

// conditions are those of a policy statement: operators with condition keys and their values.
type conditions map[string]map[string]any

func (c conditions) jsii() *map[string]any {
	if c == nil {
		return nil
	}
	out := make(map[string]any, len(c))
	for operator, keys := range c {
		out[operator] = keys
	}
	return &out
}

// servicePrincipal returns an AWS service that acts for this account only, to prevent the confused deputy problem. sources are ARN patterns
// of the resources that it acts for; some services do not pass any.
func (s *stack) servicePrincipal(service string, sources ...string) awsiam.IPrincipal {
	c := conditions{"StringEquals": {"aws:SourceAccount": s.config.Account}}
	if len(sources) > 0 {
		c["ArnLike"] = map[string]any{"aws:SourceArn": sources}
	}
	return awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{Conditions: c.jsii()})
}

// passing allows passing a role to these services only.
func passing(role awsiam.Role, services ...string) awsiam.PolicyStatement {
	return actions{"iam:PassRole"}.when(conditions{"StringEquals": {"iam:PassedToService": services}}, role.RoleArn())
}

// newRole creates a role that allows what the statements allow, and nothing else.
func (s *stack) newRole(id, description string, principal awsiam.IPrincipal, statements ...awsiam.PolicyStatement) awsiam.Role {
	role := awsiam.NewRole(s.cdk, &id, &awsiam.RoleProps{AssumedBy: principal, Description: &description})
	for _, statement := range split(statements) {
		role.AddToPolicy(statement)
	}
	return role
}

// split splits statements with many resources. The CDK merges a role's statements up to IAM's limits and moves the others, as a whole, into
// managed policies.
func split(statements []awsiam.PolicyStatement) []awsiam.PolicyStatement {
	var all []awsiam.PolicyStatement
	for _, statement := range statements {
		for resources := range slices.Chunk(*statement.Resources(), 10) {
			all = append(all, statement.Copy(&awsiam.PolicyStatementProps{Resources: &resources}))
		}
	}
	return all
}

// policies distributes statements over managed policies of at most 6,144 characters (IAM guide, "IAM and AWS STS quotas"). It leaves room
// for the ARNs that CloudFormation inserts.
func policies(statements []awsiam.PolicyStatement) [][]awsiam.PolicyStatement {
	var all [][]awsiam.PolicyStatement
	room := 0
	for _, statement := range split(statements) {
		b, err := json.Marshal(statement.ToStatementJson())
		if err != nil {
			panic(err) // cannot happen: it is JSON
		}
		if room -= len(b); room < 0 {
			all, room = append(all, nil), 5500-len(b)
		}
		all[len(all)-1] = append(all[len(all)-1], statement)
	}
	return all
}
