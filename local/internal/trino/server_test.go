package trino

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// startJava starts a server with a shell script in place of Java. The script's first line is "#!/bin/sh".
func startJava(t *testing.T, script string) *Server {
	t.Helper()
	dir := t.TempDir()
	java := filepath.Join(dir, "java")
	if err := os.WriteFile(java, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Start(Options{Installation: Installation{Folder: dir, Java: java}, Log: filepath.Join(dir, "trino.log")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if _, err := os.Stat(s.command.Dir); err == nil {
			t.Errorf("%s remains", s.command.Dir)
		}
	})
	return s
}

func TestServer_ReportsWhyTrinoEnded(t *testing.T) {
	for script, want := range map[string]string{
		"echo 'Error occurred during initialization of VM'; exit 1":                              "the engine Trino has ended (Error occurred during initialization of VM); see ",
		"echo 'Terminating due to java.lang.OutOfMemoryError: Java heap space'; exit 3":          "the engine Trino has ended (Terminating due to java.lang.OutOfMemoryError: Java heap space); see ",
		"echo '1) Failed to bind to /127.0.0.1:1'; exit 100":                                     "the engine Trino has ended (1) Failed to bind to /127.0.0.1:1); see ",
		"echo 'Exception in thread \"main\" java.lang.NoClassDefFoundError: io/trino/X'; exit 1": `NoClassDefFoundError: io/trino/X); see `,
		"kill -9 $$": "the engine Trino has ended (exit status 137); see ",
	} {
		s := startJava(t, script)
		if err := s.Query(t.Context(), Statement{SQL: "SELECT 1"}, Reader{}); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "trino.log; to download Trino again, delete "+filepath.Dir(s.command.Args[4])) {
			t.Errorf("%s: got error %v", script, err)
		}
	}
}

func TestServer_WaitsForStartUntilContextEnds(t *testing.T) {
	s := startJava(t, "sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Query(ctx, Statement{SQL: "SELECT 1"}, Reader{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

// answers returns a server that answers the requests of a statement with the given pages, in order. In a page, NEXT is the URI of the next.
func answers(t *testing.T, pages ...string) (s *Server, requests *[]string) {
	t.Helper()
	requests = new([]string)
	var served *httptest.Server
	served = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests = append(*requests, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Trino-Schema"))
		if len(pages) == 0 || r.Method == http.MethodDelete {
			return
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(pages[0], "NEXT", served.URL+"/next")))
		pages = pages[1:]
	}))
	t.Cleanup(served.Close)
	s = &Server{address: served.Listener.Addr().String(), ready: make(chan struct{}), ended: make(chan struct{})}
	close(s.ready)
	return s, requests
}

func TestQuery_PrintsValuesAsAthena(t *testing.T) {
	const integer, varchar = `{"rawType": "integer", "arguments": []}`, `{"rawType": "varchar", "arguments": [{"kind": "LONG", "value": 1}]}`
	const row = `{"rawType": "row", "arguments": [{"value": {"fieldName": {"name": "x"}, "typeSignature": ` + integer + `}},
		{"value": {"typeSignature": ` + varchar + `}}]}`
	for signature, values := range map[string][][2]string{
		integer:                    {{`1`, "1"}, {`null`, "NULL"}},
		`{"rawType": "double"}`:    {{`1.0E20`, "1.0E20"}, {`"NaN"`, "NaN"}},
		`{"rawType": "boolean"}`:   {{`true`, "true"}},
		varchar:                    {{`"a\"b\n"`, "a\"b\n"}, {`"null"`, "null"}, {`""`, ""}},
		`{"rawType": "varbinary"}`: {{`"AP8="`, "00 ff"}, {`""`, ""}},
		`{"rawType": "json"}`:      {{`"{\"a\":1}"`, `{"a":1}`}},
		`{"rawType": "array", "arguments": [{"value": ` + row + `}]}`: {{`[[1, "a"], null]`, "[{x=1, field1=a}, null]"}, {`[]`, "[]"}},
		`{"rawType": "map", "arguments": [{"value": ` + varchar + `}, {"value": ` + row + `}]}`: {
			{`{"b": [1, null], "a": null}`, "{b={x=1, field1=null}, a=null}"}, {`{}`, "{}"},
		},
	} {
		for _, value := range values {
			s, _ := answers(t, `{"columns": [{"name": "c", "type": "t", "typeSignature": `+signature+`}], "data": [[`+value[0]+`]]}`)
			var got []string
			err := s.Query(t.Context(), Statement{SQL: "SELECT c"}, Reader{Row: func(row []*string) error {
				for _, v := range row {
					if v == nil {
						v = new("NULL")
					}
					got = append(got, *v)
				}
				return nil
			}})
			if err != nil || !slices.Equal(got, []string{value[1]}) {
				t.Errorf("%s %s: got %q, %v, want %q", signature, value[0], got, err, value[1])
			}
		}
	}
}

func TestQuery_ReadsAllPages(t *testing.T) {
	s, requests := answers(t, `{"nextUri": "NEXT", "stats": {"physicalInputBytes": 1}}`,
		`{"nextUri": "NEXT", "columns": [{"name": "c", "type": "decimal(4, 2)"}], "data": [[1], [2]]}`,
		`{"data": [[3]], "stats": {"physicalInputBytes": 7}}`)
	var columns []Column
	rows, scanned := 0, int64(0)
	err := s.Query(t.Context(), Statement{SQL: "SELECT c", Schema: "日 本"}, Reader{
		Columns: func(c []Column) error { columns = c; return nil },
		Row:     func([]*string) error { rows++; return nil },
		Scanned: func(n int64) error { scanned = n; return nil },
	})
	if err != nil || rows != 3 || scanned != 7 || len(columns) != 1 || columns[0].Type != "decimal(4,2)" {
		t.Errorf("got %d rows, %d bytes, columns %v, error %v", rows, scanned, columns, err)
	}
	want := []string{"POST /v1/statement %E6%97%A5+%E6%9C%AC", "GET /next %E6%97%A5+%E6%9C%AC", "GET /next %E6%97%A5+%E6%9C%AC"}
	if !slices.Equal(*requests, want) {
		t.Errorf("requests %q", *requests)
	}
}

func TestQuery_ReturnsTrinosError(t *testing.T) {
	s, _ := answers(t, `{"nextUri": "NEXT"}`, `{"error": {"errorName": "DIVISION_BY_ZERO", "message": "Division by zero"}}`)
	err := s.Query(t.Context(), Statement{SQL: "SELECT 1/0"}, Reader{})
	if e, ok := errors.AsType[*Error](err); !ok || e.Error() != "DIVISION_BY_ZERO: Division by zero" {
		t.Errorf("got error %v", err)
	}
}

func TestQuery_CancelsStatement(t *testing.T) {
	stop := errors.New("enough")
	s, requests := answers(t, `{"nextUri": "NEXT"}`, `{"nextUri": "NEXT", "columns": [{"name": "c"}], "data": [[1]]}`)
	if err := s.Query(t.Context(), Statement{SQL: "SELECT c"}, Reader{Row: func([]*string) error { return stop }}); err != stop {
		t.Errorf("got error %v", err)
	}
	if last := (*requests)[len(*requests)-1]; last != "DELETE /next " {
		t.Errorf("the last request was %q", last)
	}
}
