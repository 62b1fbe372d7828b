package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"snaplake/infra/internal/externalpolicy"
)

// checkCatalogKey looks whether the key of an encrypted Data Catalog admits the stack's roles. Whoever calls the catalog needs it (Glue
// guide, "Encrypting your Data Catalog"), and the stack's policies allow the roles nothing on it.
func (d *doctor) checkCatalogKey(ctx context.Context) []line {
	const part = "catalog encryption"
	out, err := d.aws.glue.GetDataCatalogEncryptionSettings(ctx, &glue.GetDataCatalogEncryptionSettingsInput{})
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	settings := out.DataCatalogEncryptionSettings.EncryptionAtRest
	if settings == nil || settings.CatalogEncryptionMode != types.CatalogEncryptionModeSsekms { // or a role of Glue's has the key
		return []line{ok.says(part, "callers of the catalog need no key")}
	}
	described, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: settings.SseAwsKmsKeyId})
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	arn := aws.ToString(described.KeyMetadata.Arn)
	key, err := d.keyPolicy(ctx, arn)
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	if missing := key.lacks([]externalpolicy.Statement{externalpolicy.CatalogKey(d.config)}); len(missing) > 0 {
		return []line{fault.says(part, "the policy of %s, with which the Data Catalog is encrypted, does not admit the stack's roles; add this: %s", arn, externalpolicy.JSON(missing))}
	}
	return []line{ok.says(part, "%s admits the stack's roles", arn)}
}
