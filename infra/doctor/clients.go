package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients are the services that the checks ask. Each interface stands beside the check that needs it.
type clients struct {
	athena         athenaAPI
	cloudFormation cloudFormationAPI
	glue           glueAPI
	iam            iamAPI
	kms            kmsAPI
	lakeFormation  lakeFormationAPI
	lambda         lambdaAPI
	quotas         quotasAPI
	rds            rdsAPI
	s3             s3API
	scheduler      schedulerAPI
	sfn            sfnAPI
	sns            snsAPI
	ssm            ssmAPI
	sts            stsAPI
}

func newClients(config aws.Config) clients {
	return clients{
		athena:         athena.NewFromConfig(config),
		cloudFormation: cloudformation.NewFromConfig(config),
		glue:           glue.NewFromConfig(config),
		iam:            iam.NewFromConfig(config),
		kms:            kms.NewFromConfig(config),
		lakeFormation:  lakeformation.NewFromConfig(config),
		lambda:         lambda.NewFromConfig(config),
		quotas:         servicequotas.NewFromConfig(config),
		rds:            rds.NewFromConfig(config),
		s3:             s3.NewFromConfig(config),
		scheduler:      scheduler.NewFromConfig(config),
		sfn:            sfn.NewFromConfig(config),
		sns:            sns.NewFromConfig(config),
		ssm:            ssm.NewFromConfig(config),
		sts:            sts.NewFromConfig(config),
	}
}
