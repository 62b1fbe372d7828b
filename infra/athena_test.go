package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// allowed returns the actions and conditions in the role's statements that contain the given text.
func allowed(t *testing.T, tmpl template, role, about string) []string {
	t.Helper()
	var all []string
	for _, s := range tmpl.statements(t) {
		if s.role == role && strings.Contains(s.String(), about) {
			all = append(all, strings.Join(s.actions, ", ")+" if "+s.condition)
		}
	}
	return all
}

func TestAnalysts_PolicyAllowsSameAsRole(t *testing.T) {
	role, policy := allowed(t, theTemplate(t), "RedashRole", ""), allowed(t, existingTemplate(t), "RedashPolicy1", "")
	if diff := cmp.Diff(role, policy); diff != "" || len(role) == 0 {
		t.Errorf("actions and conditions (-role +policy):\n%s", diff)
	}
}

// synthesizeAnalysts synthesizes a stack with the given settings of analysts.
func synthesizeAnalysts(t *testing.T, analysts string) template {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	const config = "account: \"123456789012\"\nregion: eu-west-1\nsources: {shop: {instance: shop, schedule: cron(0 3 * * ? *)}}\nanalysts: "
	if err := os.WriteFile(file, []byte(config+analysts), 0o600); err != nil {
		t.Fatal(err)
	}
	tmpl, err := synthesizeAnywhere(file)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestAnalysts_RedashPageListsAllowedActions(t *testing.T) {
	page, err := os.ReadFile("../docs/redash.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (Athena|Glue|S3|KMS): (.*?)(?:, through \w+ only)? \|`)
	listed, used := map[string]bool{}, map[string]bool{}
	for _, row := range rows.FindAllStringSubmatch(string(page), -1) {
		for action := range strings.SplitSeq(row[2], ", ") {
			listed[strings.ToLower(row[1])+":"+action] = true
		}
	}
	for _, s := range theTemplate(t).statements(t) {
		for _, action := range s.actions {
			if s.role == "RedashRole" {
				used[action] = true
			}
		}
	}
	if diff := cmp.Diff(used, listed); diff != "" {
		t.Errorf("actions (-allowed +listed):\n%s", diff)
	}
}

func TestAnalysts_ListTablesOfOtherDatabasesOnlyIfConfigured(t *testing.T) {
	const everything = "table/*/*"
	want := []string{"glue:GetTables if "}
	if diff := cmp.Diff(want, allowed(t, synthesizeAnalysts(t, "{list_all_tables: true}"), "RedashRole", everything)); diff != "" {
		t.Errorf("with list_all_tables (-want +got):\n%s", diff)
	}
	if byDefault := allowed(t, theTemplate(t), "RedashRole", everything); byDefault != nil {
		t.Errorf("by default: %s", byDefault)
	}
}

// Analysts must not be able to read the files, because they contain columns that views leave out.
func TestAnalysts_ReadExportsOnlyThroughAthena(t *testing.T) {
	const athena = "ForAnyValue:StringEquals aws:CalledVia athena.amazonaws.com"
	want := []string{"s3:ListBucket if " + athena + ", StringLike s3:prefix exports/*", "s3:GetObject if " + athena}
	if diff := cmp.Diff(want, allowed(t, theTemplate(t), "RedashRole", workflow.ExportsPrefix)); diff != "" {
		t.Errorf("actions and conditions (-want +got):\n%s", diff)
	}
}

func TestAnalysts_WarnAboutOtherAccountWithoutExternalID(t *testing.T) {
	tmpl := synthesizeAnalysts(t, `{trusted: ["arn:aws:iam::210987654321:role/redash", "arn:aws:iam::123456789012:role/own"]}`)
	if len(tmpl.Warnings) != 1 || !strings.Contains(tmpl.Warnings[0], "210987654321:role/redash, which belongs to another account") {
		t.Errorf("warnings %q", tmpl.Warnings)
	}
}

func TestWorkGroups_EnforceResultLocationAndScanLimit(t *testing.T) {
	group := func(name, results string, scanLimit any) object {
		configuration := object{
			"EnforceWorkGroupConfiguration":   true,
			"PublishCloudWatchMetricsEnabled": true,
			"EngineVersion":                   object{"SelectedEngineVersion": "Athena engine version 3"},
			"ResultConfiguration": object{
				"OutputLocation":          "s3://${LakeBucket}/athena/" + results,
				"EncryptionConfiguration": object{"EncryptionOption": "SSE_KMS", "KmsKey": "${LakeKey.Arn}"},
			},
		}
		if scanLimit != nil {
			configuration["BytesScannedCutoffPerQuery"] = scanLimit
		}
		return object{"Name": name, "WorkGroupConfiguration": configuration}
	}
	want := []object{group("data-lake", "pipeline/", nil), group("data-lake-analysts", "analysts/", 50e9)}
	var got []object
	for _, properties := range theTemplate(t).properties("AWS::Athena::WorkGroup") {
		p := properties.(object)
		got = append(got, object{"Name": p["Name"], "WorkGroupConfiguration": p["WorkGroupConfiguration"]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workgroups (-want +got):\n%s", diff)
	}
}
