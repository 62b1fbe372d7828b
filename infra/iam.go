package main

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// actions lists the actions of a policy statement, for example s3:GetObject.
type actions []string

// on returns a statement that allows the actions on the resources.
func (a actions) on(resources ...*string) awsiam.PolicyStatement {
	return a.when(nil, resources...)
}

// when returns a statement that allows the actions on the resources if the conditions are met.
func (a actions) when(c conditions, resources ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings(a...),
		Resources:  &resources,
		Conditions: c.jsii(),
	})
}

// conditions maps operators to condition keys and their values, as in a policy statement.
type conditions map[string]map[string]any

func (c conditions) jsii() *map[string]any {
	out := map[string]any{}
	for operator, keys := range c {
		out[operator] = keys
	}
	return &out
}

// servicePrincipal returns an AWS service as a principal. To prevent the confused deputy problem, the service must act for this account
// and, if any sources are given, on behalf of a resource with an ARN that matches one of them.
func (s *stack) servicePrincipal(service string, sources ...string) awsiam.IPrincipal {
	c := conditions{"StringEquals": {"aws:SourceAccount": s.config.Account}}
	if len(sources) > 0 {
		c["ArnLike"] = map[string]any{"aws:SourceArn": sources}
	}
	return awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{Conditions: c.jsii()})
}

// passing returns a statement that allows passing the role to the services.
func passing(role awsiam.Role, services ...string) awsiam.PolicyStatement {
	return actions{"iam:PassRole"}.when(conditions{"StringEquals": {"iam:PassedToService": services}}, role.RoleArn())
}

func (s *stack) newRole(id, description string, principal awsiam.IPrincipal, statements ...awsiam.PolicyStatement) awsiam.Role {
	role := awsiam.NewRole(s.cdk, &id, &awsiam.RoleProps{AssumedBy: principal, Description: &description})
	for _, statement := range split(statements) {
		role.AddToPolicy(statement)
	}
	return role
}

// split divides each statement that has many resources into several statements. When a role's policy reaches IAM's size limit, the CDK
// moves the remaining statements into managed policies, but it never divides a statement.
func split(statements []awsiam.PolicyStatement) []awsiam.PolicyStatement {
	var all []awsiam.PolicyStatement
	for _, statement := range statements {
		for resources := range slices.Chunk(*statement.Resources(), 10) {
			all = append(all, statement.Copy(&awsiam.PolicyStatementProps{Resources: &resources}))
		}
	}
	return all
}

// policies divides statements among managed policies of at most 6,144 characters (IAM guide, "IAM and AWS STS quotas"). Each policy leaves
// space for the ARNs that CloudFormation inserts.
func policies(statements []awsiam.PolicyStatement) [][]awsiam.PolicyStatement {
	var all [][]awsiam.PolicyStatement
	room := 0
	for _, statement := range split(statements) {
		b, _ := json.Marshal(statement.ToStatementJson()) // cannot fail: the value comes from JSON
		if room -= len(b); room < 0 {
			all, room = append(all, nil), 5500-len(b)
		}
		all[len(all)-1] = append(all[len(all)-1], statement)
	}
	return all
}
