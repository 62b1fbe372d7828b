package events

import (
	"errors"
	"slices"
	"sync"

	"snaplake/local/internal/wire"
)

// Queue is an SQS queue for dead letters. It keeps all messages.
type Queue struct {
	ARN string

	mu       sync.Mutex
	messages []Message
}

// Message is a dead letter.
type Message struct {
	// Body is the undelivered event, in JSON.
	Body string
	// Attributes holds, for example, ERROR_CODE and ERROR_MESSAGE. Lambda's dead letters have different attributes from those that EventBridge
	// sends.
	Attributes map[string]string
}

// CreateQueue creates an empty queue with the given name.
func (s *Service) CreateQueue(name string) *Queue {
	q := &Queue{ARN: s.arn("sqs", name)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[q.ARN] = q
	return q
}

// Messages returns the messages of the queue, oldest first.
func (q *Queue) Messages() []Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.messages)
}

// Send sends a message to a queue. The caller must have checked the permission.
func (s *Service) Send(queueARN, body string, attributes map[string]string) error {
	s.mu.Lock()
	q := s.queues[queueARN]
	s.mu.Unlock()
	if q == nil {
		return wire.Errorf("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist: %s", queueARN)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, Message{Body: body, Attributes: attributes})
	return nil
}

// bury sends a dead letter to its queue, or logs that the event is lost. On AWS, only a metric shows the loss.
func (s *Service) bury(queueARN string, m Message, checkPermission func() error) {
	err := errors.New("not configured")
	if queueARN != "" {
		if err = checkPermission(); err == nil {
			err = s.Send(queueARN, m.Body, m.Attributes)
		}
	}
	if err != nil {
		s.options.Log.Warn("event lost", "target", m.Attributes["TARGET_ARN"], "reason", m.Attributes["ERROR_MESSAGE"], "deadLetterQueue", err)
	}
}
