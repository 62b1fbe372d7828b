package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"snaplake/infra/internal/externalpolicy"
)

// checkCatalogKey checks that the stack's roles may use the key of an encrypted Data Catalog. Every caller of the catalog needs it (Glue
// guide, "Encrypting your Data Catalog"), and the stack's own policies do not grant it.
func (d *doctor) checkCatalogKey(ctx context.Context) []finding {
	const s subject = "catalog encryption"
	out, err := d.aws.glue.GetDataCatalogEncryptionSettings(ctx, &glue.GetDataCatalogEncryptionSettingsInput{})
	if err != nil {
		return d.checkFailed(s, err)
	}
	settings := out.DataCatalogEncryptionSettings.EncryptionAtRest
	if settings == nil || settings.CatalogEncryptionMode != types.CatalogEncryptionModeSsekms { // with a service role, only that needs the key
		return s.ok("callers of the Data Catalog need no key")
	}
	described, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: settings.SseAwsKmsKeyId})
	if err != nil {
		return d.checkFailed(s, err)
	}
	arn := aws.ToString(described.KeyMetadata.Arn)
	policy, err := d.keyPolicy(ctx, arn)
	if err != nil {
		return d.checkFailed(s, err)
	}
	if missing := policy.missing([]externalpolicy.Statement{externalpolicy.CatalogKey(d.config)}); len(missing) > 0 {
		return s.problem("the policy of %s, the key of the Data Catalog, does not allow the stack's roles to use it; add this statement: %s",
			arn, externalpolicy.JSON(missing))
	}
	return s.ok("the stack's roles may use %s", arn)
}
