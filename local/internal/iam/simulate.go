package iam

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// evaluation is the outcome for one action: on all of the resources together, and, where there are any, on each.
type evaluation struct {
	EvalActionName string
	// EvalResourceName would be the form of the ARNs that the action knows; it is always * here.
	EvalResourceName        string
	EvalDecision            string
	MissingContextValues    []string     `xml:"MissingContextValues>member"`
	ResourceSpecificResults []onResource `xml:"ResourceSpecificResults>member"`
}

type onResource struct {
	EvalResourceName     string
	EvalResourceDecision string
	MissingContextValues []string `xml:"MissingContextValues>member"`
}

// Decisions, as PolicyEvaluationDecisionType has them, the worst first.
const (
	explicitDeny = "explicitDeny"
	implicitDeny = "implicitDeny"
	allowed      = "allowed"
)

type evaluations struct {
	IsTruncated       bool
	EvaluationResults []evaluation `xml:"EvaluationResults>member"`
}

// simulate answers SimulatePrincipalPolicy: what the policies on a role say. Those of resources are no part of it: IAM does not
// simulate them for roles (API reference, SimulatePrincipalPolicy).
func (g *Guard) simulate(ctx context.Context, p *wire.Parameters) (any, error) {
	source := p.Text("PolicySourceArn")
	actions, resources := p.List("ActionNames.member"), p.List("ResourceArns.member")
	keys := contextEntries(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := g.Check(ctx, Call{Action: "iam:SimulatePrincipalPolicy", Resource: source}); err != nil {
		return nil, err
	}
	role, known := g.roles[source]
	switch {
	case !known:
		return nil, noSuchEntity("there is no role " + source + " in the stack")
	case len(actions) == 0:
		return nil, wire.Errorf(invalidInput, "ActionNames has no member")
	}
	var answer evaluations
	for _, action := range actions {
		ask := func(resource string) onResource {
			return role.simulate(g.request(Decision{Caller: Caller{Role: source}, Call: Call{action, resource, keys}}))
		}
		answer.EvaluationResults = append(answer.EvaluationResults, evaluate(action, resources, ask))
	}
	return answer, nil
}

// evaluate asks for each resource. What IAM finds on the single ones counts together as the worst of it.
func evaluate(action string, resources []string, ask func(resource string) onResource) evaluation {
	e := evaluation{EvalActionName: action, EvalResourceName: "*"}
	if len(resources) == 0 {
		on := ask("*")
		e.EvalDecision, e.MissingContextValues = on.EvalResourceDecision, on.MissingContextValues
		return e
	}
	e.EvalDecision = allowed
	for _, resource := range resources {
		on := ask(resource)
		if e.EvalDecision != explicitDeny && on.EvalResourceDecision != allowed {
			e.EvalDecision = on.EvalResourceDecision
		}
		e.MissingContextValues = append(e.MissingContextValues, on.MissingContextValues...)
		e.ResourceSpecificResults = append(e.ResourceSpecificResults, on)
	}
	slices.Sort(e.MissingContextValues)
	e.MissingContextValues = slices.Compact(e.MissingContextValues)
	return e
}

// simulate asks the policies on the role, and names the condition keys that they would have needed to know.
func (p role) simulate(r request) onResource {
	answer := onResource{EvalResourceName: r.resource, EvalResourceDecision: implicitDeny}
	switch v := r.ask(p.identity); {
	case v.denied:
		answer.EvalResourceDecision = explicitDeny
	case len(v.allowing) > 0:
		answer.EvalResourceDecision = allowed
	}
	missing := map[string]bool{}
	for _, s := range p.identity {
		for _, c := range s.conditions {
			if _, given := r.keys[strings.ToLower(c.key)]; !given && s.covers(r) {
				missing[c.key] = true
			}
		}
	}
	answer.MissingContextValues = slices.Sorted(maps.Keys(missing))
	return answer
}

// contextEntries are the condition keys of the simulated calls. None that the local IAM makes itself has several values.
func contextEntries(p *wire.Parameters) map[string]string {
	keys := map[string]string{}
	for n := 1; ; n++ {
		entry := "ContextEntries.member." + strconv.Itoa(n)
		name := p.Text(entry + ".ContextKeyName")
		if name == "" {
			return keys
		}
		p.Text(entry + ".ContextKeyType") // a value is compared as the policy's operator says
		values := p.List(entry + ".ContextKeyValues.member")
		if len(values) != 1 {
			p.Fail(invalidInput, "the context key %s must have one value", name)
			return nil
		}
		keys[name] = values[0]
	}
}
