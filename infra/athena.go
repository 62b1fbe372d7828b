package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// bytesPerGigabyte makes a scan limit of the configuration one of Athena's.
const bytesPerGigabyte = 1e9

// addWorkGroups makes the workgroup in which CreateViews asks Athena, which bears the stack's name, and the one of those who
// query the views.
func (l *lake) addWorkGroups() {
	l.addWorkGroup("PipelineWorkGroup", l.config.Name, "Makes the views. For the pipeline only.", workflow.PipelineResults, nil)
	limit := jsii.Number(float64(l.config.Analysts.ScanLimitGB) * bytesPerGigabyte)
	l.addWorkGroup("RedashWorkGroup", l.config.AnalystsWorkGroup(), "Queries the views. For Redash, Grafana and people.", workflow.AnalystsResults, limit)
}

// addWorkGroup makes a workgroup. scanLimit is in bytes a query, or nil.
func (l *lake) addWorkGroup(id, name, description, results string, scanLimit *float64) {
	awsathena.NewCfnWorkGroup(l.stack, &id, &awsathena.CfnWorkGroupProps{
		Name:        &name,
		Description: &description,
		State:       jsii.String("ENABLED"),
		// A workgroup that has a history of queries, as any has, would keep the stack from being deleted.
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			BytesScannedCutoffPerQuery:      scanLimit,
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String("Athena engine version 3"),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation: l.location(results),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"),
					KmsKey:           l.key.KeyArn(),
				},
			},
		},
	})
}

func (l *lake) workGroupARN(name string) *string { return l.arn("athena", "workgroup/"+name) }
