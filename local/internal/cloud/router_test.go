package cloud

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"snaplake/local/internal/lambda"
)

// newTestRouter returns a router for the host name of [httptest.NewRequest].
func newTestRouter() *router {
	return newRouter("example.com", lambda.Credentials{AccessKeyID: operatorKeyID})
}

func request(service, key string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	if service != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261121/ap-northeast-1/"+service+"/aws4_request, "+
			"SignedHeaders=host, Signature=0")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestRouter_RoutesBySignature(t *testing.T) {
	g := newTestRouter()
	for _, name := range []string{"s3", "rds"} {
		g.services[name] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, name)
		})
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request("rds", operatorKeyID))
	if got := w.Body.String(); got != "rds" {
		t.Errorf("got %s, want rds", got)
	}
}

func TestRouter_ReturnsErrorsInProtocolOfRequest(t *testing.T) {
	g := newTestRouter()
	g.services["glue"] = http.NotFoundHandler()
	g.services["lambda"] = http.NotFoundHandler()
	g.services["rds"] = http.NotFoundHandler()
	g.services["s3"] = http.NotFoundHandler()
	form := []string{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		want    string
	}{
		"unknown to Lambda": {request("lambda", "AKIANOBODY"), 403, `{"Message":"The security token included in the request is invalid."}`},
		"no signature":      {request("", ""), 403, "<Error><Code>MissingAuthenticationToken</Code>"},
		"unknown service": {request("sts", operatorKeyID, form...), 501, "<Code>UnknownService</Code><Message>the local " +
			"AWS does not support the service sts; supported services: glue, lambda, rds, s3</Message>"},
		"unknown key":     {request("rds", "AKIANOBODY", form...), 403, "<Type>Sender</Type><Code>InvalidClientTokenId</Code>"},
		"unknown to S3":   {request("s3", "AKIANOBODY"), 403, "<Error><Code>InvalidAccessKeyId</Code>"},
		"unknown to Glue": {request("glue", "AKIANOBODY", "X-Amz-Target", "AWSGlue.GetTables"), 403, `{"__type":"UnrecognizedClientException",`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, test.request)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			id := w.Header().Get("x-amzn-RequestId") + w.Header().Get("x-amz-request-id")
			if id == "" || strings.HasPrefix(test.want, "<") && !strings.Contains(w.Body.String(), "<RequestId>"+id+"</RequestId>") {
				t.Errorf("the ID of the request is %q in %s", id, w.Body)
			}
		})
	}
}

// TestRouter_RejectsPagesOfOtherOrigins sends requests as a browser does, with the operator's key and to the Runtime API.
func TestRouter_RejectsPagesOfOtherOrigins(t *testing.T) {
	g := newRouter("127.0.0.1:4566", lambda.Credentials{AccessKeyID: operatorKeyID})
	g.services["s3"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	g.services["lambda"] = g.services["s3"]
	for name, test := range map[string]struct {
		line string // the target in the request line
		host string
		// header is "Name: value", or "".
		header string
		want   string
	}{
		"SDK":                             {"/", "127.0.0.1:4566", "", ""},
		"SDK through a proxy":             {"http://127.0.0.1:4566/", "other.example", "", ""}, // RFC 9112: the Host header is ignored
		"typed address":                   {"/", "127.0.0.1:4566", "Sec-Fetch-Site: none", ""},
		"page of the same origin":         {"/", "127.0.0.1:4566", "Sec-Fetch-Site: same-origin", ""},
		"POST from the same origin":       {"/", "127.0.0.1:4566", "Origin: http://127.0.0.1:4566", ""},
		"page elsewhere":                  {"/", "127.0.0.1:4566", "Origin: https://evil.example", `from the origin "https://evil.example"`},
		"sandboxed frame or file":         {"/", "127.0.0.1:4566", "Origin: null", `from the origin "null"`},
		"another port of this machine":    {"/", "127.0.0.1:4566", "Origin: http://127.0.0.1:3000", `from the origin "http://127.0.0.1:3000"`},
		"https":                           {"/", "127.0.0.1:4566", "Origin: https://127.0.0.1:4566", `from the origin "https://127.0.0.1:4566"`},
		"link, image or script":           {"/", "127.0.0.1:4566", "Sec-Fetch-Site: cross-site", "from a page of another origin"},
		"link from another port":          {"/", "127.0.0.1:4566", "Sec-Fetch-Site: same-site", "from a page of another origin"},
		"rebound host name":               {"/", "evil.example:4566", "Sec-Fetch-Site: same-origin", `for the host "evil.example:4566"`},
		"rebound host name, absolute":     {"http://evil.example:4566/", "127.0.0.1:4566", "", `for the host "evil.example:4566"`},
		"another address of this machine": {"/", "0.0.0.0:4566", "", `for the host "0.0.0.0:4566"`},
		"another name of this machine":    {"/", "localhost:4566", "", `for the host "localhost:4566"`},
		"IPv6":                            {"/", "[::1]:4566", "", `for the host "[::1]:4566"`},
		"another port":                    {"/", "127.0.0.1:80", "", `for the host "127.0.0.1:80"`},
		"no port":                         {"/", "127.0.0.1", "", `for the host "127.0.0.1"`},
		"no host":                         {"/", "", "", `for the host ""`},
	} {
		for _, path := range []string{"", "_runtime/e1/2018-06-01/runtime/invocation/next"} {
			text := "GET " + test.line + path + " HTTP/1.1\r\nHost: " + test.host + "\r\nAuthorization: Credential=" + operatorKeyID +
				"/20261121/ap-northeast-1/s3/aws4_request, \r\n" + test.header
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimSpace(text) + "\r\n\r\n")))
			must(t, err)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			status, body := http.StatusOK, ""
			if test.want != "" {
				status = http.StatusForbidden
				body = "the local AWS rejects requests " + strings.ReplaceAll(test.want, `"`, "&#34;") + "; use the address http://127.0.0.1:4566<"
			}
			if w.Code != status || !strings.Contains(w.Body.String(), body) || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s, %s: got %d %s", name, path, w.Code, w.Body)
			}
		}
	}
}

func TestRouter_AcceptsItsHostWithoutPort80(t *testing.T) {
	g := newRouter("127.0.0.1:80", lambda.Credentials{})
	r := request("", "")
	for _, r.Host = range []string{"127.0.0.1", "127.0.0.1:80"} {
		if from := g.foreign(r); from != "" {
			t.Errorf("rejected: %s", from)
		}
	}
}
