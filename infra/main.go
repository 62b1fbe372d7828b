// Command infra is the CDK app that synthesizes the stack's template and assets. The CDK CLI or make starts it in the folder with
// cdk.json.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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
	context, err := readContext(contextJSON)
	if err != nil {
		return err
	}
	var parser string
	if context.CheckSQL {
		parser = filepath.Join(dist, "trino.cjs")
	}
	c, warnings, err := config.LoadAndParse(context.Config, parser)
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "warning:", w)
	}
	if err == nil && !context.Local {
		err = config.CheckAccount(context.Config, c)
	}
	if err != nil {
		return err
	}
	if context.Local {
		dist = filepath.Join(dist, "local") // placeholders, because the local AWS starts the binaries in dist/bin
	}
	if err := checkBuilt(dist); err != nil {
		return err
	}
	layer, err := os.MkdirTemp("", "snaplake-layer-") // several stacks can be synthesized at the same time
	if err != nil {
		return err
	}
	defer os.RemoveAll(layer)
	if err := workflow.WriteLayer(layer, c); err != nil {
		return fmt.Errorf("write the configuration layer: %w", err)
	}
	return synthesize(c, dist, layer)
}

// cdkContext holds the options of the app: "-c config=PATH -c local=true -c checkSQL=false" of the CDK CLI, or "context" in cdk.json.
type cdkContext struct {
	Config string `json:"config"`
	// Local is true for a stack that is not deployed to AWS. The app cannot detect whether the CDK CLI deploys the stack.
	Local bool `json:"local,string"`
	// CheckSQL is false for user-defined views whose SQL is not parsed: those of the sample and the tests, which need no npm.
	CheckSQL bool `json:"checkSQL,string"`
}

func readContext(contextJSON string) (cdkContext, error) {
	context := cdkContext{Config: "workflow/pipeline.yaml", CheckSQL: true}
	err := json.Unmarshal([]byte(cmp.Or(contextJSON, "{}")), &context)
	if err != nil {
		err = fmt.Errorf(`read the CDK context; set "config" to the path of a pipeline.yaml, "local" and "checkSQL" to "true" or "false": %w`, err)
	}
	return context, err
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
