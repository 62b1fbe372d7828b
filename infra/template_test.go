package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
	"snaplake/workflow/config"
)

// object is a JSON object.
type object = map[string]any

// template is a synthesized CloudFormation template, with some of the stack's properties in the cloud assembly.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
	// TerminationProtection and Warnings are not in the template, but in other files of the assembly.
	TerminationProtection bool
	Warnings              []string
}

type resource struct {
	Type                string
	Properties          object
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// Templates that most tests use.
var (
	// synthesized has an instance, two clusters, a bucket and a key that the stack creates, and most settings.
	synthesized = sync.OnceValues(func() (template, error) { return synthesizeAnywhere("testdata/pipeline.yaml") })
	// existing has an imported bucket and key, and turns off everything that is on by default.
	existing = sync.OnceValues(func() (template, error) { return synthesizeAnywhere("testdata/existing/pipeline.yaml") })
)

func theTemplate(t *testing.T) template      { return must(t, synthesized) }
func existingTemplate(t *testing.T) template { return must(t, existing) }

func must(t *testing.T, synthesize func() (template, error)) template {
	t.Helper()
	tmpl, err := synthesize()
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func synthesizeAnywhere(file string) (template, error) {
	dir, err := os.MkdirTemp("", "infra-test-")
	if err != nil {
		return template{}, err
	}
	defer os.RemoveAll(dir)
	return synthesizeIn(dir, file)
}

// synthesizeIn synthesizes a template with the context in cdk.json, like the CDK CLI. The functions' binaries are dummies.
func synthesizeIn(dir, file string) (template, error) {
	var tmpl template
	cdk := struct{ Context object }{}
	if err := readJSON("../cdk.json", &cdk); err != nil {
		return tmpl, err
	}
	config, err := config.Load(file)
	if err != nil {
		return tmpl, err
	}
	if err := build(dir); err != nil {
		return tmpl, err
	}
	layer := filepath.Join(dir, "layer")
	if err := workflow.WriteLayer(layer, config); err != nil {
		return tmpl, err
	}
	out := filepath.Join(dir, "cdk.out")
	app := awscdk.NewApp(&awscdk.AppProps{Context: &cdk.Context, Outdir: &out, AnalyticsReporting: jsii.Bool(false)})
	newStack(app, config, dir, layer)
	app.Synth(nil)
	if err := readJSON(filepath.Join(out, config.Name+".template.json"), &tmpl); err != nil {
		return tmpl, err
	}
	return tmpl, tmpl.readAssembly(out, config.Name)
}

// readAssembly reads the fields that are not in the template.
func (tmpl *template) readAssembly(folder, stack string) error {
	var manifest struct {
		Artifacts map[string]struct {
			Properties             struct{ TerminationProtection bool }
			AdditionalMetadataFile string
		}
	}
	if err := readJSON(filepath.Join(folder, "manifest.json"), &manifest); err != nil {
		return err
	}
	artifact := manifest.Artifacts[stack]
	tmpl.TerminationProtection = artifact.Properties.TerminationProtection
	var metadata map[string][]struct {
		Type string
		Data any
	}
	if err := readJSON(filepath.Join(folder, artifact.AdditionalMetadataFile), &metadata); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(metadata)) {
		for _, entry := range metadata[path] {
			if entry.Type == "aws:cdk:warning" {
				tmpl.Warnings = append(tmpl.Warnings, entry.Data.(string))
			}
		}
	}
	return nil
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// build writes dummy binaries for the functions.
func build(dist string) error {
	for _, f := range allFunctions() {
		folder := binaryFolder(dist, f.name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(f.name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// ofType returns the resources of a type, sorted by logical ID.
func (tmpl template) ofType(kind string) []resource {
	var found []resource
	for _, id := range slices.Sorted(maps.Keys(tmpl.Resources)) {
		if r := tmpl.Resources[id]; r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// one returns the only resource of a type.
func (tmpl template) one(t *testing.T, kind string) resource {
	t.Helper()
	found := tmpl.ofType(kind)
	if len(found) != 1 {
		t.Fatalf("the template has %d resources of type %s, want 1", len(found), kind)
	}
	return found[0]
}

// properties returns the properties of each resource of a type, in plain form.
func (tmpl template) properties(kind string) []any {
	var all []any
	for _, r := range tmpl.ofType(kind) {
		all = append(all, plain(r.Properties))
	}
	return all
}

// policy returns the statements of the only resource policy of a type.
func (tmpl template) policy(t *testing.T, kind string) any {
	t.Helper()
	return plain(tmpl.one(t, kind).Properties["PolicyDocument"]).(object)["Statement"]
}

var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

// plain replaces intrinsic functions with strings in the form of Fn::Sub, for example {"Ref": "LakeBucket9CD7BBD2"} with "${LakeBucket}".
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case object:
		if id, ok := v["Ref"].(string); ok {
			return "${" + idHash.ReplaceAllString(id, "") + "}"
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			return "${" + idHash.ReplaceAllString(get[0].(string), "") + "." + get[1].(string) + "}"
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var parts []string
			for _, part := range plain(join[1]).([]any) {
				parts = append(parts, part.(string))
			}
			return strings.Join(parts, join[0].(string))
		}
		out := make(object, len(v))
		for k := range v {
			out[k] = plain(v[k])
		}
		return out
	}
	return v
}
