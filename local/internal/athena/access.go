package athena

import (
	"context"
	"errors"
	"fmt"

	"snaplake/local/internal/iam"
)

// principal is what Athena is called in aws:CalledVia.
const principal = "athena.amazonaws.com"

// inName makes a context for the calls that Athena makes to other services in its caller's name. They carry aws:CalledVia (Athena
// User Guide, "Use CalledVia context keys for Athena"), so that a policy can allow them and not the same calls by the caller.
func inName(ctx context.Context, caller iam.Caller) context.Context {
	caller.Via = principal
	return iam.WithCaller(ctx, caller)
}

// onWorkGroup asks whether the caller may do something in a workgroup, whether that exists or not.
func (s *Service) onWorkGroup(ctx context.Context, action, workGroup string) error {
	return s.options.Guard.Check(ctx, iam.Call{
		Action:   action,
		Resource: "arn:aws:athena:" + s.options.Region + ":" + s.options.Account + ":workgroup/" + workGroup,
	})
}

// seesDefault asks for the database "default", which Athena looks for whatever the statement is about. It need not exist (Athena
// User Guide, "Configure access to databases and tables in the AWS Glue Data Catalog").
func (s *session) seesDefault(ctx context.Context) error {
	if err := s.hasDatabase(ctx, "default"); !errors.Is(err, errNoDatabase) {
		return err
	}
	return nil
}

// inWords is Athena's way to say that the caller of a statement may not do what it takes. Another error stays as it is.
func inWords(err error) error {
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return &failure{kind: notPermitted, text: "Insufficient permissions to execute the query. " + d.Error()}
	}
	return err
}

// onPath is Athena's way to say that a statement cannot read its data.
func onPath(path string, denied error) error {
	return &failure{kind: notPermittedInS3, text: fmt.Sprintf("Permission denied on S3 path: %s (%v)", path, denied)}
}

// mayReadResult asks for the object that holds a result: who calls GetQueryResults needs s3:GetObject on it (API reference).
func (s *Service) mayReadResult(ctx context.Context, output string) error {
	bucket, key, err := splitLocation(output)
	if err != nil {
		return err
	}
	return s.options.Store.MayRead(inName(ctx, iam.CallerOf(ctx)), bucket, key)
}
