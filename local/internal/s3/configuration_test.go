package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestConfiguration_BucketHasNoVersionsAndNoLifecycleRules(t *testing.T) {
	_, client := newStore(t)
	lake := aws.String("lake")
	versioning, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: lake})
	if err != nil || versioning.Status != "" {
		t.Errorf("versioning: got %v, %v", versioning, err)
	}
	_, err = client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: lake})
	if got := errorText(err); got != "NoSuchLifecycleConfiguration: The lifecycle configuration does not exist" {
		t.Errorf("lifecycle: got %s", got)
	}
}
