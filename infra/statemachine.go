package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// newStateMachine creates the state machine from workflow.Definition, with the functions' ARNs for their placeholders.
func (s *stack) newStateMachine(functions map[string]awslambda.Function) awsstepfunctions.StateMachine {
	arns := make(map[string]*string, len(functions))
	var invocable []*string
	for _, placeholder := range slices.Sorted(maps.Keys(functions)) {
		arns[placeholder] = functions[placeholder].FunctionArn()
		invocable = append(invocable, arns[placeholder])
	}
	return awsstepfunctions.NewStateMachine(s.cdk, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		StateMachineName:        &s.config.Name,
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD, // only standard workflows can be redriven
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(&workflow.Definition),
		DefinitionSubstitutions: &arns,
		Role: s.newRole("StateMachineRole", "Role of the state machine, which invokes the functions.", s.servicePrincipal("states.amazonaws.com"),
			actions{"lambda:InvokeFunction"}.on(invocable...)),
		// Tracing and logs allow the role actions of X-Ray and log delivery on "*", because those have no resources.
		TracingEnabled: &s.config.Tracing,
		Logs: &awsstepfunctions.LogOptions{
			// AWS recommends this prefix, which keeps the Region's log resource policy small.
			Destination: s.newLogGroup("StateMachineLogs", "/aws/vendedlogs/states/"+s.config.Name),
			// Without input and output, which the execution shows.
			Level:                awsstepfunctions.LogLevel_ALL,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
}
