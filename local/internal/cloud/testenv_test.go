package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/wire"
)

const (
	function      = "arn:aws:iam::123456789012:role/lake-prune"
	operatorKeyID = "LOCALOPERATOR"
)

// env is a router in front of fake services, which count their calls and return lists of two pages. The clients have the credentials of
// the function lake-prune.
type env struct {
	plan   *fault.Plan
	clock  *clock.Virtual
	aws    aws.Config
	router *router

	mu      sync.Mutex
	effects map[string]int // calls of the services, by operation
	ended   []string       // how processes ended, and their tokens
	calls   []Call
}

// Kill and TimeOut record the end of a process.
func (th *env) Kill(token string) bool    { return th.end("killed " + token) }
func (th *env) TimeOut(token string) bool { return th.end("timed out " + token) }

func (th *env) end(how string) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.ended = append(th.ended, how)
	return true
}

func (th *env) took(operation string) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.effects[operation]++
}

func newEnv(t *testing.T, attempts int, texts ...string) *env {
	t.Helper()
	th := &env{plan: fault.New(1), clock: clock.NewVirtual(time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)), effects: map[string]int{}}
	th.replan(t, texts...)
	server := httptest.NewUnstartedServer(nil)
	g := newRouter(server.Listener.Addr().String(), lambda.Credentials{AccessKeyID: operatorKeyID})
	th.router = g
	g.sessions.byKey.Store("ASIAPRUNE", session{caller: iam.Caller{Role: function, Session: "lake-prune"}})
	maps.Copy(g.services, th.services())
	g.faults = &faults{plan: th.plan, clock: th.clock, processes: th, account: "123456789012",
		called: func(c Call) {
			th.mu.Lock()
			defer th.mu.Unlock()
			th.calls = append(th.calls, c)
		}}
	server.Config.Handler = g
	server.Start()
	t.Cleanup(server.Close)
	th.aws = aws.Config{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: awscredentials.NewStaticCredentialsProvider("ASIAPRUNE", "local",
			"local/e1"),
		Retryer: func() aws.Retryer {
			return retry.AddWithMaxBackoffDelay(retry.AddWithMaxAttempts(retry.NewStandard(), attempts), time.Nanosecond)
		},
	}
	return th
}

func (th *env) replan(t *testing.T, texts ...string) {
	t.Helper()
	var all []fault.Fault
	for _, text := range texts {
		f, err := fault.Parse(text)
		must(t, err)
		all = append(all, f)
	}
	th.plan.Set(all...)
}

// services returns fake services. Their lists have "a" on the first page and "b" on the second.
func (th *env) services() map[string]http.Handler {
	asked := func(answer func(in map[string]any) any) wire.Operation {
		return func(_ context.Context, body []byte) (any, error) {
			var in map[string]any
			err := json.Unmarshal(body, &in)
			return answer(in), err
		}
	}
	rdsList := func(_ context.Context, p *wire.Parameters) (any, error) {
		type tasks struct {
			Task   string `xml:"ExportTasks>ExportTask>ExportTaskIdentifier"`
			Marker string `xml:",omitempty"`
		}
		if p.Text("Marker") == "second" {
			return tasks{"b", ""}, p.Err()
		}
		return tasks{"a", "second"}, p.Err()
	}
	return map[string]http.Handler{
		"rds": wire.QueryService{
			Name: "RDS", Version: "2014-10-31", Namespace: "http://rds.amazonaws.com/doc/2014-10-31/", InvalidParameter: "InvalidParameterValue",
			Operations: map[string]wire.QueryOperation{"DescribeExportTasks": rdsList},
		},
		"glue": wire.JSONService{Target: "AWSGlue", Version: "1.1", Operations: map[string]wire.Operation{
			"GetTables": asked(func(in map[string]any) any {
				th.took("GetTables")
				type table struct {
					Name       string
					Parameters map[string]string
				}
				type tables struct {
					TableList []table
					NextToken string `json:",omitempty"`
				}
				if in["NextToken"] == "second" {
					return tables{[]table{{"b", map[string]string{"rows": "2"}}}, ""}
				}
				return tables{[]table{{"a", map[string]string{"rows": "1"}}}, "second"}
			}),
			"GetCrawler": asked(func(map[string]any) any {
				th.took("GetCrawler")
				state := "READY"
				if th.effects["GetCrawler"] > 2 {
					state = "RUNNING"
				}
				return map[string]any{"Crawler": map[string]string{"Name": "lake", "State": state}}
			}),
			"StartCrawler": asked(func(map[string]any) any { th.took("StartCrawler"); return nil }),
		}},
		"athena": wire.JSONService{Target: "AmazonAthena", Version: "1.1", Operations: map[string]wire.Operation{
			"StartQueryExecution": asked(func(map[string]any) any { return map[string]string{"QueryExecutionId": "q"} }),
		}},
		"states": wire.JSONService{Target: "AWSStepFunctions", Version: "1.0", Operations: map[string]wire.Operation{
			"GetExecutionHistory": asked(func(in map[string]any) any {
				if in["nextToken"] == "second" {
					return map[string]any{"events": []map[string]any{{"id": 2, "type": "b"}}}
				}
				return map[string]any{"events": []map[string]any{{"id": 1, "type": "a"}}, "nextToken": "second"}
			}),
		}},
		"sns": wire.QueryService{
			Name: "SNS", Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/", InvalidParameter: "InvalidParameter",
		},
		"s3": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			th.took(operationOf("s3", r))
			switch {
			case r.URL.Path == "/lake/a":
				w.Header().Set("Content-Length", "1")
				_, _ = io.WriteString(w, "a")
			case r.URL.Query().Get("continuation-token") == "second":
				_, _ = io.WriteString(w, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>b</Key></Contents></ListBucketResult>")
			default:
				_, _ = io.WriteString(w, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>second</NextContinuationToken>"+
					"<Contents><Key>a</Key></Contents></ListBucketResult>")
			}
		}),
	}
}

func (th *env) s3() *awss3.Client {
	return awss3.NewFromConfig(th.aws, func(o *awss3.Options) { o.UsePathStyle = true })
}

func (th *env) startCrawler(ctx context.Context) error {
	_, err := awsglue.NewFromConfig(th.aws).StartCrawler(ctx, &awsglue.StartCrawlerInput{Name: aws.String("lake")})
	return err
}

func (th *env) crawlerState(t *testing.T) string {
	t.Helper()
	got, err := awsglue.NewFromConfig(th.aws).GetCrawler(t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("lake")})
	must(t, err)
	return string(got.Crawler.State)
}

// lists returns functions that read all pages of a list with the SDK's paginators. The functions return the entries, with a bar after
// each page.
func (th *env) lists() map[string]func(context.Context) (string, error) {
	return map[string]func(context.Context) (string, error){
		"rds.DescribeExportTasks": func(ctx context.Context) (all string, err error) {
			for p := awsrds.NewDescribeExportTasksPaginator(awsrds.NewFromConfig(th.aws),
				&awsrds.DescribeExportTasksInput{}); p.HasMorePages(); all += "|" {
				page, err := p.NextPage(ctx)
				if err != nil {
					return all, err
				}
				for _, task := range page.ExportTasks {
					all += *task.ExportTaskIdentifier
				}
			}
			return all, nil
		},
		"glue.GetTables": func(ctx context.Context) (all string, err error) {
			for p := awsglue.NewGetTablesPaginator(awsglue.NewFromConfig(th.aws),
				&awsglue.GetTablesInput{DatabaseName: aws.String("d")}); p.HasMorePages(); all += "|" {
				page, err := p.NextPage(ctx)
				if err != nil {
					return all, err
				}
				for _, table := range page.TableList {
					all += *table.Name
				}
			}
			return all, nil
		},
		"s3.ListObjectsV2": func(ctx context.Context) (all string, err error) {
			for p := awss3.NewListObjectsV2Paginator(th.s3(), &awss3.ListObjectsV2Input{Bucket: aws.String("lake")}); p.HasMorePages(); all += "|" {
				page, err := p.NextPage(ctx)
				if err != nil {
					return all, err
				}
				for _, object := range page.Contents {
					all += *object.Key
				}
			}
			return all, nil
		},
		"states.GetExecutionHistory": func(ctx context.Context) (all string, err error) {
			in := &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String("arn"), MaxResults: 1}
			for p := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(th.aws), in); p.HasMorePages(); all += "|" {
				page, err := p.NextPage(ctx)
				if err != nil {
					return all, err
				}
				for _, event := range page.Events {
					all += string(event.Type)
				}
			}
			return all, nil
		},
	}
}

// answered returns the code and the HTTP status of an SDK's error. It returns "" for nil.
func answered(err error) string {
	if err == nil {
		return ""
	}
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isResponse := errors.AsType[*awshttp.ResponseError](err)
	if !isAPI || !isResponse {
		return "no response"
	}
	return fmt.Sprintf("%s %d", api.ErrorCode(), response.HTTPStatusCode())
}
