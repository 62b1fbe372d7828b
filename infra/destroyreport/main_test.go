package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configuration writes a pipeline.yaml with the additional settings and returns its path.
func configuration(t *testing.T, settings string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	text := `account: "123456789012"
region: ap-northeast-1
name: lake
sources:
  shop: {cluster: shop-prod, schedule: cron(30 3 * * ? *)}
` + settings
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRun_RefusesProtectedStack(t *testing.T) {
	file := configuration(t, "")
	err := run(file, os.Stdout)
	if want := "the stack lake has termination protection; set"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("run: %v, want %s", err, want)
	}
}

func TestRun_ListsResourcesThatRemain(t *testing.T) {
	const bucket, key = "arn:aws:s3:::company-lake", "arn:aws:kms:ap-northeast-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
	for name, c := range map[string]struct {
		settings  string
		says, not []string
	}{
		"created and retained": {"", []string{"delete-bucket", "key-deletion"}, []string{"30 days", "not part of the stack"}},
		"created":              {"retain_data: false\n", []string{"unless it is empty", "30 days"}, []string{"delete-bucket", "key-deletion"}},
		"existing": {"bucket: " + bucket + "\nkey: " + key + "\n",
			[]string{"the bucket " + bucket + ", which is not part of the stack", "the key " + key + ", which is not part of the stack"},
			[]string{"delete-bucket", "key-deletion"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := run(configuration(t, "termination_protection: false\n"+c.settings), &out); err != nil {
				t.Fatal(err)
			}
			for _, text := range append(c.says, "The stack lake of account 123456789012 in ap-northeast-1 will be deleted") {
				if !strings.Contains(out.String(), text) {
					t.Errorf("the output does not contain %q:\n%s", text, out.String())
				}
			}
			for _, text := range c.not {
				if strings.Contains(out.String(), text) {
					t.Errorf("the output contains %q:\n%s", text, out.String())
				}
			}
		})
	}
}
