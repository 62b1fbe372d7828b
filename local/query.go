package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
)

type queryCommand struct {
	SQL string `arg:"" help:"Query in Athena SQL."`
	Dir string `default:"${dir}" help:"Folder of the last run."`
}

// Run is called by kong.
func (c *queryCommand) Run(ctx context.Context) (err error) {
	aws, database, err := cloud.OpenSaved(filepath.Join(c.Dir, lakeFolder))
	if err != nil {
		return hint(err, c.Dir)
	}
	defer func() { err = errors.Join(err, aws.Close()) }()
	answer, err := athenaclient.New(aws, database).Query(ctx, c.SQL)
	if err != nil {
		return err
	}
	printAnswer(os.Stdout, answer)
	fmt.Printf("%d rows, %d bytes read\n", len(answer.Rows), answer.BytesRead)
	return nil
}
