package cloud

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// injectedMessage is the message of an injected error. AWS's own messages contain details that are unknown here.
const injectedMessage = "Injected because of --fault."

// plannedError returns the service's error for a fault: a throttling error, an internal error, or another error that the service documents.
func plannedError(service string, kind fault.Kind) *wire.Error {
	switch kind {
	case fault.Throttle: // API references, "Common errors"; S3's "Error responses"
		switch service {
		case "s3":
			return &wire.Error{Code: "SlowDown", Message: "Please reduce your request rate.", Status: http.StatusServiceUnavailable}
		case "rds", "sns":
			return wire.Errorf("Throttling", "Rate exceeded")
		}
		return wire.Errorf("ThrottlingException", "Rate exceeded")
	case fault.ServerError:
		return internal(service)
	case "TooManyRequestsException": // the Reason of Athena's error distinguishes a full queue from too frequent calls
		e := wire.Errorf(string(kind), injectedMessage)
		e.Fields = map[string]string{"Reason": "CONCURRENT_QUERY_LIMIT_EXCEEDED"}
		return e
	default:
		return &wire.Error{Code: string(kind), Message: injectedMessage, Status: kind.Status()}
	}
}

func internal(service string) *wire.Error {
	codes := map[string]string{
		"s3": "InternalError", "sns": "InternalError", "glue": "InternalServiceException", "athena": "InternalServerException",
	}
	return &wire.Error{
		Code:    cmp.Or(codes[service], "InternalFailure"), // "Common errors": the other API models define no internal error
		Message: "We encountered an internal error. Please try again.", Status: http.StatusInternalServerError,
	}
}

// deniedError returns the error of a service for a call that no policy allows. The error names a resource only if the path of the request
// contains one.
func deniedError(c Call, r *http.Request, account string) *wire.Error {
	action, resource := c.Service+":"+c.Operation, "*"
	if c.Service == "s3" {
		actions := map[string]string{"ListObjectsV2": "s3:ListBucket", "DeleteObjects": "s3:DeleteObject"}
		action, resource = cmp.Or(actions[c.Operation], action), `"arn:aws:s3:::`+strings.Trim(r.URL.Path, "/")+`"`
	}
	if c.Service == "sns" {
		action = "SNS:" + c.Operation
	}
	denied := &iam.Denied{
		Principal: iam.CallerOf(r.Context()).ARN(account), Action: action, Resource: resource,
		Reason: "no identity-based policy allows the " + action + " action",
	}
	switch c.Service {
	case "s3", "rds":
		return &wire.Error{Code: "AccessDenied", Message: denied.Error(), Status: http.StatusForbidden}
	case "sns":
		return &wire.Error{Code: "AuthorizationError", Message: denied.Error(), Status: http.StatusForbidden}
	default:
		return wire.AsError(denied)
	}
}

// deniedKeys returns the response of DeleteObjects when IAM denies the deletion: status 200, with an error for each key.
func deniedKeys(r *http.Request, e *wire.Error) *answer {
	var asked struct {
		Object []struct{ Key string }
	}
	_ = xml.Unmarshal(bodyOf(r), &asked) // if the XML is invalid, there are no keys
	var out gofakes3.MultiDeleteResult
	for _, o := range asked.Object {
		out.Error = append(out.Error, gofakes3.ErrorResult{Key: o.Key, Code: gofakes3.ErrorCode(e.Code), Message: e.Message})
	}
	return record(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeXML(w, out) }), r)
}
