// Command infra is the CDK app that synthesizes the stack's template and assets. The CDK CLI starts it in the folder with cdk.json.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
	"snaplake/workflow/config"
)

// version is the content of the file VERSION. The Makefile sets it.
var version = "dev"

func main() {
	err := run(os.Getenv("CDK_CONTEXT_JSON"), "dist")
	stderr := os.Stderr
	os.Stderr = nil // Close waits for Node twice, and sometimes prints that Node has already ended
	jsii.Close()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run checks the configuration and the build, then synthesizes the stack. contextJSON is the CDK context from the CLI, if any.
func run(contextJSON, dist string) error {
	file, err := configFile(contextJSON)
	if err != nil {
		return err
	}
	config, err := config.Load(file)
	if err != nil {
		return err
	}
	if err := checkBuilt(dist); err != nil {
		return err
	}
	layer, err := os.MkdirTemp("", "snaplake-layer-") // several stacks can be synthesized at the same time
	if err != nil {
		return err
	}
	defer os.RemoveAll(layer)
	if err := workflow.WriteLayer(layer, config); err != nil {
		return fmt.Errorf("write the configuration layer: %w", err)
	}
	return synthesize(config, dist, layer)
}

// configFile returns the path from the option "-c config=PATH" of the CDK CLI, or the default path.
func configFile(contextJSON string) (string, error) {
	context := struct {
		Config string `json:"config"`
	}{"workflow/pipeline.yaml"}
	if err := json.Unmarshal([]byte(cmp.Or(contextJSON, "{}")), &context); err != nil {
		return "", fmt.Errorf("read the CDK context; set \"config\" to the path of a pipeline.yaml: %w", err)
	}
	return context.Config, nil
}

// synthesize writes the cloud assembly to the folder that the CDK CLI chose, or to cdk.out. Constructs panic on errors.
func synthesize(config workflow.Config, dist, layer string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("synthesize: %s", constructError(r))
		}
	}()
	app := awscdk.NewApp(nil)
	newStack(app, config, dist, layer)
	app.Synth(nil)
	return nil
}

// constructError returns the JavaScript error of a construct on one line, without its stack trace. It panics if it gets a Go runtime error.
func constructError(panicked any) string {
	if bug, ok := panicked.(runtime.Error); ok {
		panic(bug)
	}
	text, _, _ := strings.Cut(fmt.Sprint(panicked), "\n    at ")
	return strings.Join(strings.Fields(text), " ")
}
