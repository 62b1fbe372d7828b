package account

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/wire"
)

// kms describes the stack's keys, as their templates say.
func (a *Account) kms() http.Handler {
	return wire.JSONService{Target: "TrentService", Version: "1.1", Operations: map[string]wire.Operation{
		"DescribeKey":  wire.JSON(a.describeKey),
		"GetKeyPolicy": wire.JSON(a.getKeyPolicy),
	}}
}

type keyMetadata struct {
	AWSAccountId, KeyId, Arn            string
	CreationDate                        wire.Time
	Enabled                             bool
	KeyState, KeySpec, KeyUsage, Origin string
	KeyManager                          string
	MultiRegion                         bool
}

// otherKey is a key that is not the stack's.
type otherKey struct{ manager, state, policy string }

// RDSKey is the ARN of aws/rds, with which RDS encrypts where nobody gives it another key.
func RDSKey(region, account string) string {
	return "arn:aws:kms:" + region + ":" + account + ":key/a2b8c0d4-0000-4000-8000-0000006d0d05"
}

// AddKey makes a customer's key that is not the stack's, or changes one.
func (a *Account) AddKey(arn, state, policy string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[arn] = otherKey{"CUSTOMER", state, policy}
}

// otherKey finds such a key by its ARN, for a caller who may make the call on it.
func (a *Account) otherKey(ctx context.Context, action, arn string) (otherKey, bool, error) {
	a.mu.Lock()
	key, found := a.keys[arn]
	a.mu.Unlock()
	if !found {
		return key, false, nil
	}
	return key, true, a.check(ctx, action, arn)
}

type describeKeyOutput struct{ KeyMetadata keyMetadata }

func (a *Account) describeKey(ctx context.Context, in struct{ KeyId string }) (describeKeyOutput, error) {
	if other, found, err := a.otherKey(ctx, "kms:DescribeKey", in.KeyId); found {
		return describeKeyOutput{keyMetadata{
			AWSAccountId: a.options.Stack.Account, KeyId: in.KeyId[strings.LastIndex(in.KeyId, "/")+1:], Arn: in.KeyId, CreationDate: wire.Time(a.options.Deployed),
			Enabled: other.state == "Enabled", KeyState: other.state, KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", KeyManager: other.manager,
		}}, err
	}
	key, err := a.key(ctx, "kms:DescribeKey", in.KeyId)
	if err != nil {
		return describeKeyOutput{}, err
	}
	// With the defaults of AWS::KMS::Key (CloudFormation template reference).
	properties := struct {
		Enabled           bool
		KeySpec, KeyUsage string
		MultiRegion       bool
	}{Enabled: true, KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT"}
	if err := cloudformation.Decode(key, &properties); err != nil {
		return describeKeyOutput{}, err
	}
	state := "Enabled"
	if !properties.Enabled {
		state = "Disabled"
	}
	return describeKeyOutput{keyMetadata{
		AWSAccountId: a.options.Stack.Account, KeyId: key.PhysicalID, Arn: a.keyARN(key), CreationDate: wire.Time(a.options.Deployed),
		Enabled: properties.Enabled, KeyState: state, KeySpec: properties.KeySpec, KeyUsage: properties.KeyUsage, Origin: "AWS_KMS",
		KeyManager: "CUSTOMER", MultiRegion: properties.MultiRegion,
	}}, nil
}

type getKeyPolicyOutput struct{ Policy, PolicyName string }

func (a *Account) getKeyPolicy(ctx context.Context, in struct{ KeyId, PolicyName string }) (getKeyPolicyOutput, error) {
	if other, found, err := a.otherKey(ctx, "kms:GetKeyPolicy", in.KeyId); found {
		return getKeyPolicyOutput{other.policy, "default"}, err
	}
	key, err := a.key(ctx, "kms:GetKeyPolicy", in.KeyId)
	if err != nil {
		return getKeyPolicyOutput{}, err
	}
	if in.PolicyName != "" && in.PolicyName != "default" {
		return getKeyPolicyOutput{}, wire.Errorf("NotFoundException", "No such policy exists")
	}
	policy, err := json.Marshal(key.Properties["KeyPolicy"])
	return getKeyPolicyOutput{string(policy), "default"}, err
}

// key finds a key of the stack by its ID or ARN, for a caller who may make the call on it.
func (a *Account) key(ctx context.Context, action, id string) (cloudformation.Resource, error) {
	for _, key := range a.options.Stack.OfType("AWS::KMS::Key") {
		if id == key.PhysicalID || id == a.keyARN(key) {
			return key, a.check(ctx, action, a.keyARN(key))
		}
	}
	return cloudformation.Resource{}, wire.Errorf("NotFoundException", "Key '%s' does not exist", id)
}

func (a *Account) keyARN(key cloudformation.Resource) string {
	return a.arn("kms", "key/"+key.PhysicalID)
}
