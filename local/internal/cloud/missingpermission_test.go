package cloud

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"snaplake/local/internal/iam"
)

// refused returns a pattern for AWS's error if a role of the stack does not have a permission.
func refused(role, session, action, resource string) string {
	return "assumed-role/proof-" + role + "*/" + session + " is not authorized to perform: " + action + " on resource: " + resource
}

func TestRun_NamesMissingPermission(t *testing.T) {
	stack := testStack(t)
	complete, err := iam.New(stack, nil)
	must(t, err)
	for _, test := range []struct {
		role, action string
		state, name  string // the names of the failing state and of its error
		says         string
	}{
		{"StateMachineRole", "lambda:InvokeFunction", "FindSnapshot", "Lambda.AWSLambdaException",
			refused("StateMachineRole", "*", "lambda:InvokeFunction", "arn:aws:lambda:ap-northeast-1:123456789012:function:proof-findsnapshot")},
		{"FindSnapshotFunctionRole", "rds:DescribeDBSnapshots", "FindSnapshot", "CallRefused",
			refused("FindSnapshotFunctionRole", "proof-findsnapshot", "rds:DescribeDBSnapshots",
				"arn:aws:rds:ap-northeast-1:123456789012:db:billing-prod")},
		{"StartExportFunctionRole", "kms:CreateGrant", "StartExport", "ExportRefused",
			refused("StartExportFunctionRole", "proof-startexport", "kms:CreateGrant", "arn:aws:kms:*")},
		{"StartExportFunctionRole", "iam:PassRole", "StartExport", "ExportRefused",
			refused("StartExportFunctionRole", "proof-startexport", "iam:PassRole", "arn:aws:iam::123456789012:role/proof-ExportRole*")},
		{"ExportRole", "s3:PutObject*", "StartExport", "ExportRefused",
			"The IAM role arn:aws:iam::123456789012:role/proof-ExportRole* isn't authorized to call s3:PutObject* on " +
				"arn:aws:s3:::*/exports/billing/*"},
		{"CheckExportFunctionRole", "kms:Decrypt", "CheckExport", "CallRefused",
			refused("CheckExportFunctionRole", "proof-checkexport", "kms:Decrypt", "arn:aws:kms:*")},
		{"StartCrawlerFunctionRole", "iam:PassRole", "StartCrawler", "CallRefused",
			refused("StartCrawlerFunctionRole", "proof-startcrawler", "iam:PassRole", "arn:aws:iam::123456789012:role/proof-CrawlerRole*")},
		{"CrawlerRole", "glue:CreateTable", "CheckCrawler", "CrawlFailed",
			refused("CrawlerRole", "AWS-Crawler", "glue:CreateTable", "arn:aws:glue:ap-northeast-1:123456789012:catalog")},
		{"CreateViewsFunctionRole", "glue:CreateTable", "CreateViews", "ViewsFailed",
			refused("CreateViewsFunctionRole", "proof-createviews", "glue:CreateTable", "arn:aws:glue:ap-northeast-1:123456789012:catalog")},
		{"PruneFunctionRole", "s3:ListBucket", "Prune", "CallRefused",
			refused("PruneFunctionRole", "proof-prune", "s3:ListBucket", `"arn:aws:s3:::*"`)},
	} {
		t.Run(test.role+" without "+test.action, func(t *testing.T) {
			p := open(t, complete.Without(iam.Permission{Role: roleOf(t, stack, test.role), Action: test.action}), "billing")
			must(t, p.RDS.Backup(t.Context(), "billing-prod")) // its event starts the run
			ended := p.wait(t)
			if len(ended) != 1 {
				t.Fatalf("%d executions", len(ended))
			}
			e := ended[0]
			pattern := "(?s).*" + strings.ReplaceAll(regexp.QuoteMeta(test.says), `\*`, ".*")
			var cause struct{ ErrorMessage string }
			if json.Unmarshal([]byte(e.Cause), &cause) != nil { // Lambda's own errors are not in JSON
				cause.ErrorMessage = e.Cause
			}
			if e.Error != test.name || !regexp.MustCompile(pattern).MatchString(cause.ErrorMessage) {
				t.Errorf("got %s: %s", e.Error, cause.ErrorMessage)
			}
			mail := p.messages()
			if len(mail) != 1 || !strings.HasSuffix(mail[0].Subject, "failed in "+test.state) ||
				!regexp.MustCompile(pattern).MatchString(mail[0].Text) {
				t.Errorf("unexpected email: %v", mail)
			}
		})
	}
	t.Run("SchedulerRole without states:StartExecution", func(t *testing.T) {
		p := open(t, complete.Without(iam.Permission{Role: roleOf(t, stack, "SchedulerRole"), Action: "states:StartExecution"}))
		_, err := p.Events.Fire("proof-billing")
		dead := p.DeadLetters.Messages()
		if err == nil || len(dead) != 1 || dead[0].Body != `{"source":"billing"}` ||
			dead[0].Attributes["ERROR_CODE"] != "AccessDeniedException" ||
			!strings.Contains(err.Error(), "is not authorized to perform: states:StartExecution on resource: "+p.StateMachineARN) {
			t.Errorf("got %v, dead letters %v", err, dead)
		}
	})
}
