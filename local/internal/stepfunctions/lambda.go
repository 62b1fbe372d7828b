package stepfunctions

import (
	"encoding/json"
	"fmt"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// taskResult returns the result of lambda:invoke, without the HTTP headers that AWS adds as SdkHttpMetadata.
func taskResult(answer lambda.Invocation, err error) (any, *asl.Error) {
	if err != nil {
		return nil, serviceError(err)
	}
	if answer.FunctionError != "" {
		return nil, functionError(answer.Payload)
	}
	payload, err := asl.Decode(answer.Payload)
	if err != nil {
		payload = string(answer.Payload)
	}
	result := map[string]any{
		"ExecutedVersion":     "$LATEST",
		"Payload":             payload,
		"SdkResponseMetadata": map[string]any{"RequestId": answer.RequestID},
		"StatusCode":          200,
	}
	if len(asl.Encode(result)) > asl.MaxData {
		return nil, asl.TooLarge("lambda")
	}
	return result, nil
}

// functionError returns the error for a failed function: the name is the reported errorType, and the cause is the complete payload.
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

// serviceError returns the error for a call that Lambda's API rejected or that did not reach Lambda.
func serviceError(err error) *asl.Error {
	e, ok := err.(*wire.Error)
	if !ok {
		return &asl.Error{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	name := "Lambda.AWSLambdaException"
	switch e.Code {
	case "ResourceNotFoundException", "ServiceException", "TooManyRequestsException": // the errors of Invoke that the local Lambda returns
		name = "Lambda." + e.Code
	}
	return &asl.Error{
		Name: name,
		Cause: fmt.Sprintf("%s (Service: AWSLambda; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			e.Message, e.HTTPStatus(), e.Code, wire.NewRequestID()),
	}
}
