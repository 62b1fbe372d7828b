package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The file is what the template allows, see TestRolesMayDoWhatIsWrittenDown.
func TestKeyUsersAndBucketUsers_AreTheRolesThatMayUseThem(t *testing.T) {
	text, err := os.ReadFile("../testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	keyActions, bucketRoles := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		role, actions, isStatement := strings.Cut(strings.TrimSpace(line), " may ")
		if !isStatement {
			continue
		}
		for _, action := range strings.Split(actions, ", ") {
			if strings.HasPrefix(action, "kms:") {
				keyActions[role] = append(keyActions[role], action)
				slices.Sort(keyActions[role])
			}
			if strings.HasPrefix(action, "s3:") {
				bucketRoles[role] = true
			}
		}
	}
	users := map[string][]string{}
	for _, u := range keyUsers {
		users[u.role] = slices.Sorted(slices.Values(u.actions))
	}
	if diff := cmp.Diff(keyActions, users); diff != "" {
		t.Errorf("who uses the key (-template +doctor):\n%s", diff)
	}
	listed := map[string]bool{}
	for _, role := range bucketUsers {
		listed[role] = true
	}
	if diff := cmp.Diff(bucketRoles, listed); diff != "" {
		t.Errorf("who uses the bucket (-template +doctor):\n%s", diff)
	}
}
