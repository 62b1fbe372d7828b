package sns

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// The protocol is AWS's Query protocol: a form is posted, XML comes back.
const (
	version   = "2010-03-31"
	namespace = "http://sns.amazonaws.com/doc/" + version + "/"
	// maxForm is above SNS's own limit, with every byte escaped; it keeps a broken client from filling the memory.
	maxForm = 4 * maxMessage
)

// published is the answer of Publish.
type published struct {
	XMLName   xml.Name `xml:"PublishResponse"`
	Namespace string   `xml:"xmlns,attr"`
	MessageID string   `xml:"PublishResult>MessageId"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type failure struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// ServeHTTP answers the operations Publish and ListSubscriptionsByTopic of SNS's API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := wire.NewRequestID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-RequestId", requestID)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	answer, err := s.call(r, requestID)
	if err == nil {
		write(w, answer)
		return
	}
	e, blame := wire.AsError(err), "Sender"
	if e.HTTPStatus() >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	w.WriteHeader(e.HTTPStatus())
	write(w, failure{Namespace: namespace, Type: blame, Code: e.Code, Message: e.Message, RequestID: requestID})
}

func (s *Service) call(r *http.Request, requestID string) (answer any, err error) {
	if err := r.ParseForm(); err != nil {
		return nil, wire.Errorf("MalformedQueryString", "read the request: %v", err)
	}
	form := r.PostForm
	topic := form.Get("TopicArn")
	switch action, v := form.Get("Action"), form.Get("Version"); {
	case v == version && action == "ListSubscriptionsByTopic":
		if err := onlyKnown(form, "TopicArn"); err != nil {
			return nil, err
		}
		return s.listSubscriptions(r.Context(), topic, requestID)
	case v == version && action == "Publish":
		if err := onlyKnown(form, "TopicArn", "Subject", "Message"); err != nil {
			return nil, err
		}
		id, err := s.publish(r.Context(), Message{TopicARN: topic, Subject: form.Get("Subject"), Text: form.Get("Message")})
		return published{Namespace: namespace, MessageID: id, RequestID: requestID}, err
	default:
		return nil, wire.Errorf("InvalidAction", "the local AWS's SNS does not have the operation %s in version %q", action, v)
	}
}

// onlyKnown refuses other parameters by name: an emulated service never ignores what it was asked.
func onlyKnown(form url.Values, known ...string) error {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(form)), func(name string) bool {
		return name == "Action" || name == "Version" || slices.Contains(known, name)
	})
	if len(names) == 0 {
		return nil
	}
	return wire.Errorf("InvalidParameter", "the local AWS's SNS does not take the parameter %s of %s", strings.Join(names, ", "), form.Get("Action"))
}

func write(w http.ResponseWriter, v any) {
	b, err := xml.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sns: encode the answer: %v", err)) // a bug of ours: the types are ours
	}
	_, _ = w.Write(append([]byte(xml.Header), b...)) // the client has gone: nobody is left to tell
}
