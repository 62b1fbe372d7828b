package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

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
