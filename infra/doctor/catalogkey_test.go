package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"snaplake/infra/internal/externalpolicy"
)

func TestCatalogKey_IsToAdmitTheStacksRoles(t *testing.T) {
	needed := externalpolicy.JSON([]externalpolicy.Statement{externalpolicy.CatalogKey(newConfig())})
	lacking := fault.says("catalog encryption", "the policy of %s, with which the Data Catalog is encrypted, does not admit the stack's roles; add this: %s", glueKeyARN, needed)
	usable := ok.says("catalog encryption", "%s admits the stack's roles", glueKeyARN)
	add := func(a *account, statement string) {
		a.keyPolicy = strings.Replace(a.keyPolicy, `{"Statement": [`, `{"Statement": [`+statement+", ", 1)
	}
	for name, test := range map[string]struct {
		change func(*account)
		want   line
	}{
		"not admitted":                   {func(*account) {}, lacking},
		"not admitted before deployment": {func(a *account) { a.status = "" }, lacking},
		"admitted before deployment":     {func(a *account) { a.status = ""; add(a, strings.Trim(needed, "[]")) }, usable},
		"admitted":                       {func(a *account) { add(a, strings.Trim(needed, "[]")) }, usable},
		"admitted to read only":          {func(a *account) { add(a, `{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}`) }, lacking},
		"a key of AWS's, which admits all": {func(a *account) {
			a.keyPolicy = `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
				"Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "glue.eu-west-1.amazonaws.com"}}}]}`
		}, usable},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.catalogKey = &kmstypes.KeyMetadata{Arn: aws.String(glueKeyARN)}
			test.change(a)
			d := a.doctor()
			d.readStack(t.Context())
			if got := d.checkCatalogKey(t.Context()); len(got) != 1 || got[0] != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
