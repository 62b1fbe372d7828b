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

// unused lists the permissions that no run here uses, with the reason why AWS nevertheless needs or recommends them. resource is a part
// of the resource or the condition; "" matches all.
var unused = []exception{
	{"CrawlerRole", "glue:UpdateTable", "", "a crawl updates an existing table, which happens here only if a crawl is repeated"},
	{"CrawlerRole", "glue:GetDatabase", "database/default", scopedDown},
	{"CrawlerRole", "glue:GetTables", "", scopedDown},
	{"CrawlerRole", "glue:GetPartition", "", scopedDown},
	{"CrawlerRole", "glue:GetPartitions", "", scopedDown},
	{"CrawlerRole", "glue:CreatePartition", "", scopedDown},
	{"CrawlerRole", "glue:UpdatePartition", "", scopedDown},
	{"CrawlerRole", "glue:BatchUpdatePartition", "", scopedDown},
	{"CrawlerRole", "iam:PassRole", "", "the Glue guide, \"Crawler prerequisites\", lists a policy that grants it on the role itself"},
	{"CrawlerRole", "logs:CreateLogGroup", "/aws-glue/crawlers:*", "AWS's pages disagree on whether the ARN of a log group ends with :*"},

	{"CreateViewsFunctionRole", "glue:GetDatabases", "", "Athena's guide requires it together with glue:GetDatabase, on the database default"},
	{"CreateViewsFunctionRole", "s3:ListBucket", "athena/pipeline/*", "AmazonAthenaFullAccess grants it for the results of queries"},
	{"CreateViewsFunctionRole", "glue:GetPartition", "", onePartition},
	{"CreateViewsFunctionRole", "glue:BatchGetPartition", "", somePartitions},
	{"CreateViewsFunctionRole", "glue:UpdateTable", "_crawled", "it is needed only for a table with a column that is named like a partition " +
		"key; package runs tests such a table"},
	{"CreateViewsFunctionRole", "s3:AbortMultipartUpload", "", "AmazonAthenaFullAccess grants it for the results of queries"},

	{"RedashRole", "athena:GetQueryResultsStream", "", "the Athena guide, \"Athena JDBC 2.x driver\", requires it; it is not in the API"},
	{"RedashRole", "glue:GetPartition", "", onePartition},
	{"RedashRole", "glue:BatchGetPartition", "", somePartitions},
	{"RedashRole", "s3:ListBucket", "athena/analysts/*", "AmazonAthenaFullAccess grants it for the results of queries"},
	{"RedashRole", "s3:AbortMultipartUpload", "", "Athena uploads large results in several parts; the local Athena does not"},
	{"RedashRole", "s3:ListMultipartUploadParts", "", "Athena uploads large results in several parts; the local Athena does not"},
}

const (
	scopedDown = "the Glue guide, \"Crawler prerequisites\", requires AWSGlueServiceRole, which grants glue:*, or a scoped-down " +
		"version of it"
	onePartition   = "Athena's guide lists it for queries; the local Athena requests all partitions of a table at once"
	somePartitions = "AmazonAthenaFullAccess grants it; the local Athena requests all partitions of a table at once"
)

type exception struct{ role, action, resource, reason string }

func (e exception) covers(p iam.Permission) bool {
	return strings.Contains(p.Role, "-"+e.role) && p.Action == e.action && strings.Contains(p.Resource+" "+p.Condition, e.resource)
}

func TestRuns_UseEveryPermission(t *testing.T) {
	p := open(t, nil, "billing", "ledger", "shop")
	// Prune calls DescribeExportTasks because of the remains of this canceled export.
	must(t, p.Store.Put(p.Bucket, "exports/shop/shop-20200101-0000-0/shop/part", []byte("PAR1")))
	p.days(t, 3)
	p.reuse(t)
	p.redash(t)
	p.fail(t)

	for _, d := range p.accessLog.Decisions() {
		if d.Denied != nil {
			t.Errorf("denied: %v", d.Denied)
		}
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
			t.Errorf("listed as unused, but used: %s of %s", e.action, e.role)
		}
	}
	t.Run("each action is needed", func(t *testing.T) { p.requireEach(t, guard) })
	t.Run("each statement of a trust or resource policy is needed", p.requireStatements)
	t.Run("runs of one snapshot share an export", p.exportOnce)
	// This subtest comes last, because requireEach must not replay its denials.
	t.Run("analysts read exports through Athena only", p.aroundTheViews)
}

// requireEach removes each permission in turn and replays all decisions of the runs. At least one decision must then be a denial.
func (p *testEnv) requireEach(t *testing.T, guard *iam.Guard) {
	removed := 0
	for _, permission := range guard.Allowed() {
		if slices.ContainsFunc(unused, func(e exception) bool { return e.covers(permission) }) {
			continue
		}
		removed++
		role := permission.Role[strings.LastIndexByte(permission.Role, '/')+1:]
		if !slices.ContainsFunc(p.accessLog.Replay(guard.Without(permission)), func(d *iam.Denied) bool {
			return strings.Contains(d.Principal, role) && d.Action == permission.Action && matches(permission.Resource, d.Resource)
		}) {
			t.Errorf("not needed: %v", permission)
		}
	}
	t.Logf("%d permissions removed in turn", removed)
}

// requireStatements replaces the principal of each Allow statement in a resource policy in turn and replays all decisions.
func (p *testEnv) requireStatements(t *testing.T) {
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
				t.Errorf("not needed: %s of %s", what, id)
			}
		}
		if r.Type == "AWS::Lambda::Permission" {
			try("the permission", func(properties map[string]any) { properties["Principal"] = nobody["Service"] })
		}
		document, _ := r.Properties[documents[r.Type]].(map[string]any)
		statements, _ := document["Statement"].([]any)
		for i, s := range statements {
			isForPeople := strings.HasPrefix(id, "RedashRole") // no run assumes this role
			if s.(map[string]any)["Effect"] == "Allow" && !isForPeople {
				try(fmt.Sprintf("statement %d", i+1), func(properties map[string]any) {
					properties[documents[r.Type]].(map[string]any)["Statement"].([]any)[i].(map[string]any)["Principal"] = nobody
				})
			}
		}
	}
	t.Logf("%d statements removed in turn", tried)
}

// clone returns a deep copy of a JSON value.
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

// exportOnce requires one export per source and snapshot, although events and schedules start executions of the same snapshot.
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
		t.Errorf("%d executions started %d exports, want 16 and 9", executions, len(exports))
	}
}
