package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// stack is what is deployed.
type stack struct {
	// deployed is false before the first deployment succeeded, and after one failed.
	deployed bool
	// physical are the physical IDs by construct ID, for example "CrawlerRole" or "shopCrawler".
	physical map[string]string
}

// readStack reads what is deployed, for the other checks. A stack that is not deployed yet is not a problem.
func (d *doctor) readStack(ctx context.Context) []finding {
	const s subject = "stack"
	missing := s.note("%s is not deployed yet; run make deploy", d.config.Name)
	out, err := d.aws.cloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &d.config.Name})
	if codeOf(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") || err == nil && len(out.Stacks) == 0 {
		return missing
	}
	if err != nil {
		return d.checkFailed(s, err)
	}
	status := out.Stacks[0].StackStatus
	if status == types.StackStatusReviewInProgress { // a change set was created and never executed
		return missing
	}
	d.stack = stack{deployed: hasResources(status), physical: map[string]string{}}
	in := cloudformation.ListStackResourcesInput{StackName: &d.config.Name}
	pages := cloudformation.NewListStackResourcesPaginator(d.aws.cloudFormation, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			d.stack = stack{}
			return d.checkFailed(s, err)
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus != types.ResourceStatusDeleteComplete {
				d.stack.physical[constructID(aws.ToString(r.LogicalResourceId))] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	return d.judge(status)
}

func (d *doctor) judge(status types.StackStatus) []finding {
	const s subject = "stack"
	switch text := string(status); {
	case strings.HasSuffix(text, "_IN_PROGRESS") && status != types.StackStatusUpdateCompleteCleanupInProgress:
		return s.problem("%s is %s; wait until it is done", d.config.Name, status)
	case !hasResources(status):
		return s.problem("%s is %s and cannot be updated; see its events, run make destroy, then make deploy", d.config.Name, status)
	case strings.Contains(text, "ROLLBACK") || strings.Contains(text, "FAILED"):
		return s.problem("%s is %s; see its events, then run make deploy", d.config.Name, status)
	}
	return s.ok("%s is %s", d.config.Name, status)
}

// hasResources reports whether a stack in this status still has the resources of its last successful deployment.
func hasResources(status types.StackStatus) bool {
	name := string(status)
	return status == types.StackStatusCreateComplete || strings.HasPrefix(name, "UPDATE_") || strings.HasPrefix(name, "IMPORT_")
}

// idHash is the hash that the CDK appends to a construct's path to form a logical ID.
var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

func constructID(logicalID string) string { return idHash.ReplaceAllString(logicalID, "") }

// roleARN returns the ARN of the role with this construct ID, or "" if the stack has no such role.
func (d *doctor) roleARN(construct string) string {
	name := d.stack.physical[construct]
	if name == "" {
		return ""
	}
	return "arn:" + d.config.Partition() + ":iam::" + d.config.Account + ":role/" + name
}
