package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/export"
)

// backupEvery is the interval between the automated snapshots of RDS.
const backupEvery = 24 * time.Hour

type serveCommand struct {
	runFlags
	Port int `default:"0" help:"Port on the loopback interface. 0 means any free port."`
}

// servedFile is the file in the work folder with the settings for clients, while serve runs.
const servedFile = "serve.json"

// served is the content of serve.json.
type served struct {
	Endpoint        string   `json:"endpoint"`
	Region          string   `json:"region"`
	AccessKeyID     string   `json:"accessKeyId"`
	SecretAccessKey string   `json:"secretAccessKey"`
	StateMachineARN string   `json:"stateMachineArn"`
	Sources         []string `json:"sources"`
	// Database is the database of the views that need no prefix in queries.
	Database string `json:"database"`
	// WorkGroup is the workgroup of the pipeline. To query the views, use AnalystsWorkGroup.
	WorkGroup         string `json:"workgroup"`
	AnalystsWorkGroup string `json:"analystsWorkgroup"`
	// AnalystsRoleARN is the role for Redash and other clients of the views, and AnalystsExternalID is the external ID that they must send.
	AnalystsRoleARN    string `json:"analystsRoleArn,omitempty"`
	AnalystsExternalID string `json:"analystsExternalId,omitempty"`
	// StagingPath is the folder with the query results of AnalystsWorkGroup, for example s3://bucket/athena/analysts/.
	StagingPath string `json:"stagingPath"`
	Bucket      string `json:"bucket"`
	// Engine is the engine of the local Athena, duckdb or trino.
	Engine string `json:"engine"`
}

// Validate is called by kong.
func (c *serveCommand) Validate() error {
	if c.Port < 0 || c.Port > 65535 {
		return errors.New("--port must be between 0 and 65535")
	}
	return c.runFlags.Validate()
}

// Run is called by kong.
func (c *serveCommand) Run(ctx context.Context, at time.Time) error {
	return c.withRunner(ctx, at, cloud.Options{Port: c.Port, BackupEvery: backupEvery}, func(n runner) error { return c.serve(ctx, n) })
}

// serve makes a first run if the lake is new, serves until ctx is done, and saves the lake.
func (c *serveCommand) serve(ctx context.Context, n runner) (err error) {
	if n.saved == nil {
		err := n.run(ctx, 1)
		if err != nil && ctx.Err() != nil {
			return err // a saved lake would not get a first run again
		}
		if err != nil {
			fmt.Printf("%v\n\n", err) // the execution can be redriven
		}
	} else if n.unusable != nil {
		fmt.Printf("New runs fail: %v.\n", n.unusable)
	}
	file, settings := filepath.Join(c.Dir, servedFile), n.served(c.Engine)
	if err := writeJSONFile(file, settings); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	settings.print(os.Stdout, file, n.first().Name, n.clock.Now().Format("run-20060102-150405"), c.Speed)
	n.printRedrivable()
	for _, d := range n.databases {
		if _, ok := d.Database.(export.Transactional); ok {
			fmt.Printf("\nEach snapshot keeps a transaction open in %s. The server keeps old row versions until the export of the snapshot "+
				"is complete.\n", d.address)
		}
	}
	<-ctx.Done()
	return n.save()
}

// writeJSONFile writes a value as JSON to a file that only this user can read.
func writeJSONFile(file string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

// printRedrivable prints the commands that redrive the three newest executions that failed or were aborted.
func (n runner) printRedrivable() {
	newest := n.aws.StepFunctions.Redrivable()
	newest = newest[:min(3, len(newest))]
	if len(newest) > 0 {
		fmt.Println("\nTo redrive an execution that failed or was aborted:")
	}
	for _, e := range newest {
		fmt.Printf("  aws stepfunctions redrive-execution --execution-arn %s  # %s %s\n", e.ARN, e.Status, e.Error)
	}
}

// served returns the settings for clients.
func (n runner) served(engine string) served {
	s := served{
		Endpoint: n.aws.Endpoint, Region: n.aws.Region, AccessKeyID: n.aws.Operator.AccessKeyID, SecretAccessKey: n.aws.Operator.SecretAccessKey,
		StateMachineARN: n.aws.StateMachineARN, Database: n.first().Database(), Bucket: n.aws.Bucket,
		WorkGroup: n.aws.WorkGroup, AnalystsWorkGroup: n.aws.AnalystsWorkGroup, AnalystsRoleARN: n.aws.AnalystsRoleARN,
		AnalystsExternalID: n.aws.AnalystsExternalID, StagingPath: n.stack.Outputs["AnalystsResults"], Engine: engine,
	}
	for _, source := range n.config.Sources {
		s.Sources = append(s.Sources, source.Name)
	}
	return s
}

// print prints the settings for clients, with commands for an execution of the given source with the given name.
func (s served) print(out io.Writer, file, source, name string, speed float64) {
	pace := "Time passes in real time."
	if speed != 1 {
		pace = fmt.Sprintf("While an execution waits, time passes %g times as fast as real time. For real time, use --speed 1.", speed)
	}
	fmt.Fprintf(out, `The local AWS listens at %[1]s until you press Ctrl-C. %[2]s contains these settings as JSON.
%[3]s

For the AWS CLI and SDKs:
  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s AWS_ACCESS_KEY_ID=%[5]s AWS_SECRET_ACCESS_KEY=%[6]s

To start an execution, describe it, and redrive it after a failure:
  aws stepfunctions start-execution --state-machine-arn %[7]s --name %[9]s --input '{"source": "%[8]s"}'
  aws stepfunctions describe-execution --execution-arn %[13]s:%[9]s
  aws stepfunctions redrive-execution --execution-arn %[13]s:%[9]s

To query the views:
  go run ./local query%[10]s "SELECT ..."
  aws athena start-query-execution --work-group %[11]s --query-execution-context Database=%[12]s --query-string 'SHOW VIEWS'
  aws athena get-query-results --query-execution-id ID

For Redash and other clients of the views (docs/redash.md):
`, s.Endpoint, file, pace, s.Region, s.AccessKeyID, s.SecretAccessKey, s.StateMachineARN, source,
		name, dirOption(filepath.Dir(file)), s.AnalystsWorkGroup, s.Database, strings.Replace(s.StateMachineARN, ":stateMachine:", ":execution:", 1))
	for _, setting := range [][2]string{
		{"workgroup", s.AnalystsWorkGroup}, {"staging path", s.StagingPath}, {"role", s.AnalystsRoleARN}, {"external ID", s.AnalystsExternalID},
	} {
		if setting[1] != "" {
			fmt.Fprintf(out, "  %-12s  %s\n", setting[0], setting[1])
		}
	}
}
