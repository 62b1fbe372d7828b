package rds

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"snaplake/local/internal/wire"
)

// The protocol is AWS's Query protocol: a form is posted, XML comes back.
const (
	version   = "2014-10-31"
	namespace = "http://rds.amazonaws.com/doc/" + version + "/"
	// maxForm is above every limit of RDS's own; it keeps a broken client from filling the memory.
	maxForm = 4 << 20
)

// operation answers one call with what stands in its result element. It reads all its parameters, and asks [params.err],
// before it acts.
type operation func(context.Context, *params) (any, error)

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := wire.NewRequestID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-RequestId", requestID)

	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	action, result, err := s.call(r)
	if err != nil {
		e := asError(err)
		w.WriteHeader(e.HTTPStatus())
		write(w, failureOf(e, requestID))
		return
	}
	write(w, answer{
		XMLName:   xml.Name{Space: namespace, Local: action + "Response"},
		Result:    element{name: action + "Result", content: result},
		RequestID: requestID,
	})
}

func (s *Service) call(r *http.Request) (action string, result any, err error) {
	if err := r.ParseForm(); err != nil {
		return "", nil, wire.Errorf("MalformedQueryString", "read the request: %v", err)
	}
	p := newParams(r.PostForm)
	action = p.text("Action")
	if action == "" {
		return "", nil, wire.Errorf("MissingAction", "the request has no parameter Action; RDS takes a form by POST")
	}
	op, known := s.operations[action]
	if v := p.text("Version"); !known || v != version {
		return "", nil, wire.Errorf("InvalidAction", "the local AWS's RDS does not have the operation %s in version %q", action, v)
	}
	result, err = op(r.Context(), p)
	return action, result, err
}

// answer is <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata/></ActionResponse>.
type answer struct {
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

func failureOf(e *wire.Error, requestID string) failure {
	blame := "Sender"
	if e.HTTPStatus() >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	return failure{
		XMLName: xml.Name{Space: namespace, Local: "ErrorResponse"},
		Type:    blame, Code: e.Code, Message: e.Message, RequestID: requestID,
	}
}

func write(w http.ResponseWriter, v any) {
	b, err := xml.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("rds: encode the answer: %v", err)) // a bug of ours: the types are ours
	}
	_, _ = w.Write(append([]byte(xml.Header), b...)) // the client has gone: nobody is left to tell
}

// stamp is a time as RDS writes it: 2026-11-21T17:05:12.345Z.
type stamp time.Time

// stampOf is nil, and so absent from the answer, for the zero time.
func stampOf(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	return (*stamp)(&t)
}

// MarshalText writes milliseconds, in UTC.
func (t stamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}
