package wire

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parameters holds the parameters of a request in the Query protocol. It records the first error and the unread parameters.
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

// Err returns the first recorded error. If there is none, Err returns an error that names the unread parameters, or nil if all were read.
func (p *Parameters) Err() error {
	if p.wrong != nil || len(p.unread) == 0 {
		return p.wrong
	}
	return Errorf(p.service.InvalidParameter, "the local %s does not support the parameter %s of %s",
		p.service.Name, strings.Join(slices.Sorted(maps.Keys(p.unread)), ", "), p.Action)
}

// Fail records an error unless one is already recorded. The arguments are those of [Errorf].
func (p *Parameters) Fail(code, format string, args ...any) {
	if p.wrong == nil {
		p.wrong = Errorf(code, format, args...)
	}
}

// Text returns the value of a parameter, or "" if the parameter is missing.
func (p *Parameters) Text(name string) string {
	delete(p.unread, name)
	return p.form.Get(name)
}

// Required returns the value of a parameter, and records an error if the parameter is missing.
func (p *Parameters) Required(name string) string {
	v := p.Text(name)
	if v == "" {
		p.Fail("MissingParameter", "The request must contain the parameter %s", name)
	}
	return v
}

// List returns the values of the parameters NAME.1, NAME.2 and so on. The name includes the member name, for example "ExportOnly.member".
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

// EmptyList marks an empty list as read. Clients send an empty list as a name without a value. [Parameters.List] calls EmptyList.
func (p *Parameters) EmptyList(name string) {
	if p.form.Get(name) == "" {
		delete(p.unread, name)
	}
}
