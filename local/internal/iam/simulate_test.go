package iam_test

import (
	"context"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
)

// simulated is the policy of the role in these tests.
const simulated = `[
	{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"},
	{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/secret/*"},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lake", "Condition": {"StringLike": {"s3:prefix": "exports/*"}}},
	{"Effect": "Allow", "Action": "rds:DescribeExportTasks", "Resource": "*"}]`

// post sends a form and decodes the response into answer.
func post(t *testing.T, ctx context.Context, g *iam.Guard, form url.Values, answer any) (status int) {
	t.Helper()
	if !form.Has("Version") {
		form.Set("Version", "2010-05-08")
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, r)
	b, err := io.ReadAll(w.Body)
	if err == nil {
		err = xml.Unmarshal(b, answer)
	}
	if err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return w.Code
}

func TestSimulatePrincipalPolicy_EvaluatesPoliciesOfRole(t *testing.T) {
	g := guard(t, role(simulated), nil)
	for name, c := range map[string]struct {
		resource string
		prefix   string
		want     []string
	}{
		"allowed":        {"arn:aws:s3:::lake/a", "", []string{"s3:GetObject allowed", "s3:ListBucket implicitDeny"}},
		"denied":         {"arn:aws:s3:::lake/secret/a", "", []string{"s3:GetObject explicitDeny", "s3:ListBucket implicitDeny"}},
		"not allowed":    {"arn:aws:s3:::other/a", "", []string{"s3:GetObject implicitDeny", "s3:ListBucket implicitDeny"}},
		"context key":    {"arn:aws:s3:::lake", "exports/shop/", []string{"s3:GetObject implicitDeny", "s3:ListBucket allowed"}},
		"no context key": {"arn:aws:s3:::lake", "", []string{"s3:GetObject implicitDeny", "s3:ListBucket implicitDeny"}},
	} {
		t.Run(name, func(t *testing.T) {
			form := simulate(url.Values{"ActionNames.member.2": {"s3:ListBucket"}, "ResourceArns.member.1": {c.resource}})
			if c.prefix != "" {
				form.Set("ContextEntries.member.1.ContextKeyName", "s3:prefix")
				form.Set("ContextEntries.member.1.ContextKeyType", "string")
				form.Set("ContextEntries.member.1.ContextKeyValues.member.1", c.prefix)
			}
			var answer struct {
				Results []struct{ EvalActionName, EvalDecision string } `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member"`
			}
			if status := post(t, t.Context(), g, form, &answer); status != http.StatusOK {
				t.Fatal(status)
			}
			var got []string
			for _, r := range answer.Results {
				got = append(got, r.EvalActionName+" "+r.EvalDecision)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// simulate returns a request that simulates s3:GetObject on one object. The parameters in more are added to it or replace others.
func simulate(more url.Values) url.Values {
	form := url.Values{
		"Action": {"SimulatePrincipalPolicy"}, "PolicySourceArn": {reader}, "ActionNames.member.1": {"s3:GetObject"},
		"ResourceArns.member.1": {"arn:aws:s3:::lake/a"},
	}
	maps.Copy(form, more)
	return form
}

func TestSimulatePrincipalPolicy_RejectsInvalidRequests(t *testing.T) {
	g := guard(t, role(simulated), nil)
	for name, c := range map[string]struct {
		ctx           context.Context
		form          url.Values
		status        int
		code, message string
	}{
		"operation": {t.Context(), url.Values{"Action": {"GetRole"}}, 400, "InvalidAction", `the operation GetRole in version "2010-05-08"`},
		"principal": {t.Context(), simulate(url.Values{"PolicySourceArn": {reader + "2"}}), 404, "NoSuchEntity", reader + "2"},
		"two resources": {
			t.Context(), simulate(url.Values{"ResourceArns.member.2": {"*"}}), 400, "InvalidInput", "1 actions and 2 resources",
		},
		"resource policy": {
			t.Context(), simulate(url.Values{"ResourcePolicy": {"{}"}}), 400, "InvalidInput", "does not support the parameter ResourcePolicy",
		},
		"context key with two values": {
			t.Context(), simulate(url.Values{
				"ContextEntries.member.1.ContextKeyName":            {"s3:prefix"},
				"ContextEntries.member.1.ContextKeyValues.member.1": {"x"},
				"ContextEntries.member.1.ContextKeyValues.member.2": {"y"},
			}), 400, "InvalidInput", "the context key s3:prefix must have exactly one value",
		},
		"caller without permission": {
			asReader(t), simulate(nil), 403, "AccessDenied", "is not authorized to perform: iam:SimulatePrincipalPolicy on resource: " + reader,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var answer struct {
				Error struct{ Code, Message string }
			}
			status := post(t, c.ctx, g, c.form, &answer)
			if status != c.status || answer.Error.Code != c.code || !strings.Contains(answer.Error.Message, c.message) {
				t.Errorf("got %d %s %s, want %d %s %s", status, answer.Error.Code, answer.Error.Message, c.status, c.code, c.message)
			}
		})
	}
}
