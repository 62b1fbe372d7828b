package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"snaplake/infra/internal/externalpolicy"
)

func TestCheckKey_AcceptsEveryFormOfPolicy(t *testing.T) {
	const logs = `{"Effect": "Allow", "Principal": {"Service": ["logs.eu-west-1.amazonaws.com"]}, "Action": ["KMS:*"]}`
	for name, test := range map[string]struct {
		policy  string
		healthy bool
	}{
		"account number":   {`[{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*"}, ` + logs + `]`, true},
		"other account":    {`[{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*"}, ` + logs + `]`, false},
		"denied":           {`[{"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "kms:*"}, ` + logs + `]`, false},
		"single statement": {`{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.keyPolicy = `{"Statement": ` + test.policy + `}`
			if got := a.doctor().checkKey(t.Context()); healthy(got) != test.healthy {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestCheckCatalogKey_RequiresStatementForRoles(t *testing.T) {
	const managed = `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Encrypt", "kms:Decrypt", "kms:Gen*"],
		"Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "glue.eu-west-1.amazonaws.com"}}}]}`
	statement := externalpolicy.JSON([]externalpolicy.Statement{externalpolicy.CatalogKey(newConfig())})
	own := newAccount().keyPolicy
	with := func(statement string) string {
		return strings.Replace(own, `"Statement": [`, `"Statement": [`+statement+",", 1)
	}
	for name, test := range map[string]struct {
		policy  string
		healthy bool
	}{
		"no statement":    {own, false},
		"statement":       {with(strings.Trim(statement, "[]")), true},
		"decrypt only":    {with(`{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}`), false},
		"AWS managed key": {managed, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.catalogKey, a.keyPolicy = &kmstypes.KeyMetadata{Arn: aws.String(glueKeyARN)}, test.policy
			got := a.doctor().checkCatalogKey(t.Context())
			if len(got) != 1 || healthy(got) != test.healthy || strings.HasSuffix(got[0].text, "add this statement: "+statement) == test.healthy {
				t.Errorf("got %v", got)
			}
		})
	}
}
