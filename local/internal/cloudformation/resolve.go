package cloudformation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// template is a CloudFormation template in JSON.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]any
		Metadata   map[string]any
	}
	Outputs map[string]struct{ Value any }

	// Templates with any of these sections are not supported.
	Conditions, Mappings, Transform any
}

// resolver resolves a template. It resolves each resource once, when the resource is first needed.
type resolver struct {
	name     string
	where    environment
	template template

	resources map[string]Resource
	// resolving holds the logical IDs of the resources that are being resolved. A reference to one of them is a cycle.
	resolving []string
}

// stack resolves all resources and outputs. The returned error joins all errors.
func (r *resolver) stack() (*Stack, error) {
	var errs []error
	unsupported := map[string]any{"Conditions": r.template.Conditions, "Mappings": r.template.Mappings, "Transform": r.template.Transform}
	for name, section := range unsupported {
		if section != nil {
			errs = append(errs, fmt.Errorf("the local AWS does not support the section %s", name))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.template.Resources)) {
		if _, err := r.resource(id); err != nil {
			errs = append(errs, fmt.Errorf("resource %s: %w", id, err))
		}
	}
	outputs := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.template.Outputs)) {
		value, err := r.text(r.template.Outputs[name].Value)
		if err != nil {
			errs = append(errs, fmt.Errorf("output %s: %w", name, err))
		}
		outputs[name] = value
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Stack{Name: r.name, environment: r.where, Resources: r.resources, Outputs: outputs}, nil
}

// resource returns the resolved resource with the given logical ID. It resolves each resource only once.
func (r *resolver) resource(id string) (Resource, error) {
	if resolved, ok := r.resources[id]; ok {
		return resolved, nil
	}
	if i := slices.Index(r.resolving, id); i >= 0 {
		return Resource{}, fmt.Errorf("circular dependency: %s", strings.Join(append(slices.Clone(r.resolving[i:]), id), " -> "))
	}
	declared, ok := r.template.Resources[id]
	if !ok {
		return Resource{}, fmt.Errorf("the template has no resource %s", id)
	}
	r.resolving = append(r.resolving, id)
	defer func() { r.resolving = r.resolving[:len(r.resolving)-1] }()

	properties, err := r.object(declared.Properties)
	if err != nil {
		return Resource{}, err
	}
	resolved := Resource{LogicalID: id, Type: declared.Type, Properties: properties, Metadata: declared.Metadata}
	resolved.PhysicalID, resolved.Attributes = r.identify(resolved)
	r.resources[id] = resolved
	return resolved, nil
}

// value evaluates all intrinsic functions in a value of the template.
func (r *resolver) value(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		for name, argument := range v {
			if len(v) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return r.call(name, argument)
			}
		}
		return r.object(v)
	case []any:
		resolved := make([]any, len(v))
		for i, item := range v {
			var err error
			if resolved[i], err = r.value(item); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return resolved, nil
	case string:
		if strings.Contains(v, "{{resolve:") {
			return nil, fmt.Errorf("the local AWS does not support the dynamic reference %s", v)
		}
	}
	return v, nil
}

func (r *resolver) object(v map[string]any) (map[string]any, error) {
	resolved := make(map[string]any, len(v))
	for _, key := range slices.Sorted(maps.Keys(v)) {
		var err error
		if resolved[key], err = r.value(v[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return resolved, nil
}

// text resolves a scalar value and converts it to a string as CloudFormation does.
func (r *resolver) text(v any) (string, error) {
	resolved, err := r.value(v)
	if err != nil {
		return "", err
	}
	switch v := resolved.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	default:
		return "", fmt.Errorf("the value must be a string, not %v", v)
	}
}

// call evaluates an intrinsic function.
func (r *resolver) call(name string, argument any) (result any, err error) {
	list, _ := argument.([]any)
	switch name {
	case "Ref":
		id, _ := argument.(string)
		result, err = r.ref(id)
	case "Fn::GetAtt":
		result, err = r.attribute(list)
	case "Fn::Join":
		result, err = r.join(list)
	default:
		err = errors.New("the local AWS does not support this function")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return result, nil
}

// ref evaluates Ref. It returns the physical ID of a resource or the value of a pseudo parameter.
func (r *resolver) ref(name string) (string, error) {
	switch name {
	case "AWS::Region":
		return r.where.Region, nil
	case "AWS::AccountId":
		return r.where.Account, nil
	}
	resource, err := r.resource(name)
	if err == nil && resource.PhysicalID == "" {
		err = fmt.Errorf("the local AWS does not know what Ref returns for %s", resource)
	}
	return resource.PhysicalID, err
}

// attribute evaluates Fn::GetAtt. list is [resource, attribute].
func (r *resolver) attribute(list []any) (string, error) {
	if len(list) != 2 {
		return "", errors.New("the argument must be a resource and an attribute")
	}
	id, _ := list[0].(string)
	name, _ := list[1].(string)
	resource, err := r.resource(id)
	if err != nil {
		return "", err
	}
	value, ok := resource.Attributes[name]
	if !ok {
		return "", fmt.Errorf("the local AWS does not know the attribute %s of %s", name, resource)
	}
	return value, nil
}

// join evaluates Fn::Join. list is [delimiter, items].
func (r *resolver) join(list []any) (string, error) {
	if len(list) != 2 {
		return "", errors.New("the argument must be a delimiter and a list")
	}
	delimiter, _ := list[0].(string)
	items, isList := list[1].([]any)
	if !isList {
		return "", errors.New("the argument must be a delimiter and a list")
	}
	parts := make([]string, len(items))
	for i, item := range items {
		var err error
		if parts[i], err = r.text(item); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, delimiter), nil
}
