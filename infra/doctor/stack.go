package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

type stack struct {
	// deployed is false before the first successful deployment.
	deployed bool
	// physical holds the physical ID of each construct. The keys are construct IDs, for example "CrawlerRole" or "shopCrawler".
	physical map[string]string
}

// readStack checks the stack's status and sets d.stack for the other checks. A stack that is not deployed yet is not a problem.
func (d *doctor) readStack(ctx context.Context) []finding {
	const s subject = "stack"
	missing := s.note("%s is not deployed yet; run make deploy", d.config.Name)
	out, err := cloudformation.NewFromConfig(d.aws).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &d.config.Name})
	if codeOf(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") {
		return missing
	}
	if err != nil {
		return d.checkFailed(s, err)
	}
	status := out.Stacks[0].StackStatus
	if status == types.StackStatusReviewInProgress { // a change set was created but never executed
		return missing
	}
	physical := map[string]string{}
	in := cloudformation.ListStackResourcesInput{StackName: &d.config.Name}
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(d.aws), &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return d.checkFailed(s, err)
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus != types.ResourceStatusDeleteComplete {
				constructID := idHash.ReplaceAllString(aws.ToString(r.LogicalResourceId), "")
				physical[constructID] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	d.stack = stack{deployed: hasResources(status), physical: physical}
	return s.status(d.config.Name, status)
}

// idHash matches the hash that the CDK appends to a construct's path to form a logical ID.
var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

func (s subject) status(name string, status types.StackStatus) []finding {
	switch text := string(status); {
	case strings.HasSuffix(text, "_IN_PROGRESS") && status != types.StackStatusUpdateCompleteCleanupInProgress:
		return s.problem("%s is %s; wait for the operation to end", name, status)
	case !hasResources(status):
		return s.problem("%s is %s and cannot be updated; see its events, run make destroy, then make deploy", name, status)
	case strings.Contains(text, "ROLLBACK") || strings.Contains(text, "FAILED"):
		return s.problem("%s is %s; see its events, then run make deploy", name, status)
	}
	return s.ok("%s is %s", name, status)
}

// hasResources reports whether a stack in this status still has the resources of its last successful deployment.
func hasResources(status types.StackStatus) bool {
	name := string(status)
	return status == types.StackStatusCreateComplete || strings.HasPrefix(name, "UPDATE_") || strings.HasPrefix(name, "IMPORT_")
}

// checkRunningCrawlers reports running crawlers, because Glue does not allow them to be updated (Glue API reference, UpdateCrawler).
func (d *doctor) checkRunningCrawlers(ctx context.Context) []finding {
	const s subject = "running crawlers"
	var running []string
	for _, source := range d.config.Sources {
		name := d.config.Crawler(source.Name)
		out, err := glue.NewFromConfig(d.aws).GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name})
		if codeOf(err) == notInCatalog { // the source is not deployed yet
			continue
		}
		if err != nil {
			return d.checkFailed(s, err)
		}
		if out.Crawler.State != gluetypes.CrawlerStateReady {
			running = append(running, name)
		}
	}
	if len(running) > 0 {
		return s.note("%s; wait for them to finish before you deploy: a deployment that changes a running crawler fails and is rolled back",
			strings.Join(running, ", "))
	}
	return s.ok("none")
}

// checkSubscriptions checks that every address under "notify" has confirmed its subscription.
func (d *doctor) checkSubscriptions(ctx context.Context) []finding {
	const s subject = "notifications"
	if len(d.config.Notify) == 0 {
		return s.ok("no email addresses, because \"notify\" is empty")
	}
	topic := fmt.Sprintf("arn:%s:sns:%s:%s:%s", d.config.Partition(), d.config.Region, d.config.Account, d.config.Name)
	arns := map[string]string{} // subscription ARNs by email address
	pages := sns.NewListSubscriptionsByTopicPaginator(sns.NewFromConfig(d.aws), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
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
		case "PendingConfirmation": // SNS returns this instead of the ARN (SNS guide, "Subscribing an email address")
			problems = append(problems, s.problem("%s has not confirmed the subscription; confirm it in the email from AWS", address)...)
		}
	}
	return s.okUnless(problems, "failures are emailed to %s", strings.Join(d.config.Notify, ", "))
}
