package workflow

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRule_IsTheStrongest(t *testing.T) {
	s := Source{Columns: []ColumnRule{
		{"orders", "price", "double"},
		{"orders", "note", Raw},
		{"users", "api_token", "varchar"},
		{"users", "*token*", Drop},
		{"*", "password", Drop},
		{"users", "email", SHA256},
		{"users", "phone", Hide},
		{"users", "token_hash", SHA256},
		{"*", "*mail*", SHA256},
		{"users*", "second_email", Hide},
		{"users", "mobile,fax", Hide},
	}}
	for _, test := range []struct{ view, column, want string }{
		{"orders", "price", "double"},
		{"orders", "Price", "double"}, // the database's name, which Athena has in lower case
		{"orders", "note", Raw},
		{"orders", "token", ""},
		{"users", "api_token", Drop},
		{"users", "token_hash", Drop},
		{"orders", "password", Drop},
		{"users", "email", SHA256},
		{"users", "phone", Hide},
		{"users", "id", ""},
		{"orders", "e_mail", SHA256},
		{"users", "second_email", Hide}, // the stronger, whichever comes first
		{"users", "fax", Hide},
		{"orders", "fax", ""},
	} {
		rule, found := s.Rule(test.view, test.column)
		if rule.As != test.want || found != (test.want != "") {
			t.Errorf("%s.%s: got %+v, %v, want %q", test.view, test.column, rule, found, test.want)
		}
	}
}

func TestColumnRules_AreAnObjectInJSON(t *testing.T) {
	var got ColumnRules
	if err := json.Unmarshal([]byte(`{"*.*price*": "real", "users.email, e_mail": "sha256", "orders.price": "double", "note": "raw"}`), &got); err != nil {
		t.Fatal(err)
	}
	want := ColumnRules{{"", "note", Raw}, {"orders", "price", "double"}, {"users", "email,e_mail", SHA256}, {"*", "*price*", "real"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if rule, _ := (Source{Columns: got}).Rule("orders", "price"); rule.As != "double" {
		t.Errorf("a pattern comes before the column's own rule: %+v", rule)
	}
}

func TestColumnRule_HidesMoreThanAWeakerOne(t *testing.T) {
	for i, more := range []string{Raw, SHA256, Hide, Drop} {
		for n, than := range []string{"", Raw, SHA256, Hide, Drop} {
			if got := (ColumnRule{As: more}).HidesMore(ColumnRule{As: than}); got != (i > 0 && n < i+1) {
				t.Errorf("%s hides more than %q: %v", more, than, got)
			}
		}
	}
}

func TestColumnRule_IsPatternWithAStar(t *testing.T) {
	for rule, want := range map[ColumnRule]bool{
		{View: "users", Column: "email"}:   false,
		{View: "*", Column: "email"}:       true,
		{View: "users", Column: "*token*"}: true,
	} {
		if rule.IsPattern() != want {
			t.Errorf("%+v: %v", rule, !want)
		}
	}
}
