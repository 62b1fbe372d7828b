package setup

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

func TestAWSConfig_UsesTheRoleOfTheFunction(t *testing.T) {
	c := awsConfig(environment(map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}))
	got, err := c.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := aws.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "secret", SessionToken: "token", Source: got.Source}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c.Region != "eu-west-1" || c.BaseEndpoint != nil {
		t.Errorf("got the Region %s, the endpoint %v", c.Region, c.BaseEndpoint)
	}
}

func TestAWSConfig_UsesAnEndpointURL(t *testing.T) {
	const endpoint = "http://127.0.0.1:4566"
	c := awsConfig(environment(map[string]string{"AWS_ENDPOINT_URL": endpoint}))
	if got := aws.ToString(c.BaseEndpoint); got != endpoint {
		t.Errorf("got %q", got)
	}
}
