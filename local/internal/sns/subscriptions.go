package sns

import (
	"context"
	"encoding/xml"

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

type listSubscriptionsResponse struct {
	XMLName       xml.Name       `xml:"ListSubscriptionsByTopicResponse"`
	Namespace     string         `xml:"xmlns,attr"`
	Subscriptions []subscription `xml:"ListSubscriptionsByTopicResult>Subscriptions>member"`
	RequestID     string         `xml:"ResponseMetadata>RequestId"`
}

type subscription struct{ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn string }

// listSubscriptions answers ListSubscriptionsByTopic. It has no pages: SNS's own hold a hundred subscriptions.
func (s *Service) listSubscriptions(ctx context.Context, topicARN, requestID string) (listSubscriptionsResponse, error) {
	out := listSubscriptionsResponse{Namespace: namespace, RequestID: requestID}
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "sns:ListSubscriptionsByTopic", Resource: topicARN}); err != nil {
		return out, refusal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.topics[topicARN]
	if !ok {
		return out, errNotFound()
	}
	for _, endpoint := range to {
		arn := topicARN + ":" + wire.NewRequestID()
		if s.pending[endpoint] {
			arn = "PendingConfirmation"
		}
		out.Subscriptions = append(out.Subscriptions, subscription{arn, s.options.Account, "email", endpoint, topicARN})
	}
	return out, nil
}
