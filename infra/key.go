package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"snaplake/infra/internal/externalpolicy"
)

// newKey creates the key that encrypts the bucket and the logs, or imports the one in the configuration.
func (s *stack) newKey() awskms.IKey {
	if s.config.Key != "" {
		return awskms.Key_FromKeyArn(s.cdk, jsii.String("LakeKey"), &s.config.Key)
	}
	// The CDK's default key policy leaves the decision to IAM, that is to the policies of the stack's roles.
	key := awskms.NewKey(s.cdk, jsii.String("LakeKey"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + s.config.Name),
		Description:       jsii.String("Encrypts exports, query results and logs of " + s.config.Name + "."),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     s.dataRemoval(), // a retained bucket is unreadable without it
	})
	logs := externalpolicy.Logs(s.config)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        &logs.Sid,
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(logs.Principal["Service"]), nil)},
		Actions:    jsii.Strings(logs.Action...),
		Resources:  jsii.Strings(logs.Resource...),
		Conditions: conditions(logs.Condition).jsii(),
	}), nil)
	return key
}
