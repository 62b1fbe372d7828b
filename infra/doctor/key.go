package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"snaplake/infra/internal/externalpolicy"
)

// checkKey checks a key that the stack does not create.
func (d *doctor) checkKey(ctx context.Context) []finding {
	const s subject = "key"
	arn := d.config.Key
	out, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	switch {
	case codeOf(err) == "NotFoundException":
		return s.problem("no key %s; correct key in the configuration, or remove it and run make deploy", arn)
	case err != nil:
		return d.checkFailed(s, err)
	}
	if obstacle := d.keyObstacle(*out.KeyMetadata); obstacle != "" {
		return s.problem("%s %s", arn, obstacle)
	}
	if !strings.Contains(arn, ":"+d.config.Account+":") {
		return s.note("%s belongs to another account, which hides its policy; its owner must add these statements: %s",
			arn, externalpolicy.JSON(externalpolicy.Key(d.config)))
	}
	policy, err := d.keyPolicy(ctx, arn)
	if err != nil {
		return d.checkFailed(s, err)
	}
	if missing := policy.missing(externalpolicy.Key(d.config)); len(missing) > 0 {
		return s.problem("the policy of %s lacks statements; add these: %s", arn, externalpolicy.JSON(missing))
	}
	return s.ok("%s is enabled and symmetric, its policy allows what is needed", arn)
}

func (d *doctor) keyPolicy(ctx context.Context, arn string) (policy, error) {
	out, err := d.aws.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return policy{}, err
	}
	var p policy
	err = json.Unmarshal([]byte(aws.ToString(out.Policy)), &p)
	return p, err
}

// keyObstacle returns why the key cannot encrypt exports, or "" (RDS API reference, StartExportTask).
func (d *doctor) keyObstacle(key types.KeyMetadata) string {
	switch {
	case key.KeyState == types.KeyStateDisabled:
		return "is disabled; enable it"
	case key.KeyState != types.KeyStateEnabled:
		return fmt.Sprintf("is %s; cancel its deletion, or use another key", key.KeyState)
	case key.KeySpec != types.KeySpecSymmetricDefault || key.KeyUsage != types.KeyUsageTypeEncryptDecrypt:
		return fmt.Sprintf("is a key of %s for %s; use a symmetric encryption key", key.KeySpec, key.KeyUsage)
	case !strings.Contains(aws.ToString(key.Arn), ":"+d.config.Region+":"):
		return fmt.Sprintf("is not in %s; use a key in that Region", d.config.Region)
	}
	return ""
}
