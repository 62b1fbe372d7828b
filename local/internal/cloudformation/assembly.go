package cloudformation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// artifact is an entry under artifacts in the manifest.json of a cloud assembly (cloud-assembly-schema of aws-cdk-lib).
type artifact struct {
	Type        string
	Environment string
	Properties  struct{ TemplateFile, StackName string }
}

// Load reads the cloud assembly in dir, for example cdk.out, and resolves the template of its only stack.
func Load(dir string) (*Stack, error) {
	s, err := load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cloud assembly %s is incomplete: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("cloud assembly %s: %w", dir, err)
	}
	return s, nil
}

func load(dir string) (*Stack, error) {
	var manifest struct{ Artifacts map[string]artifact }
	if err := read(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	stacks := manifest.Artifacts
	maps.DeleteFunc(stacks, func(_ string, a artifact) bool { return a.Type != "aws:cloudformation:stack" })
	ids := slices.Sorted(maps.Keys(stacks))
	if len(ids) != 1 {
		return nil, fmt.Errorf("expected one stack, found %d: %s", len(ids), strings.Join(ids, ", "))
	}
	stack := stacks[ids[0]]
	where, err := parseEnvironment(stack.Environment)
	if err != nil {
		return nil, err
	}
	var t template
	if err := read(filepath.Join(dir, stack.Properties.TemplateFile), &t); err != nil {
		return nil, err
	}
	name := stack.Properties.StackName
	if name == "" {
		name = ids[0]
	}
	r := resolver{name: name, where: where, template: t, resources: map[string]Resource{}}
	resolved, err := r.stack()
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", stack.Properties.TemplateFile, err)
	}
	resolved.dir = dir
	return resolved, nil
}

// environment is the account and Region of a stack.
type environment struct{ Account, Region string }

// parseEnvironment parses an environment of the form aws://ACCOUNT/REGION.
func parseEnvironment(s string) (environment, error) {
	address, ok := strings.CutPrefix(s, "aws://")
	account, region, _ := strings.Cut(address, "/")
	if !ok || region == "" || strings.HasPrefix(account, "unknown-") || strings.HasPrefix(region, "unknown-") {
		return environment{}, fmt.Errorf("the environment of the stack must be aws://ACCOUNT/REGION, not %q", s)
	}
	return environment{account, region}, nil
}

func read(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}
