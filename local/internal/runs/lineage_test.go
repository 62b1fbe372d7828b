package runs

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"snaplake/local/internal/glue"
)

// lineage returns, for each view, everything that determines what it shows: its SQL, the tables that the SQL names, and their objects.
func (v *views) lineage(ctx context.Context, stored storedExports) (map[string]string, error) {
	entries, err := v.Glue.Tables(ctx, viewDatabase)
	if err != nil {
		return nil, err
	}
	crawled, err := v.Glue.Tables(ctx, crawledDatabase)
	if err != nil {
		return nil, err
	}
	tables := map[string]glue.Table{}
	for _, t := range crawled {
		tables[t.Name] = t
	}
	sql := map[string]string{}
	for _, e := range entries {
		if sql[e.Name], err = queryOf(e); err != nil {
			return nil, err
		}
	}
	made := map[string]string{}
	for name := range sql {
		made[name] = v.describe(name, sql, tables, stored, map[string]bool{})
	}
	return made, nil
}

// describe returns the lineage of a view down to its objects. A word in the SQL that equals the name of a view counts as a reference to
// that view.
func (v *views) describe(name string, sql map[string]string, tables map[string]glue.Table, stored storedExports,
	followed map[string]bool,
) string {
	followed[name] = true
	text := sql[name]
	for _, word := range words(sql[name]) {
		if followed[word] {
			continue
		}
		followed[word] = true
		if _, isView := sql[word]; isView {
			text += "\nview " + word + ": " + v.describe(word, sql, tables, stored, followed)
		}
		if t, isTable := tables[word]; isTable {
			text += fmt.Sprintf("\ntable %s: %v", word, v.below(stored, t.StorageDescriptor.Location))
		}
	}
	return text
}

func words(sql string) []string {
	return strings.FieldsFunc(strings.ToLower(sql), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// queryOf returns the SQL of a view in the catalog.
func queryOf(view glue.Table) (string, error) {
	encoded := strings.TrimSuffix(strings.TrimPrefix(view.ViewOriginalText, "/* Presto View: "), " */")
	b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
	if err != nil {
		return "", fmt.Errorf("view %s: %w", view.Name, err)
	}
	var content struct{ OriginalSQL string }
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&content); err != nil {
		return "", fmt.Errorf("view %s: %w", view.Name, err)
	}
	return content.OriginalSQL, nil
}
