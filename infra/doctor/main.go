// Command doctor checks an AWS account against the configuration, before a deployment and at any time after, and says in a line
// each what is missing and how to mend it. It changes nothing.
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

// patience is how long all checks together may take.
const patience = 30 * time.Second

type command struct {
	Config string `default:"workflow/pipeline.yaml" placeholder:"FILE" help:"The configuration that the account is checked against."`
}

func main() {
	var c command
	kong.Parse(&c, kong.Name("doctor"), kong.Description("Says what is missing in the AWS account of your credentials. Changes nothing."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	well, err := c.run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || !well {
		os.Exit(1)
	}
}

// run prints what it finds, and tells whether all is well. The error is that nothing could be checked at all.
func (c command) run(ctx context.Context, out io.Writer) (well bool, err error) {
	config, err := config.Load(c.Config)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(config.Region))
	if err != nil {
		return false, fmt.Errorf("read the AWS configuration: %w", err)
	}
	d := &doctor{config: config, aws: newClients(aws), now: time.Now}
	return write(out, config, d.examine(ctx)), nil
}
