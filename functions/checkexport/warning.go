package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// warningGaps is what a task's WarningMessage lists, without the tables that the source does not want.
func warningGaps(source workflow.Source, message string, e manifest.Export) []gap {
	gaps := taskGaps(message, func(text string) bool { return mayBeSkipped(source, text) || isLeftOut(source, text, e) })
	return slices.DeleteFunc(gaps, func(g gap) bool { return isLeftOut(source, g.name, e) })
}

// isLeftOut tells whether a text names a table that the source does not want, and that RDS was asked for with the rest of its
// database. It is such a name when it is one word that begins with one of the export's databases; one of two parts only where the
// schema is the database, since PostgreSQL's could be a whole schema. Whatever else RDS says counts.
func isLeftOut(source workflow.Source, text string, e manifest.Export) bool {
	database, table, isName := strings.Cut(text, ".")
	schema, name, isFull := strings.Cut(table, ".")
	if !isFull {
		schema, name = database, table
	}
	isOf := func(t manifest.Table) bool { return t.Database == database && (isFull || t.Schema == database) }
	return isName && !strings.ContainsFunc(text, unicode.IsSpace) && slices.ContainsFunc(e.Tables, isOf) && !source.Wants(database, schema, name)
}

// taskGaps takes a task's WarningMessage apart. AWS documents it by one example only, a JSON object with skippedTables,
// skippedObjectives and general; so each thing it lists counts as a gap, whatever its shape, and a gap gets the name of a
// table when that is what it is or when it mentions one that isTable knows.
func taskGaps(message string, isTable func(string) bool) []gap {
	if strings.TrimSpace(message) == "" {
		return nil
	}
	var lists map[string]any
	if json.Unmarshal([]byte(message), &lists) != nil {
		return gapsOf([]string{message}, isTable)
	}
	var gaps []gap
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		list, ok := lists[key].([]any)
		if !ok {
			list = []any{lists[key]}
		}
		for _, value := range list {
			gaps = append(gaps, gapsOf(textsOf(value), isTable)...)
		}
	}
	return gaps
}

// gapsOf is the one gap that texts are about, or none for no text.
func gapsOf(texts []string, isTable func(string) bool) []gap {
	if i := slices.IndexFunc(texts, isTable); i >= 0 {
		return []gap{{name: canonical(texts[i])}}
	}
	if len(texts) == 0 {
		return nil
	}
	return []gap{{name: canonical(strings.Join(texts, " "))}}
}

// textsOf is every string and number in a JSON value, those of an object in the order of its keys. A count of 0 is none.
func textsOf(value any) []string {
	var texts []string
	switch v := value.(type) {
	case string:
		texts = append(texts, v)
	case float64:
		texts = append(texts, strconv.FormatFloat(v, 'f', -1, 64))
	case []any:
		for _, element := range v {
			texts = append(texts, textsOf(element)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, textsOf(v[key])...)
		}
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" || text == "0" })
}
