// Package catalog reads tables and views from the Glue Data Catalog.
package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/workflow"
)

// Tables iterates over the tables and views of a database. An error ends the iteration.
func Tables(ctx context.Context, c glue.GetTablesAPIClient, database string) iter.Seq2[types.Table, error] {
	return Matching(ctx, c, database, "")
}

// Matching is like Tables, but returns only tables with names that match a GetTables expression. An empty expression matches all names.
func Matching(ctx context.Context, c glue.GetTablesAPIClient, database, expression string) iter.Seq2[types.Table, error] {
	return func(yield func(types.Table, error) bool) {
		in := &glue.GetTablesInput{DatabaseName: &database}
		if expression != "" {
			in.Expression = &expression
		}
		pages := glue.NewGetTablesPaginator(c, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(types.Table{}, fmt.Errorf("list the tables of database %q: %w", database, err))
				return
			}
			for _, t := range page.TableList {
				if !yield(t, nil) {
					return
				}
			}
		}
	}
}

// Location returns the folder that a table reads, with a trailing slash, or "" if the table has no location.
func Location(t types.Table) string {
	if t.StorageDescriptor == nil || aws.ToString(t.StorageDescriptor.Location) == "" {
		return ""
	}
	return strings.TrimSuffix(*t.StorageDescriptor.Location, "/") + "/"
}

// IsView reports whether a table is a view.
func IsView(t types.Table) bool { return aws.ToString(t.TableType) == "VIRTUAL_VIEW" }

// Column is a column of a view with its SQL type ("timestamp(3)"), or of a table with its Glue type ("timestamp").
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// View is the part of a view's definition that Snaplake reads.
type View struct {
	Query   string   `json:"originalSql"`
	Columns []Column `json:"columns"`
}

// Decode decodes the definition of a view. Athena stores it as JSON in a comment; other engines store the query itself.
func Decode(view types.Table) (v View, err error) {
	v.Query = strings.TrimSpace(aws.ToString(view.ViewOriginalText))
	if encoded, isPresto := strings.CutPrefix(v.Query, "/* Presto View: "); isPresto {
		v.Query = ""
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimSuffix(encoded, "*/")))
		if err == nil {
			err = workflow.PlainJSON(json.Unmarshal(b, &v))
		}
		if err != nil {
			return View{}, err
		}
	}
	if v.Query == "" {
		return v, errors.New("it has no query")
	}
	return v, nil
}

// Words returns all words in the query in lower case. The names of the tables that the view reads are among them.
func (v View) Words() []string {
	isSeparator := func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return strings.FieldsFunc(strings.ToLower(v.Query), isSeparator)
}

// Words decodes a view and returns all words in its query; see [View.Words].
func Words(view types.Table) ([]string, error) {
	v, err := Decode(view)
	return v.Words(), err
}
