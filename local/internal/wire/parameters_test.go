package wire

import (
	"net/url"
	"slices"
	"testing"
)

func TestParameters_ReturnsValues(t *testing.T) {
	p := newParameters(newQueryService(), url.Values{
		"Action": {"Greet"}, "Name": {"Ann"}, "Titles.member.1": {"Dr"}, "Titles.member.2": {""}, "Friends": {""}, "Pets": {""},
	})
	if p.Action != "Greet" || p.Text("Name") != "Ann" || p.Required("Name") != "Ann" || p.Text("Age") != "" {
		t.Errorf("got %q, %q, %q, %q", p.Action, p.Text("Name"), p.Required("Name"), p.Text("Age"))
	}
	titles, friends := p.List("Titles.member"), p.List("Friends.member")
	if !slices.Equal(titles, []string{"Dr", ""}) || friends != nil {
		t.Errorf("got %q, %q", titles, friends)
	}
	p.EmptyList("Pets")
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

func TestParameters_ReportsFirstError(t *testing.T) {
	for want, test := range map[string]struct {
		form url.Values
		read func(*Parameters)
	}{
		"MissingParameter: The request must contain the parameter Name": {
			url.Values{"Nmae": {"Ann"}}, func(p *Parameters) { p.Required("Name"); p.Required("Age") },
		},
		"TooOld: Ann is 130": {
			url.Values{"Name": {"Ann"}}, func(p *Parameters) { p.Fail("TooOld", "%s is %d", p.Text("Name"), 130); p.Required("Age") },
		},
		"InvalidInput: the local Hall does not support the parameter Age, Nmae of Greet": {
			url.Values{"Nmae": {"Ann"}, "Age": {"7"}}, func(p *Parameters) { p.Text("Name") },
		},
		"InvalidInput: the local Hall does not support the parameter Titles of Greet": {
			url.Values{"Titles": {"Dr"}}, func(p *Parameters) { p.List("Titles.member") },
		},
		"InvalidInput: the local Hall does not support the parameter Titles.member.3 of Greet": {
			url.Values{"Titles.member.1": {"Dr"}, "Titles.member.3": {"Sir"}}, func(p *Parameters) { p.List("Titles.member") },
		},
	} {
		test.form.Set("Action", "Greet")
		p := newParameters(newQueryService(), test.form)
		test.read(p)
		if err := p.Err(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
