// Command infra is the CDK app that synthesizes the stack's template and assets. The CDK CLI or make starts it in the folder with
// cdk.json.
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
	err := run(os.Getenv("CDK_CONTEXT_JSON"))
	stderr := os.Stderr
	os.Stderr = nil // Close waits for Node twice, and sometimes prints that Node has already ended
	jsii.Close()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run checks the configuration and the build, then synthesizes the stack. contextJSON is the CDK context from the CLI, if any.
func run(contextJSON string) error {
	paths, err := readContext(contextJSON)
	if err != nil {
		return err
	}
	config, err := config.Load(paths.Config)
	if err != nil {
		return err
	}
	if err := checkBuilt(paths.Dist); err != nil {
		return err
	}
	if err := writeLayer(paths.Dist, config); err != nil {
		return err
	}
	return synthesize(config, paths.Dist)
}

// cdkContext holds the values that this app reads from the CDK context, for example from the option "-c config=PATH" of the CDK CLI.
type cdkContext struct {
	// Config is the path of the configuration.
	Config string `json:"config"`
	// Dist is the folder with the functions' binaries.
	Dist string `json:"dist"`
}

func readContext(contextJSON string) (cdkContext, error) {
	c := cdkContext{Config: "workflow/pipeline.yaml", Dist: "dist"}
	if err := json.Unmarshal([]byte(cmp.Or(contextJSON, "{}")), &c); err != nil {
		return c, fmt.Errorf("read the CDK context; set \"config\" to the path of a pipeline.yaml: %w", err)
	}
	return c, nil
}

// synthesize writes the cloud assembly to the folder that the CDK CLI chose, or to cdk.out. Constructs panic on errors.
func synthesize(config workflow.Config, dist string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("synthesize: %s", constructError(r))
		}
	}()
	app := awscdk.NewApp(nil)
	newStack(app, config, dist)
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
