package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/export"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/source"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// proven is a local AWS that runs the stack of local/testdata/pipeline.yaml, and the sample behind each of its sources.
type proven struct {
	*Cloud
	stack  *cloudformation.Stack
	ledger *iam.Ledger
	clock  *clock.Scaled

	mu      sync.Mutex
	started []string // the ARNs of the executions
}

// provenStack is what make test synthesizes.
func provenStack(t *testing.T) *cloudformation.Stack {
	t.Helper()
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	if err != nil {
		t.Fatalf("%v, or make test", err)
	}
	return stack
}

// open starts it with databases behind the sources; a guard that is not nil decides in place of the stack's policies.
func open(t *testing.T, guard *iam.Guard, sources ...string) *proven {
	t.Helper()
	stack := provenStack(t)
	config, err := Configuration(stack)
	must(t, err)
	databases := map[string]export.Database{}
	for _, name := range sources {
		db, err := source.Open(t.Context(), "sample")
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		databases[name] = db
	}
	p := &proven{stack: stack, ledger: &iam.Ledger{}, clock: clock.NewScaled(time.Now().Truncate(time.Minute), 3000)}
	p.Cloud, err = Open(Options{
		Stack: stack, Config: config, Functions: "../../../dist/bin", Dir: t.TempDir(), Logs: t.TempDir(),
		Databases: databases, Clock: p.clock, Decided: p.ledger.Record, Guard: guard, Observe: p.observe,
	})
	must(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *proven) observe(arn string, e stepfunctions.Event) {
	if e.Type == "ExecutionStarted" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.started = append(p.started, arn)
	}
}

// wait waits for all executions that were started, and returns them.
func (p *proven) wait(t *testing.T) []stepfunctions.Execution {
	t.Helper()
	p.mu.Lock()
	started := slices.Clone(p.started)
	p.mu.Unlock()
	var ended []stepfunctions.Execution
	for _, arn := range started {
		e, err := p.StepFunctions.Wait(t.Context(), arn)
		if err != nil {
			t.Fatal(err)
		}
		ended = append(ended, e)
	}
	if err := p.Lambda.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ended
}

// succeed wants all executions to have succeeded.
func (p *proven) succeed(t *testing.T) {
	t.Helper()
	for _, e := range p.wait(t) {
		if e.Status != stepfunctions.Succeeded {
			t.Fatalf("%s ended %s: %s: %s", e.ARN, e.Status, e.Error, e.Cause)
		}
	}
}

// nights runs some nights of all sources: RDS's events start those of billing and shop, and the schedules start all a second
// time while they run.
func (p *proven) nights(t *testing.T, n int) {
	t.Helper()
	for range n {
		for _, database := range []string{"billing-prod", "shop-prod"} {
			if err := p.RDS.Backup(t.Context(), database); err != nil {
				t.Fatal(err)
			}
		}
		for _, source := range []string{"billing", "ledger", "shop"} {
			if _, err := p.Events.Fire("proof-" + source); err != nil {
				t.Fatal(err)
			}
		}
		p.succeed(t)
		p.clock.Advance(24 * time.Hour)
	}
}

// takeUp runs a night of the live source over its newest export once more, as a person does.
func (p *proven) takeUp(t *testing.T) {
	t.Helper()
	ended := p.wait(t)
	slices.Reverse(ended)
	var record workflow.Record
	for _, e := range ended {
		must(t, json.Unmarshal([]byte(e.Output), &record))
		if record.Source == "ledger" {
			break
		}
	}
	_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": "ledger", "exportId": %q}`, record.Export.ID))
	must(t, err)
	p.succeed(t)
}

// fail lets executions fail, and a schedule start none: somebody is told of the former, and the latter is a dead letter.
func (p *proven) fail(t *testing.T) {
	t.Helper()
	for _, source := range []string{"billing", "shop"} {
		_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": %q, "snapshot": "nothing"}`, source))
		must(t, err)
		ended := p.wait(t)
		if e := ended[len(ended)-1]; e.Error != "SnapshotNotFound" {
			t.Fatalf("the night of %s ended with %s: %s", source, e.Error, e.Cause)
		}
		mail := p.SNS.Messages()
		if m := mail[len(mail)-1]; m.Subject != "Snaplake proof: night of "+source+" failed in FindSnapshot" || !slices.Equal(m.To, []string{"data-team@example.com"}) {
			t.Fatalf("the mail is %v", m)
		}
	}
	p.bury(t)
}

// bury lets a schedule and the rules start executions with an input that Step Functions does not take.
func (p *proven) bury(t *testing.T) {
	t.Helper()
	tooLarge := `"` + strings.Repeat("x", 300_000) + `"`
	dead := events.DeadLetterConfig{ARN: p.DeadLetters.ARN}
	must(t, p.Events.CreateSchedule(events.Schedule{Name: "too-large", Target: events.ScheduleTarget{
		ARN: p.StateMachineARN, Input: tooLarge, RoleARN: roleOf(t, p.stack, "SchedulerRole"), DeadLetterConfig: dead,
	}}))
	if _, err := p.Events.Fire("too-large"); err == nil {
		t.Fatal("an execution has started with an input that is too large")
	}
	for _, rule := range []string{"proof-billing-snapshot", "proof-shop-snapshot", "proof-failed"} {
		must(t, p.Events.PutRule(events.Rule{
			Name: rule, EventPattern: json.RawMessage(`{"source": ["` + rule + `"]}`),
			Targets: []events.Target{{ID: "1", ARN: p.StateMachineARN, RoleARN: roleOf(t, p.stack, "SnapshotRuleRole"), Input: tooLarge, DeadLetterConfig: dead}},
		}))
		p.Events.Put(events.Event{Source: rule, Detail: struct{}{}})
	}
	if n := len(p.DeadLetters.Messages()); n != 4 {
		t.Fatalf("there are %d dead letters, want 4", n)
	}
}

// roleOf is the ARN of a role of the stack.
func roleOf(t *testing.T, stack *cloudformation.Stack, name string) string {
	t.Helper()
	for _, r := range stack.OfType("AWS::IAM::Role") {
		if strings.HasPrefix(r.LogicalID, name) {
			return r.Attributes["Arn"]
		}
	}
	t.Fatalf("there is no role %s", name)
	return ""
}

// redash does what Redash's data source does, and Grafana's: look at the workgroup, list tables both ways, query each view, read
// the results through Athena and where they lie, and cancel a query.
func (p *proven) redash(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	key := awscredentials.NewStaticCredentialsProvider(p.Analyst.AccessKeyID, p.Analyst.SecretAccessKey, p.Analyst.SessionToken)
	athena := awsathena.New(awsathena.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key})
	glue := awsglue.New(awsglue.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key})
	s3 := awss3.New(awss3.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key, UsePathStyle: true})

	_, err := athena.GetWorkGroup(ctx, &awsathena.GetWorkGroupInput{WorkGroup: &p.AnalystsWorkGroup})
	must(t, err)
	databases, err := glue.GetDatabases(ctx, &awsglue.GetDatabasesInput{})
	must(t, err)
	p.ask(t, athena, "shop", "SELECT table_schema, table_name FROM information_schema.tables")
	for _, d := range databases.DatabaseList {
		tables, err := glue.GetTables(ctx, &awsglue.GetTablesInput{DatabaseName: d.Name})
		must(t, err)
		for _, table := range tables.TableList {
			p.ask(t, athena, *d.Name, `SELECT count(*) FROM "`+*table.Name+`"`)
		}
	}
	result := p.ask(t, athena, "shop", "SELECT id FROM orders")
	bucket, name, _ := strings.Cut(strings.TrimPrefix(result, "s3://"), "/")
	got, err := s3.GetObject(ctx, &awss3.GetObjectInput{Bucket: &bucket, Key: &name})
	must(t, err)
	must(t, got.Body.Close())
	started, err := athena.StartQueryExecution(ctx, p.query("shop", "SELECT 1"))
	must(t, err)
	_, err = athena.StopQueryExecution(ctx, &awsathena.StopQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
	must(t, err)
}

func (p *proven) query(database, sql string) *awsathena.StartQueryExecutionInput {
	return &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &p.AnalystsWorkGroup, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: &database},
	}
}

// ask runs a query, reads its result, and returns where that lies.
func (p *proven) ask(t *testing.T, client *awsathena.Client, database, sql string) string {
	t.Helper()
	started, err := client.StartQueryExecution(t.Context(), p.query(database, sql))
	must(t, err)
	for {
		got, err := client.GetQueryExecution(t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		must(t, err)
		switch status := got.QueryExecution.Status; status.State {
		case athenatypes.QueryExecutionStateSucceeded:
			_, err := client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
			must(t, err)
			return *got.QueryExecution.ResultConfiguration.OutputLocation
		case athenatypes.QueryExecutionStateFailed, athenatypes.QueryExecutionStateCancelled:
			t.Fatalf("%s: %s", sql, aws.ToString(status.StateChangeReason))
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unused is what the roles may do and the nights here do not, each with its reason: what AWS does or asks for where the local
// AWS cannot know it. An empty resource stands for all that the action is allowed on.
var unused = []exception{
	{"ExportRole", "s3:PutObjectTagging", "", "RDS asks for s3:PutObject*, and does not say which of the actions behind it it uses"},
	{"ExportRole", "s3:GetObjectTagging", "", "RDS asks for s3:GetObject*, likewise"},
	{"ExportRole", "s3:GetObjectAttributes", "", "RDS asks for s3:GetObject*, likewise"},
	{"ExportRole", "s3:DeleteObjectTagging", "", "RDS asks for s3:DeleteObject*, likewise"},

	{"CrawlerRole", "glue:UpdateTable", "", "a crawl updates a table that is there already; each export here has tables of its own, unless a crawl is repeated"},
	{"CrawlerRole", "glue:GetPartition", "", "AWS's crawlers are known to ask for it (AWSGlueServiceRole has all of glue:*)"},
	{"CrawlerRole", "logs:CreateLogGroup", "/aws-glue/crawlers:*", "AWS's pages do not agree on whether the ARN of a log group ends like this"},

	{"CreateViewsFunctionRole", "glue:GetDatabases", "", "Athena's guide asks for it beside glue:GetDatabase, on the database default"},
	{"CreateViewsFunctionRole", "s3:ListBucket", "", "AmazonAthenaFullAccess has it for the results of queries"},
	{"CreateViewsFunctionRole", "s3:GetObject", "athena/pipeline/*", "AmazonAthenaFullAccess has it for the results of queries"},
	{"CreateViewsFunctionRole", "s3:AbortMultipartUpload", "", "AmazonAthenaFullAccess has it for the results of queries"},

	{"RedashRole", "glue:GetPartition", "", "Athena's guide lists it for queries; the local Athena asks for all partitions of a table at once"},
	{"RedashRole", "glue:BatchGetPartition", "", "AmazonAthenaFullAccess has it; the local Athena asks for all partitions of a table at once"},
	{"RedashRole", "s3:AbortMultipartUpload", "", "Athena writes large results in parts, which the local one does not"},
	{"RedashRole", "s3:ListMultipartUploadParts", "", "Athena writes large results in parts, which the local one does not"},
}

type exception struct{ role, action, resource, reason string }

func (e exception) covers(p iam.Permission) bool {
	return strings.Contains(p.Role, "-"+e.role) && p.Action == e.action && strings.Contains(p.Resource, e.resource)
}

func TestNightsUseAllThatIsAllowedAndNothingElse(t *testing.T) {
	p := open(t, nil, "billing", "ledger", "shop")
	// What a canceled export leaves: Prune asks RDS about it.
	must(t, p.Store.Put(p.Bucket, "exports/shop/shop-20200101-0000-0/shop/part", []byte("PAR1")))
	p.nights(t, 3)
	p.takeUp(t)
	p.redash(t)
	p.fail(t)

	for _, d := range p.ledger.Denied() {
		t.Errorf("not allowed: %v", d)
	}
	guard, err := iam.New(p.stack, nil)
	must(t, err)
	isListed := map[exception]bool{}
	for _, permission := range p.ledger.Unused(guard) {
		if i := slices.IndexFunc(unused, func(e exception) bool { return e.covers(permission) }); i >= 0 {
			isListed[unused[i]] = true
		} else {
			t.Errorf("allowed, and used by nothing: %v", permission)
		}
	}
	for _, e := range unused {
		if !isListed[e] {
			t.Errorf("listed as unused, and is not: %s may %s", e.role, e.action)
		}
	}
	t.Run("each action that is taken away is missed", func(t *testing.T) { p.missEach(t, guard) })
	t.Run("each statement of a trust or a resource's policy that is taken away is missed", p.missStatements)
	t.Run("one export for all executions of a night", p.exportOnce)
}

// missEach takes each permission away, and asks everything once more that was asked in the nights.
func (p *proven) missEach(t *testing.T, guard *iam.Guard) {
	taken := 0
	for _, permission := range guard.Allowed() {
		if slices.ContainsFunc(unused, func(e exception) bool { return e.covers(permission) }) {
			continue
		}
		taken++
		role := permission.Role[strings.LastIndexByte(permission.Role, '/')+1:]
		if !slices.ContainsFunc(p.ledger.Replay(guard.Without(permission)), func(d *iam.Denied) bool {
			return strings.Contains(d.Principal, role) && d.Action == permission.Action && matches(permission.Resource, d.Resource)
		}) {
			t.Errorf("nobody misses %v", permission)
		}
	}
	t.Logf("%d permissions were taken away, one after the other", taken)
}

// missStatements lets each statement that lets somebody in be for nobody, and asks everything once more.
func (p *proven) missStatements(t *testing.T) {
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
			if len(p.ledger.Replay(guard)) == 0 {
				t.Errorf("nobody misses %s of %s", what, id)
			}
		}
		if r.Type == "AWS::Lambda::Permission" {
			try("the permission", func(properties map[string]any) { properties["Principal"] = nobody["Service"] })
		}
		document, _ := r.Properties[documents[r.Type]].(map[string]any)
		statements, _ := document["Statement"].([]any)
		for i, s := range statements {
			isForPeople := strings.HasPrefix(id, "RedashRole") // who assumes it with credentials of their own
			if s.(map[string]any)["Effect"] == "Allow" && !isForPeople {
				try(fmt.Sprintf("statement %d", i+1), func(properties map[string]any) {
					properties[documents[r.Type]].(map[string]any)["Statement"].([]any)[i].(map[string]any)["Principal"] = nobody
				})
			}
		}
	}
	t.Logf("%d statements were taken away, one after the other", tried)
}

// clone copies JSON.
func clone(t *testing.T, properties map[string]any) map[string]any {
	t.Helper()
	b, err := json.Marshal(properties)
	must(t, err)
	var copied map[string]any
	must(t, json.Unmarshal(b, &copied))
	return copied
}

// matches tells whether a pattern that has its asterisk at its end stands for a resource.
func matches(pattern, resource string) bool {
	prefix, isPrefix := strings.CutSuffix(pattern, "*")
	return pattern == resource || isPrefix && strings.HasPrefix(resource, prefix)
}

// exportOnce counts the exports: the events and the schedules have started each night twice.
func (p *proven) exportOnce(t *testing.T) {
	exports := map[string]bool{}
	executions := 0
	for _, e := range p.wait(t) {
		var record workflow.Record
		if e.Status == stepfunctions.Succeeded {
			must(t, json.Unmarshal([]byte(e.Output), &record))
			executions++
			exports[record.Export.ID] = true
		}
	}
	if executions != 16 || len(exports) != 9 {
		t.Errorf("%d executions made %d exports, and 16 should have made 9: one a source and night", executions, len(exports))
	}
}

// refused is how AWS tells that a role of the stack may not do something.
func refused(role, session, action, resource string) string {
	return "assumed-role/proof-" + role + "*/" + session + " is not authorized to perform: " + action + " on resource: " + resource
}

func TestAMissingPermissionIsNamedByTheNightThatNeedsIt(t *testing.T) {
	stack := provenStack(t)
	complete, err := iam.New(stack, nil)
	must(t, err)
	for _, test := range []struct {
		role, action string
		state, name  string // of the state that fails and of its error
		says         string
	}{
		{"StateMachineRole", "lambda:InvokeFunction", "FindSnapshot", "Lambda.AWSLambdaException",
			refused("StateMachineRole", "*", "lambda:InvokeFunction", "arn:aws:lambda:ap-northeast-1:123456789012:function:proof-findsnapshot")},
		{"FindSnapshotFunctionRole", "rds:DescribeDBSnapshots", "FindSnapshot", "wrapError",
			refused("FindSnapshotFunctionRole", "proof-findsnapshot", "rds:DescribeDBSnapshots", "arn:aws:rds:ap-northeast-1:123456789012:db:billing-prod")},
		{"StartExportFunctionRole", "kms:CreateGrant", "StartExport", "ExportRefused",
			refused("StartExportFunctionRole", "proof-startexport", "kms:CreateGrant", "arn:aws:kms:*")},
		{"StartExportFunctionRole", "iam:PassRole", "StartExport", "ExportRefused",
			refused("StartExportFunctionRole", "proof-startexport", "iam:PassRole", "arn:aws:iam::123456789012:role/proof-ExportRole*")},
		{"ExportRole", "s3:PutObject", "StartExport", "ExportRefused",
			"The IAM role arn:aws:iam::123456789012:role/proof-ExportRole* isn't authorized to call s3:PutObject on arn:aws:s3:::*/exports/billing/*"},
		{"CheckExportFunctionRole", "kms:Decrypt", "CheckExport", "wrapError",
			refused("CheckExportFunctionRole", "proof-checkexport", "kms:Decrypt", "arn:aws:kms:*")},
		{"CrawlerRole", "glue:CreateTable", "CheckCrawler", "CrawlFailed",
			refused("CrawlerRole", "AWS-Crawler", "glue:CreateTable", "arn:aws:glue:ap-northeast-1:123456789012:catalog")},
		{"CreateViewsFunctionRole", "glue:CreateTable", "CreateViews", "ViewsFailed",
			refused("CreateViewsFunctionRole", "proof-createviews", "glue:CreateTable", "arn:aws:glue:ap-northeast-1:123456789012:catalog")},
		{"PruneFunctionRole", "s3:ListBucket", "Prune", "PruneFailed",
			refused("PruneFunctionRole", "proof-prune", "s3:ListBucket", `"arn:aws:s3:::*"`)},
	} {
		t.Run(test.role+" without "+test.action, func(t *testing.T) {
			p := open(t, complete.Without(iam.Permission{Role: roleOf(t, stack, test.role), Action: test.action}), "billing")
			must(t, p.RDS.Backup(t.Context(), "billing-prod")) // the event of which starts the night
			ended := p.wait(t)
			if len(ended) != 1 {
				t.Fatalf("%d executions", len(ended))
			}
			e := ended[0]
			pattern := "(?s).*" + strings.ReplaceAll(regexp.QuoteMeta(test.says), `\*`, ".*")
			var cause struct{ ErrorMessage string }
			if json.Unmarshal([]byte(e.Cause), &cause) != nil { // Lambda's own errors are no JSON
				cause.ErrorMessage = e.Cause
			}
			if e.Error != test.name || !regexp.MustCompile(pattern).MatchString(cause.ErrorMessage) {
				t.Errorf("got %s: %s", e.Error, cause.ErrorMessage)
			}
			mail := p.SNS.Messages()
			if len(mail) != 1 || !strings.HasSuffix(mail[0].Subject, "failed in "+test.state) || !regexp.MustCompile(pattern).MatchString(mail[0].Text) {
				t.Errorf("the mail is %v", mail)
			}
		})
	}
	t.Run("SchedulerRole without states:StartExecution", func(t *testing.T) {
		p := open(t, complete.Without(iam.Permission{Role: roleOf(t, stack, "SchedulerRole"), Action: "states:StartExecution"}))
		_, err := p.Events.Fire("proof-billing")
		dead := p.DeadLetters.Messages()
		if err == nil || len(dead) != 1 || dead[0].Body != `{"source":"billing"}` || dead[0].Attributes["ERROR_CODE"] != "AccessDeniedException" ||
			!strings.Contains(err.Error(), "is not authorized to perform: states:StartExecution on resource: "+p.StateMachineARN) {
			t.Errorf("got %v, and the dead letters %v", err, dead)
		}
	})
}
