package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/jsii-runtime-go"
)

// addWorkGroup makes the workgroup in which CreateViews asks Athena. It bears the stack's name.
func (l *lake) addWorkGroup() {
	awsathena.NewCfnWorkGroup(l.stack, jsii.String("PipelineWorkGroup"), &awsathena.CfnWorkGroupProps{
		Name:        &l.config.Name,
		Description: jsii.String("Makes the views. For the pipeline only."),
		State:       jsii.String("ENABLED"),
		// A workgroup that has a history of queries, as any has, would keep the stack from being deleted.
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String("Athena engine version 3"),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation: jsii.String(fmt.Sprintf("s3://%s/%s", *l.bucket.BucketName(), resultsPrefix)),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"),
					KmsKey:           l.key.KeyArn(),
				},
			},
		},
	})
}

func (l *lake) workGroupARN() *string { return l.arn("athena", "workgroup/"+l.config.Name) }
