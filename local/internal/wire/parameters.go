package wire

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parameters are the parameters of a call in the Query protocol. They keep the first error, and which parameters are unread.
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

// Err returns the first error of the parameters, or an error for unread ones.
func (p *Parameters) Err() error {
	if p.wrong != nil || len(p.unread) == 0 {
		return p.wrong
	}
	return Errorf(p.service.InvalidParameter, "the local AWS's %s does not take the parameter %s of %s",
		p.service.Name, strings.Join(slices.Sorted(maps.Keys(p.unread)), ", "), p.Action)
}

// Fail records an error, unless there is one already. The arguments are those of [Errorf].
func (p *Parameters) Fail(code, format string, args ...any) {
	if p.wrong == nil {
		p.wrong = Errorf(code, format, args...)
	}
}

// Text returns a parameter, or "".
func (p *Parameters) Text(name string) string {
	delete(p.unread, name)
	return p.form.Get(name)
}

// Required returns a parameter, and records an error when it is missing.
func (p *Parameters) Required(name string) string {
	v := p.Text(name)
	if v == "" {
		p.Fail("MissingParameter", "The request must contain the parameter %s", name)
	}
	return v
}

// List returns the parameters NAME.1, NAME.2 and so on. The name ends with the name of the members, for example "ExportOnly.member".
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

// EmptyList reads an empty list, which arrives as a name without a value. [Parameters.List] calls it.
func (p *Parameters) EmptyList(name string) {
	if p.form.Get(name) == "" {
		delete(p.unread, name)
	}
}
