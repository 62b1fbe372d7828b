package iam_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
)

// statements is the policy of the role in these tests.
const statements = `[
	{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::lake/exports/*"},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lake", "Condition": {"StringLike": {"s3:prefix": "exports/*"}}},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lake", "Condition": {"StringLike": {"s3:prefix": "athena/*"}}},
	{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}]`

// calls lists the calls that the role makes in these tests.
var calls = []iam.Call{
	{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/exports/a"},
	{Action: "s3:ListBucket", Resource: "arn:aws:s3:::lake", Keys: map[string]string{"s3:prefix": "exports/shop/"}},
	{Action: "s3:DeleteObject", Resource: "arn:aws:s3:::lake/exports/a"},
}

func recorded(t *testing.T) (*iam.Guard, *iam.AccessLog) {
	t.Helper()
	var log iam.AccessLog
	g := guard(t, role(statements), log.Record)
	for _, call := range calls {
		_ = g.Check(asReader(t), call)
		_ = g.Check(iam.WithCaller(t.Context(), iam.Caller{Role: reader, Session: "again"}), call)
	}
	return g, &log
}

func texts[T fmt.Stringer](of []T) []string {
	var all []string
	for _, one := range of {
		all = append(all, one.String())
	}
	return all
}

func TestAccessLog_ListsUnusedPermissions(t *testing.T) {
	g, log := recorded(t)
	want := []string{
		"reader may s3:ListBucket on arn:aws:s3:::lake if StringLike s3:prefix athena/*",
		"reader may s3:PutObject on arn:aws:s3:::lake/exports/*",
	}
	if diff := cmp.Diff(want, texts(log.Unused(g))); diff != "" {
		t.Error(diff)
	}
}

func TestAccessLog_ListsEachDenialOnce(t *testing.T) {
	_, log := recorded(t)
	want := []*iam.Denied{{
		Principal: session, Action: "s3:DeleteObject", Resource: "arn:aws:s3:::lake/exports/a",
		Reason: "an explicit deny in an identity-based policy",
	}}
	var denied []*iam.Denied
	for _, d := range log.Decisions() {
		if d.Denied != nil {
			denied = append(denied, d.Denied)
		}
	}
	if diff := cmp.Diff(want, denied); diff != "" {
		t.Error(diff)
	}
	if n := len(log.Decisions()); n != len(calls) {
		t.Errorf("got %d decisions, want %d", n, len(calls))
	}
}

func TestAccessLog_DistinguishesCallsViaService(t *testing.T) {
	g, log := recorded(t)
	_ = g.Check(iam.WithCaller(t.Context(), iam.Caller{Role: reader, Session: "run", Via: "athena.amazonaws.com"}), calls[0])
	if n := len(log.Decisions()); n != len(calls)+1 {
		t.Errorf("got %d decisions, want %d", n, len(calls)+1)
	}
}

func TestAccessLog_ReplaysWithFewerPermissions(t *testing.T) {
	g, log := recorded(t)
	list := iam.Permission{Role: reader, Action: "s3:ListBucket", Resource: "arn:aws:s3:::lake", Condition: "StringLike s3:prefix exports/*"}
	other := list
	other.Condition = "StringLike s3:prefix athena/*"
	for name, c := range map[string]struct {
		without iam.Permission
		want    []string // the denied actions, except s3:DeleteObject, which is always denied
	}{
		"permission":                        {list, []string{"s3:ListBucket"}},
		"unused permission":                 {other, nil},
		"action on all resources":           {iam.Permission{Role: reader, Action: "s3:listbucket"}, []string{"s3:ListBucket"}},
		"action that no policy allows":      {iam.Permission{Role: reader, Action: "s3:AbortMultipartUpload"}, nil},
		"permission of another role":        {iam.Permission{Role: reader + "2", Action: "s3:GetObject"}, nil},
		"one action of several in a policy": {iam.Permission{Role: reader, Action: "s3:GetObject"}, []string{"s3:GetObject"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, denied := range log.Replay(g.Without(c.without)) {
				if denied.Action != "s3:DeleteObject" {
					got = append(got, denied.Action)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if n := len(log.Replay(g)); n != 1 {
		t.Errorf("the original guard has changed: got %d denials, want 1", n)
	}
}

func TestAccessLog_IsSafeForConcurrentUse(t *testing.T) {
	var log iam.AccessLog
	g := guard(t, role(statements), log.Record)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 50 {
				_ = g.Check(asReader(t), iam.Call{Action: "s3:GetObject", Resource: fmt.Sprintf("arn:aws:s3:::lake/exports/%d", i)})
			}
		})
	}
	all.Wait()
	if n := len(log.Decisions()); n != 8 {
		t.Errorf("got %d decisions, want 8", n)
	}
}
