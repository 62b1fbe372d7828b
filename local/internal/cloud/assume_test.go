package cloud

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
)

// assume calls AssumeRole with the operator's key, and returns the credentials or the code of the error.
func (p *testEnv) assume(t *testing.T, role, externalID string) (key, secret, token, code string) {
	t.Helper()
	form := url.Values{
		"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"redash"}, "ExternalId": {externalID},
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Endpoint, strings.NewReader(form.Encode()))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+p.Operator.AccessKeyID+"/20261121/"+p.Region+"/sts/aws4_request")
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer response.Body.Close()
	var out struct {
		Key    string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret string `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token  string `xml:"AssumeRoleResult>Credentials>SessionToken"`
		Code   string `xml:"Error>Code"`
	}
	must(t, xml.NewDecoder(response.Body).Decode(&out))
	return out.Key, out.Secret, out.Token, out.Code
}

// TestAssumeRole_GivesClientsTheAnalystsRole assumes the role as Redash does, which always sends an external ID.
func TestAssumeRole_GivesClientsTheAnalystsRole(t *testing.T) {
	p := open(t, nil, "shop")
	key, secret, token, code := p.assume(t, p.AnalystsRoleARN, cmp.Or(p.AnalystsExternalID, "redash"))
	if code != "" {
		t.Fatal(code)
	}
	session := awscredentials.NewStaticCredentialsProvider(key, secret, token)
	client := awsathena.New(awsathena.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: session})
	_, err := client.GetWorkGroup(t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: &p.AnalystsWorkGroup})
	must(t, err)
	if _, err := client.GetWorkGroup(t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: &p.WorkGroup}); err == nil {
		t.Error("the session may use the workgroup of the pipeline")
	}
	for _, role := range []string{p.AnalystsRoleARN + "x", roleOf(t, p.stack, "ExportRole")} {
		if _, _, _, code := p.assume(t, role, "redash"); code != "AccessDenied" {
			t.Errorf("%s: got %q", role, code)
		}
	}
}
