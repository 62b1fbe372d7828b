package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
)

// definition holds the SQL and the columns of a view, as stored in the catalog.
type definition struct {
	SQL     string                `json:"originalSql"`
	Columns []athenaclient.Column `json:"columns"`
}

// definitions returns the view definitions of a database, keyed by view name. Athena stores a definition as Base64-encoded JSON inside a
// SQL comment.
func definitions(ctx context.Context, aws *cloud.Cloud, database string) (map[string]definition, error) {
	tables, err := aws.Glue.Tables(ctx, database)
	if err != nil {
		return nil, err
	}
	all := map[string]definition{}
	for _, t := range tables {
		if t.TableType != "VIRTUAL_VIEW" {
			continue
		}
		text := strings.TrimSuffix(strings.TrimPrefix(t.ViewOriginalText, "/* Presto View: "), " */")
		var d definition
		b, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil {
			return nil, fmt.Errorf("read view %s.%s: %w", database, t.Name, err)
		}
		all[t.Name] = d
	}
	return all, nil
}

// unchanged is the result of changesOf for a view with the same definition as before.
const unchanged = "unchanged"

// changesOf describes how a view differs from its previous definition.
func changesOf(was map[string]definition, name string, is definition) string {
	old, existed := was[name]
	if !existed {
		return "new"
	}
	changes := columnChanges(old.Columns, is.Columns)
	if old.SQL != is.SQL {
		changes = append(changes, "SQL")
	}
	if len(changes) == 0 {
		return unchanged
	}
	return "changed: " + strings.Join(changes, ", ")
}

// columnChanges lists the added, dropped and retyped columns. If there are none, it reports whether the order of the columns changed.
func columnChanges(was, is []athenaclient.Column) []string {
	before, after := typesOf(was), typesOf(is)
	var changes []string
	for _, c := range is {
		switch old, existed := before[c.Name]; {
		case !existed:
			changes = append(changes, "new column "+c.Name+" "+c.Type)
		case old != c.Type:
			changes = append(changes, "column "+c.Name+" "+old+" -> "+c.Type)
		}
	}
	for _, c := range was {
		if _, kept := after[c.Name]; !kept {
			changes = append(changes, "column "+c.Name+" dropped")
		}
	}
	if len(changes) == 0 && !slices.Equal(was, is) {
		changes = append(changes, "column order")
	}
	return changes
}

func typesOf(columns []athenaclient.Column) map[string]string {
	types := map[string]string{}
	for _, c := range columns {
		types[c.Name] = c.Type
	}
	return types
}
