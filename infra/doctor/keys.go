package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"snaplake/infra/internal/externalpolicy"
)

// checkKey checks the existing key in the configuration.
func (d *doctor) checkKey(ctx context.Context) []finding {
	const s subject = "key"
	arn := d.config.Key
	out, err := kms.NewFromConfig(d.aws).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	switch {
	case codeOf(err) == "NotFoundException":
		return s.problem("%s does not exist; correct the setting \"key\", or remove the setting so that make deploy creates a key", arn)
	case err != nil:
		return d.checkFailed(s, err)
	}
	if obstacle := d.keyObstacle(*out.KeyMetadata); obstacle != "" {
		return s.problem("%s %s", arn, obstacle)
	}
	if !strings.Contains(arn, ":"+d.config.Account+":") {
		return s.note("%s belongs to another account, so its policy cannot be read; ask its owner to add these statements: %s",
			arn, externalpolicy.JSON(externalpolicy.Key(d.config)))
	}
	missing, err := d.missingStatements(ctx, arn, externalpolicy.Key(d.config))
	if err != nil {
		return d.checkFailed(s, err)
	}
	if len(missing) > 0 {
		return s.problem("the policy of %s does not have all required statements; add these: %s", arn, externalpolicy.JSON(missing))
	}
	return s.ok("%s is enabled and symmetric, and its policy has the required statements", arn)
}

// keyObstacle returns the reason why the key cannot encrypt exports, or "" if it can (RDS API reference, StartExportTask).
func (d *doctor) keyObstacle(key types.KeyMetadata) string {
	switch {
	case key.KeyState == types.KeyStateDisabled:
		return "is disabled; enable it"
	case key.KeyState != types.KeyStateEnabled:
		return fmt.Sprintf("is %s; cancel its deletion, or use another key", key.KeyState)
	case key.KeySpec != types.KeySpecSymmetricDefault || key.KeyUsage != types.KeyUsageTypeEncryptDecrypt:
		return fmt.Sprintf("has the key spec %s and the usage %s; use a symmetric encryption key", key.KeySpec, key.KeyUsage)
	case !strings.Contains(aws.ToString(key.Arn), ":"+d.config.Region+":"):
		return fmt.Sprintf("is not in %s; use a key in that Region", d.config.Region)
	}
	return ""
}

// checkCatalogKey checks that the stack's roles may use the key of an encrypted Data Catalog. Every caller of the catalog needs that
// permission (Glue guide, "Encrypting your Data Catalog"), and the roles' own policies do not grant it.
func (d *doctor) checkCatalogKey(ctx context.Context) []finding {
	const s subject = "catalog encryption"
	out, err := glue.NewFromConfig(d.aws).GetDataCatalogEncryptionSettings(ctx, &glue.GetDataCatalogEncryptionSettingsInput{})
	if err != nil {
		return d.checkFailed(s, err)
	}
	settings := out.DataCatalogEncryptionSettings.EncryptionAtRest
	if settings == nil || settings.CatalogEncryptionMode != gluetypes.CatalogEncryptionModeSsekms { // in other modes, callers need no key
		return s.ok("callers of the Data Catalog do not need a key")
	}
	described, err := kms.NewFromConfig(d.aws).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: settings.SseAwsKmsKeyId})
	if err != nil {
		return d.checkFailed(s, err)
	}
	arn := aws.ToString(described.KeyMetadata.Arn)
	missing, err := d.missingStatements(ctx, arn, []externalpolicy.Statement{externalpolicy.CatalogKey(d.config)})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if len(missing) > 0 {
		return s.problem("the policy of the Data Catalog's key %s does not allow the stack's roles to use the key; add this statement: %s",
			arn, externalpolicy.JSON(missing))
	}
	return s.ok("the stack's roles are allowed to use the key %s", arn)
}

// missingStatements returns the required statements that the key's policy does not cover in full. It assumes that all conditions in the
// policy are met.
func (d *doctor) missingStatements(
	ctx context.Context, arn string, required []externalpolicy.Statement,
) ([]externalpolicy.Statement, error) {
	out, err := kms.NewFromConfig(d.aws).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return nil, err
	}
	var policy struct{ Statement json.RawMessage }
	var statements []statement
	err = json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy)
	if !bytes.HasPrefix(policy.Statement, []byte("[")) { // a single statement need not be in a list
		policy.Statement = fmt.Appendf(nil, "[%s]", policy.Statement)
	}
	if err = errors.Join(err, json.Unmarshal(policy.Statement, &statements)); err != nil {
		return nil, fmt.Errorf("parse the policy of %s: %w", arn, err)
	}
	return slices.DeleteFunc(required, func(r externalpolicy.Statement) bool {
		for _, principal := range r.Principal {
			for _, action := range r.Action {
				if !slices.ContainsFunc(statements, func(s statement) bool { return s.allows(principal, action) }) {
					return false
				}
			}
		}
		return true
	}), nil
}

// statement is one element of a key policy's Statement list.
type statement struct {
	Effect            string
	Principal, Action any // one string or a list; principals can be grouped by type (IAM guide, "Grammar of the IAM JSON policy language")
}

// allows reports whether the statement allows the principal to perform the action. A statement may specify an account by its ID
// alone. The actions in a statement are case-insensitive and may contain wildcards.
func (s statement) allows(principal, action string) bool {
	return s.Effect == "Allow" && slices.ContainsFunc(stringsIn(s.Principal), func(p string) bool {
		return p == "*" || strings.Contains(principal, p)
	}) && slices.ContainsFunc(stringsIn(s.Action), func(pattern string) bool {
		matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return err == nil && matched
	})
}

// stringsIn returns all strings in a JSON value.
func stringsIn(value any) (all []string) {
	switch v := value.(type) {
	case string:
		all = []string{v}
	case []any:
		for _, element := range v {
			all = append(all, stringsIn(element)...)
		}
	case map[string]any:
		all = stringsIn(slices.Collect(maps.Values(v)))
	}
	return all
}
