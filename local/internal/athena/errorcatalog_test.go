package athena_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/local/internal/glue"
)

func TestGetQueryExecution_ReturnsTypeFromErrorCatalog(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	createTable(env, "lost", []glue.Column{{Name: "id", Type: "int"}}, user{})
	env.query(`CREATE VIEW stale AS SELECT id FROM crawled.lost`)
	if err := env.glue.DeleteTable(t.Context(), "crawled", "lost"); err != nil {
		t.Fatal(err)
	}
	err := env.glue.CreateTable(t.Context(), "crawled", glue.TableInput{
		Name: "elsewhere", Parameters: map[string]string{"classification": "parquet"},
		StorageDescriptor: parquetFiles("s3://gone/", []glue.Column{{Name: "id", Type: "int"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{ // the values are the category and the type of the error
		`SELECT * FROM nope`:                             "2 1110",
		`SELECT * FROM nope.users`:                       "2 1301",
		`SELECT * FROM stale`:                            "2 1107",
		`SELECT nope(id) FROM crawled.users`:             "2 1303",
		`SELECT CAST(name AS bigint) FROM crawled.users`: "2 1001",
		`SELECT nope FROM crawled.users`:                 "2 1000",
		`SELECT * FROM crawled.elsewhere`:                "2 1306",
	}
	for sql, want := range cases {
		e := env.wait(env.start(sql)).Status.AthenaError
		if e == nil {
			t.Errorf("%s: no AthenaError", sql)
			continue
		}
		if got := fmt.Sprint(aws.ToInt32(e.ErrorCategory), aws.ToInt32(e.ErrorType)); got != want || e.Retryable {
			t.Errorf("%s: got %s, retryable %t, want %s: %s", sql, got, e.Retryable, want, aws.ToString(e.ErrorMessage))
		}
	}
}
