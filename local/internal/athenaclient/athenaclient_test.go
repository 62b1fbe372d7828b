package athenaclient

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// endless emulates Athena with one query, which has the given state and an unlimited number of pages.
type endless struct {
	state string
	// statement is the SubstatementType of the query, or "" for SELECT.
	statement string
	// calls lists the operations that were called.
	calls []string
	// called, if set, is called for each request.
	called func(operation string)
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	e.calls = append(e.calls, operation)
	if e.called != nil {
		e.called(operation)
	}
	type object = map[string]any
	cell := func(text string) object { return object{"Data": []object{{"VarCharValue": text}}} }
	var out object
	switch operation {
	case "StartQueryExecution":
		out = object{"QueryExecutionId": "a"}
	case "GetQueryExecution":
		out = object{"QueryExecution": object{
			"SubstatementType": cmp.Or(e.statement, "SELECT"), "Status": object{"State": e.state},
			"Statistics": object{"DataScannedInBytes": 7},
		}}
	case "GetQueryResults":
		n := len(e.calls)
		rows := []object{cell("n"), cell(fmt.Sprint(n))}
		out = object{"NextToken": fmt.Sprint(n), "ResultSet": object{
			"Rows": rows, "ResultSetMetadata": object{"ColumnInfo": []object{{"Name": "n", "Type": "varchar"}}},
		}}
	}
	_ = json.NewEncoder(w).Encode(out) // fails if the client has stopped reading
}

func (e *endless) client(t *testing.T) Client {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return NewFromConfig(aws.Config{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, "analysts", "shop")
}

func (e *endless) count(operation string) (n int) {
	for _, call := range e.calls {
		if call == operation {
			n++
		}
	}
	return n
}

func TestStream_RequestsPageOnlyWhenItsRowsAreRead(t *testing.T) {
	e := &endless{state: "SUCCEEDED"}
	stream, err := e.client(t).Stream(t.Context(), "SELECT n FROM t")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, err := range stream.Rows {
		if err != nil {
			t.Fatal(err)
		}
		rows++
		// The first page has the header and one row; any other page has two rows.
		if got, want := e.count("GetQueryResults"), 1+rows/2; got != want {
			t.Fatalf("after %d rows: %d pages were requested, want %d", rows, got, want)
		}
		if rows == 5000 {
			break
		}
	}
	if stream.BytesRead != 7 || rows != 5000 {
		t.Errorf("%d rows, %d bytes read", rows, stream.BytesRead)
	}
}

func TestStream_ReturnsFirstRowOfListing(t *testing.T) {
	e := &endless{state: "SUCCEEDED", statement: "SHOW_VIEWS"}
	stream, err := e.client(t).Stream(t.Context(), "SHOW VIEWS")
	if err != nil {
		t.Fatal(err)
	}
	for row := range stream.Rows {
		if *row[0] != "n" {
			t.Errorf("the first row is %s", *row[0])
		}
		break
	}
}

func TestStream_StopsQueryWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := &endless{state: "RUNNING", called: func(operation string) {
		if operation == "GetQueryExecution" {
			cancel()
		}
	}}
	_, err := e.client(t).Stream(ctx, "SELECT n FROM t")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := e.count("StopQueryExecution"); got != 1 {
		t.Errorf("StopQueryExecution was called %d times", got)
	}
}

func TestStream_EndsWithErrorWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := (&endless{state: "SUCCEEDED"}).client(t).Stream(ctx, "SELECT n FROM t")
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range stream.Rows {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("got %v", last)
	}
}
