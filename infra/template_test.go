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
)

// object is a JSON object.
type object = map[string]any

// template is a CloudFormation template, read back.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	Type                string
	Properties          object
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// synthesized is the template of testdata/pipeline.yaml, which has an instance and a cluster.
var synthesized = sync.OnceValues(func() (template, error) {
	dir, err := os.MkdirTemp("", "infra-test-")
	if err != nil {
		return template{}, err
	}
	defer os.RemoveAll(dir)
	return synthesizeIn(dir)
})

func theTemplate(t *testing.T) template {
	t.Helper()
	tmpl, err := synthesized()
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// synthesizeIn synthesizes as the CDK CLI would, with the context of cdk.json: without it, another template would be tested
// than is deployed. Binaries are dummies.
func synthesizeIn(dir string) (template, error) {
	var tmpl template
	cdk := struct{ Context object }{}
	if err := readJSON("../cdk.json", &cdk); err != nil {
		return tmpl, err
	}
	config, err := workflow.LoadConfig("testdata/pipeline.yaml")
	if err != nil {
		return tmpl, err
	}
	if err := build(dir); err != nil {
		return tmpl, err
	}
	if err := writeLayer(dir, config); err != nil {
		return tmpl, err
	}
	out := filepath.Join(dir, "cdk.out")
	app := awscdk.NewApp(&awscdk.AppProps{Context: &cdk.Context, Outdir: &out, AnalyticsReporting: jsii.Bool(false)})
	newLake(app, config, dir)
	app.Synth(nil)
	return tmpl, readJSON(filepath.Join(out, config.Name+".template.json"), &tmpl)
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// build writes a dummy of each function's binary.
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

// ofType are the resources of a type, in the order of their logical IDs.
func (tmpl template) ofType(kind string) []resource {
	var found []resource
	for _, id := range slices.Sorted(maps.Keys(tmpl.Resources)) {
		if r := tmpl.Resources[id]; r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// one is the only resource of a type.
func (tmpl template) one(t *testing.T, kind string) resource {
	t.Helper()
	found := tmpl.ofType(kind)
	if len(found) != 1 {
		t.Fatalf("the template has %d of %s, want 1", len(found), kind)
	}
	return found[0]
}

// properties are those of each resource of a type, in plain words.
func (tmpl template) properties(kind string) []any {
	var all []any
	for _, r := range tmpl.ofType(kind) {
		all = append(all, plain(r.Properties))
	}
	return all
}

var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

// plain writes intrinsic functions as Fn::Sub would: {"Ref": "LakeBucket9CD7BBD2"} is "${LakeBucket}".
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
