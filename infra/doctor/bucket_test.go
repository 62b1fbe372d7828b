package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/infra/internal/externalpolicy"
)

func TestCheckVersions_RequiresLifecycleRules(t *testing.T) {
	const enabled, keeps = s3types.BucketVersioningStatusEnabled, "company-lake keeps deleted objects under "
	rules := documentedRules(t)
	whole := s3types.LifecycleRule{
		Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{},
		NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)},
	}
	disabled, tagged, uploads := whole, whole, whole
	disabled.Status = s3types.ExpirationStatusDisabled
	tagged.Filter = &s3types.LifecycleRuleFilter{Tag: &s3types.Tag{}}
	uploads.NoncurrentVersionExpiration = nil
	for name, test := range map[string]struct {
		versioning s3types.BucketVersioningStatus
		rules      []s3types.LifecycleRule
		want       string
	}{
		"never enabled":        {"", nil, "company-lake does not have versioning enabled"},
		"suspended":            {s3types.BucketVersioningStatusSuspended, nil, "company-lake does not have versioning enabled"},
		"no rules":             {enabled, nil, keeps + "exports/"},
		"one of the two":       {enabled, rules[:1], keeps + "athena/"},
		"both":                 {enabled, rules, "company-lake expires noncurrent versions"},
		"rule for all objects": {enabled, []s3types.LifecycleRule{whole}, "company-lake expires noncurrent versions"},
		"other rules":          {enabled, []s3types.LifecycleRule{disabled, tagged, uploads}, keeps + "exports/"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.versioning, a.lifecycle = test.versioning, test.rules
			got := a.doctor().checkVersions(t.Context(), "company-lake")
			if len(got) != 1 || !strings.HasPrefix(got[0].text, test.want) || healthy(got) == strings.HasPrefix(test.want, keeps) {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

// documentedRules returns the rules in externalpolicy.Lifecycle.
func documentedRules(t *testing.T) (rules []s3types.LifecycleRule) {
	t.Helper()
	if err := json.Unmarshal([]byte(externalpolicy.Lifecycle), &rules); err != nil || len(rules) != 2 {
		t.Fatalf("%v: %s", err, externalpolicy.Lifecycle)
	}
	return rules
}
