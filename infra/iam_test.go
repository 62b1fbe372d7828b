package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/permissions.txt anew")

// statement is one of the statements that allow a role something.
type statement struct {
	role               string
	actions, resources []string
	// condition is empty, or as "s3:prefix exports/*".
	condition string
}

// statements are all that allow the stack's roles something.
func (tmpl template) statements(t *testing.T) []statement {
	t.Helper()
	var all []statement
	for _, policy := range tmpl.properties("AWS::IAM::Policy") {
		role := strings.Trim(policy.(object)["Roles"].([]any)[0].(string), "${}")
		for _, s := range policy.(object)["PolicyDocument"].(object)["Statement"].([]any) {
			s := s.(object)
			if s["Effect"] != "Allow" || s["NotAction"] != nil || s["NotResource"] != nil {
				t.Fatalf("%s has a statement that is not a plain Allow: %v", role, s)
			}
			all = append(all, statement{role, list(s["Action"]), list(s["Resource"]), condition(s["Condition"])})
		}
	}
	return all
}

// list is a value of a policy, which may be one string or several.
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
	for _, keys := range operators {
		for key, value := range keys.(object) {
			all = append(all, fmt.Sprint(key, " ", value))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (s statement) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s may %s\n", s.role, strings.Join(s.actions, ", "))
	for _, resource := range s.resources {
		fmt.Fprintf(&b, "    on %s\n", strings.ReplaceAll(resource, ":${AWS::Region}:${AWS::AccountId}:", "::"))
	}
	if s.condition != "" {
		fmt.Fprintf(&b, "    if %s\n", s.condition)
	}
	return b.String()
}

// The file is the review: what a role may do more or less shows as a changed line.
func TestRolesMayDoWhatIsWrittenDown(t *testing.T) {
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
		t.Errorf("permissions (-want +got), which go test -update writes anew:\n%s", diff)
	}
}

func TestOnlyActionsWithoutAResourceAreAllowedOnEverything(t *testing.T) {
	without := []string{
		"rds:DescribeExportTasks",
		"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
		// The delivery of Step Functions' logs (Step Functions guide, "Using CloudWatch Logs to log execution history").
		"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
		"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
	}
	for _, s := range theTemplate(t).statements(t) {
		hasResource := func(action string) bool { return !slices.Contains(without, action) }
		if slices.Contains(s.resources, "*") && slices.ContainsFunc(s.actions, hasResource) {
			t.Error(s)
		}
	}
}

func TestOnlyTheExportRoleHasWildcardActions(t *testing.T) {
	for _, s := range theTemplate(t).statements(t) {
		isExport := s.role == "ExportRole" && slices.Equal(s.resources, []string{"${LakeBucket.Arn}/exports/*"})
		if strings.Contains(strings.Join(s.actions, " "), "*") && !isExport {
			t.Error(s)
		}
	}
}

func TestRolesHaveNoPoliciesBesidesTheirOwn(t *testing.T) {
	tmpl := theTemplate(t)
	for id, r := range tmpl.Resources {
		if r.Type == "AWS::IAM::ManagedPolicy" {
			t.Errorf("%s is a managed policy", id)
		}
		if r.Type == "AWS::IAM::Role" && (r.Properties["ManagedPolicyArns"] != nil || r.Properties["Policies"] != nil) {
			t.Errorf("%s has managed or inline policies", id)
		}
	}
}

func TestRolesAreAssumedByTheirServiceForThisAccount(t *testing.T) {
	ours := object{"StringEquals": object{"aws:SourceAccount": "${AWS::AccountId}"}}
	want := object{
		"ExportRole":       trust("export.rds.amazonaws.com", ours),
		"StateMachineRole": trust("states.amazonaws.com", ours),
		"SchedulerRole":    trust("scheduler.amazonaws.com", ours),
		"CrawlerRole":      trust("glue.amazonaws.com", nil),
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

// The key policy is the one place where everything is allowed: to the account, which is to say, to whom its IAM policies allow it.
func TestKeyPolicyLeavesTheDecisionToIAM(t *testing.T) {
	key := theTemplate(t).one(t, "AWS::KMS::Key")
	want := []any{object{
		"Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": object{"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
	}}
	if diff := cmp.Diff(any(want), plain(key.Properties["KeyPolicy"]).(object)["Statement"]); diff != "" {
		t.Errorf("key policy (-want +got):\n%s", diff)
	}
}
