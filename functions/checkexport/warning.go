package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// taskGaps takes a task's WarningMessage apart. AWS documents it by one example only, a JSON object with skippedTables,
// skippedObjectives and general; so each thing it lists counts as a gap, whatever its shape, and a gap gets the name of a
// table when that is what it is or when it mentions one of the tables that may be skipped.
func taskGaps(message string, allowed []string) []gap {
	if strings.TrimSpace(message) == "" {
		return nil
	}
	var lists map[string]any
	if json.Unmarshal([]byte(message), &lists) != nil {
		return gapsOf([]string{message}, allowed)
	}
	var gaps []gap
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		list, ok := lists[key].([]any)
		if !ok {
			list = []any{lists[key]}
		}
		for _, value := range list {
			gaps = append(gaps, gapsOf(textsOf(value), allowed)...)
		}
	}
	return gaps
}

// gapsOf is the one gap that texts are about, or none for no text.
func gapsOf(texts, allowed []string) []gap {
	for _, text := range texts {
		if slices.ContainsFunc(allowed, func(a string) bool { return canonical(a) == canonical(text) }) {
			return []gap{{name: canonical(text)}}
		}
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
