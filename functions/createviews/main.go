// Command createviews is the Lambda that makes the views over what was crawled.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/time/rate"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Start(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Views, error) {
	h := &Handler{
		Config:  s.Config,
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Glue:    glue.NewFromConfig(s.AWS),
		Athena:  athena.NewFromConfig(s.AWS, patient),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
		starts:  rate.NewLimiter(startsPerSecond, startsAtOnce),
		pause:   sleep,
	}
	return h.Handle
}

// patient lets the SDK try again for some minutes when Athena has no room for another statement (TooManyRequestsException).
func patient(o *athena.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 60, 5*time.Second, ratelimit.None
	})
}
