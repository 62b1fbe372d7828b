package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// unconfirmed is what SNS returns in place of the ARN of an unconfirmed subscription (SNS guide, "Subscribing an email address").
const unconfirmed = "PendingConfirmation"

// checkSubscriptions checks that every address under notify has confirmed its subscription.
func (d *doctor) checkSubscriptions(ctx context.Context) []finding {
	const s subject = "notifications"
	if len(d.config.Notify) == 0 {
		return s.ok("no e-mail addresses: notify is empty")
	}
	topic := fmt.Sprintf("arn:%s:sns:%s:%s:%s", d.config.Partition(), d.config.Region, d.config.Account, d.config.Name)
	arns := map[string]string{} // of the subscriptions, by e-mail address
	pages := sns.NewListSubscriptionsByTopicPaginator(d.aws.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return d.checkFailed(s, err)
		}
		for _, s := range page.Subscriptions {
			arns[aws.ToString(s.Endpoint)] = aws.ToString(s.SubscriptionArn)
		}
	}
	var problems []finding
	for _, address := range d.config.Notify {
		switch arns[address] {
		case "":
			problems = append(problems, s.problem("%s is not subscribed; run make deploy", address)...)
		case unconfirmed:
			problems = append(problems, s.problem("%s has not confirmed the subscription; open the mail from AWS and confirm", address)...)
		}
	}
	return s.okUnless(problems, "failures are mailed to %s", strings.Join(d.config.Notify, ", "))
}
