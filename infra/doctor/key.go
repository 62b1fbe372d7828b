package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"snaplake/infra/internal/externalpolicy"
)

// kmsAPI describes keys.
type kmsAPI interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error)
}

// iamAPI tells what a role may do.
type iamAPI interface {
	SimulatePrincipalPolicy(context.Context, *iam.SimulatePrincipalPolicyInput, ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error)
}

// keyUser is a role, by its construct, and what it does with the key.
type keyUser struct {
	role    string
	actions []string
}

var keyUsers = []keyUser{
	{"ExportRole", []string{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}},
	{"CrawlerRole", []string{"kms:Decrypt"}},
	{"StartExportFunctionRole", []string{"kms:DescribeKey", "kms:CreateGrant"}},
	{"CheckExportFunctionRole", []string{"kms:Decrypt"}},
	{"StartCrawlerFunctionRole", []string{"kms:Decrypt"}},
	{"CreateViewsFunctionRole", []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	{"PruneFunctionRole", []string{"kms:Decrypt"}},
	{"RedashRole", []string{"kms:Decrypt", "kms:GenerateDataKey"}}, // not there when Redash gets a policy instead
}

func (d *doctor) checkKey(ctx context.Context) []line {
	const part = "key"
	arn := d.key()
	out, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	switch {
	case codeOf(err) == "NotFoundException":
		return []line{fault.says(part, "there is no key %s; correct key in the configuration, or leave it out and run make deploy", arn)}
	case err != nil:
		return []line{d.couldNotLook(part, err)}
	}
	if obstacle := d.keyObstacle(*out.KeyMetadata); obstacle != "" {
		return []line{fault.says(part, "%s %s", arn, obstacle)}
	}
	if !strings.Contains(arn, ":"+d.config.Account+":") {
		return []line{note.says(part, "%s is another account's, whose policy cannot be seen from here; its owner has to have these statements in it: %s",
			arn, externalpolicy.JSON(externalpolicy.KeyPolicy(d.config)))}
	}
	key, err := d.keyPolicy(ctx, arn)
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	if missing := key.lacks(externalpolicy.KeyPolicy(d.config)); len(missing) > 0 {
		fix := "add these"
		if d.config.Key == "" { // the stack's own
			fix = "run make deploy, or add these"
		}
		return []line{fault.says(part, "the policy of %s lacks statements; %s: %s", arn, fix, externalpolicy.JSON(missing))}
	}
	faults, users := d.checkKeyUsers(ctx, part, arn, key)
	return orElse(faults, part, "%s is enabled and symmetric, %s", arn, users)
}

// keyPolicy is the one that a key has.
func (d *doctor) keyPolicy(ctx context.Context, arn string) (policy, error) {
	out, err := d.aws.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return policy{}, err
	}
	return parsePolicy(aws.ToString(out.Policy))
}

// keyObstacle is why the key cannot encrypt exports, or "" (API reference, StartExportTask).
func (d *doctor) keyObstacle(key types.KeyMetadata) string {
	switch {
	case key.KeyState == types.KeyStateDisabled:
		return "is disabled; enable it"
	case key.KeyState != types.KeyStateEnabled:
		return fmt.Sprintf("is %s; cancel its deletion, or give another key", key.KeyState)
	case key.KeySpec != types.KeySpecSymmetricDefault || key.KeyUsage != types.KeyUsageTypeEncryptDecrypt:
		return fmt.Sprintf("is a key of %s for %s, and must be a symmetric one that encrypts; give another key", key.KeySpec, key.KeyUsage)
	case !strings.Contains(aws.ToString(key.Arn), ":"+d.config.Region+":"):
		return fmt.Sprintf("is not in %s; give a key of that Region", d.config.Region)
	}
	return ""
}

// lacks are those of the statements that have an action which the policy does not allow to whom they are about.
func (p policy) lacks(statements []externalpolicy.Statement) []externalpolicy.Statement {
	return slices.DeleteFunc(statements, func(s externalpolicy.Statement) bool {
		for _, principal := range s.Principal {
			if slices.ContainsFunc(s.Action, func(action string) bool { return !p.admits(principal, action) }) {
				return false
			}
		}
		return true
	})
}

// checkKeyUsers looks whether the stack's roles may do with the key what they have to: whether the key's policy keeps one out,
// and what the roles' own say. IAM's simulator does not put the two together for a role (API reference,
// SimulatePrincipalPolicy, ResourcePolicy).
func (d *doctor) checkKeyUsers(ctx context.Context, part, arn string, key policy) (faults []line, users string) {
	var checks []check
	for _, user := range keyUsers {
		role := d.roleARN(user.role)
		if role == "" {
			continue
		}
		checks = append(checks, func(ctx context.Context) []line {
			for _, action := range user.actions {
				if key.denies(role, action) {
					return []line{fault.says(part, "the key's policy denies %s to %s; take the role out of that statement", action, roleName(role))}
				}
			}
			return d.simulate(ctx, part, arn, role, user.actions)
		})
	}
	if len(checks) == 0 {
		return nil, "nobody uses it yet"
	}
	return slices.Compact(sideBySide(ctx, checks)), "usable by " + plural(len(checks), "role")
}

// simulate asks IAM what the role's own policies say, with the condition key that the real calls have.
func (d *doctor) simulate(ctx context.Context, part, key, role string, actions []string) []line {
	out, err := d.aws.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: actions, ResourceArns: []string{key},
		ContextEntries: []iamtypes.ContextEntry{{
			ContextKeyName: aws.String("kms:GrantIsForAWSResource"), ContextKeyType: iamtypes.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"true"},
		}, {
			ContextKeyName: aws.String("kms:ViaService"), ContextKeyType: iamtypes.ContextKeyTypeEnumString, ContextKeyValues: []string{"s3." + d.config.Region + ".amazonaws.com"},
		}},
	})
	if codeOf(err) == "NoSuchEntity" {
		return []line{fault.says(part, "the role %s is gone; run make destroy, then make deploy", roleName(role))}
	}
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	var faults []line
	for _, result := range out.EvaluationResults {
		if result.EvalDecision != iamtypes.PolicyEvaluationDecisionTypeAllowed {
			faults = append(faults, fault.says(part, "%s may not call %s on the key; give the role back the policy that it was deployed with, or take away what denies it",
				roleName(role), aws.ToString(result.EvalActionName)))
		}
	}
	return faults
}
