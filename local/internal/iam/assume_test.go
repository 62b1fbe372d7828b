package iam_test

import (
	"testing"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

func TestAssumeAsCaller_RespectsTrustPolicy(t *testing.T) {
	const (
		role    = "arn:aws:iam::123456789012:role/"
		account = "arn:aws:iam::123456789012:root"
		secret  = " if StringEquals sts:ExternalId night-shift"
	)
	operator, redash := iam.Caller{}, iam.Caller{Role: role + "redash", Session: "redash"}
	const operatorARN, redashARN = "arn:aws:iam::123456789012:user/operator", "arn:aws:sts::123456789012:assumed-role/redash/redash"
	may, mayNot := []string{"sts:AssumeRole *"}, []string{"sts:GetCallerIdentity *"}
	for name, test := range map[string]struct {
		trusted    string
		caller     iam.Caller
		externalID string
		has        []string // the permissions of the role redash
		denied     string   // the ARN of the caller that is denied
	}{
		"operator, account trusted":                        {account, operator, "", may, ""},
		"external ID that no condition requires":           {account, operator, "any", may, ""},
		"operator, trusted by name":                        {operatorARN, operator, "", may, ""},
		"operator, for a role outside the stack":           {role + "grafana", operator, "", may, ""},
		"operator, for another account":                    {"arn:aws:iam::210987654321:root", operator, "", may, ""},
		"operator, only a role of the stack trusted":       {role + "redash", operator, "", may, operatorARN},
		"operator, only a service trusted":                 {"lambda.amazonaws.com", operator, "", may, operatorARN},
		"right external ID":                                {account + secret, operator, "night-shift", may, ""},
		"right external ID, for a role outside the stack":  {role + "grafana" + secret, operator, "night-shift", may, ""},
		"wrong external ID":                                {account + secret, operator, "day-shift", may, operatorARN},
		"wrong external ID, for a role outside the stack":  {role + "grafana" + secret, operator, "day-shift", may, operatorARN},
		"no external ID":                                   {account + secret, operator, "", may, operatorARN},
		"role, trusted by name":                            {role + "redash", redash, "", mayNot, ""},
		"role, account trusted, with the permission":       {account, redash, "", may, ""},
		"role, account trusted, without the permission":    {account, redash, "", mayNot, redashARN},
		"role, trusted by name, with a deny in its policy": {role + "redash", redash, "", []string{"deny sts:AssumeRole *"}, redashARN},
		"role, not trusted":                                {role + "grafana", redash, "", may, redashARN},
	} {
		guard := iamtest.NewGuard(t, nil, iamtest.Role("analysts", test.trusted), iamtest.Role("redash", "ec2.amazonaws.com", test.has...))
		err := guard.AssumeAsCaller(iam.WithCaller(t.Context(), test.caller), role+"analysts", test.externalID)
		got, want := "", ""
		if err != nil {
			got = err.Error()
		}
		if test.denied != "" {
			want = "User: " + test.denied + " is not authorized to perform: sts:AssumeRole on resource: " + role + "analysts"
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
}

func TestAssumeAsCaller_DeniesUnknownRole(t *testing.T) {
	guard := iamtest.NewGuard(t, nil)
	if err := guard.AssumeAsCaller(t.Context(), "arn:aws:iam::123456789012:role/nobody", ""); err == nil {
		t.Error("allowed")
	}
}
