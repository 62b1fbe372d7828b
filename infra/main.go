// Command infra is the CDK app: it synthesizes the stack's CloudFormation template and assets. The CDK CLI starts it in the folder of
// cdk.json.
package main

import (
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

const (
	defaultConfigFile = "workflow/pipeline.yaml"
	// distFolder is where make build puts what is deployed.
	distFolder = "dist"
)

// version is set by the Makefile, from the file VERSION.
var version = "dev"

func main() {
	err := run(os.Getenv("CDK_CONTEXT_JSON"), distFolder)
	stderr := os.Stderr
	os.Stderr = nil // Close waits for Node twice, and sometimes prints that it has ended already
	jsii.Close()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run checks the configuration and the build before it creates constructs, which live in Node and are slow. contextJSON is the CDK context
// as the CLI passes it, or "".
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
	if err := writeLayer(dist, config); err != nil {
		return err
	}
	return synthesize(config, dist)
}

// configFile returns the path from cdk synth -c config=PATH, or the default.
func configFile(contextJSON string) (string, error) {
	context := struct {
		Config string `json:"config"`
	}{Config: defaultConfigFile}
	if contextJSON == "" {
		return context.Config, nil
	}
	if err := json.Unmarshal([]byte(contextJSON), &context); err != nil {
		return "", fmt.Errorf("read the CDK context, in which config is the path of a pipeline.yaml: %w", err)
	}
	return context.Config, nil
}

// synthesize writes the cloud assembly to the folder that the CDK CLI names, or to cdk.out.
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

// constructError returns the error of a construct in one line. Constructs panic with a JavaScript error and its stack trace. Panics of Go
// code continue.
func constructError(panicked any) string {
	if bug, ok := panicked.(runtime.Error); ok {
		panic(bug)
	}
	text, _, _ := strings.Cut(fmt.Sprint(panicked), "\n    at ")
	return strings.Join(strings.Fields(text), " ")
}
