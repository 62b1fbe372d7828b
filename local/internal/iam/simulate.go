package iam

import (
	"context"
	"net/http"
	"strconv"

	"snaplake/local/internal/wire"
)

const invalidInput = "InvalidInput"

// Handler serves SimulatePrincipalPolicy, the only operation of IAM that make doctor calls, in IAM's Query protocol. Its signing
// name is "iam".
func (g *Guard) Handler() http.Handler {
	return wire.QueryService{
		Name: "IAM", Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/", InvalidParameter: invalidInput,
		Operations: map[string]wire.QueryOperation{"SimulatePrincipalPolicy": g.simulate},
	}
}

// evaluation is the outcome for one action.
type evaluation struct{ EvalActionName, EvalResourceName, EvalDecision string }

type evaluations struct {
	IsTruncated       bool
	EvaluationResults []evaluation `xml:"EvaluationResults>member"`
}

// simulate answers what the policies of a role say about actions on one resource. IAM does not simulate the policies of resources
// for roles (API reference, SimulatePrincipalPolicy).
func (g *Guard) simulate(ctx context.Context, p *wire.Parameters) (any, error) {
	source := p.Required("PolicySourceArn")
	actions, resources := p.List("ActionNames.member"), p.List("ResourceArns.member")
	keys := contextEntries(p)
	if len(actions) == 0 || len(resources) != 1 {
		p.Fail(invalidInput, "the local IAM simulates actions on one resource, not %d actions on %d", len(actions), len(resources))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := g.Check(ctx, Call{Action: "iam:SimulatePrincipalPolicy", Resource: source}); err != nil {
		return nil, err
	}
	role, known := g.roles[source]
	if !known {
		return nil, &wire.Error{Code: "NoSuchEntity", Message: "there is no role " + source + " in the stack", Status: http.StatusNotFound}
	}
	var answer evaluations
	for _, action := range actions {
		e := evaluation{action, resources[0], "implicitDeny"}
		switch v := g.request(Decision{Caller: Caller{Role: source}, Call: Call{action, resources[0], keys}}).ask(role.identity); {
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
		p.Text(entry + ".ContextKeyType") // the policy's operator decides how to compare
		values := p.List(entry + ".ContextKeyValues.member")
		if len(values) != 1 {
			p.Fail(invalidInput, "the context key %s must have one value", name)
			return nil
		}
		keys[name] = values[0]
	}
}
