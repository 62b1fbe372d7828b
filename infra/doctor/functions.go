package main

import (
	"context"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"snaplake/workflow"
)

// lambdaAPI describes functions.
type lambdaAPI interface {
	GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// functions are the constructs of all functions: those that the state machine invokes, and the one that tells of its failures.
func functions() []string {
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(workflow.Definition, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return append(slices.Compact(names), "NotifyFunction")
}

// checkFunctions looks whether each function has the role and the configuration that were deployed with it.
func (d *doctor) checkFunctions(ctx context.Context) []line {
	const part = "functions"
	var faults []line
	layer := d.stack.physical["ConfigurationLayer"]
	for _, construct := range functions() {
		name := d.stack.physical[construct]
		if name == "" {
			faults = append(faults, fault.says(part, "the stack has no %s; run make deploy", construct))
			continue
		}
		out, err := d.aws.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if codeOf(err) == "ResourceNotFoundException" {
			faults = append(faults, fault.says(part, "%s is gone; run make destroy, then make deploy", name))
			continue
		}
		if err != nil {
			faults = append(faults, d.couldNotLook(part, err))
			continue
		}
		if role := roleName(aws.ToString(out.Role)); role != d.stack.physical[construct+"Role"] {
			faults = append(faults, fault.says(part, "%s has the role %s, and was deployed with %s; give it that one back", name, role, d.stack.physical[construct+"Role"]))
		}
		if len(out.Layers) != 1 || aws.ToString(out.Layers[0].Arn) != layer {
			faults = append(faults, fault.says(part, "%s does not have the layer %s with its configuration; give it that one back", name, layer))
		}
	}
	return orElse(faults, part, "%d, each with its role and the layer %s", len(functions()), layer)
}
