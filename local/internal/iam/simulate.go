package iam

import (
	"context"
	"net/http"
	"strconv"

	"snaplake/local/internal/wire"
)

const invalidInput = "InvalidInput"

// Handler serves IAM's Query protocol. It supports only SimulatePrincipalPolicy, which `make doctor` calls. The signing name is "iam".
func (g *Guard) Handler() http.Handler {
	return wire.QueryService{
		Name: "IAM", Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/", InvalidParameter: invalidInput,
		Operations: map[string]wire.QueryOperation{"SimulatePrincipalPolicy": g.simulate},
	}
}

// evaluation is the result for one action.
type evaluation struct{ EvalActionName, EvalResourceName, EvalDecision string }

type evaluations struct {
	IsTruncated       bool
	EvaluationResults []evaluation `xml:"EvaluationResults>member"`
}

// simulate evaluates a role's policies for the requested actions on one resource. For roles, IAM does not simulate resource-based policies
// (API reference, SimulatePrincipalPolicy).
func (g *Guard) simulate(ctx context.Context, p *wire.Parameters) (any, error) {
	source := p.Required("PolicySourceArn")
	actions, resources := p.List("ActionNames.member"), p.List("ResourceArns.member")
	keys := contextEntries(p)
	if len(actions) == 0 || len(resources) != 1 {
		p.Fail(invalidInput, "the local IAM requires one or more actions and exactly one resource; the request has %d actions and %d resources",
			len(actions), len(resources))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := g.Check(ctx, Call{Action: "iam:SimulatePrincipalPolicy", Resource: source}); err != nil {
		return nil, err
	}
	role, known := g.roles[source]
	if !known {
		return nil, &wire.Error{Code: "NoSuchEntity", Message: "the stack has no role " + source, Status: http.StatusNotFound}
	}
	var answer evaluations
	for _, action := range actions {
		e := evaluation{action, resources[0], "implicitDeny"}
		switch v := g.request(Decision{Caller: Caller{Role: source}, Call: Call{action, resources[0], keys}}).evaluate(role.identity); {
		case v.denied:
			e.EvalDecision = "explicitDeny"
		case v.allowed:
			e.EvalDecision = "allowed"
		}
		answer.EvaluationResults = append(answer.EvaluationResults, e)
	}
	return answer, nil
}

// contextEntries returns the condition keys of the simulated calls.
func contextEntries(p *wire.Parameters) map[string]string {
	keys := map[string]string{}
	for n := 1; ; n++ {
		entry := "ContextEntries.member." + strconv.Itoa(n)
		name := p.Text(entry + ".ContextKeyName")
		if name == "" {
			return keys
		}
		p.Text(entry + ".ContextKeyType") // ignored: the condition operator in the policy determines the type
		values := p.List(entry + ".ContextKeyValues.member")
		if len(values) != 1 {
			p.Fail(invalidInput, "the context key %s must have exactly one value", name)
			return nil
		}
		keys[name] = values[0]
	}
}
