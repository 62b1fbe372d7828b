package cloud

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func request(service, key string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	if service != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261121/ap-northeast-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestRequestsGoToTheServiceThatTheyAreSignedFor(t *testing.T) {
	g := newGate()
	for _, name := range []string{"s3", "rds"} {
		g.services[name] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, name)
		})
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request("rds", OperatorAccessKeyID))
	if got := w.Body.String(); got != "rds" {
		t.Errorf("got %s, want rds", got)
	}
}

func TestTheGateRefusesInTheProtocolOfTheRequest(t *testing.T) {
	g := newGate()
	g.services["glue"] = http.NotFoundHandler()
	g.services["rds"] = http.NotFoundHandler()
	g.services["s3"] = http.NotFoundHandler()
	form := []string{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		want    string
	}{
		"no signature":    {request("", ""), 403, "<Error><Code>MissingAuthenticationToken</Code>"},
		"unknown service": {request("sts", OperatorAccessKeyID, form...), 501, "<ErrorResponse><Error><Code>UnknownService</Code><Message>the local AWS does not have the service sts; it has glue, rds, s3</Message>"},
		"unknown key":     {request("rds", "AKIANOBODY", form...), 403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code>"},
		"unknown to S3":   {request("s3", "AKIANOBODY"), 403, "<Error><Code>InvalidAccessKeyId</Code>"},
		"unknown to Glue": {request("glue", "AKIANOBODY", "X-Amz-Target", "AWSGlue.GetTables"), 403, `{"__type":"UnrecognizedClientException",`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, test.request)
			if w.Code != test.status || !strings.HasPrefix(w.Body.String(), test.want) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}
