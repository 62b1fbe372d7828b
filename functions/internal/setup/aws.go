package setup

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

// awsConfig is of what Lambda puts into the environment of each function: the Region, and the credentials of the function's role,
// which do not change while the process lives (Lambda guide, "Working with Lambda environment variables"). The SDK's
// LoadDefaultConfig finds the same there, and could look in all the places that a person's machine has: files, single sign-on, EC2.
// None of them is in Lambda, and what looks there would be in each binary, and be made ready at each start.
//
// The rest is as LoadDefaultConfig leaves it, where it is not the zero value. AWS_ENDPOINT_URL names another AWS than AWS's own;
// only the local one sets it.
func awsConfig(getenv func(string) string) aws.Config {
	c := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
		Logger:                     logging.NewStandardLogger(os.Stderr),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}
