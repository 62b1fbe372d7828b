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

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/export"
)

type serveCommand struct {
	Source string  `default:"sample" placeholder:"[NAME=]DATABASE" help:"${database}"`
	Port   int     `default:"0" help:"Port on the loopback interface. 0 means any free port."`
	Speed  float64 `default:"300" help:"Speed of the clock while a run waits, as a multiple of real time."`
	Dir    string  `default:".local" help:"Folder for serve.json. The data lake and the logs are in its subfolder serve."`

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
	// Database is the default database for queries.
	Database string `json:"database"`
	// WorkGroup is the workgroup of the pipeline. To query the views, use AnalystsWorkGroup.
	WorkGroup         string `json:"workgroup"`
	AnalystsWorkGroup string `json:"analystsWorkgroup"`
	Bucket            string `json:"bucket"`
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
	s, err := openSession(ctx, c.Source, filepath.Join(c.Dir, "serve"), cloud.Options{
		Clock: clock.NewScaled(at, c.Speed), Port: c.Port, BackupEvery: backupEvery, Published: showMail, Faults: faults,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	answers := served{
		Endpoint: s.aws.Endpoint, Region: s.aws.Region, AccessKeyID: s.aws.Operator.AccessKeyID, SecretAccessKey: s.aws.Operator.SecretAccessKey,
		StateMachineARN: s.aws.StateMachineARN, Sources: []string{s.source.Name}, Database: s.source.Database(), Bucket: s.aws.Bucket,
		WorkGroup: s.aws.WorkGroup, AnalystsWorkGroup: s.aws.AnalystsWorkGroup,
	}
	file := filepath.Join(c.Dir, "serve.json")
	if err := answers.write(file); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	answers.print(s.source.Database(), file)
	if _, ok := s.database.(export.Transactional); ok {
		fmt.Print(`
Each snapshot holds a transaction open in your database. The database keeps old row versions until the export of the snapshot is complete.
`)
	}
	<-ctx.Done()
	return nil
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

func (s served) print(database, file string) {
	fmt.Printf(`The local AWS listens at %[1]s until you press Ctrl-C. %[8]s contains these settings as JSON.

For the AWS CLI and SDKs:
  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s AWS_ACCESS_KEY_ID=%[3]s AWS_SECRET_ACCESS_KEY=%[4]s

To start an execution, describe it, and redrive it after a failure:
  aws stepfunctions start-execution --state-machine-arn %[5]s --name run-1 --input '{"source": "%[6]s"}'
  aws stepfunctions describe-execution --execution-arn %[9]s
  aws stepfunctions redrive-execution --execution-arn %[9]s

To query the views:
  aws athena start-query-execution --work-group %[7]s --query-execution-context Database=%[10]s --query-string 'SHOW VIEWS'
  aws athena get-query-results --query-execution-id ID
`, s.Endpoint, s.Region, s.AccessKeyID, s.SecretAccessKey, s.StateMachineARN, s.Sources[0], s.AnalystsWorkGroup, file,
		executionARN(s.StateMachineARN, "run-1"), database)
}

// executionARN returns the ARN of the execution with the given name.
func executionARN(machine, name string) string {
	return strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name
}
