package cloud

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/wire"
)

// The operator's credentials: those of a person with the AWS CLI.
const (
	OperatorAccessKeyID     = "snaplake"
	OperatorSecretAccessKey = "local"
)

// Operator is the operator's access key.
func Operator() lambda.Credentials {
	return lambda.Credentials{AccessKeyID: OperatorAccessKeyID, SecretAccessKey: OperatorSecretAccessKey}
}

// gate lets requests in to the services. It knows from a request's signature which service it is for and whose it is, and
// trusts it: it does not compute signatures. What the caller may do, the services ask IAM.
type gate struct {
	services map[string]http.Handler // by signing name
	callers  map[string]iam.Caller   // by the access key IDs that there are
	faults   *faults
}

func newGate() *gate {
	return &gate{services: map[string]http.Handler{}, callers: map[string]iam.Caller{OperatorAccessKeyID: {}}, faults: &faults{}}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
