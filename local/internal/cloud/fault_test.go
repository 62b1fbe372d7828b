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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

const function = "arn:aws:iam::123456789012:role/lake-prune"

// theatre is a gate in front of services that play two pages of a list, and count what they are asked. The clients sign as the
// function lake-prune.
type theatre struct {
	plan  *fault.Plan
	clock *clock.Virtual
	aws   aws.Config

	mu      sync.Mutex
	effects map[string]int // by operation
	ended   []string       // how processes ended, with their tokens
	calls   []Call
}

// Kill and TimeOut stand for Lambda's.
func (th *theatre) Kill(token string) bool    { return th.end("killed " + token) }
func (th *theatre) TimeOut(token string) bool { return th.end("timed out " + token) }

func (th *theatre) end(how string) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.ended = append(th.ended, how)
	return true
}

func (th *theatre) took(operation string) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.effects[operation]++
}

func newTheatre(t *testing.T, attempts int, texts ...string) *theatre {
	t.Helper()
	th := &theatre{plan: fault.New(1), clock: clock.NewVirtual(time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)), effects: map[string]int{}}
	th.replan(t, texts...)
	g := newGate()
	g.callers["ASIAPRUNE"] = iam.Caller{Role: function, Session: "lake-prune"}
	maps.Copy(g.services, th.services())
	g.faults = &faults{plan: th.plan, clock: th.clock, processes: th, operator: "arn:aws:iam::123456789012:user/operator", called: func(c Call) {
		th.mu.Lock()
		defer th.mu.Unlock()
		th.calls = append(th.calls, c)
	}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	th.aws = aws.Config{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: awscredentials.NewStaticCredentialsProvider("ASIAPRUNE", "local", "local/e1"),
		Retryer: func() aws.Retryer {
			return retry.AddWithMaxBackoffDelay(retry.AddWithMaxAttempts(retry.NewStandard(), attempts), time.Nanosecond)
		},
	}
	return th
}

func (th *theatre) replan(t *testing.T, texts ...string) {
	t.Helper()
	var all []fault.Fault
	for _, text := range texts {
		f, err := fault.Parse(text)
		must(t, err)
		all = append(all, f)
	}
	th.plan.Set(all...)
}

// services answer each list with the entry "a", and the entry "b" on a second page.
func (th *theatre) services() map[string]http.Handler {
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

func (th *theatre) s3() *awss3.Client {
	return awss3.NewFromConfig(th.aws, func(o *awss3.Options) { o.UsePathStyle = true })
}

func (th *theatre) startCrawler(ctx context.Context) error {
	_, err := awsglue.NewFromConfig(th.aws).StartCrawler(ctx, &awsglue.StartCrawlerInput{Name: aws.String("lake")})
	return err
}

func (th *theatre) crawlerState(t *testing.T) string {
	t.Helper()
	got, err := awsglue.NewFromConfig(th.aws).GetCrawler(t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("lake")})
	must(t, err)
	return string(got.Crawler.State)
}

// lists are all pages of each service's list, as the SDK's own paginators read them: the entries of a page, and a bar after it.
func (th *theatre) lists() map[string]func(context.Context) (string, error) {
	return map[string]func(context.Context) (string, error){
		"rds.DescribeExportTasks": func(ctx context.Context) (all string, err error) {
			for p := awsrds.NewDescribeExportTasksPaginator(awsrds.NewFromConfig(th.aws), &awsrds.DescribeExportTasksInput{}); p.HasMorePages(); all += "|" {
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
			for p := awsglue.NewGetTablesPaginator(awsglue.NewFromConfig(th.aws), &awsglue.GetTablesInput{DatabaseName: aws.String("d")}); p.HasMorePages(); all += "|" {
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

// answered is the code and the HTTP status of an error as the SDK reads it, or "" for none.
func answered(err error) string {
	if err == nil {
		return ""
	}
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isResponse := errors.AsType[*awshttp.ResponseError](err)
	if !isAPI || !isResponse {
		return "no answer"
	}
	return fmt.Sprintf("%s %d", api.ErrorCode(), response.HTTPStatusCode())
}

func TestErrorsAreInTheWordsOfTheirServices(t *testing.T) {
	for text, want := range map[string]string{
		"rds.DescribeExportTasks=throttle":                 "Throttling 400",
		"rds.DescribeExportTasks=5xx":                      "InternalFailure 500",
		"rds.DescribeExportTasks=denied":                   "AccessDenied 403",
		"rds.DescribeExportTasks=ExportTaskNotFound":       "ExportTaskNotFound 404",
		"glue.GetTables=throttle":                          "ThrottlingException 400",
		"glue.GetTables=5xx":                               "InternalServiceException 500",
		"glue.GetTables=denied":                            "AccessDeniedException 400",
		"glue.GetTables=EntityNotFoundException":           "EntityNotFoundException 400",
		"s3.ListObjectsV2=throttle":                        "SlowDown 503",
		"s3.ListObjectsV2=5xx":                             "InternalError 500",
		"s3.ListObjectsV2=denied":                          "AccessDenied 403",
		"s3.ListObjectsV2=NoSuchBucket":                    "NoSuchBucket 404",
		"states.GetExecutionHistory=throttle":              "ThrottlingException 400",
		"states.GetExecutionHistory=5xx":                   "InternalFailure 500",
		"states.GetExecutionHistory=denied":                "AccessDeniedException 400",
		"states.GetExecutionHistory=ExecutionDoesNotExist": "ExecutionDoesNotExist 400",
	} {
		th := newTheatre(t, 1, text)
		target, _, _ := strings.Cut(text, "=")
		_, err := th.lists()[target](t.Context())
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"athena.StartQueryExecution=throttle":                 "ThrottlingException 400",
		"athena.StartQueryExecution=5xx":                      "InternalServerException 500",
		"athena.StartQueryExecution=TooManyRequestsException": "TooManyRequestsException 400",
	} {
		th := newTheatre(t, 1, text)
		_, err := awsathena.NewFromConfig(th.aws).StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1")})
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	th := newTheatre(t, 1, "athena.StartQueryExecution=TooManyRequestsException")
	_, err := awsathena.NewFromConfig(th.aws).StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1")})
	if full, ok := errors.AsType[*athenatypes.TooManyRequestsException](err); !ok || full.Reason != athenatypes.ThrottleReasonConcurrentQueryLimitExceeded {
		t.Errorf("Athena's queue is not full: %v", err)
	}
	for text, want := range map[string]string{
		"sns.Publish=throttle": "Throttling 400", "sns.Publish=5xx": "InternalError 500", "sns.Publish=denied": "AuthorizationError 403", "sns.Publish=NotFound": "NotFound 404",
	} {
		th := newTheatre(t, 1, text)
		_, err := awssns.NewFromConfig(th.aws).Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String("arn"), Message: aws.String("m")})
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestAFaultDecidesWhetherTheCallHasItsEffect(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		effects int
		err     string
		ended   string
		passes  time.Duration
	}{
		fault.Throttle:      {0, "ThrottlingException 400", "[]", 0},
		fault.ServerError:   {0, "InternalServiceException 500", "[]", 0},
		fault.Denied:        {0, "AccessDeniedException 400", "[]", 0},
		fault.DropBefore:    {0, "no answer", "[]", 0},
		fault.DropAfter:     {1, "no answer", "[]", 0},
		fault.Slow:          {1, "", "[]", time.Minute},
		fault.Hang:          {1, "no answer", "[timed out local/e1]", 0},
		fault.KillBefore:    {0, "no answer", "[killed local/e1]", 0},
		fault.KillAfter:     {1, "no answer", "[killed local/e1]", 0},
		fault.UnknownFields: {1, "", "[]", 0},
	} {
		th := newTheatre(t, 1, "glue.StartCrawler="+string(kind))
		before := th.clock.Now()
		got := answered(th.startCrawler(t.Context()))
		if got != want.err || th.effects["StartCrawler"] != want.effects || fmt.Sprint(th.ended) != want.ended || th.clock.Now().Sub(before) != want.passes {
			t.Errorf("%s: got %q, %d effects, ended %v, %v passed", kind, got, th.effects["StartCrawler"], th.ended, th.clock.Now().Sub(before))
		}
	}
}

func TestTheSDKTriesAgainAfterWhatPasses(t *testing.T) {
	for text, effects := range map[string]int{"throttle": 1, "5xx": 1, "drop-before": 1, "drop-after": 2} {
		th := newTheatre(t, 3, "glue.StartCrawler:1="+text)
		if err := th.startCrawler(t.Context()); err != nil || th.effects["StartCrawler"] != effects {
			t.Errorf("%s: %d effects, %v", text, th.effects["StartCrawler"], err)
		}
	}
	th := newTheatre(t, 3, "glue.StartCrawler:1=denied")
	if err := th.startCrawler(t.Context()); answered(err) != "AccessDeniedException 400" || len(th.calls) != 1 {
		t.Errorf("after %d calls, got %v", len(th.calls), err)
	}
}

func TestARefusalNamesTheCallerAndTheCall(t *testing.T) {
	th := newTheatre(t, 1, "glue.StartCrawler=denied", "s3.GetObject=denied", "s3.DeleteObjects=denied")
	const prune = "User: arn:aws:sts::123456789012:assumed-role/lake-prune/lake-prune is not authorized to perform: "
	message := func(err error) string {
		t.Helper()
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok {
			t.Fatalf("no refusal: %v", err)
		}
		return api.ErrorMessage()
	}
	want := prune + "glue:StartCrawler on resource: * because no identity-based policy allows the glue:StartCrawler action"
	if got := message(th.startCrawler(t.Context())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, err := th.s3().GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
	want = prune + `s3:GetObject on resource: "arn:aws:s3:::lake/a" because no identity-based policy allows the s3:GetObject action`
	if got := message(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	out, err := th.s3().DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{
		Bucket: aws.String("lake"), Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("a")}, {Key: aws.String("b & c")}}},
	})
	must(t, err)
	var refused []string
	for _, e := range out.Errors {
		refused = append(refused, *e.Key+": "+*e.Code)
	}
	if diff := cmp.Diff([]string{"a: AccessDenied", "b & c: AccessDenied"}, refused); diff != "" || th.effects["DeleteObjects"] > 0 {
		t.Errorf("deleted %d, refused %s", th.effects["DeleteObjects"], diff)
	}
	th.aws.Credentials = awscredentials.NewStaticCredentialsProvider(OperatorAccessKeyID, OperatorSecretAccessKey, "")
	if got := message(th.startCrawler(t.Context())); !strings.HasPrefix(got, "User: arn:aws:iam::123456789012:user/operator is not authorized") {
		t.Errorf("got %s", got)
	}
}

func TestAnEmptyPageComesBeforeTheRealOne(t *testing.T) {
	for when, want := range map[string]string{":1": "|a|b|", ":2": "a||b|", "": "|a||b|"} {
		for target := range newTheatre(t, 1).lists() {
			th := newTheatre(t, 1, target+when+"=empty-page")
			if got, err := th.lists()[target](t.Context()); err != nil || got != want {
				t.Errorf("%s%s: got %s, want %s, %v", target, when, got, want, err)
			}
		}
	}
}

func TestAStaleListIsTheOneBeforeOrEmpty(t *testing.T) {
	for target, list := range newTheatre(t, 1).lists() {
		th := newTheatre(t, 1, target+":1=stale")
		list = th.lists()[target]
		first, err1 := list(t.Context())
		second, err2 := list(t.Context())
		if first != "|" || second != "a|b|" || err1 != nil || err2 != nil {
			t.Errorf("%s: got %s and then %s, %v, %v", target, first, second, err1, err2)
		}
	}
	th := newTheatre(t, 1, "glue.GetTables:3-4=stale")
	for range 2 {
		if got, err := th.lists()["glue.GetTables"](t.Context()); err != nil || got != "a|b|" {
			t.Errorf("got %s, %v", got, err)
		}
	}
	if got := th.effects["GetTables"]; got != 2 {
		t.Errorf("the service has answered %d times", got)
	}
}

func TestAStaleCrawlerIsTheOneBefore(t *testing.T) {
	th := newTheatre(t, 1, "glue.GetCrawler:1=stale", "glue.GetCrawler:4=stale")
	var states []string
	for range 5 {
		states = append(states, th.crawlerState(t))
	}
	if diff := cmp.Diff([]string{"READY", "READY", "RUNNING", "RUNNING", "RUNNING"}, states); diff != "" {
		t.Error(diff)
	}
	if th.effects["GetCrawler"] != 4 || th.calls[0].Fault != fault.None || th.calls[3].Fault != fault.Stale {
		t.Errorf("the calls are %v", th.calls)
	}
}

func TestOneAnswerToEachQuestionIsKeptIfItMayBeStale(t *testing.T) {
	for when, want := range map[string]int{"glue.GetTables:9=stale": 2, "glue.GetCrawler:9=stale": 0} {
		th := newTheatre(t, 1, when)
		f := &faults{plan: th.plan}
		for _, body := range []string{`{}`, `{"NextToken":"second"}`, `{}`} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("X-Amz-Target", "AWSGlue.GetTables")
			f.pass(th.services()["glue"], "glue", httptest.NewRecorder(), r)
		}
		if got := len(f.answers); got != want {
			t.Errorf("%s: %d answers are kept, want %d", when, got, want)
		}
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	for target := range newTheatre(t, 1).lists() {
		th := newTheatre(t, 1, target+"=unknown-fields")
		if got, err := th.lists()[target](t.Context()); err != nil || got != "a|b|" {
			t.Errorf("%s: got %s, %v", target, got, err)
		}
	}
	th := newTheatre(t, 1, "s3.GetObject=unknown-fields")
	got, err := th.s3().GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
	must(t, err)
	if content, err := io.ReadAll(got.Body); err != nil || string(content) != "a" {
		t.Errorf("the object is %q, %v", content, err)
	}
}

func TestUnknownFieldsAreInTheAnswer(t *testing.T) {
	a := &answer{status: http.StatusOK, header: http.Header{"Content-Length": {"9"}}}
	for _, test := range []struct{ service, operation, body, want string }{
		{
			"glue", "GetTables", `{"TableList":[{"Name":"a","Parameters":{"rows":"1"}}]}`,
			`{"LocalUnknown":{"Member":[true]},"TableList":[{"LocalUnknown":{"Member":[true]},"Name":"a","Parameters":{"rows":"1"}}]}`,
		},
		{
			"rds", "DescribeExportTasks", `<R><Result><Marker>m</Marker></Result></R>`,
			`<R><Result><LocalUnknown><Member>true</Member></LocalUnknown><Marker>m</Marker></Result></R>`,
		},
		{"s3", "ListObjectsV2", `<List></List>`, `<List><LocalUnknown><Member>true</Member></LocalUnknown></List>`},
		{"s3", "GetObject", `{"content": "of the user"}`, `{"content": "of the user"}`},
	} {
		a.body = []byte(test.body)
		a.addUnknown(Call{Service: test.service, Operation: test.operation})
		if got := string(a.body); got != test.want {
			t.Errorf("%s: got %s", test.operation, got)
		}
	}
	if a.header.Get("X-Amz-LocalUnknown") == "" || a.header.Get("Content-Length") != "" {
		t.Errorf("the header is %v", a.header)
	}
}

func TestAReadyCrawlerIsToldToBeStopping(t *testing.T) {
	th := newTheatre(t, 1, "glue.GetCrawler:2-3=stopping")
	var states []string
	for range 3 {
		states = append(states, th.crawlerState(t))
	}
	if diff := cmp.Diff([]string{"READY", "STOPPING", "RUNNING"}, states); diff != "" {
		t.Error(diff)
	}
	if th.calls[1].Fault != fault.Stopping || th.calls[2].Fault != fault.None {
		t.Errorf("the calls are %v", th.calls)
	}
}

func TestEachCallIsTold(t *testing.T) {
	th := newTheatre(t, 1, "glue.StartCrawler:2=throttle", "glue.StartCrawler:3=drop-after")
	for range 3 {
		_ = th.startCrawler(t.Context())
	}
	th.aws.Credentials = awscredentials.NewStaticCredentialsProvider(OperatorAccessKeyID, OperatorSecretAccessKey, "")
	th.crawlerState(t)
	want := []Call{
		{"glue", "StartCrawler", "lake-prune", fault.None, 200},
		{"glue", "StartCrawler", "lake-prune", fault.Throttle, 400},
		{"glue", "StartCrawler", "lake-prune", fault.DropAfter, 0},
		{"glue", "GetCrawler", "", fault.None, 200},
	}
	if diff := cmp.Diff(want, th.calls); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(th.plan.Struck()); got != "[glue.StartCrawler:2=throttle glue.StartCrawler:3=drop-after]" {
		t.Errorf("%s struck", got)
	}
}

func TestTheRuntimeAPIIsNoCall(t *testing.T) {
	g := newGate()
	g.services["lambda"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	g.faults.called = func(c Call) { t.Errorf("told %v", c) }
	g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/_runtime/e1/2018-06-01/runtime/invocation/next", http.NoBody))
}

func TestEachKindOfACallIsDone(t *testing.T) {
	th := newTheatre(t, 1)
	for target, list := range th.lists() {
		service, operation, _ := strings.Cut(target, ".")
		for _, kind := range slices.DeleteFunc(fault.KindsOf(service, operation), func(k fault.Kind) bool { return k == fault.UnknownFields || k == fault.Slow }) {
			th.replan(t, target+"="+string(kind))
			if got, err := list(t.Context()); err == nil && got == "a|b|" {
				t.Errorf("%s has made no difference", th.plan.Struck())
			}
		}
	}
}
