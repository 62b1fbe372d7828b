// Command prune is the Lambda that deletes what no view reads any more.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/layer"
	"snaplake/functions/internal/manifest"
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
	bucket := getenv("BUCKET")
	if bucket == "" {
		return nil, errors.New("the environment variable BUCKET is not set")
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
		S3:     s3.NewFromConfig(cfg, manifest.Quiet),
		Glue:   glue.NewFromConfig(cfg),
		RDS:    rds.NewFromConfig(cfg),
		Log:    lambdacontext.NewLogger(),
		Bucket: bucket,
	}, nil
}
