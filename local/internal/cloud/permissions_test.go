package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// unused are the permissions that the runs here do not use, each with the reason: AWS needs or recommends it in a way that the local AWS
// cannot know. resource is a part of the resource or the condition; "" matches all.
var unused = []exception{
	{"CrawlerRole", "glue:UpdateTable", "", "a crawl updates an existing table; each export here has its own tables, unless a crawl is " +
		"repeated"},
	{"CrawlerRole", "glue:GetDatabase", "database/default", scopedDown},
	{"CrawlerRole", "glue:GetTables", "", scopedDown},
	{"CrawlerRole", "glue:GetPartition", "", scopedDown},
	{"CrawlerRole", "glue:GetPartitions", "", scopedDown},
	{"CrawlerRole", "glue:CreatePartition", "", scopedDown},
	{"CrawlerRole", "glue:UpdatePartition", "", scopedDown},
	{"CrawlerRole", "glue:BatchUpdatePartition", "", scopedDown},
	{"CrawlerRole", "iam:PassRole", "", "the Glue guide, \"Crawler prerequisites\", lists a policy that grants it on the role itself"},
	{"CrawlerRole", "logs:CreateLogGroup", "/aws-glue/crawlers:*", "AWS's pages do not agree on whether the ARN of a log group ends like " +
		"this"},

	{"CreateViewsFunctionRole", "glue:GetDatabases", "", "Athena's guide asks for it beside glue:GetDatabase, on the database default"},
	{"CreateViewsFunctionRole", "s3:ListBucket", "athena/pipeline/*", "AmazonAthenaFullAccess has it for the results of queries"},
	{"CreateViewsFunctionRole", "glue:GetPartition", "", "Athena's guide lists it for queries; the local Athena asks for all partitions of " +
		"a table at once"},
	{"CreateViewsFunctionRole", "glue:BatchGetPartition", "", "AmazonAthenaFullAccess has it; the local Athena asks for all partitions of a " +
		"table at once"},
	{"CreateViewsFunctionRole", "glue:UpdateTable", "_crawled", "only a table with a column that is called like a partition key needs it; " +
		"the tests of whole runs have one"},
	{"CreateViewsFunctionRole", "s3:AbortMultipartUpload", "", "AmazonAthenaFullAccess has it for the results of queries"},

	{"RedashRole", "glue:GetPartition", "", "Athena's guide lists it for queries; the local Athena asks for all partitions of a table at " +
		"once"},
	{"RedashRole", "glue:BatchGetPartition", "", "AmazonAthenaFullAccess has it; the local Athena asks for all partitions of a table at once"},
	{"RedashRole", "s3:ListBucket", "athena/analysts/*", "AmazonAthenaFullAccess has it for the results of queries"},
	{"RedashRole", "s3:AbortMultipartUpload", "", "Athena writes large results in parts, which the local one does not"},
	{"RedashRole", "s3:ListMultipartUploadParts", "", "Athena writes large results in parts, which the local one does not"},
}

const scopedDown = "the Glue guide, \"Crawler prerequisites\", wants AWSGlueServiceRole, which has all of glue:*, or a scoped down " +
	"version of it"

type exception struct{ role, action, resource, reason string }

func (e exception) covers(p iam.Permission) bool {
	return strings.Contains(p.Role, "-"+e.role) && p.Action == e.action && strings.Contains(p.Resource+" "+p.Condition, e.resource)
}

func TestRuns_UseEveryPermission(t *testing.T) {
	p := open(t, nil, "billing", "ledger", "shop")
	// The remains of a canceled export: Prune asks RDS about it.
	must(t, p.Store.Put(p.Bucket, "exports/shop/shop-20200101-0000-0/shop/part", []byte("PAR1")))
	p.days(t, 3)
	p.reuse(t)
	p.redash(t)
	p.fail(t)

	for _, d := range p.accessLog.Denied() {
		t.Errorf("not allowed: %v", d)
	}
	guard, err := iam.New(p.stack, nil)
	must(t, err)
	isListed := map[exception]bool{}
	for _, permission := range p.accessLog.Unused(guard) {
		if i := slices.IndexFunc(unused, func(e exception) bool { return e.covers(permission) }); i >= 0 {
			isListed[unused[i]] = true
		} else {
			t.Errorf("unused: %v", permission)
		}
	}
	for _, e := range unused {
		if !isListed[e] {
			t.Errorf("listed as unused, but used: %s may %s", e.role, e.action)
		}
	}
	t.Run("each action is missed", func(t *testing.T) { p.missEach(t, guard) })
	t.Run("each statement of a trust or resource policy is missed", p.missStatements)
	t.Run("runs of one snapshot share an export", p.exportOnce)
	// Last, since its refusals would count as missed above.
	t.Run("analysts read exports through Athena only", p.aroundTheViews)
}

// missEach removes each permission in turn, and repeats all decisions of the runs.
func (p *testEnv) missEach(t *testing.T, guard *iam.Guard) {
	taken := 0
	for _, permission := range guard.Allowed() {
		if slices.ContainsFunc(unused, func(e exception) bool { return e.covers(permission) }) {
			continue
		}
		taken++
		role := permission.Role[strings.LastIndexByte(permission.Role, '/')+1:]
		if !slices.ContainsFunc(p.accessLog.Replay(guard.Without(permission)), func(d *iam.Denied) bool {
			return strings.Contains(d.Principal, role) && d.Action == permission.Action && matches(permission.Resource, d.Resource)
		}) {
			t.Errorf("not missed: %v", permission)
		}
	}
	t.Logf("%d permissions removed in turn", taken)
}

// missStatements gives each Allow statement of a resource policy another principal in turn, and repeats all decisions.
func (p *testEnv) missStatements(t *testing.T) {
	documents := map[string]string{
		"AWS::IAM::Role": "AssumeRolePolicyDocument", "AWS::KMS::Key": "KeyPolicy",
		"AWS::SQS::QueuePolicy": "PolicyDocument", "AWS::SNS::TopicPolicy": "PolicyDocument",
	}
	nobody := map[string]any{"Service": "nobody.amazonaws.com"}
	tried := 0
	for id, r := range p.stack.Resources {
		try := func(what string, change func(properties map[string]any)) {
			tried++
			changed := *p.stack
			changed.Resources = maps.Clone(p.stack.Resources)
			r.Properties = clone(t, p.stack.Resources[id].Properties)
			change(r.Properties)
			changed.Resources[id] = r
			guard, err := iam.New(&changed, nil)
			must(t, err)
			if len(p.accessLog.Replay(guard)) == 0 {
				t.Errorf("not missed: %s of %s", what, id)
			}
		}
		if r.Type == "AWS::Lambda::Permission" {
			try("the permission", func(properties map[string]any) { properties["Principal"] = nobody["Service"] })
		}
		document, _ := r.Properties[documents[r.Type]].(map[string]any)
		statements, _ := document["Statement"].([]any)
		for i, s := range statements {
			isForPeople := strings.HasPrefix(id, "RedashRole") // assumed by people
			if s.(map[string]any)["Effect"] == "Allow" && !isForPeople {
				try(fmt.Sprintf("statement %d", i+1), func(properties map[string]any) {
					properties[documents[r.Type]].(map[string]any)["Statement"].([]any)[i].(map[string]any)["Principal"] = nobody
				})
			}
		}
	}
	t.Logf("%d statements removed in turn", tried)
}

// clone returns a deep copy of JSON.
func clone(t *testing.T, properties map[string]any) map[string]any {
	t.Helper()
	b, err := json.Marshal(properties)
	must(t, err)
	var copied map[string]any
	must(t, json.Unmarshal(b, &copied))
	return copied
}

// matches reports whether a pattern with at most one asterisk matches a resource.
func matches(pattern, resource string) bool {
	begin, end, isPattern := strings.Cut(pattern, "*")
	return pattern == resource || isPattern && strings.HasPrefix(resource, begin) && strings.HasSuffix(resource, end)
}

// exportOnce counts the exports: events and schedules started each run twice.
func (p *testEnv) exportOnce(t *testing.T) {
	exports := map[string]bool{}
	executions := 0
	for _, e := range p.wait(t) {
		var state workflow.State
		if e.Status == stepfunctions.Succeeded {
			must(t, json.Unmarshal([]byte(e.Output), &state))
			executions++
			exports[state.Export.ID] = true
		}
	}
	if executions != 16 || len(exports) != 9 {
		t.Errorf("%d executions made %d exports, want 16 and 9: one per source and snapshot", executions, len(exports))
	}
}
