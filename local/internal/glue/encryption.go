package glue

import (
	"context"

	"snaplake/local/internal/iam"
)

// Encrypt encrypts the catalog with a KMS key, given by its ARN.
func (s *Service) Encrypt(key string) { s.access.key.Store(&key) }

type encryptionSettings struct {
	DataCatalogEncryptionSettings struct {
		EncryptionAtRest struct {
			CatalogEncryptionMode string
			SseAwsKmsKeyId        string `json:",omitempty"`
		}
	}
}

func (s *Service) getEncryption(ctx context.Context, in struct{ CatalogId string }) (out encryptionSettings, err error) {
	if err := s.access.guard.Check(ctx, iam.Call{Action: "glue:GetDataCatalogEncryptionSettings", Resource: s.access.arn("catalog")}); err != nil {
		return out, err
	}
	at := &out.DataCatalogEncryptionSettings.EncryptionAtRest
	at.CatalogEncryptionMode = "DISABLED"
	if key := s.access.key.Load(); key != nil {
		at.CatalogEncryptionMode, at.SseAwsKmsKeyId = "SSE-KMS", *key
	}
	return out, s.ownCatalog(in.CatalogId)
}
