package iam_test

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
)

// simulated is the role that these tests ask about.
const simulated = `[
	{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"},
	{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/secret/*"},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lake", "Condition": {"StringLike": {"s3:prefix": "exports/*"}}},
	{"Effect": "Allow", "Action": "rds:DescribeExportTasks", "Resource": "*"}]`

// post sends a form of IAM's, and decodes the answer.
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

type result struct {
	EvalActionName, EvalDecision string
	MissingContextValues         []string `xml:"MissingContextValues>member"`
	ResourceSpecificResults      []struct {
		EvalResourceName, EvalResourceDecision string
		MissingContextValues                   []string `xml:"MissingContextValues>member"`
	} `xml:"ResourceSpecificResults>member"`
}

// decisions are the outcome: of each action, then of each of its resources, with the context keys that were missing.
func decisions(results []result) []string {
	var all []string
	line := func(parts []string, missing []string) {
		for _, key := range missing {
			parts = append(parts, "for want of "+key)
		}
		all = append(all, strings.Join(parts, " "))
	}
	for _, r := range results {
		line([]string{r.EvalActionName, r.EvalDecision}, r.MissingContextValues)
		for _, on := range r.ResourceSpecificResults {
			line([]string{"on", on.EvalResourceName, on.EvalResourceDecision}, on.MissingContextValues)
		}
	}
	return all
}

func TestSimulatesAPrincipalPolicy(t *testing.T) {
	g := guard(t, role(simulated), nil)
	prefix := url.Values{
		"ContextEntries.member.1.ContextKeyName":            {"s3:prefix"},
		"ContextEntries.member.1.ContextKeyType":            {"string"},
		"ContextEntries.member.1.ContextKeyValues.member.1": {"exports/shop/"},
	}
	for name, c := range map[string]struct {
		actions, resources []string
		context            url.Values
		want               []string
	}{
		"without resources": {
			[]string{"rds:DescribeExportTasks", "s3:GetObject"}, nil, nil,
			[]string{"rds:DescribeExportTasks allowed", "s3:GetObject implicitDeny"},
		},
		"each resource": {
			[]string{"s3:GetObject"}, []string{"arn:aws:s3:::lake/a", "arn:aws:s3:::lake/secret/a", "arn:aws:s3:::other/a"}, nil,
			[]string{
				"s3:GetObject explicitDeny", "on arn:aws:s3:::lake/a allowed", "on arn:aws:s3:::lake/secret/a explicitDeny",
				"on arn:aws:s3:::other/a implicitDeny",
			},
		},
		"a context key": {
			[]string{"s3:ListBucket"}, []string{"arn:aws:s3:::lake"}, prefix,
			[]string{"s3:ListBucket allowed", "on arn:aws:s3:::lake allowed"},
		},
		"a context key that is missing": {
			[]string{"s3:ListBucket"}, []string{"arn:aws:s3:::lake"}, nil,
			[]string{"s3:ListBucket implicitDeny for want of s3:prefix", "on arn:aws:s3:::lake implicitDeny for want of s3:prefix"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"Action": {"SimulatePrincipalPolicy"}, "PolicySourceArn": {reader}}
			for list, values := range map[string][]string{"ActionNames": c.actions, "ResourceArns": c.resources} {
				for i, v := range values {
					form.Set(list+".member."+string(rune('1'+i)), v)
				}
			}
			for name, values := range c.context {
				form[name] = values
			}
			var answer struct {
				Results []result `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member"`
			}
			if status := post(t, t.Context(), g, form, &answer); status != http.StatusOK {
				t.Fatal(status)
			}
			if diff := cmp.Diff(c.want, decisions(answer.Results)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGivesARoleWithItsTrustPolicy(t *testing.T) {
	g := guard(t, role(simulated), nil)
	var answer struct {
		Role struct{ Path, RoleName, Arn, AssumeRolePolicyDocument string } `xml:"GetRoleResult>Role"`
	}
	if status := post(t, t.Context(), g, url.Values{"Action": {"GetRole"}, "RoleName": {"reader"}}, &answer); status != http.StatusOK {
		t.Fatal(status)
	}
	document, err := url.PathUnescape(answer.Role.AssumeRolePolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	answer.Role.AssumeRolePolicyDocument = document
	want := answer
	want.Role.Path, want.Role.RoleName, want.Role.Arn = "/", "reader", reader
	want.Role.AssumeRolePolicyDocument = `{"Statement":{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}}`
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
}

func TestRefusesRequestsThatItCannotAnswer(t *testing.T) {
	g := guard(t, role(simulated), nil)
	simulate := func(more url.Values) url.Values {
		form := url.Values{"Action": {"SimulatePrincipalPolicy"}, "PolicySourceArn": {reader}, "ActionNames.member.1": {"s3:GetObject"}}
		for name, values := range more {
			form[name] = values
		}
		return form
	}
	for name, c := range map[string]struct {
		ctx           context.Context
		form          url.Values
		status        int
		code, message string
	}{
		"an operation": {t.Context(), url.Values{"Action": {"CreateRole"}}, 400, "InvalidAction", `the operation CreateRole in version "2010-05-08"`},
		"a version":    {t.Context(), url.Values{"Action": {"GetRole"}, "Version": {"2020-01-01"}}, 400, "InvalidAction", `in version "2020-01-01"`},
		"a role": {
			t.Context(), url.Values{"Action": {"GetRole"}, "RoleName": {"other"}}, 404, "NoSuchEntity", "The role with name other cannot be found.",
		},
		"a principal": {t.Context(), simulate(url.Values{"PolicySourceArn": {reader + "2"}}), 404, "NoSuchEntity", reader + "2"},
		"no action": {
			t.Context(), url.Values{"Action": {"SimulatePrincipalPolicy"}, "PolicySourceArn": {reader}}, 400, "InvalidInput", "ActionNames has no member",
		},
		"a resource policy, which IAM does not simulate for roles": {
			t.Context(), simulate(url.Values{"ResourcePolicy": {"{}"}}), 400, "InvalidInput", "does not take the parameter ResourcePolicy",
		},
		"a context key with two values": {
			t.Context(), simulate(url.Values{
				"ContextEntries.member.1.ContextKeyName":            {"a:b"},
				"ContextEntries.member.1.ContextKeyValues.member.1": {"x"},
				"ContextEntries.member.1.ContextKeyValues.member.2": {"y"},
			}), 400, "InvalidInput", "the context key a:b must have one value",
		},
		"a caller who may not": {
			as(t), simulate(nil), 403, "AccessDenied",
			"User: " + session + " is not authorized to perform: iam:SimulatePrincipalPolicy on resource: " + reader,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var answer struct {
				Error struct{ Code, Message string }
			}
			status := post(t, c.ctx, g, c.form, &answer)
			if status != c.status || answer.Error.Code != c.code || !strings.Contains(answer.Error.Message, c.message) {
				t.Errorf("%d %s %s, want %d %s %s", status, answer.Error.Code, answer.Error.Message, c.status, c.code, c.message)
			}
		})
	}
}
