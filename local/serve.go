package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/export"
)

type serveCommand struct {
	Source []string `sep:"none" placeholder:"[NAME=]DATABASE" help:"${database} Default: the databases of the last run, or sample."`
	Port   int      `default:"0" help:"Port on the loopback interface. 0 means any free port."`
	Speed  float64  `default:"300" help:"Speed of the clock while an execution waits, as a multiple of real time. 1 means real time."`
	Dir    string   `default:"${dir}" help:"Folder for the data lake, the logs and serve.json."`

	faultFlags
}

// served is the content of serve.json.
type served struct {
	Endpoint        string   `json:"endpoint"`
	Region          string   `json:"region"`
	AccessKeyID     string   `json:"accessKeyId"`
	SecretAccessKey string   `json:"secretAccessKey"`
	StateMachineARN string   `json:"stateMachineArn"`
	Sources         []string `json:"sources"`
	// Database is the database of the first source's views.
	Database string `json:"database"`
	// WorkGroup is the workgroup of the pipeline. To query the views, use AnalystsWorkGroup.
	WorkGroup         string `json:"workgroup"`
	AnalystsWorkGroup string `json:"analystsWorkgroup"`
	// AnalystsRoleARN is the role for Redash and other clients of the views. It is empty if the stack has no such role.
	AnalystsRoleARN string `json:"analystsRoleArn"`
	// StagingPath is the folder with the query results of AnalystsWorkGroup, for example s3://bucket/analysts/.
	StagingPath string `json:"stagingPath"`
	Bucket      string `json:"bucket"`
}

// Validate is called by kong.
func (c *serveCommand) Validate() error {
	switch {
	case c.Speed < 1:
		return fmt.Errorf("--speed must be at least 1 (real time)")
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("--port must be between 0 and 65535")
	}
	return nil
}

// Run is called by kong.
func (c *serveCommand) Run(ctx context.Context, at time.Time) (err error) {
	if c.printHelp() {
		return nil
	}
	faults, err := c.plan()
	if err != nil {
		return err
	}
	lines := newProgress(os.Stdout)
	l, err := openLake(ctx, c.Dir, c.Source, true, at, c.Speed, cloud.Options{
		Port: c.Port, BackupEvery: backupEvery, Observe: lines.observe, Published: mailbox{c.Dir}.deliver, Faults: faults,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := c.serve(ctx, runner{lake: l, lines: lines}); err != nil {
		return err
	}
	return l.save()
}

// serve makes a first run if the lake is new, and then serves until ctx is done.
func (c *serveCommand) serve(ctx context.Context, n runner) (err error) {
	if n.saved == nil {
		if err := n.run(ctx, 1); err != nil && ctx.Err() == nil {
			fmt.Println(err) // the execution can be redriven
		}
	}
	file := filepath.Join(c.Dir, "serve.json")
	answers := n.served()
	if err := answers.write(file); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	answers.print(file, c.Speed)
	for _, d := range n.databases {
		if _, ok := d.Database.(export.Transactional); ok {
			fmt.Printf("\nEach snapshot holds a transaction open in %s. The server keeps old row versions until the export of the snapshot "+
				"is complete.\n", d.address)
		}
	}
	<-ctx.Done()
	return nil
}

// served returns the settings for clients.
func (n runner) served() served {
	s := served{
		Endpoint: n.aws.Endpoint, Region: n.aws.Region, AccessKeyID: n.aws.Operator.AccessKeyID, SecretAccessKey: n.aws.Operator.SecretAccessKey,
		StateMachineARN: n.aws.StateMachineARN, Database: n.config.Sources[0].Database(), Bucket: n.aws.Bucket,
		WorkGroup: n.aws.WorkGroup, AnalystsWorkGroup: n.aws.AnalystsWorkGroup, AnalystsRoleARN: n.aws.AnalystsRoleARN,
	}
	for _, source := range n.config.Sources {
		s.Sources = append(s.Sources, source.Name)
	}
	return s
}

// backupEvery is the interval between the automated snapshots of RDS.
const backupEvery = 24 * time.Hour

func (s served) write(file string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

func (s served) print(file string, speed float64) {
	fmt.Printf(`
The local AWS listens at %[1]s until you press Ctrl-C. %[2]s contains these settings as JSON.
%[3]s

For the AWS CLI and SDKs:
  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s AWS_ACCESS_KEY_ID=%[5]s AWS_SECRET_ACCESS_KEY=%[6]s

To start an execution, describe it, and redrive it after a failure:
  aws stepfunctions start-execution --state-machine-arn %[7]s --name run-1 --input '{"source": "%[8]s"}'
  aws stepfunctions describe-execution --execution-arn %[9]s
  aws stepfunctions redrive-execution --execution-arn %[9]s

To query the views:
  go run ./local query "SELECT ..."
  aws athena start-query-execution --work-group %[10]s --query-execution-context Database=%[11]s --query-string 'SHOW VIEWS'
  aws athena get-query-results --query-execution-id ID

For Redash and other clients of the views (docs/redash.md):
  role %[12]s, workgroup %[10]s, staging path %[13]s
`, s.Endpoint, file, timeOf(speed), s.Region, s.AccessKeyID, s.SecretAccessKey, s.StateMachineARN, s.Sources[0],
		executionARN(s.StateMachineARN, "run-1"), s.AnalystsWorkGroup, s.Database, s.AnalystsRoleARN, s.StagingPath)
}

// timeOf describes how time passes.
func timeOf(speed float64) string {
	if speed == 1 {
		return "Time passes in real time."
	}
	return fmt.Sprintf("While an execution waits, time passes %g times as fast as real time. For real time, use --speed 1.", speed)
}

// executionARN returns the ARN of the execution with the given name.
func executionARN(machine, name string) string {
	return strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name
}
