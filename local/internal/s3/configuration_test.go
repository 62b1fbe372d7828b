package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestKeepVersions_ReportsVersioningAndRules(t *testing.T) {
	store, client := newStore(t)
	lake := aws.String("lake")
	show := func() (types.BucketVersioningStatus, []types.LifecycleRule, string) {
		versioning, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: lake})
		if err != nil {
			t.Fatal(err)
		}
		lifecycle, err := client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: lake})
		if err != nil {
			return versioning.Status, nil, errorText(err)
		}
		return versioning.Status, lifecycle.Rules, ""
	}
	const none = "NoSuchLifecycleConfiguration: The lifecycle configuration does not exist"
	if status, _, code := show(); status != "" || code != none {
		t.Errorf("without versioning: got %q, %s", status, code)
	}
	store.KeepVersions("lake", "")
	if status, _, code := show(); status != types.BucketVersioningStatusEnabled || code != none {
		t.Errorf("without rules: got %q, %s", status, code)
	}
	store.KeepVersions("lake", `<Rule><Status>Enabled</Status><Filter><Prefix>exports/</Prefix></Filter>`+
		`<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule>`)
	if _, rules, code := show(); len(rules) != 1 || aws.ToString(rules[0].Filter.Prefix) != "exports/" ||
		*rules[0].NoncurrentVersionExpiration.NoncurrentDays != 1 {
		t.Errorf("with a rule: got %v, %s", rules, code)
	}
}
