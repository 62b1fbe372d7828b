package iamtest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

func TestRole_ParsesStatements(t *testing.T) {
	g := iamtest.NewGuard(t, nil, iamtest.Role("reader", "lambda.amazonaws.com if StringEquals aws:SourceAccount 123456789012",
		"glue:GetTable catalog table/shop/users",
		"s3:ListBucket arn:aws:s3:::lake if StringLike s3:prefix exports/* and ArnLike aws:PrincipalArn arn:aws:iam::123456789012:role/*",
		"xray:PutTraceSegments *",
		"deny xray:PutTelemetryRecords *",
	))
	want := []string{
		"reader may glue:GetTable on arn:aws:glue:ap-northeast-1:123456789012:catalog",
		"reader may glue:GetTable on arn:aws:glue:ap-northeast-1:123456789012:table/shop/users",
		"reader may s3:ListBucket on arn:aws:s3:::lake if ArnLike aws:PrincipalArn arn:aws:iam::123456789012:role/* " +
			"and StringLike s3:prefix exports/*",
		"reader may xray:PutTraceSegments on *",
	}
	var got []string
	for _, p := range g.Allowed() {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for account, trusted := range map[string]bool{"123456789012": true, "210987654321": false} {
		err := g.Assume("lambda.amazonaws.com", "arn:aws:iam::123456789012:role/reader", map[string]string{"aws:SourceAccount": account})
		if (err == nil) != trusted {
			t.Errorf("account %s: got %v", account, err)
		}
	}
	caller := iam.Caller{Role: "arn:aws:iam::123456789012:role/reader", Session: "run"}
	err := g.Check(iam.WithCaller(t.Context(), caller), iam.Call{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/a"})
	if err == nil || err.Error() != iamtest.Refusal(caller, "s3:GetObject", "arn:aws:s3:::lake/a") {
		t.Error(err)
	}
}
