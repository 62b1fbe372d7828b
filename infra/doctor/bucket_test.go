package main

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/infra/internal/externalpolicy"
)

func TestBucketVersions_ABucketThatKeepsThemNeedsTheLifecycleRules(t *testing.T) {
	var rules []s3types.LifecycleRule
	for _, r := range lifecycle(t) {
		rules = append(rules, s3types.LifecycleRule{
			Status: s3types.ExpirationStatus(r.Status), Filter: &s3types.LifecycleRuleFilter{Prefix: &r.Filter.Prefix},
			NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: &r.NoncurrentVersionExpiration.NoncurrentDays},
		})
	}
	whole := s3types.LifecycleRule{
		Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{},
		NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)},
	}
	disabled, tagged, uploads := whole, whole, whole
	disabled.Status = s3types.ExpirationStatusDisabled
	tagged.Filter = &s3types.LifecycleRuleFilter{Tag: &s3types.Tag{}}
	uploads.NoncurrentVersionExpiration = nil
	lacks := func(prefix string) line {
		return fault.says("bucket versions", "company-lake keeps what is deleted below %s; add these lifecycle rules: %s", prefix, externalpolicy.Lifecycle)
	}
	deletes := ok.says("bucket versions", "company-lake deletes those of exports and results")
	for name, test := range map[string]struct {
		versioning s3types.BucketVersioningStatus
		rules      []s3types.LifecycleRule
		want       line
	}{
		"none":            {"", nil, ok.says("bucket versions", "company-lake keeps none")},
		"suspended":       {s3types.BucketVersioningStatusSuspended, nil, ok.says("bucket versions", "company-lake keeps none")},
		"no rules":        {s3types.BucketVersioningStatusEnabled, nil, lacks("exports/")},
		"one of them":     {s3types.BucketVersioningStatusEnabled, rules[:1], lacks("athena/")},
		"all of them":     {s3types.BucketVersioningStatusEnabled, rules, deletes},
		"the owner's own": {s3types.BucketVersioningStatusEnabled, []s3types.LifecycleRule{whole}, deletes},
		"others":          {s3types.BucketVersioningStatusEnabled, []s3types.LifecycleRule{disabled, tagged, uploads}, lacks("exports/")},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.versioning, a.lifecycle = test.versioning, test.rules
			if got := a.doctor().checkVersions(t.Context(), "company-lake"); len(got) != 1 || got[0] != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

type lifecycleRule struct {
	Status                      string
	Filter                      struct{ Prefix string }
	NoncurrentVersionExpiration struct{ NoncurrentDays int32 }
}

func lifecycle(t *testing.T) (rules []lifecycleRule) {
	t.Helper()
	if err := json.Unmarshal([]byte(externalpolicy.Lifecycle), &rules); err != nil || len(rules) != 2 {
		t.Fatalf("%v: %s", err, externalpolicy.Lifecycle)
	}
	return rules
}

func TestDoctor_FindsABucketThatCanBeMadePublic(t *testing.T) {
	for isPublic, want := range map[bool]line{
		false: ok.says("bucket access", "company-lake blocks all public access"),
		true:  fault.says("bucket access", "company-lake does not block all public access; turn on Block all public access"),
	} {
		a := newAccount()
		a.isPublic = isPublic
		if got := a.doctor().checkPublicAccess(t.Context(), "company-lake"); len(got) != 1 || got[0] != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
