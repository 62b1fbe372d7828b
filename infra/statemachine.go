package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// newStateMachine creates the functions and the state machine. The functions' ARNs replace the placeholders in workflow.Definition.
func (s *stack) newStateMachine() awsstepfunctions.StateMachine {
	arns := map[string]*string{}
	for _, f := range stateFunctions() {
		arns[f.id] = s.newFunction(f).FunctionArn()
	}
	return awsstepfunctions.NewStateMachine(s.cdk, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		StateMachineName:        &s.config.Name,
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD, // only standard workflows can be redriven
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(&workflow.Definition),
		DefinitionSubstitutions: &arns,
		Role: s.newRole("StateMachineRole", "Allows the state machine to invoke the functions.", s.servicePrincipal("states.amazonaws.com"),
			actions{"lambda:InvokeFunction"}.on(slices.Collect(maps.Values(arns))...)),
		// For tracing and logging, the CDK adds actions to the role. These actions support only the resource "*".
		TracingEnabled: &s.config.Tracing,
		Logs: &awsstepfunctions.LogOptions{
			// AWS recommends the prefix /aws/vendedlogs/, because it keeps the resource policy of CloudWatch Logs small.
			Destination:          s.newLogGroup("StateMachineLogs", "/aws/vendedlogs/states/"+s.config.Name),
			Level:                awsstepfunctions.LogLevel_ALL,
			IncludeExecutionData: jsii.Bool(false), // the execution itself shows its input and output
		},
	})
}
