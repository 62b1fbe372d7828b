package config

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"snaplake/workflow"
)

func TestConfig_KeysAreInSchemaAndShippedFile(t *testing.T) {
	schema, err := compileSchema()
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path   []string
		fields any
	}{
		{nil, workflow.Config{}},
		{[]string{"analysts"}, workflow.Analysts{}},
		{[]string{"sources", "shop"}, workflow.Source{}},
		{[]string{"sources", "shop", "checks", "users"}, workflow.Check{}},
	} {
		var keys []string
		for f := range reflect.TypeOf(test.fields).Fields() {
			if key := f.Tag.Get("json"); key != "-" {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		in, _ := schemaAt(schema, test.path)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(in.Properties)), keys); diff != "" {
			t.Errorf("%v: -schema +struct\n%s", test.path, diff)
		}
		for _, key := range keys {
			if !regexp.MustCompile(`(?m)(^|[ {])` + key + ":").Match(shipped) {
				t.Errorf("pipeline.yaml does not list %s", key)
			}
		}
	}
}

// typos returns the name without each of its characters, and with each two neighbors swapped.
func typos(name string) (all []string) {
	for i := range name {
		all = append(all, name[:i]+name[i+1:])
		if i > 0 && name[i] != name[i-1] {
			all = append(all, name[:i-1]+name[i:i+1]+name[i-1:i]+name[i+1:])
		}
	}
	return all
}

// nest returns the value inside an object for each step of the path.
func nest(value any, path []string) any {
	for _, step := range slices.Backward(path) {
		value = map[string]any{step: value}
	}
	return value
}

func TestLoad_SuggestsEveryMistypedKey(t *testing.T) {
	schema, err := compileSchema()
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	var try func(path ...string)
	try = func(path ...string) {
		in, _ := schemaAt(schema, path)
		for key := range in.Properties {
			mistyped := map[string]any{}
			for _, typo := range typos(key) {
				mistyped[typo] = 1
			}
			text, err := json.Marshal(nest(mistyped, path))
			if err != nil {
				t.Fatal(err)
			}
			mistakes := strings.Join(mistakesOf(t, map[string]string{"pipeline.yaml": string(text)}), "\n")
			for typo := range mistyped {
				tested++
				if want := strings.Join(append(path, typo), ".") + ": unknown key (did you mean " + key + "?)"; !strings.Contains(mistakes, want) {
					t.Errorf("lacks %s", want)
				}
			}
			try(append(slices.Clone(path), key)...)
		}
		if _, isMap := in.AdditionalProperties.(*jsonschema.Schema); isMap {
			try(append(slices.Clone(path), "users")...)
		}
	}
	try()
	if tested < 300 {
		t.Errorf("tested only %d typos", tested)
	}
}
