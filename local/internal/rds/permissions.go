package rds

import (
	"context"
	"errors"
	"fmt"

	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// exporter is the service principal that an export role must trust.
const exporter = "export.rds.amazonaws.com"

// checkPassRole checks that the caller may pass the role to RDS. AWS does not document which of the two service names RDS sends as
// iam:PassedToService, so the caller must be allowed to pass the role to both.
func (s *Service) checkPassRole(ctx context.Context, t export.Task) error {
	pass := func(service string) iam.Call {
		return iam.Call{Action: "iam:PassRole", Resource: t.IAMRoleARN, Keys: map[string]string{"iam:PassedToService": service}}
	}
	return s.options.Guard.Check(ctx, pass(exporter), pass("rds.amazonaws.com"))
}

// checkKey checks that RDS may describe the key, and may create a grant for it on behalf of the caller (API reference, StartExportTask).
func (s *Service) checkKey(ctx context.Context, t export.Task) error {
	via := "rds." + s.options.Region + ".amazonaws.com"
	err := s.options.Guard.Check(ctx,
		iam.Call{Action: "kms:DescribeKey", Resource: t.KMSKeyID, Keys: map[string]string{"kms:ViaService": via}},
		iam.Call{Action: "kms:CreateGrant", Resource: t.KMSKeyID, Keys: map[string]string{
			"kms:ViaService": via, "kms:GrantIsForAWSResource": "true",
		}})
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return wire.Errorf("KMSKeyNotAccessibleFault",
			"The specified KMS key %s does not exist, is not enabled, or you do not have permission to use it: %s", t.KMSKeyID, d)
	}
	return err
}

// checkRole checks that the role may list the bucket, use the key, and write, read and delete an object under the prefix (API reference,
// StartExportTask). AWS documents wildcards, for example s3:PutObject*, so the role needs all matching actions.
func (s *Service) checkRole(ctx context.Context, t export.Task) error {
	ctx = asRole(ctx, t)
	probe := folder(t) + "access-check"
	key := func(action string) iam.Call { return iam.Call{Action: action, Resource: t.KMSKeyID} }
	object := func(action string) iam.Call {
		return iam.Call{Action: action, Resource: "arn:aws:s3:::" + t.Bucket + "/" + probe}
	}
	err := errors.Join(
		s.options.Store.MayList(ctx, t.Bucket, folder(t)),
		s.options.Store.MayLocate(ctx, t.Bucket),
		s.options.Guard.Check(ctx, object("s3:PutObject*"), object("s3:GetObject*"), object("s3:DeleteObject*")),
		s.options.Store.MayWrite(ctx, t.Bucket, probe),
		s.options.Store.MayRead(ctx, t.Bucket, probe),
		s.options.Store.MayDelete(ctx, t.Bucket, probe),
		s.options.Guard.Check(ctx, key("kms:DescribeKey"), key("kms:Encrypt"), key("kms:Decrypt"), key("kms:GenerateDataKey")),
	)
	if d, ok := errors.AsType[*iam.Denied](err); ok { // RDS names the role, not its session
		return wire.Errorf("IamRoleMissingPermissions", "The IAM role %s isn't authorized to call %s on %s: %s",
			t.IAMRoleARN, d.Action, d.Resource, d.Reason)
	}
	return err
}

// asRole returns a context for calls that RDS makes with the task's role.
func asRole(ctx context.Context, t export.Task) context.Context {
	return iam.WithCaller(ctx, iam.Caller{Role: t.IAMRoleARN, Session: t.ID})
}

// assume assumes the task's role. AWS does not document that RDS sends aws:SourceAccount or aws:SourceArn.
func (s *Service) assume(ctx context.Context, t export.Task) (context.Context, error) {
	err := s.options.Guard.Assume(exporter, t.IAMRoleARN, nil)
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return nil, cause(fmt.Sprintf("%s %s", causeOf(fault.FailedAssume, t), d))
	}
	return asRole(ctx, t), err
}

// checkPut checks that the task's role may write an object of the export.
func (s *Service) checkPut(ctx context.Context, t export.Task, name string) error {
	err := s.options.Store.MayWrite(ctx, t.Bucket, name)
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return cause(fmt.Sprintf("%s %s on %s: %s", causeOf(fault.FailedPermission, t), d.Action, d.Resource, d.Reason))
	}
	return err
}
