package athena_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"snaplake/local/internal/athena"
)

func reuseInput(sql string, minutes int32) *awsathena.StartQueryExecutionInput {
	return &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: aws.String("snaplake"),
		ResultReuseConfiguration: &types.ResultReuseConfiguration{
			ResultReuseByAgeConfiguration: &types.ResultReuseByAgeConfiguration{Enabled: true, MaxAgeInMinutes: &minutes},
		},
	}
}

func TestResultReuse_ReturnsLastMatchingResult(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	const sql = "SELECT count(*) FROM crawled.users"
	run := func(in *awsathena.StartQueryExecutionInput) *types.QueryExecution {
		t.Helper()
		out, err := env.client.StartQueryExecution(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return env.wait(*out.QueryExecutionId)
	}
	first := run(reuseInput(sql, 60))
	if first.Statistics.ResultReuseInformation.ReusedPreviousResult {
		t.Error("the first query reuses a result")
	}
	again := run(reuseInput(sql, 60))
	if !again.Statistics.ResultReuseInformation.ReusedPreviousResult || *again.Statistics.DataScannedInBytes != 0 ||
		*again.ResultConfiguration.OutputLocation != *first.ResultConfiguration.OutputLocation ||
		*again.QueryExecutionId == *first.QueryExecutionId {
		t.Errorf("got %+v, %+v", again, again.Statistics)
	}
	out, err := env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: again.QueryExecutionId})
	if err != nil || texts(out.ResultSet.Rows)[1][0] != "2" {
		t.Errorf("got %+v, %v", out, err)
	}
	another, elsewhere, plain := reuseInput(sql+" ", 60), reuseInput(sql, 60), reuseInput(sql, 60)
	elsewhere.QueryExecutionContext = &types.QueryExecutionContext{Database: aws.String("crawled")}
	plain.ResultReuseConfiguration = nil
	for name, in := range map[string]*awsathena.StartQueryExecutionInput{
		"another query": another, "another database": elsewhere, "an older result": reuseInput(sql, 1), "no reuse": plain,
	} {
		env.clock.Advance(2 * time.Minute)
		if e := run(in); e.Statistics.ResultReuseInformation.ReusedPreviousResult {
			t.Errorf("%s: the result was reused", name)
		}
	}
	last := run(reuseInput(sql, 60))
	_, key, _ := strings.Cut(*last.ResultConfiguration.OutputLocation, "s3://lake/")
	if err := os.Remove(env.store.Path("lake", key)); err != nil {
		t.Fatal(err)
	}
	if e := run(reuseInput(sql, 60)); e.Statistics.ResultReuseInformation.ReusedPreviousResult {
		t.Error("a deleted result was reused")
	}
	_, err = env.client.StartQueryExecution(t.Context(), reuseInput(sql, 10081))
	wantCode(t, err, "InvalidRequestException")
}

func TestEncryptionConfiguration_ComesFromEnforcedWorkgroup(t *testing.T) {
	kms := &athena.Encryption{EncryptionOption: "SSE_KMS", KmsKey: "key"}
	env := newTestEnvWith(t, nil, func(o *athena.Options) { o.WorkGroups[0].Encryption = kms })
	in := func(group, option string) *awsathena.StartQueryExecutionInput {
		return &awsathena.StartQueryExecutionInput{
			QueryString: aws.String("SELECT 1"), WorkGroup: &group,
			ResultConfiguration: &types.ResultConfiguration{
				OutputLocation:          aws.String("s3://lake/mine/"),
				EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionOption: types.EncryptionOption(option)},
			},
		}
	}
	for group, want := range map[string]types.EncryptionOption{"snaplake": "SSE_KMS", "primary": "SSE_S3"} {
		out, err := env.client.StartQueryExecution(t.Context(), in(group, "SSE_S3"))
		if err != nil {
			t.Fatal(err)
		}
		if got := env.wait(*out.QueryExecutionId).ResultConfiguration.EncryptionConfiguration.EncryptionOption; got != want {
			t.Errorf("%s: got %s, want %s", group, got, want)
		}
	}
	_, err := env.client.StartQueryExecution(t.Context(), in("primary", "CSE_KMS"))
	wantCode(t, err, "InvalidRequestException")
	group, err := env.client.GetWorkGroup(t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: aws.String("snaplake")})
	if err != nil || *group.WorkGroup.Configuration.ResultConfiguration.EncryptionConfiguration.KmsKey != "key" {
		t.Errorf("got %+v, %v", group, err)
	}
}

func TestResultReuse_DoesNotHideWrongNumberOfParameters(t *testing.T) {
	env := newTestEnv(t)
	start := func(sql string, parameters ...string) *types.QueryExecution {
		t.Helper()
		in := reuseInput(sql, 60)
		in.ExecutionParameters = parameters
		out, err := env.client.StartQueryExecution(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return env.wait(*out.QueryExecutionId)
	}
	start("SELECT NULL AS n")
	if e := start("SELECT ? AS n", "1", "2"); e.Status.State != types.QueryExecutionStateFailed {
		t.Errorf("the query is %s", e.Status.State)
	}
}
