package rds

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// exporter is the service that an export role must trust.
const exporter = "export.rds.amazonaws.com"

// mayExport asks whether the caller may export the source, and hand the role to RDS for it.
func (s *Service) mayExport(ctx context.Context, t export.Task) error {
	if err := s.may(ctx, "StartExportTask", t.SourceARN); err != nil {
		return err
	}
	// Which of its names RDS passes as iam:PassedToService is not documented. Whoever may pass the role to both can export either way.
	for _, service := range []string{exporter, "rds.amazonaws.com"} {
		err := s.guard.Check(ctx, iam.Call{
			Action: "iam:PassRole", Resource: t.IAMRoleARN, Keys: map[string]string{"iam:PassedToService": service},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkKey asks whether RDS, in the caller's name, may look at the key and make itself a grant on it (API reference,
// StartExportTask).
func (s *Service) checkKey(ctx context.Context, t export.Task) error {
	via := "rds." + s.region + ".amazonaws.com"
	err := s.guard.Check(ctx,
		iam.Call{Action: "kms:DescribeKey", Resource: s.keyARN(t.KMSKeyID), Keys: map[string]string{"kms:ViaService": via}},
		iam.Call{Action: "kms:CreateGrant", Resource: s.keyARN(t.KMSKeyID), Keys: map[string]string{
			"kms:ViaService": via, "kms:GrantIsForAWSResource": "true",
		}})
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return wire.Errorf("KMSKeyNotAccessibleFault", "The specified KMS key %s does not exist, is not enabled, or you do not have permission to use it: %s", t.KMSKeyID, d)
	}
	return err
}

// keyARN is the ARN of a key that is given by its ARN or its ID, or by the name of an alias, on which no policy allows anything.
func (s *Service) keyARN(id string) string {
	if strings.HasPrefix(id, "arn:") {
		return id
	}
	if !strings.HasPrefix(id, "alias/") {
		id = "key/" + id
	}
	return "arn:aws:kms:" + s.region + ":" + s.account + ":" + id
}

// checkRole asks whether the role may do what RDS requires: to write an object below the prefix, read and delete it, and use the key
// (API reference, StartExportTask). Which of the actions behind the wildcards RDS calls is not documented, so that all of them must
// be allowed.
func (s *Service) checkRole(ctx context.Context, t export.Task) error {
	if !s.guard.HasRole(t.IAMRoleARN) {
		return notFound("IamRoleNotFound", "The IAM role %s can't be found.", t.IAMRoleARN)
	}
	ctx = asRole(ctx, t)
	probe := folder(t) + "access-check"
	key := func(action string) iam.Call { return iam.Call{Action: action, Resource: s.keyARN(t.KMSKeyID)} }
	object := func(action string) iam.Call {
		return iam.Call{Action: action, Resource: "arn:aws:s3:::" + t.Bucket + "/" + probe}
	}
	for _, ask := range []func() error{
		func() error { return s.store.MayList(ctx, t.Bucket, folder(t)) },
		func() error { return s.store.MayLocate(ctx, t.Bucket) },
		func() error {
			return s.guard.Check(ctx, object("s3:PutObject*"), object("s3:GetObject*"), object("s3:DeleteObject*"))
		},
		func() error { return s.store.MayWrite(ctx, t.Bucket, probe) },
		func() error { return s.store.MayRead(ctx, t.Bucket, probe) },
		func() error { return s.store.MayDelete(ctx, t.Bucket, probe) },
		func() error {
			return s.guard.Check(ctx, key("kms:DescribeKey"), key("kms:Encrypt"), key("kms:Decrypt"), key("kms:GenerateDataKey"))
		},
	} {
		err := ask()
		if d, ok := errors.AsType[*iam.Denied](err); ok {
			return wire.Errorf("IamRoleMissingPermissions", "%s", unauthorized(t, d))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asRole makes a context in which RDS acts with the task's role.
func asRole(ctx context.Context, t export.Task) context.Context {
	return iam.WithCaller(ctx, iam.Caller{Role: t.IAMRoleARN, Session: t.ID})
}

// assume takes the task's role on. The cause, if it may not, is RDS's with what the policies lack. RDS does not document that it passes
// aws:SourceAccount or aws:SourceArn, so that a trust policy cannot ask for them.
func (s *Service) assume(ctx context.Context, t export.Task) (context.Context, error) {
	err := s.guard.Assume(exporter, t.IAMRoleARN, nil)
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return nil, cause(fmt.Sprintf("%s %s", causeOf(fault.FailedAssume, t), d))
	}
	return asRole(ctx, t), err
}

// mayPut asks whether the role may write an object of the export.
func (s *Service) mayPut(ctx context.Context, t export.Task, name string) error {
	err := s.store.MayWrite(ctx, t.Bucket, name)
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return cause(fmt.Sprintf("%s %s on %s: %s", causeOf(fault.FailedPermission, t), d.Action, d.Resource, d.Reason))
	}
	return err
}

// unauthorized names the role itself, and not the session that Denied's own text names.
func unauthorized(t export.Task, d *iam.Denied) string {
	return fmt.Sprintf("The IAM role %s isn't authorized to call %s on %s: %s", t.IAMRoleARN, d.Action, d.Resource, d.Reason)
}
