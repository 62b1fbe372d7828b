package account

import (
	"context"
	"encoding/json"
	"net/http"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/wire"
)

// kms serves the KMS API. It describes each key of the template.
func (a *Account) kms() http.Handler {
	return wire.JSONService{Target: "TrentService", Version: "1.1", Operations: map[string]wire.Operation{
		"DescribeKey":  wire.JSON(a.describeKey),
		"GetKeyPolicy": wire.JSON(a.getKeyPolicy),
	}}
}

func (a *Account) describeKey(ctx context.Context, in struct{ KeyId string }) (any, error) {
	key, err := a.key(ctx, "kms:DescribeKey", in.KeyId)
	metadata := map[string]any{ // the stack's keys have the default properties
		"AWSAccountId": a.options.Stack.Account, "KeyId": key.PhysicalID, "Arn": a.keyARN(key), "CreationDate": wire.Time(a.options.Deployed),
		"Enabled": true, "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS",
		"KeyManager": "CUSTOMER", "MultiRegion": false,
	}
	return map[string]any{"KeyMetadata": metadata}, err
}

func (a *Account) getKeyPolicy(ctx context.Context, in struct{ KeyId, PolicyName string }) (any, error) {
	key, err := a.key(ctx, "kms:GetKeyPolicy", in.KeyId)
	if err != nil {
		return nil, err
	}
	if in.PolicyName != "" && in.PolicyName != "default" {
		return nil, wire.Errorf("NotFoundException", "No such policy exists")
	}
	policy, err := json.Marshal(key.Properties["KeyPolicy"])
	return map[string]any{"Policy": string(policy), "PolicyName": "default"}, err
}

// databaseKey is the ID of the KMS key that encrypts the databases.
const databaseKey = "0d8a7a5e-0000-4000-8000-00000000db00"

// DatabaseKey returns the ARN of the KMS key that encrypts the databases.
func DatabaseKey(region, account string) string {
	return "arn:aws:kms:" + region + ":" + account + ":key/" + databaseKey
}

// key returns the KMS key with the given ID or ARN, and checks the caller's permission.
func (a *Account) key(ctx context.Context, action, id string) (cloudformation.Resource, error) {
	for _, key := range append(a.options.Stack.OfType("AWS::KMS::Key"), cloudformation.Resource{PhysicalID: databaseKey}) {
		if id == key.PhysicalID || id == a.keyARN(key) {
			return key, a.check(ctx, action, a.keyARN(key))
		}
	}
	return cloudformation.Resource{}, wire.Errorf("NotFoundException", "Key '%s' does not exist", id)
}

func (a *Account) keyARN(key cloudformation.Resource) string {
	return a.arn("kms", "key/"+key.PhysicalID)
}
