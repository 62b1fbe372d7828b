package wire

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"

	"snaplake/local/internal/iam"
)

// QueryOperation handles a request in the Query protocol. It returns the content of the result element, or nil to omit the element.
// Before it acts, it must read all parameters and check [Parameters.Err].
type QueryOperation func(context.Context, *Parameters) (any, error)

// QueryService serves operations in AWS's Query protocol: the request is a form, and the response is XML.
type QueryService struct {
	// Name is the service's name in error messages, for example "RDS".
	Name string
	// Version is the API version that each request must specify, for example "2014-10-31".
	Version string
	// Namespace is the XML namespace of the responses, for example "http://rds.amazonaws.com/doc/2014-10-31/".
	Namespace string
	// InvalidParameter is the service's error code for an unknown parameter, for example "InvalidParameterValue".
	InvalidParameter string
	Operations       map[string]QueryOperation
}

func (s QueryService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	action, result, err := s.call(r)
	if err != nil {
		RefuseQuery(w, s.Namespace, err)
		return
	}
	AnswerQuery(w, s.Namespace, action, result)
}

// AnswerQuery writes a response in the Query protocol: <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata/>...
func AnswerQuery(w http.ResponseWriter, namespace, action string, result any) {
	writeQuery(w, http.StatusOK, func(requestID string) any {
		return queryAnswer{xml.Name{Space: namespace, Local: action + "Response"}, element{action + "Result", result}, requestID}
	})
}

// RefuseQuery writes an error in the Query protocol. An [*iam.Denied] becomes AccessDenied.
func RefuseQuery(w http.ResponseWriter, namespace string, err error) {
	e, blame := AsError(err), "Sender"
	if r, ok := errors.AsType[*iam.Denied](err); ok {
		e = &Error{Code: "AccessDenied", Message: r.Error(), Status: http.StatusForbidden}
	}
	if e.HTTPStatus() >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	writeQuery(w, e.HTTPStatus(), func(requestID string) any {
		return queryFailure{xml.Name{Space: namespace, Local: "ErrorResponse"}, blame, e.Code, e.Message, requestID}
	})
}

func writeQuery(w http.ResponseWriter, status int, response func(requestID string) any) {
	requestID := NewRequestID()
	b, err := xml.Marshal(response(requestID))
	if err != nil {
		panic(fmt.Sprintf("encode the response: %v", err)) // programming error
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-RequestId", requestID)
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), b...)) // fails only if the client has disconnected
}

func (s QueryService) call(r *http.Request) (action string, result any, err error) {
	if err := r.ParseForm(); err != nil {
		return "", nil, Errorf("MalformedQueryString", "read the request: %v", err)
	}
	p := newParameters(s, r.PostForm)
	if p.Action == "" {
		return "", nil, Errorf("MissingAction", "the request has no Action parameter; send a form to %s with POST", s.Name)
	}
	operation, known := s.Operations[p.Action]
	if v := p.Text("Version"); !known || v != s.Version {
		return "", nil, Errorf("InvalidAction", "the local %s does not support the operation %s in version %q", s.Name, p.Action, v)
	}
	result, err = operation(r.Context(), p)
	return p.Action, result, err
}

type queryAnswer struct {
	XMLName   xml.Name
	Result    element
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

type queryFailure struct {
	XMLName   xml.Name
	Type      string `xml:"Error>Type"`
	Code      string `xml:"Error>Code"`
	Message   string `xml:"Error>Message"`
	RequestID string `xml:"RequestId"`
}

// element is XML content with an explicit element name.
type element struct {
	name    string
	content any
}

// MarshalXML encodes the content under the element's name.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.content, xml.StartElement{Name: xml.Name{Local: e.name}})
}
