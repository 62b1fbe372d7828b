package cloudformation

import (
	"fmt"
	"slices"
	"strings"
)

// condition is whether a condition of the template holds. None, "", always does.
func (r *resolver) condition(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	body, ok := r.template.Conditions[name]
	if !ok {
		return false, fmt.Errorf("there is no condition %s in the template", name)
	}
	mark := "condition " + name
	if i := slices.Index(r.open, mark); i >= 0 {
		return false, fmt.Errorf("circular dependency: %s", strings.Join(append(slices.Clone(r.open[i:]), mark), " -> "))
	}
	r.open = append(r.open, mark)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	holds, err := r.holds(body)
	if err != nil {
		return false, fmt.Errorf("condition %s: %w", name, err)
	}
	return holds, nil
}

// holds works out Fn::Equals, Fn::And, Fn::Or, Fn::Not, and {"Condition": name}.
func (r *resolver) holds(body any) (bool, error) {
	if object, _ := body.(map[string]any); len(object) == 1 {
		for name, argument := range object {
			list, _ := argument.([]any)
			other, _ := argument.(string)
			switch {
			case name == "Condition" && other != "":
				return r.condition(other)
			case name == "Fn::Equals":
				return r.equal(argument)
			case name == "Fn::And", name == "Fn::Or":
				return r.all(list, name == "Fn::And")
			case name == "Fn::Not" && len(list) == 1:
				holds, err := r.holds(list[0])
				return !holds, err
			}
		}
	}
	return false, fmt.Errorf("Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition is wanted, not %v", body)
}

// all tells whether all of the conditions hold; of an Or, which wants every to be false, whether any does.
func (r *resolver) all(list []any, every bool) (bool, error) {
	if len(list) == 0 {
		return false, fmt.Errorf("there are no conditions in it")
	}
	for _, body := range list {
		holds, err := r.holds(body)
		if err != nil {
			return false, err
		}
		if holds != every {
			return !every, nil
		}
	}
	return every, nil
}

func (r *resolver) equal(argument any) (bool, error) {
	pair, err := r.arguments(argument, 2)
	if err != nil {
		return false, fmt.Errorf("Fn::Equals: %w", err)
	}
	a, err := textOf(pair[0])
	if err != nil {
		return false, fmt.Errorf("Fn::Equals: %w", err)
	}
	b, err := textOf(pair[1])
	if err != nil {
		return false, fmt.Errorf("Fn::Equals: %w", err)
	}
	return a == b, nil
}

// either is Fn::If: [condition, value if it holds, value if not]. The other value is not looked at.
func (r *resolver) either(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return nil, fmt.Errorf("a condition and two values are wanted, not %v", argument)
	}
	name, ok := list[0].(string)
	if !ok || name == "" {
		return nil, fmt.Errorf("the name of a condition is wanted, not %v", list[0])
	}
	holds, err := r.condition(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return r.value(list[1])
	}
	return r.value(list[2])
}
