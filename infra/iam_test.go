package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/permissions.txt")

// statement is an Allow statement in the policy of a role.
type statement struct {
	role               string
	actions, resources []string
	// condition is for example "StringLike s3:prefix exports/*", or empty.
	condition string
}

// statements returns the Allow statements of all roles and managed policies.
func (tmpl template) statements(t *testing.T) []statement {
	t.Helper()
	var all []statement
	for _, id := range slices.Sorted(maps.Keys(tmpl.Resources)) {
		r := tmpl.Resources[id]
		name := idHash.ReplaceAllString(id, "")
		switch r.Type {
		case "AWS::IAM::Policy":
			name = strings.Trim(plain(r.Properties["Roles"]).([]any)[0].(string), "${}")
		case "AWS::IAM::ManagedPolicy":
		default:
			continue
		}
		for _, s := range plain(r.Properties["PolicyDocument"]).(object)["Statement"].([]any) {
			s := s.(object)
			if s["Effect"] != "Allow" || s["NotAction"] != nil || s["NotResource"] != nil {
				t.Fatalf("%s has a statement that is not a plain Allow: %v", name, s)
			}
			all = append(all, statement{name, list(s["Action"]), list(s["Resource"]), condition(s["Condition"])})
		}
	}
	return all
}

// list returns the strings in a value of a policy, which is a string or an array.
func list(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var all []string
	for _, s := range v.([]any) {
		all = append(all, s.(string))
	}
	return all
}

func condition(v any) string {
	var all []string
	operators, _ := v.(object)
	for operator, keys := range operators {
		for key, value := range keys.(object) {
			all = append(all, fmt.Sprint(operator, " ", key, " ", value))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (s statement) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s may %s\n", s.role, strings.Join(s.actions, ", "))
	for _, resource := range s.resources {
		fmt.Fprintf(&b, "    on %s\n", strings.ReplaceAll(resource, ":ap-northeast-1:123456789012:", "::"))
	}
	if s.condition != "" {
		fmt.Fprintf(&b, "    if %s\n", s.condition)
	}
	return b.String()
}

// With the file, a reviewer sees each changed permission as a changed line.
func TestRoles_MatchPermissionsFile(t *testing.T) {
	const file = "testdata/permissions.txt"
	var got strings.Builder
	for _, s := range theTemplate(t).statements(t) {
		got.WriteString(s.String())
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("permissions (-want +got); to update the file, run go test -update:\n%s", diff)
	}
}

// onAllResources contains the actions that roles may allow on "*", each with the reason.
var onAllResources = map[string]string{
	"rds:DescribeExportTasks": "export tasks have no ARN",
	"athena:ListDataCatalogs": "the action supports only the resource *",
	"athena:ListWorkGroups":   "the action supports only the resource *",

	"xray:PutTraceSegments":         "the action supports only the resource *",
	"xray:PutTelemetryRecords":      "the action supports only the resource *",
	"xray:GetSamplingRules":         "the action supports only the resource *",
	"xray:GetSamplingTargets":       "the action supports only the resource *",
	"logs:CreateLogDelivery":        "the action supports only the resource * (Step Functions guide, \"Using CloudWatch Logs to log execution history\")",
	"logs:GetLogDelivery":           "the action supports only the resource *",
	"logs:UpdateLogDelivery":        "the action supports only the resource *",
	"logs:DeleteLogDelivery":        "the action supports only the resource *",
	"logs:ListLogDeliveries":        "the action supports only the resource *",
	"logs:PutResourcePolicy":        "the action supports only the resource *",
	"logs:DescribeLogGroups":        "the action lists all resources",
	"logs:DescribeResourcePolicies": "the action lists all resources",
}

func TestRoles_AllowOnAllResourcesOnlyListedActions(t *testing.T) {
	used := map[string]bool{}
	for _, s := range theTemplate(t).statements(t) {
		if !slices.Contains(s.resources, "*") {
			continue
		}
		for _, action := range s.actions {
			used[action] = true
			if onAllResources[action] == "" {
				t.Errorf("onAllResources does not contain %s:\n%s", action, s)
			}
		}
	}
	for action := range onAllResources {
		if !used[action] {
			t.Errorf("onAllResources contains %s, but no role allows it on *", action)
		}
	}
}

func TestRoles_HaveNoManagedPolicies(t *testing.T) {
	for id, r := range theTemplate(t).Resources {
		if r.Type == "AWS::IAM::ManagedPolicy" {
			t.Errorf("%s is a managed policy", id)
		}
		if r.Type == "AWS::IAM::Role" && (r.Properties["ManagedPolicyArns"] != nil || r.Properties["Policies"] != nil) {
			t.Errorf("%s has managed or inline policies", id)
		}
	}
}

func TestRoles_TrustPolicies(t *testing.T) {
	ours := object{"StringEquals": object{"aws:SourceAccount": "123456789012"}}
	oursFrom := func(resource string) object {
		return object{"StringEquals": ours["StringEquals"], "ArnLike": object{"aws:SourceArn": []any{"arn:aws:" + resource}}}
	}
	want := object{
		"ExportRole":       trust("export.rds.amazonaws.com", nil),
		"StateMachineRole": trust("states.amazonaws.com", ours),
		"SchedulerRole":    trust("scheduler.amazonaws.com", oursFrom("scheduler:ap-northeast-1:123456789012:schedule-group/default")),
		"SnapshotRuleRole": trust("events.amazonaws.com", oursFrom("events:ap-northeast-1:123456789012:rule/data-lake-*")),
		"CrawlerRole":      trust("glue.amazonaws.com", nil),
		"RedashRole": []any{object{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"AWS": "arn:aws:iam::123456789012:role/redash"},
			"Condition": object{"StringEquals": object{"sts:ExternalId": "night-shift"}},
		}},
	}
	for _, f := range allFunctions() {
		want[f.id+"Role"] = trust("lambda.amazonaws.com", nil)
	}
	got := object{}
	for id, r := range theTemplate(t).Resources {
		if r.Type == "AWS::IAM::Role" {
			got[idHash.ReplaceAllString(id, "")] = plain(r.Properties["AssumeRolePolicyDocument"]).(object)["Statement"]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trust (-want +got):\n%s", diff)
	}
}

func trust(service string, condition object) any {
	statement := object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": service}}
	if condition != nil {
		statement["Condition"] = condition
	}
	return []any{statement}
}
