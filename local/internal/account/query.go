package account

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// query serves operations in AWS's Query protocol: a form is posted, XML comes back.
type query struct {
	namespace, version string
	operations         map[string]operation
}

// operation answers one call with what stands in its result element.
type operation struct {
	// parameters are those that it takes.
	parameters []string
	answer     func(context.Context, url.Values) (any, error)
}

// maxForm is above every limit of the services' own; it keeps a broken client from filling the memory.
const maxForm = 1 << 20

func (q query) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := wire.NewRequestID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-RequestId", requestID)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var out any
	action, result, err := q.call(r)
	if err == nil {
		out = response{xml.Name{Space: q.namespace, Local: action + "Response"}, element{action + "Result", result}, requestID}
	} else {
		e := asError(err)
		w.WriteHeader(e.HTTPStatus())
		out = failure{xml.Name{Space: q.namespace, Local: "ErrorResponse"}, "Sender", e.Code, e.Message, requestID}
	}
	b, err := xml.Marshal(out)
	if err != nil {
		panic(fmt.Sprintf("account: encode the answer: %v", err)) // a bug of ours: the types are ours
	}
	_, _ = w.Write(append([]byte(xml.Header), b...)) // the client has gone: nobody is left to tell
}

func (q query) call(r *http.Request) (action string, result any, err error) {
	if err := r.ParseForm(); err != nil {
		return "", nil, wire.Errorf("MalformedQueryString", "read the request: %v", err)
	}
	form := r.PostForm
	action = form.Get("Action")
	operation, known := q.operations[action]
	if version := form.Get("Version"); !known || version != q.version {
		return "", nil, wire.Errorf("InvalidAction", "the local AWS does not have the operation %q in version %q", action, version)
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != "Action" && name != "Version" && !slices.Contains(operation.parameters, name) {
			return "", nil, wire.Errorf("ValidationError", "the local AWS does not take the parameter %s of %s", name, action)
		}
	}
	result, err = operation.answer(r.Context(), form)
	return action, result, err
}

// asError words a refusal as the services of this protocol do.
func asError(err error) *wire.Error {
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return &wire.Error{Code: "AccessDenied", Message: d.Error(), Status: http.StatusForbidden}
	}
	return wire.AsError(err)
}

// response is <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata/></ActionResponse>.
type response struct {
	XMLName   xml.Name
	Result    element
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

// element is content under a name that is not its type's.
type element struct {
	name    string
	content any
}

// MarshalXML writes the content under the element's own name.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.content, xml.StartElement{Name: xml.Name{Local: e.name}})
}

type failure struct {
	XMLName   xml.Name
	Type      string `xml:"Error>Type"`
	Code      string `xml:"Error>Code"`
	Message   string `xml:"Error>Message"`
	RequestID string `xml:"RequestId"`
}
