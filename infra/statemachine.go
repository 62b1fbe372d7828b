package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// newStateMachine deploys workflow.Definition, in which the functions' ARNs take the place of their placeholders.
func (l *lake) newStateMachine(functions map[string]awslambda.Function) awsstepfunctions.StateMachine {
	arns := make(map[string]*string, len(functions))
	var invocable []*string
	for _, placeholder := range slices.Sorted(maps.Keys(functions)) {
		arns[placeholder] = functions[placeholder].FunctionArn()
		invocable = append(invocable, arns[placeholder])
	}
	return awsstepfunctions.NewStateMachine(l.stack, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		StateMachineName:        &l.config.Name,
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD, // only a standard one can be redriven
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(&workflow.Definition),
		DefinitionSubstitutions: &arns,
		Role: l.newRole("StateMachineRole", "The state machine invokes its functions with it.", l.servicePrincipal("states.amazonaws.com"),
			actions{"lambda:InvokeFunction"}.on(invocable...)),
		// Tracing and logs add the X-Ray and log delivery actions on "*" to the role: neither has a resource to name there.
		TracingEnabled: &l.config.Tracing,
		Logs: &awsstepfunctions.LogOptions{
			// AWS advises this prefix, which keeps the Region's log resource policy small.
			Destination: l.newLogGroup("StateMachineLogs", "/aws/vendedlogs/states/"+l.config.Name),
			// Every state of every night, without the record: the execution has that.
			Level:                awsstepfunctions.LogLevel_ALL,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
}
