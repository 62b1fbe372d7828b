package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients are the services that the checks call.
type clients struct {
	cloudFormation *cloudformation.Client
	glue           *glue.Client
	kms            *kms.Client
	lakeFormation  *lakeformation.Client
	quotas         *servicequotas.Client
	rds            *rds.Client
	s3             *s3.Client
	sns            *sns.Client
	sts            *sts.Client
}

func newClients(config aws.Config) clients {
	return clients{
		cloudFormation: cloudformation.NewFromConfig(config),
		glue:           glue.NewFromConfig(config),
		kms:            kms.NewFromConfig(config),
		lakeFormation:  lakeformation.NewFromConfig(config),
		quotas:         servicequotas.NewFromConfig(config),
		rds:            rds.NewFromConfig(config),
		s3:             s3.NewFromConfig(config),
		sns:            sns.NewFromConfig(config),
		sts:            sts.NewFromConfig(config),
	}
}
