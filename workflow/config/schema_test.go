package config

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestSchema_HasKeysOfConfig(t *testing.T) {
	schema, err := compileSchema()
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
	}
}
