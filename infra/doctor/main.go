// Command doctor checks an AWS account against the configuration, before a deployment and at any time afterwards. It prints one line per
// subject: what is missing and how to fix it. It checks what costs money or a long wait to find out otherwise; what CloudFormation or the
// first run report as clearly, and for free, it leaves to them. It changes nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/alecthomas/kong"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"snaplake/workflow/config"
)

// timeout limits all checks together.
const timeout = 30 * time.Second

type command struct {
	Config string `default:"workflow/pipeline.yaml" placeholder:"FILE" help:"The configuration to check the account against."`
}

func main() {
	var c command
	kong.Parse(&c, kong.Name("doctor"), kong.Description("Checks your AWS account against the configuration. Changes nothing."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	healthy, err := c.run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || !healthy {
		os.Exit(1)
	}
}

// run prints the report, and reports whether there are no problems. It returns an error if nothing could be checked.
func (c command) run(ctx context.Context, out io.Writer) (healthy bool, err error) {
	config, err := config.Load(c.Config)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(config.Region))
	if err != nil {
		return false, fmt.Errorf("read the AWS configuration: %w", err)
	}
	d := &doctor{config: config, aws: newClients(aws), now: time.Now}
	return report(out, config, d.examine(ctx)), nil
}
