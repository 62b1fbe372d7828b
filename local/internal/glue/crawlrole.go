package glue

import (
	"context"
	"fmt"

	"snaplake/local/internal/iam"
)

// logGroup is the log group of all crawlers. Each crawler has a log stream named after it.
const logGroup = "/aws-glue/crawlers"

// assume returns a context for calls made with the crawler's role.
func (c *crawl) assume(ctx context.Context) (context.Context, error) {
	role := c.definition.Role
	// AWS does not document that Glue sends aws:SourceAccount or aws:SourceArn, so a trust policy cannot require them.
	err := c.access.guard.Assume(principal, role, nil)
	if err != nil {
		return nil, fmt.Errorf("crawler %s: Service is unable to assume role %s. Please verify role's TrustPolicy. %w",
			c.definition.Name, role, err)
	}
	return iam.WithCaller(ctx, iam.Caller{Role: role, Session: "AWS-Crawler"}), nil
}

// mayLog checks that the role may write the crawler's log. In AWS, a crawl fails without this permission.
func (c *crawl) mayLog(ctx context.Context) error {
	group := "arn:aws:logs:" + c.access.region + ":" + c.access.account + ":log-group:" + logGroup
	stream := group + ":log-stream:" + c.definition.Name
	return c.access.guard.Check(ctx,
		iam.Call{Action: "logs:CreateLogGroup", Resource: group},
		iam.Call{Action: "logs:CreateLogStream", Resource: stream},
		iam.Call{Action: "logs:PutLogEvents", Resource: stream},
	)
}

// permission is a function that returns an error if the crawler's role may not perform an action on a table of the crawler's database.
type permission func(action, table string) error

func (c *crawl) may(ctx context.Context) permission {
	return func(action, table string) error {
		return c.access.onTables(ctx, action, c.definition.DatabaseName, table)
	}
}
