package sns

import (
	"context"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Pend makes the subscriptions of an address ones that its owner has not confirmed yet: it gets no mail. Here all others are
// confirmed at once.
func (s *Service) Pend(endpoint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[endpoint] = true
}

type subscriptions struct {
	Subscriptions []subscription `xml:"Subscriptions>member"`
}

type subscription struct{ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn string }

// listSubscriptions answers ListSubscriptionsByTopic. It has no pages: SNS's own hold a hundred subscriptions.
func (s *Service) listSubscriptions(ctx context.Context, p *wire.Parameters) (any, error) {
	topicARN := p.Text("TopicArn")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "sns:ListSubscriptionsByTopic", Resource: topicARN}); err != nil {
		return nil, refusal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.topics[topicARN]
	if !ok {
		return nil, errNotFound()
	}
	var out subscriptions
	for _, endpoint := range to {
		arn := topicARN + ":" + wire.NewRequestID()
		if s.pending[endpoint] {
			arn = "PendingConfirmation"
		}
		out.Subscriptions = append(out.Subscriptions, subscription{arn, s.options.Account, "email", endpoint, topicARN})
	}
	return out, nil
}
