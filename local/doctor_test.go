package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snaplake/local/internal/account"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/source"
	"snaplake/local/internal/stepfunctions"
)

// What make test has synthesized for tests, and of what.
const (
	testAssembly = "../dist/cdk.test"
	testConfig   = "testdata/pipeline.yaml"
)

// sick is an account with one thing wrong, or none. What is left out stays well.
type sick struct {
	// stack changes what is deployed.
	stack func(*testing.T, *cloudformation.Stack)
	// options change what there is beside it.
	options func(*cloud.Options)
	// aws changes what runs.
	aws func(*testing.T, *cloud.Cloud)
	// config is replaced in the configuration that the doctor reads, once: old, new.
	config [2]string
}

// whole are the options of its local AWS.
func (s sick) whole(t *testing.T) cloud.Options {
	t.Helper()
	stack, err := cloudformation.Load(testAssembly)
	if err != nil {
		t.Fatal(err)
	}
	if s.stack != nil {
		s.stack(t, stack)
	}
	config, err := cloud.Configuration(stack)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := source.Open(t.Context(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sample.Close() })
	o := cloud.Options{
		Stack: stack, Config: config, Functions: filepath.Join("..", functionsFolder), Dir: t.TempDir(), Logs: t.TempDir(),
		Databases: map[string]export.Database{}, Clock: clock.NewScaled(now(), 1), BackupEvery: backupEvery,
	}
	for _, source := range config.Sources {
		o.Databases[source.Name] = sample
	}
	if s.options != nil {
		s.options(&o)
	}
	return o
}

// examine runs make doctor's program against a local AWS, and returns what it prints and its exit status.
func (s sick) examine(t *testing.T) (printed string, status int) {
	t.Helper()
	aws, err := cloud.Open(s.whole(t))
	if err != nil {
		t.Fatal(err)
	}
	defer aws.Close()
	if s.aws != nil {
		s.aws(t, aws)
	}
	return askDoctor(t, aws.Endpoint, aws.Operator, s.writeConfig(t))
}

func (s sick) writeConfig(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(testConfig)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), s.config[0]) {
		t.Fatalf("%s has no %q", testConfig, s.config[0])
	}
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), s.config[0], s.config[1], 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// askDoctor runs the program with the operator's credentials, and none of whoever runs the tests.
func askDoctor(t *testing.T, endpoint string, key lambda.Credentials, config string) (printed string, status int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), filepath.Join("..", functionsFolder, "doctor"), "--config", config)
	c.Env = []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
	}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatalf("%v; make test builds it", err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// properties are those of the one resource of a type whose logical ID begins with start.
func properties(t *testing.T, stack *cloudformation.Stack, kind, start string) map[string]any {
	t.Helper()
	for _, r := range stack.OfType(kind) {
		if strings.HasPrefix(r.LogicalID, start) {
			return r.Properties
		}
	}
	t.Fatalf("the stack has no %s of the type %s", start, kind)
	return nil
}

// set gives a resource of the stack a property.
func set(kind, start, property string, value any) func(*testing.T, *cloudformation.Stack) {
	return func(t *testing.T, stack *cloudformation.Stack) {
		t.Helper()
		properties(t, stack, kind, start)[property] = value
	}
}

func TestDoctorFindsNothingWrongWithTheLocalAWS(t *testing.T) {
	printed, status := sick{}.examine(t)
	if status != 0 || !strings.HasSuffix(printed, "\nNothing is wrong.\n") || strings.Contains(printed, "FAULT") {
		t.Errorf("exit status %d:\n%s", status, printed)
	}
}

func TestDoctorNotesThatNothingIsDeployedYet(t *testing.T) {
	printed, status := sick{stack: withoutDatabases, aws: undeployed(nil)}.examine(t)
	if status != 0 || !strings.Contains(printed, "is not deployed yet: run make deploy\n") {
		t.Errorf("exit status %d:\n%s", status, printed)
	}
}

func TestDoctorSaysExactlyWhatIsWrong(t *testing.T) {
	for want, s := range map[string]sick{
		"credentials .* is of account 123456789012, and the configuration is for 210987654321; ": {config: [2]string{"123456789012", "210987654321"}},
		"CDK bootstrap .* is not bootstrapped in ap-northeast-1; run npx cdk bootstrap aws://123456789012/ap-northeast-1$": {
			aws: func(_ *testing.T, c *cloud.Cloud) {
				c.AccountState.SetParameter("/cdk-bootstrap/hnb659fds/version", "")
			}},
		"stack .* is UPDATE_ROLLBACK_COMPLETE: its last update failed": {
			aws: func(_ *testing.T, c *cloud.Cloud) { c.AccountState.SetStackStatus("UPDATE_ROLLBACK_COMPLETE") }},
		"database shop .*there is no cluster shop-prod in account 123456789012, ap-northeast-1; ": {
			options: func(o *cloud.Options) { delete(o.Databases, "shop") }},
		"database billing .*instance billing-prod has no automated snapshot that is available; ": {
			options: func(o *cloud.Options) { o.BackupEvery = 0 },
			aws: func(t *testing.T, c *cloud.Cloud) {
				if err := c.RDS.Backup(t.Context(), "shop-prod"); err != nil {
					t.Fatal(err)
				}
			}},
		"tables shop .*shop.public.users has three parts, and aurora-mysql knows two; ": {
			config: [2]string{"cluster: shop-prod\n", "cluster: shop-prod\n    tables: [shop.public.users]\n"}},
		"Athena databases +there is a database shop that is not of the stack proof; ": {
			stack: withoutDatabases, aws: undeployed(func(t *testing.T, c *cloud.Cloud) {
				if err := c.Glue.CreateDatabase("shop"); err != nil {
					t.Fatal(err)
				}
			})},
		"Lake Formation +it governs new databases; grant CREATE_DATABASE on the catalog to " + deployer + ", ": {
			stack: withoutDatabases, aws: undeployed(func(_ *testing.T, c *cloud.Cloud) { c.Glue.Lake.Govern() })},
		"catalog encryption .*/catalog, with which the Data Catalog is encrypted, does not admit the stack's roles; add this: .*role/proof-": {
			aws: func(_ *testing.T, c *cloud.Cloud) {
				c.Glue.Encrypt(catalogKey)
				c.AccountState.AddKey("catalog", map[string]any{"KeyPolicy": map[string]any{"Statement": map[string]any{
					"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*",
				}}})
			}},
		"bucket versions +company-lake keeps what is deleted below exports/; add these lifecycle rules: ": {
			config: [2]string{"name: proof\n", "name: proof\nbucket: arn:aws:s3:::company-lake\n"}, stack: withoutDatabases, aws: undeployed(func(t *testing.T, c *cloud.Cloud) {
				if err := c.Store.CreateBucket("company-lake", ""); err != nil {
					t.Fatal(err)
				}
				c.Store.KeepVersions("company-lake", "")
			})},
		"backup window shop +the run of .* begins .* after 17:00-17:30 UTC, finds no snapshot that max_snapshot_age \\(0h10m\\) allows, ": {
			config: [2]string{"schedule: cron(30 3 * * ? *)\n    time_zone: Asia/Tokyo\n    on_snapshot: true", "schedule: cron(30 3 * * ? *)\n    time_zone: Asia/Tokyo\n    max_snapshot_age: 10m"}},
		"bucket .* denies s3:PutObject to [^ ]*ExportRole":             {stack: denyExports},
		"key .* is disabled; enable it$":                               {stack: set("AWS::KMS::Key", "LakeKey", "Enabled", false)},
		"key .* is a key of RSA_2048 for ENCRYPT_DECRYPT":              {stack: set("AWS::KMS::Key", "LakeKey", "KeySpec", "RSA_2048")},
		"key .*CrawlerRole[^ ]* may not call kms:Decrypt on the key; ": {stack: takeDecrypt},
		"Athena DDL .*all 0 of 0 are in use; ": {
			aws: func(_ *testing.T, c *cloud.Cloud) { c.AccountState.SetQuota("L-3CE0BBA0", 0) }},
		"functions .*-prune does not have the layer ": {stack: set("AWS::Lambda::Function", "PruneFunction", "Layers", []any{})},
		"state machine .*is not workflow/pipeline.asl.json of this folder; run make deploy$": {
			aws: func(t *testing.T, c *cloud.Cloud) {
				if err := c.StepFunctions.UpdateStateMachine(c.StateMachineARN, "", `{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}`); err != nil {
					t.Fatal(err)
				}
			}},
		"crawler settings .*-shop has the database shop, and was deployed with ": {stack: set("AWS::Glue::Crawler", "shopCrawler", "DatabaseName", "shop")},
		"Athena databases .*there is no database shop; ":                         {aws: dropShop},
		"workgroups .*-analysts lets clients choose ": {stack: func(t *testing.T, stack *cloudformation.Stack) {
			group := properties(t, stack, "AWS::Athena::WorkGroup", "RedashWorkGroup")
			group["WorkGroupConfiguration"].(map[string]any)["EnforceWorkGroupConfiguration"] = false
		}},
		"schedule shop .*-shop is disabled, so that no night begins by itself; enable it$": {stack: set("AWS::Scheduler::Schedule", "shopSchedule", "State", "DISABLED")},
		"schedule shop .* and the configuration has cron\\(45 3 \\* \\* \\? \\*\\) ":       {config: [2]string{"cron(30 3", "cron(45 3"}},
		"mail .*data-team@example.com has not confirmed; open the mail from AWS and confirm$": {
			aws: func(_ *testing.T, c *cloud.Cloud) { c.SNS.Pend("data-team@example.com") }},
	} {
		t.Run(want, func(t *testing.T) {
			printed, status := s.examine(t)
			found := regexp.MustCompile(`(?m)^FAULT .*$`).FindAllString(printed, -1)
			if status != 1 || len(found) != 1 || !regexp.MustCompile(want).MatchString(found[0]) || !strings.HasSuffix(printed, "\n1 thing is wrong.\n") {
				t.Errorf("exit status %d:\n%s", status, printed)
			}
		})
	}
}

// undeployed is an account in which the stack is not deployed yet, changed by change.
func undeployed(change func(*testing.T, *cloud.Cloud)) func(*testing.T, *cloud.Cloud) {
	return func(t *testing.T, c *cloud.Cloud) {
		t.Helper()
		c.AccountState.SetStackStatus("")
		if change != nil {
			change(t, c)
		}
	}
}

// denyExports keeps the export's role out of the bucket.
func denyExports(t *testing.T, stack *cloudformation.Stack) {
	t.Helper()
	for _, role := range stack.OfType("AWS::IAM::Role") {
		if !strings.HasPrefix(role.LogicalID, "ExportRole") {
			continue
		}
		policy := properties(t, stack, "AWS::S3::BucketPolicy", "")["PolicyDocument"].(map[string]any)
		policy["Statement"] = append(policy["Statement"].([]any), map[string]any{
			"Effect": "Deny", "Principal": map[string]any{"AWS": "arn:aws:iam::" + stack.Account + ":role/" + role.PhysicalID}, "Action": "s3:PutObject", "Resource": "*",
		})
	}
}

// takeDecrypt takes kms:Decrypt from the crawlers' role.
func takeDecrypt(t *testing.T, stack *cloudformation.Stack) {
	t.Helper()
	policy := properties(t, stack, "AWS::IAM::Policy", "CrawlerRole")["PolicyDocument"].(map[string]any)
	for _, s := range policy["Statement"].([]any) {
		if statement := s.(map[string]any); statement["Action"] == "kms:Decrypt" {
			statement["Action"] = "kms:Encrypt"
		}
	}
}

// dropShop deletes the database of shop's views.
func dropShop(_ *testing.T, c *cloud.Cloud) { c.Glue.DeleteDatabase("shop") }

// withoutDatabases takes all databases out of the catalog.
func withoutDatabases(_ *testing.T, stack *cloudformation.Stack) {
	maps.DeleteFunc(stack.Resources, func(_ string, r cloudformation.Resource) bool { return r.Type == "AWS::Glue::Database" })
}

// deployer is CloudFormation's role, and catalogKey a key that is not the stack's.
const (
	deployer   = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-ap-northeast-1"
	catalogKey = "arn:aws:kms:ap-northeast-1:123456789012:key/catalog"
)

func TestDoctorsGrants_AreWhatARunNeedsWhereLakeFormationGoverns(t *testing.T) {
	var grants [][]string // as the doctor asks for them
	var night stepfunctions.Execution
	s := sick{
		options: func(o *cloud.Options) {
			o.Clock = clock.NewScaled(now(), 3000)
			o.DataLake = func(lake *glue.DataLake) {
				lake.Govern()
				lake.Grant(deployer, "", "CREATE_DATABASE")
			}
		},
		aws: func(t *testing.T, c *cloud.Cloud) {
			for _, g := range grants {
				c.Glue.Lake.Grant(g[3], g[2], strings.Fields(g[1])...)
			}
			arn, err := c.Events.Fire("proof-shop")
			if err != nil {
				t.Fatal(err)
			}
			if night, err = c.StepFunctions.Wait(t.Context(), arn); err != nil {
				t.Fatal(err)
			}
		},
	}
	printed, status := s.examine(t)
	grants = regexp.MustCompile(`(?m)^FAULT +Lake Formation +it governs new databases; grant ([A-Z_ ]+) on (\w+) to (\S+), as docs/deploy.md shows$`).FindAllStringSubmatch(printed, -1)
	if status != 1 || len(grants) == 0 || strings.Count(printed, "FAULT") != len(grants) {
		t.Errorf("without the grants: exit status %d:\n%s", status, printed)
	}
	if want := "Insufficient Lake Formation permission(s): Required Describe on proof_crawled"; !strings.Contains(night.Cause, want) {
		t.Errorf("without the grants the run ended with %s: %s; want %s", night.Error, night.Cause, want)
	}
	printed, status = s.examine(t)
	if status != 0 || night.Status != stepfunctions.Succeeded {
		t.Errorf("with the grants the run ended %s with %s: %s; exit status %d:\n%s", night.Status, night.Error, night.Cause, status, printed)
	}
}

func TestDoctor_NamesTheKeyOfASnapshotThatCannotBeExported(t *testing.T) {
	printed, status := sick{aws: func(_ *testing.T, c *cloud.Cloud) {
		key := account.DatabaseKey(c.Region, c.Account)
		c.AccountState.AddKey(key[strings.LastIndex(key, "/")+1:], map[string]any{"Enabled": false})
	}}.examine(t)
	found := regexp.MustCompile(`(?m)^FAULT +database (billing|shop) .* cannot be exported: arn:aws:kms:.*, with which it is encrypted, is Disabled; `).FindAllString(printed, -1)
	if status != 1 || len(found) != 2 || !strings.HasSuffix(printed, "\n2 things are wrong.\n") {
		t.Errorf("exit status %d:\n%s", status, printed)
	}
}

func TestDeployment_FailsWhereLakeFormationDoesNotLetItMakeDatabases(t *testing.T) {
	o := sick{}.whole(t)
	o.DataLake = (*glue.DataLake).Govern
	_, err := cloud.Open(o)
	if want := "Insufficient Lake Formation permission(s): Required Create Database on Catalog"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDoctorWithoutAnybodyToAskIsOneLine(t *testing.T) {
	printed, status := askDoctor(t, "http://127.0.0.1:1", lambda.Credentials{AccessKeyID: "nobody", SecretAccessKey: "nothing"}, testConfig)
	found := regexp.MustCompile(`(?m)^FAULT +credentials +there are none that work \(.*\); log in, or set AWS_PROFILE to a profile of account 123456789012$`)
	if status != 1 || !found.MatchString(printed) {
		t.Errorf("exit status %d:\n%s", status, printed)
	}
}
