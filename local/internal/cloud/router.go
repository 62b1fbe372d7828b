package cloud

import (
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/wire"
)

// newKey returns an access key. Its ID is the secret, since the gate does not compute signatures.
func newKey() lambda.Credentials {
	return lambda.Credentials{AccessKeyID: "LOCAL" + rand.Text(), SecretAccessKey: "local"}
}

// gate passes requests on to the services, and refuses those that a web page of another origin may have sent. A request's signature
// names its service and the access key of its caller. The gate trusts it, and does not compute it. The services ask IAM what the
// caller may do.
type gate struct {
	host     string                  // the listener's, as requests name it
	services map[string]http.Handler // by signing name
	callers  map[string]iam.Caller   // by the access key IDs that there are
	faults   *faults
}

func newGate(host string, operator lambda.Credentials) *gate {
	return &gate{host: host, services: map[string]http.Handler{}, callers: map[string]iam.Caller{operator.AccessKeyID: {}}, faults: &faults{}}
}

// foreign returns what shows that a web page of another origin may have sent a request, or "".
//
// Host is the name in the URL, also when a hostile DNS server resolves that name to 127.0.0.1. Sec-Fetch-Site is "none" when a person
// typed the address, and "same-site" for a page of another port of this machine (W3C, "Fetch Metadata Request Headers").
func (g *gate) foreign(r *http.Request) string {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case r.Host != g.host && r.Host+":80" != g.host: // clients leave out the default port
		return "the host " + strconv.Quote(r.Host)
	case origin != "" && origin != "http://"+r.Host:
		return "the origin " + strconv.Quote(origin)
	case site != "" && site != "same-origin" && site != "none":
		return "a page of another origin"
	}
	return ""
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if from := g.foreign(r); from != "" {
		refuse(w, r, &wire.Error{
			Code: "AccessDenied", Message: "the local AWS refuses " + from + "; call it at http://" + g.host, Status: http.StatusForbidden,
		})
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_runtime/") { // the functions' processes, which do not sign
		g.services["lambda"].ServeHTTP(w, r)
		return
	}
	key, service, signed := wire.Scope(r)
	handler := g.services[service]
	caller, known := g.callers[key]
	switch {
	case !signed:
		refuse(w, r, &wire.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden})
	case handler == nil:
		refuse(w, r, &wire.Error{
			Code:    "UnknownService",
			Message: "the local AWS does not have the service " + service + "; it has " + strings.Join(slices.Sorted(maps.Keys(g.services)), ", "),
			Status:  http.StatusNotImplemented,
		})
	case !known:
		refuse(w, r, &wire.Error{Code: invalidKey(service), Message: "The security token included in the request is invalid.", Status: http.StatusForbidden})
	default:
		g.faults.pass(handler, service, w, r.WithContext(iam.WithCaller(r.Context(), caller)))
	}
}

// invalidKey is each service's word for an access key that is not known.
func invalidKey(service string) string {
	switch service {
	case "s3":
		return "InvalidAccessKeyId"
	case "rds", "iam", "sts", "sns", "cloudformation": // those of the Query protocol
		return "InvalidClientTokenId"
	default:
		return "UnrecognizedClientException"
	}
}

// refuse answers in the protocol of the request: JSON, Query (an XML answer to a form), or S3's.
func refuse(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	type body struct {
		Code, Message string
	}
	var answer any
	encode, contentType := xml.Marshal, "text/xml"
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		members := map[string]string{"__type": e.Code, "message": e.Message}
		maps.Copy(members, e.Fields)
		answer = members
		encode, contentType = json.Marshal, "application/x-amz-json-1.1"
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		answer = struct {
			XMLName xml.Name `xml:"ErrorResponse"`
			Error   body
		}{Error: body{e.Code, e.Message}}
	default:
		answer = struct {
			XMLName xml.Name `xml:"Error"`
			body
		}{body: body{e.Code, e.Message}}
	}
	b, err := encode(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	w.WriteHeader(e.HTTPStatus())
	_, _ = w.Write(b) // the client has gone: nobody is left to tell
}
