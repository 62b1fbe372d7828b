// Command startexport is the Lambda that makes sure that an export of the snapshot runs, or is there already.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/layer"
)

func main() {
	h, err := newHandler(context.Background(), os.Getenv)
	if err != nil {
		lambdacontext.NewLogger().Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(h.Handle)
}

func newHandler(ctx context.Context, getenv func(string) string) (*Handler, error) {
	for _, name := range []string{"BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN"} {
		if getenv(name) == "" {
			return nil, fmt.Errorf("the environment variable %s is not set", name)
		}
	}
	conf, err := layer.Read(getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return &Handler{
		Config: conf,
		RDS:    rds.NewFromConfig(cfg),
		Log:    lambdacontext.NewLogger(),
		Bucket: getenv("BUCKET"),
		Role:   getenv("EXPORT_ROLE_ARN"),
		Key:    getenv("KMS_KEY_ARN"),
	}, nil
}
