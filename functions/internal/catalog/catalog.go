// Package catalog reads what the Glue Data Catalog says of tables and views.
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

// Tables lists the tables and views of a database page by page, since all of them may be more than fits into a function's memory.
// An error is the last that it gives.
func Tables(ctx context.Context, c glue.GetTablesAPIClient, database string) iter.Seq2[types.Table, error] {
	return func(yield func(types.Table, error) bool) {
		pages := glue.NewGetTablesPaginator(c, &glue.GetTablesInput{DatabaseName: &database})
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

// Location is the folder that a table reads, with a slash at its end: "s3://lake/exports/shop/ID/shop/shop.users/". It is ""
// for a table that reads none.
func Location(t types.Table) string {
	if t.StorageDescriptor == nil || aws.ToString(t.StorageDescriptor.Location) == "" {
		return ""
	}
	return strings.TrimSuffix(*t.StorageDescriptor.Location, "/") + "/"
}

// IsView tells a view from a table.
func IsView(t types.Table) bool { return aws.ToString(t.TableType) == "VIRTUAL_VIEW" }

// Words are all that look like a name in a view's query, in lower case. A table whose name is not among them is not read by
// the view.
func Words(view types.Table) ([]string, error) {
	query, err := Query(view)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(strings.ToLower(query), isNoLetter), nil
}

func isNoLetter(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// Column is a column of a view: its name, and its type as Athena calls it in SQL: "timestamp(3)".
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Columns are those of a view.
func Columns(view types.Table) ([]Column, error) {
	v, err := decode(view)
	return v.Columns, err
}

// Query is a view's.
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

// content is what Athena writes of a view, as JSON in a comment.
type content struct {
	OriginalSQL string   `json:"originalSql"`
	Columns     []Column `json:"columns"`
}

// decode reads a view's entry. Other engines than Athena write the query as it is.
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
