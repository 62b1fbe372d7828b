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

// warningGaps returns what a task's WarningMessage lists, without notices and tables that the source does not select.
func warningGaps(source workflow.Source, message string, e manifest.Export) []gap {
	isTable := func(text string) bool {
		isIt := func(t manifest.Table) bool { return t.String() == canonical(text) }
		return mayBeSkipped(source, text) || isLeftOut(source, text, e) || slices.ContainsFunc(e.Tables, isIt)
	}
	gaps := taskGaps(message, isTable)
	return slices.DeleteFunc(gaps, func(g gap) bool { return isLeftOut(source, g.name, e) || !g.isSkipped && isNotice(source, g.name, e) })
}

// isLeftOut reports whether a text names a table that the source does not select, but that RDS exports with its database. The text must be
// one word that begins with a database of the export. A name of two parts counts only if the schema is the database; in PostgreSQL it could
// be a whole schema.
func isLeftOut(source workflow.Source, text string, e manifest.Export) bool {
	name, isName := workflow.ParseTableName(text)
	hasSchema := strings.Count(text, ".") > 1
	isOf := func(t manifest.Table) bool {
		return t.Database == name.Database && (hasSchema || t.Schema == t.Database)
	}
	return isName && !strings.ContainsFunc(text, unicode.IsSpace) && !source.Selects(name) &&
		(name.IsSystem() || slices.ContainsFunc(e.Tables, isOf))
}

// isNotice reports whether a text outside skippedTables means no gap: all tables that it names are complete; or it names none, and the
// source selects nothing from the databases that the manifests warn about.
func isNotice(source workflow.Source, text string, e manifest.Export) bool {
	isEnd := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`,;:()[]", r) }
	isNamed := false
	for _, word := range strings.FieldsFunc(text, isEnd) {
		word = strings.TrimRight(word, ".")
		name, isName := workflow.ParseTableName(word)
		if !isName || isLeftOut(source, word, e) ||
			!slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return t.Database == name.Database }) {
			continue
		}
		isNamed = true
		if !slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return t.String() == canonical(word) && t.Gap() == "" }) {
			return false
		}
	}
	if isNamed {
		return true
	}
	return len(e.Warnings) > 0 && !slices.ContainsFunc(e.Warnings, func(w manifest.Warning) bool { return source.SelectsFrom(w.Database) })
}

// taskGaps parses a task's WarningMessage. AWS documents only one example, a JSON object with skippedTables, skippedObjectives and general.
// So every element counts as a gap, whatever its shape. A gap gets the name of a table if it is or contains one that isTable knows.
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
			for _, g := range gapsOf(textsOf(value), isTable) {
				g.isSkipped = strings.EqualFold(key, "skippedTables")
				gaps = append(gaps, g)
			}
		}
	}
	return gaps
}

// gapsOf returns the gap that texts are about, or none without texts.
func gapsOf(texts []string, isTable func(string) bool) []gap {
	if len(texts) == 0 {
		return nil
	}
	if i := slices.IndexFunc(texts, isTable); i >= 0 {
		return []gap{{name: canonical(texts[i]), reason: strings.Join(slices.Delete(texts, i, i+1), " ")}}
	}
	return []gap{{name: canonical(strings.Join(texts, " "))}}
}

// textsOf returns the strings and numbers in a JSON value, those of an object in the order of its keys. It omits 0.
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
