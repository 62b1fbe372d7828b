package cloudformation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// resolver works a template out. Each resource is resolved when it is first referred to.
type resolver struct {
	name       string
	where      environment
	template   template
	parameters map[string]string // that the assembly gives

	resources map[string]Resource
	// open are the logical IDs that are being resolved, in the order of their references: a cycle is one that is met again.
	open []string
}

// noValue is what AWS::NoValue stands for: a property that is left out.
type noValue struct{}

func newResolver(name string, where environment, t template, parameters map[string]string) *resolver {
	return &resolver{name: name, where: where, template: t, parameters: parameters, resources: map[string]Resource{}}
}

// stack resolves everything, and reports all that is wrong.
func (r *resolver) stack() (*Stack, error) {
	s := &Stack{Name: r.name, environment: r.where, Resources: map[string]Resource{}, Outputs: map[string]string{}}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(r.template.Resources)) {
		exists, err := r.condition(r.template.Resources[id].Condition)
		if err == nil && exists {
			s.Resources[id], err = r.resource(id)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("resource %s: %w", id, err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.template.Outputs)) {
		out := r.template.Outputs[name]
		exists, err := r.condition(out.Condition)
		if err == nil && exists {
			s.Outputs[name], err = r.text(out.Value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("output %s: %w", name, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// resource resolves one resource, once.
func (r *resolver) resource(id string) (Resource, error) {
	if got, done := r.resources[id]; done {
		return got, nil
	}
	if i := slices.Index(r.open, id); i >= 0 {
		return Resource{}, fmt.Errorf("circular dependency: %s", strings.Join(append(slices.Clone(r.open[i:]), id), " -> "))
	}
	declared, ok := r.template.Resources[id]
	if !ok {
		return Resource{}, fmt.Errorf("there is no resource %s in the template", id)
	}
	exists, err := r.condition(declared.Condition)
	if err != nil {
		return Resource{}, err
	}
	if !exists {
		return Resource{}, fmt.Errorf("the resource %s is not created: its condition %s is false", id, declared.Condition)
	}
	r.open = append(r.open, id)
	defer func() { r.open = r.open[:len(r.open)-1] }()

	for _, other := range declared.DependsOn {
		if _, err := r.resource(other); err != nil {
			return Resource{}, fmt.Errorf("DependsOn: %w", err)
		}
	}
	properties, err := r.value(map[string]any(declared.Properties))
	if err != nil {
		return Resource{}, fmt.Errorf("properties: %w", err)
	}
	got := Resource{LogicalID: id, Type: declared.Type, Properties: properties.(map[string]any), Metadata: declared.Metadata}
	known := r.identify(got)
	got.PhysicalID, got.Attributes = known.ref, known.attributes
	r.resources[id] = got
	return got, nil
}

// value resolves whatever can stand in a template: it is an intrinsic function, or contains some.
func (r *resolver) value(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			got, err := r.call(name, argument)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return got, nil
		}
		return r.object(v)
	case []any:
		return r.list(v)
	case string:
		if strings.Contains(v, "{{resolve:") {
			return nil, fmt.Errorf("the local AWS does not resolve the dynamic reference %s", v)
		}
	}
	return v, nil
}

func (r *resolver) object(v map[string]any) (map[string]any, error) {
	resolved := make(map[string]any, len(v))
	for _, key := range slices.Sorted(maps.Keys(v)) {
		got, err := r.value(v[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if _, none := got.(noValue); !none {
			resolved[key] = got
		}
	}
	return resolved, nil
}

func (r *resolver) list(v []any) ([]any, error) {
	resolved := make([]any, 0, len(v))
	for i, item := range v {
		got, err := r.value(item)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		if _, none := got.(noValue); !none {
			resolved = append(resolved, got)
		}
	}
	return resolved, nil
}

// text resolves a value that must be a scalar.
func (r *resolver) text(v any) (string, error) {
	got, err := r.value(v)
	if err != nil {
		return "", err
	}
	return textOf(got)
}

// textOf writes a scalar as CloudFormation does where it wants a string.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case nil:
		return "", errors.New("there is no value")
	default:
		return "", fmt.Errorf("a string is wanted, not %v", v)
	}
}
