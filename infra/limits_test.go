package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snaplake/workflow"
)

// limits contains the AWS limits on values that grow with the configuration.
var limits = map[string]int{
	"resources":              500,       // CloudFormation guide, "Understand CloudFormation quotas"
	"template bytes":         1_000_000, // CloudFormation guide, "Understand CloudFormation quotas"; the CDK counts 1 MB as a million bytes
	"outputs":                200,       // CloudFormation guide, "Understand CloudFormation quotas"
	"managed policy":         6_144,     // IAM guide, "IAM and AWS STS quotas"; white space does not count
	"inline policies":        10_240,    // IAM guide, "IAM and AWS STS quotas"; all inline policies of a role together
	"managed policies":       10,        // IAM guide, "IAM and AWS STS quotas"; per role or user; can be raised
	"trust policy":           2_048,     // IAM guide, "IAM and AWS STS quotas"; can be raised
	"layer bytes":            250 << 20, // Lambda guide, "Lambda quotas"; a function and its layers, unzipped
	"environment":            4 << 10,   // Lambda guide, "Lambda quotas"
	"dashboard's widgets":    500,       // CloudWatch API reference, "Dashboard Body Structure and Syntax"
	"alarms of a widget":     100,       // CloudWatch API reference, "Dashboard Body Structure and Syntax"
	"metrics of a dashboard": 2_500,     // CloudWatch guide, "CloudWatch service quotas"
	"event pattern":          2_048,     // EventBridge guide, "Amazon EventBridge quotas"
	"rules of an event bus":  100,       // EventBridge guide, "Amazon EventBridge quotas"; in the Regions with the lowest limit; can be raised
	"crawlers of an account": 1_000,     // AWS General Reference, "AWS Glue endpoints and quotas"; can be raised
}

var token = regexp.MustCompile(`\$\{[^}]*\}`)

// characters returns the length of a policy, with the longest possible ARN for each reference.
func characters(policy any) int {
	b, _ := json.Marshal(plain(policy)) // cannot fail: the policy comes from JSON
	return len(token.ReplaceAll(b, bytes.Repeat([]byte("x"), 110)))
}

// sizes returns the template's largest value for each limit. dir is the folder in which it was synthesized.
func (tmpl template) sizes(t *testing.T, dir string) map[string]int {
	t.Helper()
	sizes := map[string]int{"resources": len(tmpl.Resources), "outputs": len(tmpl.Outputs)}
	largest := func(name string, size int) { sizes[name] = max(sizes[name], size) }
	ofRole := func(name string, r resource, size int) {
		roles, _ := r.Properties["Roles"].([]any)
		for _, role := range roles {
			sizes[name+" "+fmt.Sprint(plain(role))] += size
		}
	}
	for _, r := range tmpl.Resources {
		switch r.Type {
		case "AWS::IAM::Role":
			largest("trust policy", characters(r.Properties["AssumeRolePolicyDocument"]))
		case "AWS::IAM::Policy":
			ofRole("inline policies", r, characters(r.Properties["PolicyDocument"]))
		case "AWS::IAM::ManagedPolicy":
			largest("managed policy", characters(r.Properties["PolicyDocument"]))
			ofRole("managed policies", r, 1)
			if r.Properties["Roles"] == nil { // policies for analysts, which are all attached to the role of Redash
				sizes["managed policies"]++
			}
		case "AWS::Lambda::Function":
			b, _ := json.Marshal(plain(r.Properties["Environment"]))
			largest("environment", len(b))
		case "AWS::Events::Rule":
			b, _ := json.Marshal(plain(r.Properties["EventPattern"]))
			largest("event pattern", len(b))
			sizes["rules of an event bus"]++
		case "AWS::Glue::Crawler":
			sizes["crawlers of an account"]++
		case "AWS::CloudWatch::Dashboard":
			var body struct{ Widgets []widget }
			if err := json.Unmarshal([]byte(plain(r.Properties["DashboardBody"]).(string)), &body); err != nil {
				t.Fatal(err)
			}
			sizes["dashboard's widgets"] = len(body.Widgets)
			for _, w := range body.Widgets {
				largest("alarms of a widget", len(w.Properties.Alarms))
				sizes["metrics of a dashboard"] += len(w.Properties.Metrics)
			}
		}
	}
	for name, size := range sizes {
		if kind, _, ofOne := strings.Cut(name, " ${"); ofOne {
			largest(kind, size)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "cdk.out", "*.template.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d templates: %v", len(files), err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	sizes["template bytes"] = int(info.Size())
	err = filepath.WalkDir(filepath.Join(dir, "layer"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		sizes["layer bytes"] += int(info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}

// maxSources returns the maximum number of sources in the schema.
func maxSources(t *testing.T) int {
	t.Helper()
	var schema struct {
		Properties struct{ Sources struct{ MaxProperties int } }
	}
	if err := json.Unmarshal([]byte(workflow.Schema), &schema); err != nil {
		t.Fatal(err)
	}
	return schema.Properties.Sources.MaxProperties
}

// stackOf returns a configuration of n sources with the longest possible names. The parameter each holds settings that every source has.
func stackOf(n int, analysts, tags, each string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "account: \"123456789012\"\nregion: us-gov-west-1\nname: %s\nanalysts: {%s}\ntags: {%s}\nsources:\n",
		strings.Repeat("n", 24), analysts, tags)
	for i := range n {
		fmt.Fprintf(&b, "  %s%02d: {cluster: %s%02d, schedule: cron(0 4 * * ? *), time_zone: America/Argentina/ComodRivadavia, %s}\n",
			strings.Repeat("s", 28), i, strings.Repeat("c", 61), i, each)
	}
	return b.String()
}

func TestStack_WithMaximumOfSourcesIsWithinLimits(t *testing.T) {
	const tags = `team: data, cost-center: "4711", environment: production, owner: data-team@example.com`
	trusted := ""
	for i := range 40 { // the maximum that package config allows
		trusted += fmt.Sprintf(`"arn:aws-us-gov:iam::123456789012:role/r%02d", `, i)
	}
	for name, config := range map[string]string{
		"role, and rule for each source":            stackOf(maxSources(t), "trusted: ["+trusted+"]", tags, "on_snapshot: true"),
		"policies, and cluster ARN for each source": stackOf(maxSources(t), "access: policy", tags, "snapshots: live"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "pipeline.yaml")
			if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
				t.Fatal(err)
			}
			tmpl, err := synthesizeIn(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			sizes := tmpl.sizes(t, dir)
			for name, limit := range limits {
				t.Logf("%-24s %7d of %d", name, sizes[name], limit)
				if size, measured := sizes[name]; !measured || size > limit {
					t.Errorf("%s: got %d, but AWS allows at most %d", name, size, limit)
				}
			}
		})
	}
}

func TestDocs_GiveMaximumOfSources(t *testing.T) {
	text, err := os.ReadFile("../docs/deploy.md")
	if want := fmt.Sprintf("A stack can have at most %d sources", maxSources(t)); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("docs/deploy.md does not contain %q: %v", want, err)
	}
}
