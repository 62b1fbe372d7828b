package glue

import (
	"context"

	"snaplake/local/internal/iam"
)

// Encrypt makes the catalog report that it is encrypted with the given KMS key, an ARN. Callers then need permissions on the key.
func (s *Service) Encrypt(key string) { s.access.key.Store(&key) }

func (s *Service) getEncryption(ctx context.Context, _ catalogID) (any, error) {
	at := map[string]string{"CatalogEncryptionMode": "DISABLED"}
	if key := s.access.key.Load(); key != nil {
		at = map[string]string{"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": *key}
	}
	out := map[string]any{"DataCatalogEncryptionSettings": map[string]any{"EncryptionAtRest": at}}
	return out, s.access.guard.Check(ctx, iam.Call{Action: "glue:GetDataCatalogEncryptionSettings", Resource: s.access.arn("catalog")})
}
