// Package catalog reads tables and views of the Glue Data Catalog.
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

// Tables iterates over the tables and views of a database, page by page. An error ends it.
func Tables(ctx context.Context, c glue.GetTablesAPIClient, database string) iter.Seq2[types.Table, error] {
	return Matching(ctx, c, database, "")
}

// Matching iterates over the tables and views whose names match an expression of GetTables, or over all if that is "". An error ends it.
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

// Location returns the folder that a table reads, with a trailing slash: "s3://lake/exports/shop/ID/shop/shop.users/". It is "" for a
// table without one.
func Location(t types.Table) string {
	if t.StorageDescriptor == nil || aws.ToString(t.StorageDescriptor.Location) == "" {
		return ""
	}
	return strings.TrimSuffix(*t.StorageDescriptor.Location, "/") + "/"
}

// IsView reports whether a table is a view.
func IsView(t types.Table) bool { return aws.ToString(t.TableType) == "VIRTUAL_VIEW" }

// Words returns all possible names in a view's query, in lower case. The view does not read a table with any other name.
func Words(view types.Table) ([]string, error) {
	query, err := Query(view)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(strings.ToLower(query), isSeparator), nil
}

func isSeparator(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// Column is a column of a view with its SQL type ("timestamp(3)"), or of a table with its Glue type ("timestamp").
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Columns returns the columns of a view.
func Columns(view types.Table) ([]Column, error) {
	v, err := decode(view)
	return v.Columns, err
}

// Query returns the query of a view.
func Query(view types.Table) (string, error) {
	v, err := decode(view)
	if err != nil {
		return "", err
	}
	if v.OriginalSQL == "" {
		return "", errors.New("it has no query")
	}
	return v.OriginalSQL, nil
}

// content is what Athena stores of a view, as JSON in a comment.
type content struct {
	OriginalSQL string   `json:"originalSql"`
	Columns     []Column `json:"columns"`
}

// decode decodes a view. Engines other than Athena store the query itself.
func decode(view types.Table) (content, error) {
	text := strings.TrimSpace(aws.ToString(view.ViewOriginalText))
	if text == "" {
		return content{}, errors.New("it has no text")
	}
	encoded, isPresto := strings.CutPrefix(text, "/* Presto View: ")
	if !isPresto {
		return content{OriginalSQL: text}, nil
	}
	var c content
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimSuffix(encoded, "*/")))
	if err != nil {
		return c, err
	}
	return c, workflow.PlainJSON(json.Unmarshal(b, &c))
}
