// Command doctor checks an AWS account against the configuration, before a deployment and at any time afterwards. It prints one line per
// finding, and a fix for each problem. It looks for problems that would otherwise appear only after a long wait, or cost money. It skips
// problems that CloudFormation or the first run reports just as clearly. It changes nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"snaplake/workflow"
	"snaplake/workflow/config"
)

// timeout is the time limit for all checks together.
const timeout = 30 * time.Second

const defaultConfig = "workflow/pipeline.yaml"

type command struct {
	Config string `default:"${config}" placeholder:"FILE" help:"The configuration to check the account against."`
}

func main() {
	var c command
	kong.Parse(&c, kong.Name("doctor"), kong.Description("Checks your AWS account against the configuration. Changes nothing."),
		kong.Vars{"config": defaultConfig})
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

// run prints the report. It returns true if it finds no problems, and an error if it cannot check anything.
func (c command) run(ctx context.Context, out io.Writer) (healthy bool, err error) {
	loaded, err := config.Load(c.Config)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(loaded.Region))
	if err != nil {
		return false, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if err := config.CheckAccount(c.Config, loaded); err != nil && aws.BaseEndpoint == nil { // the endpoint may be the local AWS
		return false, err
	}
	d := &doctor{config: loaded, aws: aws, now: time.Now}
	return report(out, c.Config, loaded, d.examine(ctx)), nil
}

// target matches a make target in a finding that needs the path of the configuration.
var target = regexp.MustCompile(`\bmake (deploy|destroy|doctor)\b`)

// report prints the findings as a table, followed by a summary. It returns true if there are no problems. file is the path of the
// configuration.
func report(out io.Writer, file string, config workflow.Config, findings []finding) bool {
	fmt.Fprintf(out, "Stack %s in account %s, %s\n\n", config.Name, config.Account, config.Region)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	problems := 0
	for _, f := range findings {
		if f.level == problem {
			problems++
		}
		text := f.text
		if file != defaultConfig {
			text = target.ReplaceAllString(text, "$0 CONFIG="+file)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.level, f.subject, text)
	}
	table.Flush()
	if problems > 0 {
		fmt.Fprintf(out, "\nProblems found: %d.\n", problems)
		return false
	}
	fmt.Fprintln(out, "\nNo problems found.")
	return true
}
