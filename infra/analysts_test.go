package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestThoseWhoAreTrustedAssumeTheRole(t *testing.T) {
	for _, r := range theTemplate(t).ofType("AWS::IAM::Role") {
		if r.Properties["Description"] != "Queries the views: for Redash, Grafana and people." {
			continue
		}
		want := any([]any{object{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"AWS": "arn:aws:iam::123456789012:role/redash"},
			"Condition": object{"StringEquals": object{"sts:ExternalId": "night-shift"}},
		}})
		if diff := cmp.Diff(want, plain(r.Properties["AssumeRolePolicyDocument"]).(object)["Statement"]); diff != "" {
			t.Errorf("trust (-want +got):\n%s", diff)
		}
		return
	}
	t.Error("the template has no role for Redash")
}

func TestPolicyForRedashAllowsWhatItsRoleWould(t *testing.T) {
	allowed := func(tmpl template, name string) []string {
		var all []string
		for _, s := range tmpl.statements(t) {
			if s.role == name {
				all = append(all, strings.Join(s.actions, ", ")+" if "+s.condition)
			}
		}
		return all
	}
	role, policy := allowed(theTemplate(t), "RedashRole"), allowed(existingTemplate(t), "RedashPolicy1")
	if diff := cmp.Diff(role, policy); diff != "" || len(role) == 0 {
		t.Errorf("actions and conditions (-role +policy):\n%s", diff)
	}
}

// What a view leaves out must not lie open as a file.
func TestAnalystsReadExportsByWayOfAthenaOnly(t *testing.T) {
	const athena = "ForAnyValue:StringEquals aws:CalledVia athena.amazonaws.com"
	var got []string
	for _, s := range theTemplate(t).statements(t) {
		if s.role == "RedashRole" && strings.Contains(s.String(), workflow.ExportsPrefix) {
			got = append(got, strings.Join(s.actions, ", ")+" if "+s.condition)
		}
	}
	want := []string{"s3:ListBucket if " + athena + ", StringLike s3:prefix exports/*", "s3:GetObject if " + athena}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions and conditions (-want +got):\n%s", diff)
	}
}

func TestAnalysts_OfAnotherAccountWithoutAnExternalIDAreWarnedOf(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	const config = `account: "123456789012"
region: eu-west-1
sources: {shop: {instance: shop, schedule: cron(0 3 * * ? *)}}
analysts: {trusted: ["arn:aws:iam::210987654321:role/redash", "arn:aws:iam::123456789012:role/own"]}
`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	tmpl, err := synthesizeAnywhere(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(tmpl.Warnings) != 1 || !strings.Contains(tmpl.Warnings[0], "arn:aws:iam::210987654321:role/redash of another account, and no external_id") {
		t.Errorf("warnings %q", tmpl.Warnings)
	}
}
