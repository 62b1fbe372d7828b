// Command findsnapshot is the Lambda that finds the snapshot a night is about.
package main

import (
	"context"
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
	conf, err := layer.Read(getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return &Handler{Config: conf, RDS: rds.NewFromConfig(cfg)}, nil
}
