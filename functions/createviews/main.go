// Command createviews is the Lambda that makes the views over what was crawled.
package main

import (
	"context"
	"runtime/debug"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/time/rate"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Start(newHandler, "BUCKET") }

// memory in bytes is what 10,000 tables of two exports find room in. Near it garbage is collected more often; nothing fails beyond it.
const memory = 48 << 20

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Views, error) {
	debug.SetMemoryLimit(memory)
	h := &Handler{
		Config:  s.Config,
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Glue:    glue.NewFromConfig(s.AWS),
		Athena:  athena.NewFromConfig(s.AWS),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
		starts:  rate.NewLimiter(startsPerSecond, startsAtOnce),
		pause:   sleep,
	}
	return h.Handle
}
