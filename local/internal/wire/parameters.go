package wire

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parameters are those of one call of the Query protocol. They remember the first mistake, and which of them nobody has read.
type Parameters struct {
	// Action is the name of the operation.
	Action string

	service QueryService
	form    url.Values
	unread  url.Values
	wrong   error
}

func newParameters(s QueryService, form url.Values) *Parameters {
	p := &Parameters{service: s, form: form, unread: maps.Clone(form)}
	p.Action = p.Text("Action")
	return p
}

// Err is the first mistake in the parameters that were read, or a parameter that was not: an emulated service never ignores
// what it was asked.
func (p *Parameters) Err() error {
	if p.wrong != nil || len(p.unread) == 0 {
		return p.wrong
	}
	return Errorf(p.service.InvalidParameter, "the local AWS's %s does not take the parameter %s of %s",
		p.service.Name, strings.Join(slices.Sorted(maps.Keys(p.unread)), ", "), p.Action)
}

// Fail notes a mistake, which [Parameters.Err] tells if it is the first. The arguments are those of [Errorf].
func (p *Parameters) Fail(code, format string, args ...any) {
	if p.wrong == nil {
		p.wrong = Errorf(code, format, args...)
	}
}

// Text is a parameter, or "" when it was not given.
func (p *Parameters) Text(name string) string {
	delete(p.unread, name)
	return p.form.Get(name)
}

// Required is a parameter that must be given.
func (p *Parameters) Required(name string) string {
	v := p.Text(name)
	if v == "" {
		p.Fail("MissingParameter", "The request must contain the parameter %s", name)
	}
	return v
}

// List is NAME.1, NAME.2 and so on. The end of the name is that of the members: "ExportOnly.member".
func (p *Parameters) List(name string) []string {
	p.EmptyList(name[:strings.LastIndex(name, ".")])
	var values []string
	for n := 1; ; n++ {
		key := name + "." + strconv.Itoa(n)
		if !p.form.Has(key) {
			return values
		}
		values = append(values, p.Text(key))
	}
}

// EmptyList reads a list as it arrives when it is empty: as its name alone, with no value. [Parameters.List] does that itself.
func (p *Parameters) EmptyList(name string) {
	if p.form.Get(name) == "" {
		delete(p.unread, name)
	}
}
