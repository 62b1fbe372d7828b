package athena

import (
	"context"
	"errors"
	"fmt"

	"snaplake/local/internal/iam"
)

// principal is the service principal of Athena, as it appears in aws:CalledVia.
const principal = "athena.amazonaws.com"

// onBehalfOf returns a context for the calls that Athena makes to other services on behalf of the caller. These calls carry aws:CalledVia,
// so a policy can allow them and deny the same calls made directly (Athena User Guide, "Use CalledVia context keys for Athena").
func onBehalfOf(ctx context.Context, caller iam.Caller) context.Context {
	caller.Via = principal
	return iam.WithCaller(ctx, caller)
}

// authorize checks that the caller may perform an action on a resource, for example "workgroup/primary". The resource need not exist.
// resource is empty for an action that does not support resource-level permissions.
func (s *Service) authorize(ctx context.Context, action, resource string) error {
	arn := "*"
	if resource != "" {
		arn = "arn:aws:athena:" + s.options.Region + ":" + s.options.Account + ":" + resource
	}
	return s.options.Guard.Check(ctx, iam.Call{Action: "athena:" + action, Resource: arn})
}

// checkDefault reads the database "default", as Athena does for every statement. The database need not exist (Athena User Guide,
// "Configure access to databases and tables in the AWS Glue Data Catalog").
func (s *session) checkDefault(ctx context.Context) error {
	if err := s.hasDatabase(ctx, "default"); !errors.Is(err, errNoDatabase) {
		return err
	}
	return nil
}

// asFailure converts IAM's access-denied error into Athena's error. It returns other errors unchanged.
func asFailure(err error) error {
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return &failure{kind: notPermitted, text: "Insufficient permissions to execute the query. " + d.Error()}
	}
	return err
}

// deniedPath returns Athena's error for a statement that is not allowed to read a path in S3.
func deniedPath(path string, denied error) error {
	return &failure{kind: notPermittedInS3, text: fmt.Sprintf("Permission denied on S3 path: %s (%v)", path, denied)}
}

// mayReadResult checks the permission s3:GetObject on the object that contains a result. GetQueryResults requires it (API reference).
func (s *Service) mayReadResult(ctx context.Context, output location) error {
	return s.options.Store.MayRead(onBehalfOf(ctx, iam.CallerOf(ctx)), output.bucket, output.key)
}
