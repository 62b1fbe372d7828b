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
	file, isLocal, err := readContext(contextJSON)
	if err != nil {
		return err
	}
	c, err := config.Load(file)
	if err == nil && !isLocal {
		err = config.CheckAccount(file, c)
	}
	if err != nil {
		return err
	}
	if isLocal {
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

// readContext returns the path from the option "-c config=PATH" of the CDK CLI, or the default path. isLocal is true with "-c local=true",
// for a stack that is not deployed to AWS. The app cannot detect whether the CDK CLI deploys the stack.
func readContext(contextJSON string) (file string, isLocal bool, err error) {
	context := struct {
		Config string `json:"config"`
		Local  string `json:"local"`
	}{Config: "workflow/pipeline.yaml"}
	if err := json.Unmarshal([]byte(cmp.Or(contextJSON, "{}")), &context); err != nil {
		return "", false, fmt.Errorf("read the CDK context; set \"config\" to the path of a pipeline.yaml: %w", err)
	}
	return context.Config, context.Local == "true", nil
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
