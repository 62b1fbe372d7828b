package stepfunctions

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// result is what a call gives: the value that ResultSelector reads, and its JSON text.
func (c *call) result(answer Invocation, err error, now time.Time) (any, string, *asl.Error) {
	if err != nil {
		return nil, "", serviceError(err)
	}
	if answer.FunctionError != "" {
		return nil, "", functionError(answer.Payload)
	}
	payload, err := asl.Decode(answer.Payload)
	if err != nil {
		payload = string(answer.Payload)
	}
	if c.arn == "" {
		payload = response(answer, payload, now)
	}
	text, ok := asl.EncodeWithin(payload, asl.MaxData)
	if !ok {
		return nil, "", asl.TooLarge(cmp.Or(c.arn, "lambda"))
	}
	return payload, text, nil
}

// response is Lambda's answer as the optimized integration gives it.
func response(answer Invocation, payload any, now time.Time) map[string]any {
	headers := map[string]string{
		"Connection":                     "keep-alive",
		"Content-Length":                 strconv.Itoa(len(answer.Payload)),
		"Content-Type":                   "application/json",
		"Date":                           now.UTC().Format(http.TimeFormat),
		"X-Amz-Executed-Version":         answer.ExecutedVersion,
		"x-amzn-Remapped-Content-Length": "0",
		"x-amzn-RequestId":               answer.RequestID,
	}
	all, single := map[string]any{}, map[string]any{}
	for name, value := range headers {
		all[name], single[name] = []any{value}, value
	}
	return map[string]any{
		"ExecutedVersion":     answer.ExecutedVersion,
		"Payload":             payload,
		"SdkHttpMetadata":     map[string]any{"AllHttpHeaders": all, "HttpHeaders": single, "HttpStatusCode": int64(200)},
		"SdkResponseMetadata": map[string]any{"RequestId": answer.RequestID},
		"StatusCode":          int64(200),
	}
}

// functionError is named after the errorType that the function reported; the cause is all that it reported.
func functionError(payload []byte) *asl.Error {
	var reported struct {
		ErrorType string `json:"errorType"`
	}
	if err := json.Unmarshal(payload, &reported); err != nil || reported.ErrorType == "" {
		return &asl.Error{
			Name:  "Lambda.Unknown",
			Cause: "The cause could not be determined because Lambda did not return an error type. Returned payload: " + string(payload),
		}
	}
	return &asl.Error{Name: reported.ErrorType, Cause: string(payload)}
}

// serviceError is named after the exception of Lambda's API; what is none of those is what the SDK makes of it.
func serviceError(err error) *asl.Error {
	e, ok := err.(*wire.Error)
	if !ok {
		return &asl.Error{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	name := "AWSLambdaException"
	if modeled(e.Code) {
		name = e.Code
	}
	return &asl.Error{
		Name: "Lambda." + name,
		Cause: fmt.Sprintf("%s (Service: AWSLambda; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			e.Message, e.HTTPStatus(), e.Code, wire.NewRequestID()),
	}
}

// modeled tells whether Lambda's API model has this error for Invoke (API reference, Invoke, Errors).
func modeled(code string) bool {
	switch code {
	case "EC2AccessDeniedException", "EC2ThrottledException", "EC2UnexpectedException",
		"EFSIOException", "EFSMountConnectivityException", "EFSMountFailureException", "EFSMountTimeoutException",
		"ENILimitReachedException", "InvalidParameterValueException", "InvalidRequestContentException",
		"InvalidRuntimeException", "InvalidSecurityGroupIDException", "InvalidSubnetIDException", "InvalidZipFileException",
		"KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException",
		"RecursiveInvocationException", "RequestTooLargeException", "ResourceConflictException",
		"ResourceNotFoundException", "ResourceNotReadyException", "ServiceException", "SnapStartException",
		"SnapStartNotReadyException", "SnapStartTimeoutException", "SubnetIPAddressLimitReachedException",
		"TooManyRequestsException", "UnsupportedMediaTypeException":
		return true
	default:
		return false
	}
}
