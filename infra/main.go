// Command infra is the CDK app: it writes the stack's CloudFormation template and assets. The CDK CLI starts it from the
// folder of cdk.json.
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
	// distFolder is where make build leaves what is deployed.
	distFolder = "dist"
)

func main() {
	err := run(os.Getenv("CDK_CONTEXT_JSON"), distFolder)
	stderr := os.Stderr
	os.Stderr = nil // Close waits for Node from two sides, and now and then one of them complains that it is gone already
	jsii.Close()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run reports what is wrong with the configuration or the build before the first construct exists: that takes no time, while
// constructs live in Node. Its first argument is the context as the CDK CLI passes it, or "".
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

// configFile is the configuration's path: cdk synth -c config=PATH, or the default.
func configFile(contextJSON string) (string, error) {
	context := struct {
		Config string `json:"config"`
	}{Config: defaultConfigFile}
	if contextJSON == "" {
		return context.Config, nil
	}
	if err := json.Unmarshal([]byte(contextJSON), &context); err != nil {
		return "", fmt.Errorf("read the CDK context; config is the path of a pipeline.yaml: %w", err)
	}
	return context.Config, nil
}

// synthesize writes the template to where the CDK CLI wants it, or to cdk.out.
func synthesize(config workflow.Config, dist string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("synthesize: %s", constructError(r))
		}
	}()
	app := awscdk.NewApp(nil)
	newLake(app, config, dist)
	return checkSize(*app.Synth(nil).GetStackByName(&config.Name).TemplateFullPath())
}

// checkSize refuses a template that CloudFormation does not take (CloudFormation guide, "Understand CloudFormation quotas"). The number
// of sources cannot make it too large, but tags can: most resources have them.
func checkSize(template string) error {
	const most = 1_000_000 // bytes
	file, err := os.Stat(template)
	if err == nil && file.Size() > most {
		err = fmt.Errorf("the template has %d bytes, and CloudFormation takes %d; use fewer tags, or give some sources a configuration with another name", file.Size(), most)
	}
	return err
}

// constructError is what a construct complains about, in one line. Constructs have no other way to report an error than to
// panic, with a JavaScript error and its stack. A bug in Go code panics on.
func constructError(panicked any) string {
	if bug, ok := panicked.(runtime.Error); ok {
		panic(bug)
	}
	text, _, _ := strings.Cut(fmt.Sprint(panicked), "\n    at ")
	return strings.Join(strings.Fields(text), " ")
}
