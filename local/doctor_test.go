package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/source"
	"snaplake/local/internal/stepfunctions"
)

// testAssembly is the folder into which make check synthesizes testConfig.
const (
	testAssembly = "../dist/cdk.test"
	testConfig   = "testdata/pipeline.yaml"
)

// deployer is the role that CloudFormation uses.
const deployer = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-ap-northeast-1"

// testOptions returns the options of a local AWS in which testConfig is deployed.
func testOptions(t *testing.T) cloud.Options {
	t.Helper()
	stack, err := cloudformation.Load(testAssembly)
	if err != nil {
		t.Fatalf("%v; run make check, which builds the stack of the tests", err)
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
	return o
}

// doctor runs the program that make doctor runs, with the operator's credentials, and returns its output and exit status.
func doctor(t *testing.T, c *cloud.Cloud) (printed string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", functionsFolder, "doctor"), "--config", testConfig)
	cmd.Env = []string{
		"AWS_ENDPOINT_URL=" + c.Endpoint, "AWS_ACCESS_KEY_ID=" + c.Operator.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + c.Operator.SecretAccessKey,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatalf("%v; to build it, run make check", err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestDoctor_FindsNoProblemsInLocalAWS(t *testing.T) {
	c, err := cloud.Open(testOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if printed, status := doctor(t, c); status != 0 || !strings.HasSuffix(printed, "\nNo problems found.\n") {
		t.Errorf("exit status %d:\n%s", status, printed)
	}
}

// missingGrant matches a line of the doctor that names missing Lake Formation permissions.
var missingGrant = regexp.MustCompile(
	`(?m)^PROBLEM +Lake Formation +governs new databases; grant ([A-Z_ ]+) on (\w+) to (\S+), as docs/deploy.md shows$`)

func TestDoctor_NamesLakeFormationGrantsThatRunNeeds(t *testing.T) {
	var grants [][]string // as doctor names them
	examine := func() (printed string, status int, run stepfunctions.Execution) {
		o := testOptions(t)
		o.Clock = clock.NewScaled(now(), 3000)
		o.DataLake = func(lake *glue.DataLake) {
			lake.Govern()
			lake.Grant(deployer, "", "CREATE_DATABASE")
		}
		c, err := cloud.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, g := range grants {
			c.Glue.LakeFormation.Grant(g[3], g[2], strings.Fields(g[1])...)
		}
		printed, status = doctor(t, c)
		arn, err := c.Events.Fire("proof-shop")
		if err != nil {
			t.Fatal(err)
		}
		if run, err = c.StepFunctions.Wait(t.Context(), arn); err != nil {
			t.Fatal(err)
		}
		return printed, status, run
	}
	printed, status, run := examine()
	grants = missingGrant.FindAllStringSubmatch(printed, -1)
	if status != 1 || len(grants) == 0 || strings.Count(printed, "PROBLEM") != len(grants) {
		t.Errorf("without the grants, exit status %d:\n%s", status, printed)
	}
	if want := "Insufficient Lake Formation permission(s): Required Describe on proof_crawled"; !strings.Contains(run.Cause, want) {
		t.Errorf("without the grants, the run ended with %s: %s; want %s", run.Error, run.Cause, want)
	}
	printed, status, run = examine()
	if status != 0 || run.Status != stepfunctions.Succeeded {
		t.Errorf("with the grants, the run ended with status %s: %s: %s; exit status %d:\n%s", run.Status, run.Error, run.Cause, status, printed)
	}
}

func TestDeployment_FailsWithoutLakeFormationGrant(t *testing.T) {
	o := testOptions(t)
	o.DataLake = (*glue.DataLake).Govern
	_, err := cloud.Open(o)
	const want = "Insufficient Lake Formation permission(s): Required Create Database on Catalog"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
