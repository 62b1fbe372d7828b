package main

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"snaplake/workflow"
)

// sfnAPI describes the state machine.
type sfnAPI interface {
	DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error)
}

// checkStateMachine looks whether the definition is the one of this folder, with the stack's functions in it.
func (d *doctor) checkStateMachine(ctx context.Context) []line {
	const part = "state machine"
	arn := d.arn("states", "stateMachine:"+d.config.Name)
	out, err := d.aws.sfn.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if codeOf(err) == "StateMachineDoesNotExist" {
		return []line{fault.says(part, "%s is gone; run make destroy, then make deploy", d.config.Name)}
	}
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	var faults []line
	if role, want := roleName(aws.ToString(out.RoleArn)), d.stack.physical["StateMachineRole"]; role != want {
		faults = append(faults, fault.says(part, "%s has the role %s, and was deployed with %s; give it that one back", d.config.Name, role, want))
	}
	if !sameJSON(aws.ToString(out.Definition), d.definition()) {
		faults = append(faults, fault.says(part, "the definition of %s is not workflow/pipeline.asl.json of this folder; run make deploy", d.config.Name))
	}
	return orElse(faults, part, "%s, its definition is workflow/pipeline.asl.json", arn)
}

// definition is workflow.Definition with the ARNs of the stack's functions.
func (d *doctor) definition() string {
	return placeholder.ReplaceAllStringFunc(workflow.Definition, func(found string) string {
		return d.arn("lambda", "function:"+d.stack.physical[placeholder.FindStringSubmatch(found)[1]])
	})
}

func sameJSON(a, b string) bool {
	var one, other any
	return json.Unmarshal([]byte(a), &one) == nil && json.Unmarshal([]byte(b), &other) == nil && reflect.DeepEqual(one, other)
}
