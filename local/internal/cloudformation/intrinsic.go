package cloudformation

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// intrinsic tells whether an object is the call of an intrinsic function: it has that one key. (An object with one key
// "Condition" is one inside a condition only: a policy statement has a Condition as well.)
func intrinsic(v map[string]any) (name string, argument any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, argument = range v {
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// call works out an intrinsic function.
func (r *resolver) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		id, ok := argument.(string)
		if !ok {
			return nil, fmt.Errorf("a name is wanted, not %v", argument)
		}
		return r.ref(id)
	case "Fn::GetAtt":
		return r.getAtt(argument)
	case "Fn::Sub":
		return r.sub(argument)
	case "Fn::Join":
		return r.join(argument)
	case "Fn::Select":
		return r.choose(argument)
	case "Fn::Split":
		return r.split(argument)
	case "Fn::FindInMap":
		return r.findInMap(argument)
	case "Fn::If":
		return r.either(argument)
	default:
		return nil, fmt.Errorf("the local AWS does not have this function")
	}
}

// ref is the value of a pseudo parameter, of a parameter, or the physical ID of a resource.
func (r *resolver) ref(name string) (any, error) {
	if v, ok := r.pseudoParameter(name); ok {
		return v, nil
	}
	if _, ok := r.template.Parameters[name]; ok {
		return r.parameter(name)
	}
	got, err := r.resource(name)
	if err != nil {
		return nil, err
	}
	if got.PhysicalID == "" {
		return nil, fmt.Errorf("the local AWS does not know what a Ref of %s gives", got)
	}
	return got.PhysicalID, nil
}

func (r *resolver) pseudoParameter(name string) (any, bool) {
	switch name {
	case "AWS::Region":
		return r.where.Region, true
	case "AWS::AccountId":
		return r.where.Account, true
	case "AWS::Partition":
		return "aws", true
	case "AWS::URLSuffix":
		return "amazonaws.com", true
	case "AWS::StackName":
		return r.name, true
	case "AWS::StackId":
		return r.arn("cloudformation", "stack/"+r.name+"/"+uuid(r.name)), true
	case "AWS::NoValue":
		return noValue{}, true
	default:
		return nil, false
	}
}

// parameter is what the assembly gives for a parameter, or its default.
func (r *resolver) parameter(name string) (any, error) {
	declared := r.template.Parameters[name]
	value := declared.Default
	if given, ok := r.parameters[name]; ok {
		value = given
	}
	if value == nil {
		return nil, fmt.Errorf("the parameter %s has no default", name)
	}
	text, err := textOf(value)
	if err != nil {
		return nil, fmt.Errorf("the parameter %s: %w", name, err)
	}
	switch {
	case strings.HasPrefix(declared.Type, "AWS::SSM::Parameter::"):
		return nil, fmt.Errorf("the parameter %s lies in the Systems Manager, which the local AWS does not have", name)
	case declared.Type == "CommaDelimitedList", strings.HasPrefix(declared.Type, "List<"):
		items := []any{}
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items, nil
	default:
		return text, nil
	}
}

// getAtt takes ["Resource", "Attribute"] or "Resource.Attribute".
func (r *resolver) getAtt(argument any) (any, error) {
	id, attribute, ok := "", "", false
	switch v := argument.(type) {
	case string:
		id, attribute, ok = strings.Cut(v, ".")
	case []any:
		if len(v) == 2 {
			id, ok = v[0].(string)
			name, err := r.text(v[1])
			if err != nil {
				return nil, err
			}
			attribute = name
		}
	}
	if !ok {
		return nil, fmt.Errorf("a resource and an attribute are wanted, not %v", argument)
	}
	got, err := r.resource(id)
	if err != nil {
		return nil, err
	}
	value, known := got.Attributes[attribute]
	if !known {
		return nil, fmt.Errorf("the local AWS does not know the attribute %s of %s", attribute, got)
	}
	return value, nil
}

// variable is ${Name}, ${Resource.Attribute}, or ${!Literal}.
var variable = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// sub takes a text, or [text, {variable: value}].
func (r *resolver) sub(argument any) (any, error) {
	text, isText := argument.(string)
	variables := map[string]any{}
	if pair, ok := argument.([]any); ok && len(pair) == 2 {
		var isMap bool
		text, isText = pair[0].(string)
		variables, isMap = pair[1].(map[string]any)
		isText = isText && isMap
	}
	if !isText {
		return nil, fmt.Errorf("a text is wanted, or a text and its variables, not %v", argument)
	}
	var wrong error
	text = variable.ReplaceAllStringFunc(text, func(found string) string {
		part := variable.FindStringSubmatch(found)
		if part[1] == "!" {
			return "${" + part[2] + "}"
		}
		value, err := r.substitute(strings.TrimSpace(part[2]), variables)
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("%s: %w", found, err)
		}
		return value
	})
	return text, wrong
}

func (r *resolver) substitute(name string, variables map[string]any) (string, error) {
	if v, ok := variables[name]; ok {
		return r.text(v)
	}
	if strings.Contains(name, ".") {
		return r.text(map[string]any{"Fn::GetAtt": name})
	}
	return r.text(map[string]any{"Ref": name})
}

// join takes [delimiter, list].
func (r *resolver) join(argument any) (any, error) {
	pair, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	delimiter, isText := pair[0].(string)
	list, isList := pair[1].([]any)
	if !isText || !isList {
		return nil, fmt.Errorf("a delimiter and a list are wanted, not %v", pair)
	}
	parts := make([]string, len(list))
	for i, item := range list {
		if parts[i], err = textOf(item); err != nil {
			return nil, err
		}
	}
	return strings.Join(parts, delimiter), nil
}

// choose takes [index, list].
func (r *resolver) choose(argument any) (any, error) {
	pair, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	text, err := textOf(pair[0])
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(text)
	list, isList := pair[1].([]any)
	if err != nil || !isList {
		return nil, fmt.Errorf("an index and a list are wanted, not %v", pair)
	}
	if index < 0 || index >= len(list) {
		return nil, fmt.Errorf("there is no item %d in a list of %d", index, len(list))
	}
	return list[index], nil
}

// split takes [delimiter, text].
func (r *resolver) split(argument any) (any, error) {
	pair, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	delimiter, isDelimiter := pair[0].(string)
	text, isText := pair[1].(string)
	if !isDelimiter || delimiter == "" || !isText {
		return nil, fmt.Errorf("a delimiter and a text are wanted, not %v", pair)
	}
	parts := []any{}
	for part := range strings.SplitSeq(text, delimiter) {
		parts = append(parts, part)
	}
	return parts, nil
}

// findInMap takes [map, first key, second key].
func (r *resolver) findInMap(argument any) (any, error) {
	keys, err := r.arguments(argument, 3)
	if err != nil {
		return nil, err
	}
	var path [3]string
	for i, key := range keys {
		if path[i], err = textOf(key); err != nil {
			return nil, err
		}
	}
	value, ok := r.template.Mappings[path[0]][path[1]][path[2]]
	if !ok {
		return nil, fmt.Errorf("there is no %s in Mappings", strings.Join(path[:], "."))
	}
	return value, nil
}

// arguments resolves a list of n arguments.
func (r *resolver) arguments(argument any, n int) ([]any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != n {
		return nil, fmt.Errorf("a list of %d is wanted, not %v", n, argument)
	}
	resolved := make([]any, n)
	for i, v := range list {
		got, err := r.value(v)
		if err != nil {
			return nil, err
		}
		resolved[i] = got
	}
	return resolved, nil
}
