package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// bytesPerGigabyte converts a scan limit of the configuration to Athena's unit.
const bytesPerGigabyte = 1e9

// addWorkGroups adds the workgroup of CreateViews, named like the stack, and that of the analysts.
func (s *stack) addWorkGroups() {
	s.addWorkGroup("PipelineWorkGroup", s.config.Name, "Creates the views. For the pipeline only.", workflow.PipelineResults, nil)
	limit := jsii.Number(float64(s.config.Analysts.ScanLimitGB) * bytesPerGigabyte)
	const description = "Queries the views. For Redash, Grafana and analysts."
	s.addWorkGroup("RedashWorkGroup", s.config.AnalystsWorkGroup(), description, workflow.AnalystsResults, limit)
}

// addWorkGroup adds a workgroup. scanLimit is in bytes per query, or nil.
func (s *stack) addWorkGroup(id, name, description, results string, scanLimit *float64) {
	awsathena.NewCfnWorkGroup(s.cdk, &id, &awsathena.CfnWorkGroupProps{
		Name:        &name,
		Description: &description,
		State:       jsii.String("ENABLED"),
		// A workgroup with a query history would prevent the deletion of the stack.
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			BytesScannedCutoffPerQuery:      scanLimit,
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String("Athena engine version 3"),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation: s.location(results),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"),
					KmsKey:           s.key.KeyArn(),
				},
			},
		},
	})
}

func (s *stack) workGroupARN(name string) *string { return s.arn("athena", "workgroup/"+name) }
