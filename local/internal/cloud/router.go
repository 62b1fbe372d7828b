package cloud

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// newKey returns an access key. Its ID serves as the secret, because signatures are not verified.
func newKey() lambda.Credentials {
	return lambda.Credentials{AccessKeyID: "LOCAL" + rand.Text(), SecretAccessKey: "local"}
}

// router routes each request to the service that is named in its signature. It identifies the caller by the access key. The services check
// the caller's permissions.
type router struct {
	host     string                  // the listener's address
	services map[string]http.Handler // by signing name
	trinoKey string                  // Trino's access key ID, or ""
	athena   *athena.Service         // serves the requests that Trino makes
	sessions *sessions
	faults   *faults
}

func newRouter(host string, operator lambda.Credentials) *router {
	g := &router{host: host, services: map[string]http.Handler{}, sessions: &sessions{}, faults: &faults{}}
	g.sessions.byKey.Store(operator.AccessKeyID, session{})
	return g
}

// foreign describes a request that may come from a web page with another origin. It returns "" for any other request.
//
// Host is the host name in the URL, even if a hostile DNS server resolves that name to 127.0.0.1. Sec-Fetch-Site is "none" for an address
// that the user typed, and "same-site" for a page on another port of this machine (W3C, "Fetch Metadata Request Headers").
func (g *router) foreign(r *http.Request) string {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case r.Host != g.host && r.Host+":80" != g.host: // clients omit the default port
		return "requests for the host " + strconv.Quote(r.Host)
	case origin != "" && origin != "http://"+r.Host:
		return "requests from the origin " + strconv.Quote(origin)
	case site != "" && site != "same-origin" && site != "none":
		return "requests from a page of another origin"
	}
	return ""
}

func (g *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if from := g.foreign(r); from != "" {
		refuse(w, r, forbidden("AccessDenied", "the local AWS rejects "+from+"; use the address http://"+g.host))
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_runtime/") { // the functions' processes do not sign these requests
		g.services["lambda"].ServeHTTP(w, r)
		return
	}
	key, service, signed := wire.Scope(r)
	handler := g.services[service]
	caller, invalid := g.sessions.callerOf(r, key)
	switch {
	case !signed:
		refuse(w, r, forbidden("MissingAuthenticationToken", "Request is missing Authentication Token"))
	case handler == nil:
		refuse(w, r, &wire.Error{
			Code: "UnknownService",
			Message: fmt.Sprintf("the local AWS does not support the service %s; supported services: %s",
				service, strings.Join(slices.Sorted(maps.Keys(g.services)), ", ")),
			Status: http.StatusNotImplemented,
		})
	case key == g.trinoKey && key != "":
		g.athena.ServeTrino(handler, w, r)
	case invalid != "":
		refuse(w, r, rejection(service, invalid))
	default:
		g.faults.pass(handler, service, w, r.WithContext(iam.WithCaller(r.Context(), caller)))
	}
}

func forbidden(code, message string) *wire.Error {
	return &wire.Error{Code: code, Message: message, Status: http.StatusForbidden}
}

// rejection returns a service's error for invalid credentials, given S3's code (IAM guide, "Common errors").
func rejection(service, code string) *wire.Error {
	switch isQuery := slices.Contains([]string{"rds", "sts", "sns", "cloudformation"}, service); {
	case service == "s3" && code == unknownKey:
		return forbidden(code, "The AWS Access Key Id you provided does not exist in our records.")
	case service == "s3" && code == wrongToken:
		return wire.Errorf(code, "The provided token is malformed or otherwise invalid.")
	case service == "s3":
		return wire.Errorf(code, "The provided token has expired.")
	case isQuery && code == expiredToken:
		return forbidden("ExpiredToken", "The security token included in the request is expired")
	case isQuery:
		return forbidden("InvalidClientTokenId", "The security token included in the request is invalid.")
	case code == expiredToken:
		return forbidden("ExpiredTokenException", "The security token included in the request is expired")
	}
	return forbidden("UnrecognizedClientException", "The security token included in the request is invalid.")
}

// refuse responds with an error in the protocol of the request: JSON, Query (XML in response to a form), REST-JSON or S3.
func refuse(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	_, service, _ := wire.Scope(r)
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		wire.AnswerJSON(w, "1.1", nil, e)
	case isForm(r):
		wire.RefuseQuery(w, "", e)
	case slices.Contains([]string{"lambda", "lakeformation"}, service):
		wire.AnswerREST(w, nil, e)
	default:
		s3.Refuse(w, e)
	}
}
