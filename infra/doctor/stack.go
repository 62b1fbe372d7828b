package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// cloudFormationAPI tells what is deployed.
type cloudFormationAPI interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
}

// stack is what is deployed.
type stack struct {
	// deployed is false before the first deployment, and while there is nothing that could be compared.
	deployed bool
	outputs  map[string]string
	// physical are the physical IDs, by construct: "CrawlerRole", "shopCrawler".
	physical map[string]string
}

// readStack finds out what is deployed, for the other checks. That nothing is, is no fault.
func (d *doctor) readStack(ctx context.Context) []line {
	const part = "stack"
	out, err := d.aws.cloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &d.config.Name})
	if codeOf(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") || err == nil && len(out.Stacks) == 0 {
		return []line{note.says(part, "%s is not deployed yet: run make deploy", d.config.Name)}
	}
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	described := out.Stacks[0]
	found := d.judge(described.StackStatus)
	if described.StackStatus == types.StackStatusReviewInProgress {
		return []line{found}
	}
	read := stack{deployed: hasResources(described.StackStatus), outputs: map[string]string{}, physical: map[string]string{}}
	for _, o := range described.Outputs {
		read.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	pages := cloudformation.NewListStackResourcesPaginator(d.aws.cloudFormation, &cloudformation.ListStackResourcesInput{StackName: &d.config.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return []line{d.couldNotLook(part, err)}
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus != types.ResourceStatusDeleteComplete {
				read.physical[construct(aws.ToString(r.LogicalResourceId))] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	d.stack = read
	return []line{found}
}

func (d *doctor) judge(status types.StackStatus) line {
	const part = "stack"
	name := d.config.Name
	switch status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateCompleteCleanupInProgress, types.StackStatusImportComplete:
		return ok.says(part, "%s is %s", name, status)
	case types.StackStatusReviewInProgress: // a change set was made for it and never executed
		return note.says(part, "%s is not deployed yet: run make deploy", name)
	case types.StackStatusUpdateRollbackComplete:
		return fault.says(part, "%s is %s: its last update failed, and the one before it is in force; see the stack's events for the reason, then run make deploy", name, status)
	case types.StackStatusCreateFailed, types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusDeleteFailed:
		return fault.says(part, "%s is %s, and cannot be updated; see the stack's events for the reason, run make destroy, then make deploy", name, status)
	}
	if strings.HasSuffix(string(status), "_IN_PROGRESS") {
		return fault.says(part, "%s is %s; look again when that is over", name, status)
	}
	return fault.says(part, "%s is %s; see the stack's events for the reason, then run make deploy", name, status)
}

// hasResources tells whether a stack in this status has all that it had before, or more.
func hasResources(status types.StackStatus) bool {
	return status == types.StackStatusCreateComplete || strings.HasPrefix(string(status), "UPDATE_") || strings.HasPrefix(string(status), "IMPORT_")
}

// idHash is what the CDK adds to a construct's path to make a logical ID of it.
var idHash = regexp.MustCompile(`[0-9A-F]{8}$`)

func construct(logicalID string) string { return idHash.ReplaceAllString(logicalID, "") }

// bucket is the name of the lake's bucket, or "" as long as there is none.
func (d *doctor) bucket() string {
	if d.config.Bucket != "" {
		return d.config.Bucket[strings.LastIndex(d.config.Bucket, ":")+1:]
	}
	return d.stack.outputs["Bucket"]
}

// key is the ARN of the lake's key, or "" as long as there is none.
func (d *doctor) key() string {
	if d.config.Key != "" {
		return d.config.Key
	}
	return d.stack.outputs["Key"]
}

// arn is the ARN of a resource in the configuration's account and Region.
func (d *doctor) arn(service, resource string) string {
	return "arn:" + d.config.Partition() + ":" + service + ":" + d.config.Region + ":" + d.config.Account + ":" + resource
}

// roleARN is the ARN of one of the stack's roles, by its construct, or "" when the stack has none of it.
func (d *doctor) roleARN(construct string) string {
	name := d.stack.physical[construct]
	if name == "" {
		return ""
	}
	return "arn:" + d.config.Partition() + ":iam::" + d.config.Account + ":role/" + name
}

// roleName is the role in an ARN or a name; Glue gives either.
func roleName(role string) string { return role[strings.LastIndex(role, "/")+1:] }
