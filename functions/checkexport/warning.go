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

// warningGaps returns the gaps that a task's WarningMessage lists. It omits notices, and tables that the source does not select.
func warningGaps(source workflow.Source, message string, e manifest.Export) []gap {
	isTable := func(text string) bool {
		isExported := func(t manifest.Table) bool { return t.String() == canonical(text) }
		return source.AllowsSkipped(text) || isUnselected(source, text, e) || slices.ContainsFunc(e.Tables, isExported)
	}
	return slices.DeleteFunc(taskGaps(message, isTable), func(g gap) bool {
		return isUnselected(source, g.name, e) || !g.isSkipped && isNotice(source, g.name, e)
	})
}

// isUnselected reports whether a string is the name of a table that the source does not select but that RDS exports along with its
// database. The string must be a single word that begins with the name of an exported database. A name with two parts counts only if the
// database and its schema have the same name, as in MySQL; in PostgreSQL, such a name could refer to a schema.
func isUnselected(source workflow.Source, text string, e manifest.Export) bool {
	name, isName := workflow.ParseTableName(text)
	hasSchema := strings.Count(text, ".") > 1
	isOf := func(t manifest.Table) bool {
		return t.Database == name.Database && (hasSchema || t.Schema == t.Database)
	}
	return isName && !strings.ContainsFunc(text, unicode.IsSpace) && !source.Selects(name) &&
		(name.IsSystem() || slices.ContainsFunc(e.Tables, isOf))
}

// isNotice reports whether a message outside skippedTables is only a notice: either all tables that the message names are complete, or it
// names no table and the source selects nothing from the databases that the manifests warn about.
func isNotice(source workflow.Source, text string, e manifest.Export) bool {
	isSeparator := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`,;:()[]", r) }
	namesTable := false
	for _, word := range strings.FieldsFunc(text, isSeparator) {
		word = strings.TrimRight(word, ".")
		name, isName := workflow.ParseTableName(word)
		if !isName || isUnselected(source, word, e) ||
			!slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return t.Database == name.Database }) {
			continue
		}
		namesTable = true
		if !slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return t.String() == canonical(word) && t.Gap() == "" }) {
			return false
		}
	}
	return namesTable ||
		len(e.Warnings) > 0 && !slices.ContainsFunc(e.Warnings, func(w manifest.Warning) bool { return source.SelectsFrom(w.Database) })
}

// taskGaps parses a task's WarningMessage. AWS documents only one example, a JSON object with skippedTables, skippedObjectives and general.
// So every element counts as a gap, whatever its shape. If isTable returns true for a string in the element, that string is the gap's name.
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
			for _, g := range gapsOf(stringsIn(value), isTable) {
				g.isSkipped = strings.EqualFold(key, "skippedTables")
				gaps = append(gaps, g)
			}
		}
	}
	return gaps
}

// gapsOf returns a slice with the gap that an element's strings describe, or nil if the element has no strings.
func gapsOf(texts []string, isTable func(string) bool) []gap {
	if len(texts) == 0 {
		return nil
	}
	if i := slices.IndexFunc(texts, isTable); i >= 0 {
		return []gap{{name: canonical(texts[i]), reason: strings.Join(slices.Delete(texts, i, i+1), " ")}}
	}
	return []gap{{name: canonical(strings.Join(texts, " "))}}
}

// stringsIn returns the strings and numbers in a JSON value, except 0 and empty strings. It visits object keys in alphabetical order.
func stringsIn(value any) []string {
	var texts []string
	switch v := value.(type) {
	case string:
		texts = append(texts, v)
	case float64:
		texts = append(texts, strconv.FormatFloat(v, 'f', -1, 64))
	case []any:
		for _, element := range v {
			texts = append(texts, stringsIn(element)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, stringsIn(v[key])...)
		}
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" || text == "0" })
}
