// Package sns emulates SNS: topics with email subscriptions.
//
// It supports Publish, which Notify calls, and ListSubscriptionsByTopic, which `make doctor` calls. Topics and subscriptions come from the
// stack. Published messages are not sent by email; [Options.Published] receives them with their recipients.
package sns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Options configure a Service.
type Options struct {
	Region, Account string
	// Guard authorizes each call. If nil, every call is allowed.
	Guard *iam.Guard
	// Published, if set, is called with each published message.
	Published func(Message)
}

// Message is a published message.
type Message struct {
	ID, TopicARN string
	// Subject is the subject of the email. It may be empty.
	Subject string
	Text    string
	// To holds the subscribed addresses.
	To []string
}

// Service serves the SNS API. The signing name is "sns".
type Service struct {
	http.Handler
	options Options

	mu     sync.Mutex
	topics map[string][]string // the subscribed addresses, by topic ARN
}

// New returns a service without topics.
func New(options Options) *Service {
	s := &Service{options: options, topics: map[string][]string{}}
	s.Handler = wire.QueryService{
		Name: "SNS", Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/", InvalidParameter: "InvalidParameter",
		Operations: map[string]wire.QueryOperation{
			"Publish": s.publish, "ListSubscriptionsByTopic": s.listSubscriptions,
		},
	}
	return s
}

// CreateTopic creates a topic and returns its ARN.
func (s *Service) CreateTopic(name string) string {
	arn := fmt.Sprintf("arn:aws:sns:%s:%s:%s", s.options.Region, s.options.Account, name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topics[arn] = nil
	return arn
}

// Subscribe subscribes an email address to a topic. Unlike on AWS, no confirmation is needed.
func (s *Service) Subscribe(topicARN, protocol, endpoint string) error {
	if protocol != "email" {
		return wire.Errorf("InvalidParameter", "the local AWS does not support the protocol %s; use email", protocol)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.topics[topicARN]
	if !ok {
		return errNotFound()
	}
	s.topics[topicARN] = append(to, endpoint)
	return nil
}

func (s *Service) publish(ctx context.Context, p *wire.Parameters) (any, error) {
	m := Message{TopicARN: p.Text("TopicArn"), Subject: p.Text("Subject"), Text: p.Text("Message")}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.check(ctx, "Publish", m.TopicARN); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.ID = wire.NewRequestID()
	s.mu.Lock()
	to, ok := s.topics[m.TopicARN]
	m.To = slices.Clone(to)
	s.mu.Unlock()
	if !ok {
		return nil, errNotFound()
	}
	if s.options.Published != nil {
		s.options.Published(m)
	}
	return struct{ MessageId string }{m.ID}, nil
}

type subscription struct{ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn string }

// listSubscriptions returns all subscriptions on one page. In SNS, a page contains up to 100 subscriptions.
func (s *Service) listSubscriptions(ctx context.Context, p *wire.Parameters) (any, error) {
	topicARN := p.Text("TopicArn")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.check(ctx, "ListSubscriptionsByTopic", topicARN); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.topics[topicARN]
	if !ok {
		return nil, errNotFound()
	}
	var out struct {
		Subscriptions []subscription `xml:"Subscriptions>member"`
	}
	for _, endpoint := range to {
		arn := topicARN + ":" + wire.NewRequestID()
		out.Subscriptions = append(out.Subscriptions, subscription{arn, s.options.Account, "email", endpoint, topicARN})
	}
	return out, nil
}

// SNS's limits (API reference, Publish).
const (
	maxMessage = 256 * 1024 // bytes
	maxSubject = 99         // characters
)

func (m Message) check() error {
	switch {
	case m.Text == "":
		return wire.Errorf("InvalidParameter", "Invalid parameter: Empty message")
	case len(m.Text) > maxMessage:
		return wire.Errorf("InvalidParameter", "Invalid parameter: Message too long")
	case len(m.Subject) > maxSubject || strings.HasPrefix(m.Subject, " ") || strings.ContainsFunc(m.Subject, unprintable):
		return wire.Errorf("InvalidParameter", "Invalid parameter: Subject")
	default:
		return nil
	}
}

// unprintable reports whether r is not allowed in a subject, which must be printable ASCII.
func unprintable(r rune) bool { return r < ' ' || r > '~' }

func errNotFound() error {
	return &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
}

// check checks the caller's permission. In access-denied messages, SNS writes SNS:Publish instead of sns:Publish.
func (s *Service) check(ctx context.Context, operation, topicARN string) error {
	err := s.options.Guard.Check(ctx, iam.Call{Action: "sns:" + operation, Resource: topicARN})
	d, denied := errors.AsType[*iam.Denied](err)
	if !denied {
		return err
	}
	text := strings.ReplaceAll(d.Error(), "sns:"+operation, "SNS:"+operation)
	return &wire.Error{Code: "AuthorizationError", Message: text, Status: http.StatusForbidden}
}
