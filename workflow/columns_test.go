package workflow

import "testing"

func TestTheStrongestRuleOfAColumnCounts(t *testing.T) {
	s := Source{Columns: []ColumnRule{
		{"columns", "orders", "price", "double"},
		{"columns", "orders", "note", Raw},
		{"columns", "users", "api_token", "varchar"},
		{"exclude", "users", "*token*", Drop},
		{"exclude", "*", "password", Drop},
		{"mask", "users", "email", SHA256},
		{"mask", "users", "phone", Hide},
		{"mask", "users", "token_hash", SHA256},
		{"mask", "*", "*mail*", SHA256},
		{"mask", "users*", "second_email", Hide},
		{"mask", "users", "mobile,fax", Hide},
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

func TestColumnRule_HidesMoreThanAWeakerOne(t *testing.T) {
	for i, more := range []string{Raw, SHA256, Hide, Drop} {
		for n, than := range []string{"", Raw, SHA256, Hide, Drop} {
			if got := (ColumnRule{As: more}).HidesMore(ColumnRule{As: than}); got != (i > 0 && n < i+1) {
				t.Errorf("%s hides more than %q: %v", more, than, got)
			}
		}
	}
}

func TestARuleWithAStarIsAPattern(t *testing.T) {
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
