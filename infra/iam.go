package main

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// actions are the actions of a statement, each by its full name.
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

// conditions are the operators of a policy statement's Condition, each with its condition keys and their values.
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

// servicePrincipal is an AWS service that works for this account only: a service works for everybody, and must not use what is
// ours for somebody else (the confused deputy). sources are ARN patterns of those of our resources that it works for; none means
// any, for services that do not say which.
func (l *lake) servicePrincipal(service string, sources ...string) awsiam.IPrincipal {
	c := conditions{"StringEquals": {"aws:SourceAccount": l.config.Account}}
	if len(sources) > 0 {
		c["ArnLike"] = map[string]any{"aws:SourceArn": sources}
	}
	return awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{Conditions: c.jsii()})
}

// passing allows passing a role to a service, and to no other.
func passing(role awsiam.Role, services ...string) awsiam.PolicyStatement {
	return actions{"iam:PassRole"}.when(conditions{"StringEquals": {"iam:PassedToService": services}}, role.RoleArn())
}

// newRole makes a role that may do what the statements allow, and nothing else.
func (l *lake) newRole(id, description string, principal awsiam.IPrincipal, statements ...awsiam.PolicyStatement) awsiam.Role {
	role := awsiam.NewRole(l.stack, &id, &awsiam.RoleProps{AssumedBy: principal, Description: &description})
	for _, part := range parts(statements) {
		role.AddToPolicy(part)
	}
	return role
}

// parts splits statements that name many resources. Only whole statements can go into another policy: the CDK merges those of a role
// as far as IAM's limits allow, and moves the rest of them into managed policies.
func parts(statements []awsiam.PolicyStatement) []awsiam.PolicyStatement {
	var all []awsiam.PolicyStatement
	for _, statement := range statements {
		for some := range slices.Chunk(*statement.Resources(), 10) {
			all = append(all, statement.Copy(&awsiam.PolicyStatementProps{Resources: &some}))
		}
	}
	return all
}

// policies spreads statements over managed policies. One has at most 6,144 characters (IAM guide, "IAM and AWS STS quotas"), of which
// some are left for the ARNs that CloudFormation puts in.
func policies(statements []awsiam.PolicyStatement) [][]awsiam.PolicyStatement {
	var all [][]awsiam.PolicyStatement
	room := 0
	for _, part := range parts(statements) {
		b, err := json.Marshal(part.ToStatementJson())
		if err != nil {
			panic(err) // a bug of ours: it is JSON
		}
		if room -= len(b); room < 0 {
			all, room = append(all, nil), 5500-len(b)
		}
		all[len(all)-1] = append(all[len(all)-1], part)
	}
	return all
}
