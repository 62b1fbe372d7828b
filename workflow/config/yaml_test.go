package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRefusesWhatYAMLCanSayAndTheConfigurationHasNoUseFor(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"brackets without end", "sources:\n  " + strings.Repeat("[", 100_000), "f:2: lists and mappings are nested more than 50 deep here"},
		{"dashes without end", strings.Repeat("- ", 100_000), "f:1: lists and mappings are nested more than 50 deep here"},
		{"a bomb", bomb(2), strings.Repeat("f:2: an alias (*l0) within an anchor: write it out\n", 10) + strings.Repeat("f:3: an alias (*l1) within an anchor: write it out\n", 10)},
		{"an anchor within another", "a: &a\n  b: &b 1", "f:2: an anchor (&) within another one: write one of them out"},
		{"an alias of itself", "a: &a\n  b: *a", "f:2: an alias (*a) within an anchor: write it out"},
		{"an alias of nothing", "a: 1\nb: *a", `f:2: there is no anchor &a before this alias; what begins with * stands in quotation marks: "*a"`},
		{"no number", "a: 1\nb: .nan\nc: -.inf", "f:2: .nan is no number that can be used here\nf:3: -.inf is no number that can be used here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse("f", []byte(test.text))
			mistakes, ok := err.(Mistakes)
			if !ok {
				t.Fatalf("got %T %v", err, err)
			}
			if diff := cmp.Diff(strings.TrimSuffix(test.want, "\n"), mistakes.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSourcesMayShareSettingsByAnAlias(t *testing.T) {
	doc, err := parse("f", []byte("shop: &s\n  keep: 2\ncrm:\n  <<: *s\n  cluster: crm-prod"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"shop": map[string]any{"keep": 2.0}, "crm": map[string]any{"keep": 2.0, "cluster": "crm-prod"}}
	if diff := cmp.Diff(want, doc.value); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
