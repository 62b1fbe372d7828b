package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// snsAPI lists who is told of failures.
type snsAPI interface {
	ListSubscriptionsByTopic(context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error)
}

// pending is what SNS has in place of the ARN of a subscription that its owner has not confirmed (SNS guide, "Subscribing an
// email address").
const pending = "PendingConfirmation"

// checkMail looks whether those who shall be told of failed nights have agreed to be.
func (d *doctor) checkMail(ctx context.Context) []line {
	const part = "mail"
	topic := d.stack.outputs["TopicArn"]
	subscriptions := map[string]string{} // by e-mail address, their ARNs
	pages := sns.NewListSubscriptionsByTopicPaginator(d.aws.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if codeOf(err) == "NotFound" {
			return []line{fault.says(part, "the topic %s is gone; run make destroy, then make deploy", topic)}
		}
		if err != nil {
			return []line{d.couldNotLook(part, err)}
		}
		for _, s := range page.Subscriptions {
			subscriptions[aws.ToString(s.Endpoint)] = aws.ToString(s.SubscriptionArn)
		}
	}
	if len(d.config.Notify) == 0 {
		return []line{ok.says(part, "nobody is told of failures: notify is empty")}
	}
	var faults []line
	for _, address := range d.config.Notify {
		switch subscriptions[address] {
		case "":
			faults = append(faults, fault.says(part, "%s is not subscribed to failures; run make deploy", address))
		case pending:
			faults = append(faults, fault.says(part, "%s has not confirmed; open the mail from AWS and confirm", address))
		}
	}
	return orElse(faults, part, "failures are told to %s", strings.Join(d.config.Notify, ", "))
}
