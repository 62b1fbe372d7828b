package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
)

type queryCommand struct {
	SQL      *string `arg:"" optional:"" help:"Query in Athena SQL. Default: standard input. Without a query, the views are listed."`
	File     string  `placeholder:"FILE" help:"File with the query."`
	Format   string  `enum:"table,csv,json" default:"table" help:"table, csv (as in Athena's result files), or json (an array of objects)."`
	Database string  `placeholder:"NAME" help:"Database for names without a prefix. Default: the database of the first source."`
	Dir      string  `default:"${dir}" help:"Folder of the last run."`
	engineFlag
}

// Run is called by kong.
func (c *queryCommand) Run(ctx context.Context) (err error) {
	sql, found, err := c.read()
	switch {
	case err != nil:
		return err
	case found:
		err = checkReads(sql)
	case c.Format != "table":
		err = errors.New("--format " + c.Format + " needs a query")
	}
	if err != nil {
		return err
	}
	client, stop, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	out := bufio.NewWriter(os.Stdout)
	defer func() { err = errors.Join(err, out.Flush()) }()
	if !found {
		return showLake(ctx, out, client, c.Database)
	}
	stream, err := client.Stream(ctx, sql)
	if err != nil {
		return err
	}
	stream.Rows = fields(stream)
	switch {
	case c.Format == "csv":
		return writeCSV(out, stream)
	case c.Format == "json":
		return writeJSON(out, stream)
	case isText(sql):
		return writeText(out, stream)
	}
	rows, err := writeTable(out, stream, newScreen(os.Stdout))
	if err == nil {
		unit := "rows"
		if rows == 1 {
			unit = "row"
		}
		fmt.Fprintf(out, "%d %s, %d bytes read\n", rows, unit, stream.BytesRead)
	}
	return err
}

// read returns the query. It reports false if no query was given. Standard input that is a terminal or /dev/null holds no query.
func (c *queryCommand) read() (sql string, found bool, err error) {
	switch {
	case c.SQL != nil && c.File != "":
		return "", false, errors.New("there are two queries; use either the argument or --file")
	case c.SQL != nil:
		return *c.SQL, true, nil
	case c.File != "":
		b, err := os.ReadFile(c.File)
		return withoutBOM(b), true, err
	}
	if info, err := os.Stdin.Stat(); err != nil || info.Mode()&os.ModeCharDevice != 0 {
		return "", false, nil
	}
	b, err := io.ReadAll(os.Stdin)
	return withoutBOM(b), true, err
}

// withoutBOM returns a text without the byte order mark that some editors write.
func withoutBOM(text []byte) string { return strings.TrimPrefix(string(text), "\ufeff") }

// changes lists the first words of the statements that change something.
var changes = []string{
	"ALTER", "ANALYZE", "CALL", "COMMENT", "CREATE", "DEALLOCATE", "DELETE", "DENY", "DROP", "EXECUTE", "GRANT", "INSERT", "MERGE", "MSCK",
	"OPTIMIZE", "PREPARE", "REFRESH", "RENAME", "REVOKE", "SET", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM",
}

// firstWord matches the beginning of a statement up to its first word, past comments and opening parentheses.
var firstWord = regexp.MustCompile(`^(?:[\s(;]|--[^\n]*|/\*(?s:.*?)\*/)*(\w*)`)

// checkReads returns an error if the statement is empty or changes something.
func checkReads(sql string) error {
	m := firstWord.FindStringSubmatch(sql)
	word := strings.ToUpper(m[1])
	switch {
	case m[0] == sql && word == "":
		return errors.New("the query is empty; without a query, this command lists the views")
	case slices.Contains(changes, word):
		return fmt.Errorf("this command does not execute %s, because it only reads; to change the views, change the configuration (docs/views.md)",
			word)
	}
	return nil // Athena reports errors in the statement
}

// isText reports whether the result of a statement is a text, with a row for each line.
func isText(sql string) bool {
	words := strings.Fields(strings.ToUpper(sql[firstWord.FindStringSubmatchIndex(sql)[2]:]))
	return len(words) > 1 && (words[0] == "EXPLAIN" || words[0] == "SHOW" && words[1] == "CREATE")
}

// fields returns the rows with a value for each column. Athena returns a row of DESCRIBE as one value, in which tabs separate the fields.
func fields(s athenaclient.Stream) iter.Seq2[[]*string, error] {
	return func(yield func([]*string, error) bool) {
		for row, err := range s.Rows {
			if len(row) == 1 && len(s.Columns) > 1 && row[0] != nil {
				values := strings.SplitN(*row[0], "\t", len(s.Columns))
				row = make([]*string, len(s.Columns))
				for i, v := range values {
					row[i] = new(strings.TrimSpace(v))
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// open returns a client of the local AWS that serve keeps running in the folder, or else of the folder's data lake.
func (c *queryCommand) open(ctx context.Context) (client athenaclient.Client, stop func() error, err error) {
	client, engine, ok := servedClient(ctx, filepath.Join(c.Dir, servedFile))
	stop = func() error { return nil }
	if ok && engine != c.Engine && c.Engine == "trino" {
		return client, nil, fmt.Errorf("the local AWS that serve keeps running uses the engine %s; stop it, or start it with --engine trino", engine)
	}
	if !ok {
		trino, err := c.installed(ctx)
		if err != nil {
			return client, nil, err
		}
		local, database, err := cloud.OpenSaved(filepath.Join(c.Dir, lakeFolder), trino, filepath.Join(c.Dir, logFolder))
		if err != nil {
			return client, nil, hint(err, c.Dir)
		}
		client, stop = athenaclient.New(local, database), local.Close
	}
	if c.Database != "" {
		client.Database = c.Database
	}
	return client, stop, nil
}

// servedClient returns a client of the local AWS that a serve.json describes, and the engine of its Athena. It reports false if that local AWS
// is not running: a killed process leaves its file, and another process may listen on its port.
func servedClient(ctx context.Context, file string) (client athenaclient.Client, engine string, ok bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return client, "", false
	}
	var s served
	if json.Unmarshal(b, &s) != nil || s.Endpoint == "" {
		return client, "", false
	}
	client = athenaclient.NewFromConfig(aws.Config{
		Region: s.Region, BaseEndpoint: &s.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(s.AccessKeyID, s.SecretAccessKey, ""),
	}, s.AnalystsWorkGroup, s.Database)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return client, s.Engine, client.Ping(ctx) == nil
}
