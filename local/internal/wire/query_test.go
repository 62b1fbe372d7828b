package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func newQueryService() QueryService {
	operations := map[string]QueryOperation{
		"Greet": func(_ context.Context, p *Parameters) (any, error) {
			name := p.Required("Name")
			if err := p.Err(); err != nil {
				return nil, err
			}
			switch name {
			case "ghost":
				return nil, &Error{Code: "NoSuchGhost", Message: "no <ghost>", Status: http.StatusNotFound}
			case "eve":
				return nil, refusal()
			case "bug":
				return nil, errors.New("a bug")
			}
			return struct{ Text string }{"Hello " + name}, nil
		},
		"Rest": func(_ context.Context, p *Parameters) (any, error) { return nil, p.Err() },
	}
	return QueryService{
		Name: "Hall", Version: "2026-11-21", Namespace: "http://hall/", InvalidParameter: "InvalidInput", Operations: operations,
	}
}

func TestQueryService_RespondsInQueryProtocol(t *testing.T) {
	failed := func(blame, code, message string) string {
		return `<ErrorResponse xmlns="http://hall/"><Error><Type>` + blame + `</Type><Code>` + code + `</Code><Message>` + message +
			`</Message></Error><RequestId>ID</RequestId></ErrorResponse>`
	}
	for name, test := range map[string]struct {
		form   string
		status int
		want   string
	}{
		"result": {
			"Action=Greet&Version=2026-11-21&Name=Ann", 200,
			`<GreetResponse xmlns="http://hall/"><GreetResult><Text>Hello Ann</Text></GreetResult>` +
				`<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></GreetResponse>`,
		},
		"no result": {
			"Action=Rest&Version=2026-11-21", 200,
			`<RestResponse xmlns="http://hall/"><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></RestResponse>`,
		},
		"error": {
			"Action=Greet&Version=2026-11-21", 400, failed("Sender", "MissingParameter", "The request must contain the parameter Name"),
		},
		"error with its own status": {
			"Action=Greet&Version=2026-11-21&Name=ghost", 404, failed("Sender", "NoSuchGhost", "no &lt;ghost&gt;"),
		},
		"permission denied": {
			"Action=Greet&Version=2026-11-21&Name=eve", 403, failed("Sender", "AccessDenied", "User: eve is not authorized to perform: hall:Greet on resource: *"),
		},
		"unexpected error": {"Action=Greet&Version=2026-11-21&Name=bug", 500, failed("Receiver", "InternalFailure", "a bug")},
		"unknown parameter": {
			"Action=Rest&Version=2026-11-21&Nmae=Ann", 400,
			failed("Sender", "InvalidInput", "the local Hall does not support the parameter Nmae of Rest"),
		},
		"unknown operation": {
			"Action=Leave&Version=2026-11-21", 400,
			failed("Sender", "InvalidAction", "the local Hall does not support the operation Leave in version &#34;2026-11-21&#34;"),
		},
		"unknown version": {
			"Action=Rest&Version=2010-01-01", 400,
			failed("Sender", "InvalidAction", "the local Hall does not support the operation Rest in version &#34;2010-01-01&#34;"),
		},
		"no operation": {
			"Version=2026-11-21", 400, failed("Sender", "MissingAction", "the request has no Action parameter; send a form to Hall with POST"),
		},
		"invalid form": {"Action=%", 400, failed("Sender", "MalformedQueryString", `read the request: invalid URL escape &#34;%&#34;`)},
		"oversized request": {
			"Action=" + strings.Repeat("x", maxBody), 400,
			failed("Sender", "MalformedQueryString", "read the request: http: request body too large"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			newQueryService().ServeHTTP(w, r)
			id := w.Header().Get("X-Amzn-RequestId")
			got, isXML := strings.CutPrefix(w.Body.String(), `<?xml version="1.0" encoding="UTF-8"?>`+"\n")
			if !isXML || w.Header().Get("Content-Type") != "text/xml" {
				t.Errorf("not XML: %v %s", w.Header(), w.Body)
			}
			if got = strings.Replace(got, id, "ID", 1); w.Code != test.status || got != test.want {
				t.Errorf("got  %d %s\nwant %d %s", w.Code, got, test.status, test.want)
			}
		})
	}
}
