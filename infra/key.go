package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"snaplake/infra/internal/externalpolicy"
)

// lakeKey makes the key that everything in the bucket and all logs are encrypted with, or takes the one that the configuration
// names. RDS exports under grants that StartExport's role may create.
func (l *lake) lakeKey() awskms.IKey {
	if l.config.Key != "" {
		return awskms.Key_FromKeyArn(l.stack, jsii.String("LakeKey"), &l.config.Key)
	}
	// CDK's default key policy leaves the decision to IAM: each role of this stack says itself what it may do with the key.
	key := awskms.NewKey(l.stack, jsii.String("LakeKey"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + l.config.Name),
		Description:       jsii.String("Encrypts the exports, the query results and the logs of " + l.config.Name + "."),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     l.dataRemoval(), // without it, what is in a retained bucket is lost
	})
	logs := externalpolicy.Logs(l.config)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        &logs.Sid,
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(logs.Principal["Service"]), nil)},
		Actions:    jsii.Strings(logs.Action...),
		Resources:  jsii.Strings(logs.Resource...),
		Conditions: conditions(logs.Condition).jsii(),
	}), nil)
	return key
}
