package workflow

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRule_ReturnsStrongestRule(t *testing.T) {
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
		{"orders", "Price", "double"}, // names in the database can be in upper case
		{"orders", "note", Raw},
		{"orders", "token", ""},
		{"users", "api_token", Drop},
		{"users", "token_hash", Drop},
		{"orders", "password", Drop},
		{"users", "email", SHA256},
		{"users", "phone", Hide},
		{"users", "id", ""},
		{"orders", "e_mail", SHA256},
		{"users", "second_email", Hide}, // the order of the rules does not matter
		{"users", "fax", Hide},
		{"orders", "fax", ""},
	} {
		rule, found := s.Rule(test.view, test.column)
		if rule.As != test.want || found != (test.want != "") {
			t.Errorf("%s.%s: got %+v, %v, want %q", test.view, test.column, rule, found, test.want)
		}
	}
}

func TestColumnRules_ReadsObject(t *testing.T) {
	var got ColumnRules
	if err := json.Unmarshal([]byte(`{"*.*price*": "real", "users.email, e_mail": "sha256", "orders.price": "double", "note": "raw"}`), &got); err != nil {
		t.Fatal(err)
	}
	want := ColumnRules{{"", "note", Raw}, {"orders", "price", "double"}, {"users", "email,e_mail", SHA256}, {"*", "*price*", "real"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if rule, _ := (Source{Columns: got}).Rule("orders", "price"); rule.As != "double" {
		t.Errorf("got %+v, want the rule without a pattern", rule)
	}
}

func TestHidesMore_ComparesRules(t *testing.T) {
	for i, more := range []string{Raw, SHA256, Hide, Drop} {
		for n, than := range []string{"", Raw, SHA256, Hide, Drop} {
			if got := (ColumnRule{As: more}).HidesMore(ColumnRule{As: than}); got != (i > 0 && n < i+1) {
				t.Errorf("HidesMore of %s and %q is %v", more, than, got)
			}
		}
	}
}

func TestIsPattern_RequiresStar(t *testing.T) {
	for rule, want := range map[ColumnRule]bool{
		{View: "users", Column: "email"}:   false,
		{View: "*", Column: "email"}:       true,
		{View: "users", Column: "*token*"}: true,
	} {
		if rule.IsPattern() != want {
			t.Errorf("IsPattern of %+v is %v", rule, !want)
		}
	}
}
