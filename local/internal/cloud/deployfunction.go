package cloud

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// Configuration returns the configuration in the stack's layer.
func Configuration(stack *cloudformation.Stack) (workflow.Config, error) {
	folder, err := layerFolder(stack)
	if err != nil {
		return workflow.Config{}, err
	}
	return workflow.ReadLayer(os.DirFS(folder))
}

// layerFolder returns the absolute path of the folder with the files of the stack's layer.
func layerFolder(stack *cloudformation.Stack) (string, error) {
	layers := stack.OfType("AWS::Lambda::LayerVersion")
	if len(layers) != 1 {
		return "", fmt.Errorf("stack %s has %d layers; expected one layer, which contains the configuration", stack.Name, len(layers))
	}
	folder, err := stack.Asset(layers[0])
	if err != nil {
		return "", err
	}
	return filepath.Abs(folder)
}

func (c *Cloud) deployFunction(o Options, r cloudformation.Resource) error {
	var f struct {
		Handler, Role       string
		MemorySize, Timeout int
		Environment         struct{ Variables map[string]string }
		Layers              []string
		LoggingConfig       struct{ LogGroup string }
		TracingConfig       struct{ Mode string }
		DeadLetterConfig    struct {
			TargetARN string `json:"TargetArn"`
		}
	}
	if err := cloudformation.Decode(r, &f); err != nil {
		return err
	}
	file, err := binary(o.Functions, f.Handler)
	if err != nil {
		return err
	}
	layer := ""
	if len(f.Layers) > 0 {
		if layer, err = layerFolder(o.Stack); err != nil {
			return err
		}
	}
	key := newKey()
	c.router.sessions.byKey.Store(key.AccessKeyID, session{caller: iam.Caller{Role: f.Role, Session: r.PhysicalID}})
	return c.Lambda.Create(lambda.Function{
		Name: r.PhysicalID, Binary: file, Environment: f.Environment.Variables, MemorySize: f.MemorySize,
		Timeout: time.Duration(f.Timeout) * time.Second, RoleARN: f.Role, Role: key,
		Layer: layer, LogGroup: f.LoggingConfig.LogGroup, Tracing: f.TracingConfig.Mode == "Active",
		DeadLetterQueue: f.DeadLetterConfig.TargetARN,
	})
}

// binary returns the path of a function's binary. The path is absolute because the function's process runs in another folder.
func binary(folder, handler string) (string, error) {
	file, err := filepath.Abs(filepath.Join(folder, handler))
	if err != nil {
		return "", err
	}
	if _, err = os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is not built; to build it, run \"make run\"", file)
	}
	return file, err
}

func (c *Cloud) deployMachine(stack *cloudformation.Stack, r cloudformation.Resource) error {
	var m struct {
		StateMachineName     string
		RoleARN              string `json:"RoleArn"`
		LoggingConfiguration struct{ Level string }
		TracingConfiguration struct{ Enabled bool }
	}
	if err := cloudformation.Decode(r, &m); err != nil {
		return err
	}
	definition, err := stack.Definition(r)
	if err != nil {
		return err
	}
	c.StateMachineARN, err = c.StepFunctions.CreateStateMachine(stepfunctions.StateMachine{
		Name: m.StateMachineName, RoleARN: m.RoleARN, Definition: definition,
		Logging: cmp.Or(m.LoggingConfiguration.Level, "OFF") != "OFF", Tracing: m.TracingConfiguration.Enabled,
	})
	return err
}
