// Package sns is the local AWS's SNS: topics that messages are published to. It sends no mail; it keeps what would be sent, and to
// whom.
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

// Options say where the service is, and who may publish.
type Options struct {
	Region, Account string
	// Guard decides who may publish to a topic.
	Guard *iam.Guard
	// Published, when it is not nil, is told each message. No lock is held meanwhile.
	Published func(Message)
}

// Message is a message as it was published.
type Message struct {
	ID, TopicARN string
	// Subject is the subject of a mail; "" when none was given.
	Subject string
	Text    string
	// To are the addresses that were subscribed.
	To []string
}

// Service has topics.
type Service struct {
	options Options
	http    http.Handler

	mu       sync.Mutex
	topics   map[string][]string // by ARN: the addresses that are subscribed
	pending  map[string]bool     // the addresses that have not confirmed
	messages []Message
}

// New makes a service without topics.
func New(options Options) *Service {
	s := &Service{options: options, topics: map[string][]string{}, pending: map[string]bool{}}
	s.http = wire.QueryService{
		Name: "SNS", Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/", InvalidParameter: "InvalidParameter",
		Operations: map[string]wire.QueryOperation{
			"Publish": s.publish, "ListSubscriptionsByTopic": s.listSubscriptions,
		},
	}
	return s
}

// ServeHTTP speaks SNS's protocol, the Query protocol; signing name "sns".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// CreateTopic makes a topic and returns its ARN.
func (s *Service) CreateTopic(name string) string {
	arn := fmt.Sprintf("arn:aws:sns:%s:%s:%s", s.options.Region, s.options.Account, name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topics[arn] = nil
	return arn
}

// Subscribe subscribes an address to a topic. On AWS its owner must confirm that first, with a link in a mail.
func (s *Service) Subscribe(topicARN, protocol, endpoint string) error {
	if protocol != "email" {
		return wire.Errorf("InvalidParameter", "the local AWS has no subscriptions of the protocol %s; it has email", protocol)
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

// Messages are those that were published, the oldest first.
func (s *Service) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

type published struct{ MessageId string }

// publish publishes a message to its topic.
func (s *Service) publish(ctx context.Context, p *wire.Parameters) (any, error) {
	m := Message{TopicARN: p.Text("TopicArn"), Subject: p.Text("Subject"), Text: p.Text("Message")}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "sns:Publish", Resource: m.TopicARN}); err != nil {
		return nil, refusal(err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.ID = wire.NewRequestID()
	if err := s.keep(&m); err != nil {
		return nil, err
	}
	if s.options.Published != nil {
		s.options.Published(m)
	}
	return published{m.ID}, nil
}

// keep keeps a message, and notes in it to whom it goes.
func (s *Service) keep(m *Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.topics[m.TopicARN]
	if !ok {
		return errNotFound()
	}
	m.To = slices.DeleteFunc(slices.Clone(to), func(address string) bool { return s.pending[address] })
	s.messages = append(s.messages, *m)
	return nil
}

// SNS's limits (API reference, Publish).
const (
	maxMessage = 256 * 1024 // bytes
	maxSubject = 99         // characters
)

func (m Message) check() error {
	switch {
	case strings.Count(m.TopicARN, ":") < 5:
		return wire.Errorf("InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not %d", strings.Count(m.TopicARN, ":")+1)
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

// unprintable is what a subject must not have: anything but ASCII, and of that line breaks and control characters.
func unprintable(r rune) bool { return r < ' ' || r > '~' }

func errNotFound() error {
	return &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
}

// refusal is IAM's as SNS words it: it writes its own name in capitals.
func refusal(err error) error {
	d, ok := errors.AsType[*iam.Denied](err)
	if !ok {
		return err
	}
	text := strings.ReplaceAll(d.Error(), "sns:Publish", "SNS:Publish")
	return &wire.Error{Code: "AuthorizationError", Message: text, Status: http.StatusForbidden}
}
