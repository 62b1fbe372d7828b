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

// assembly is manifest.json of a cloud assembly, as aws-cdk-lib's cloud-assembly-schema describes it.
type assembly struct {
	Artifacts map[string]struct {
		Type        string
		Environment string
		Properties  struct {
			// Of an aws:cloudformation:stack:
			TemplateFile string
			StackName    string
			Parameters   map[string]string
			// Of a cdk:asset-manifest:
			File string
		}
	}
}

// assetManifest is the file that a cdk:asset-manifest names.
type assetManifest struct {
	Files map[string]struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ ObjectKey string }
	}
}

// template is a CloudFormation template in JSON, with the sections that matter here.
type template struct {
	Parameters map[string]struct {
		Type    string
		Default any
	}
	Mappings   map[string]map[string]map[string]any
	Conditions map[string]any
	Resources  map[string]struct {
		Type       string
		Condition  string
		DependsOn  names
		Properties map[string]any
		Metadata   map[string]any
	}
	Outputs map[string]struct {
		Condition string
		Value     any
	}
}

// names is one string, or a list of them.
type names []string

// UnmarshalJSON reads either form.
func (n *names) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*n = names{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(n))
}

// Load reads the cloud assembly in dir (cdk.out), which must hold exactly one stack, and resolves its template.
func Load(dir string) (*Stack, error) {
	var manifest assembly
	if err := read(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("cloud assembly %s: not synthesized yet; run make synth", dir)
		}
		return nil, fmt.Errorf("cloud assembly %s: %w", dir, err)
	}
	var stacks []string
	paths := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		switch a := manifest.Artifacts[id]; a.Type {
		case "aws:cloudformation:stack":
			stacks = append(stacks, id)
		case "cdk:asset-manifest":
			if err := readAssets(filepath.Join(dir, a.Properties.File), paths); err != nil {
				return nil, fmt.Errorf("cloud assembly %s: %w", dir, err)
			}
		}
	}
	switch len(stacks) {
	case 1:
	case 0:
		return nil, fmt.Errorf("cloud assembly %s: there is no stack in it; run make synth", dir)
	default:
		return nil, fmt.Errorf("cloud assembly %s: there are several stacks in it, %s; there must be one", dir, strings.Join(stacks, ", "))
	}

	properties := manifest.Artifacts[stacks[0]].Properties
	var t template
	if err := read(filepath.Join(dir, properties.TemplateFile), &t); err != nil {
		return nil, fmt.Errorf("cloud assembly %s: template of %s: %w", dir, stacks[0], err)
	}
	name := properties.StackName
	if name == "" {
		name = stacks[0]
	}
	where, err := parseEnvironment(manifest.Artifacts[stacks[0]].Environment)
	if err != nil {
		return nil, fmt.Errorf("cloud assembly %s: stack %s: %w", dir, stacks[0], err)
	}
	resolved, err := newResolver(name, where, t, properties.Parameters).stack()
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", filepath.Join(dir, properties.TemplateFile), err)
	}
	resolved.assets = assets{dir: dir, paths: paths}
	return resolved, nil
}

// environment is where a stack is deployed.
type environment struct{ Account, Region string }

// parseEnvironment reads aws://ACCOUNT/REGION.
func parseEnvironment(s string) (environment, error) {
	address, ok := strings.CutPrefix(s, "aws://")
	account, region, _ := strings.Cut(address, "/")
	if !ok || region == "" || strings.HasPrefix(account, "unknown-") || strings.HasPrefix(region, "unknown-") {
		return environment{}, fmt.Errorf("its environment is %q, and must be aws://ACCOUNT/REGION: give account and region in the configuration", s)
	}
	return environment{account, region}, nil
}

// readAssets adds the files of an asset manifest to paths.
func readAssets(file string, paths map[string]string) error {
	var manifest assetManifest
	if err := read(file, &manifest); err != nil {
		return fmt.Errorf("asset manifest: %w", err)
	}
	for _, f := range manifest.Files {
		if f.Source.Path == "" {
			continue // made by a command when it is uploaded, not by the synthesis
		}
		for _, d := range f.Destinations {
			paths[d.ObjectKey] = f.Source.Path
		}
	}
	return nil
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
