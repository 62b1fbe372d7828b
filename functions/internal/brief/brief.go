// Package brief keeps what is told of many things short: an error must fit what Step Functions takes as a cause, 32,768
// characters, and the record that travels stays small whatever the number of tables.
package brief

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// shown is how many of many are listed.
const shown = 20

// List returns the items, or, where they are more than 20, the first 20 of them and how many more there are.
func List(items []string) []string {
	if len(items) <= shown {
		return items
	}
	return append(items[:shown:shown], fmt.Sprintf("and %d more", len(items)-shown))
}

// The record as a whole has 4 KB at most, of which two lists of this size leave enough for the rest.
const (
	recorded = 8
	bytes    = 145
)

// Record returns the first lines that are for the record, cut where they are long, and how many more there are.
func Record(lines []string) []string {
	list := make([]string, 0, recorded+1)
	for i, line := range lines {
		if i == recorded {
			return append(list, fmt.Sprintf("and %d more", len(lines)-i))
		}
		list = append(list, cut(line))
	}
	return list
}

func cut(line string) string {
	if len(line) <= bytes {
		return line
	}
	end := bytes
	for !utf8.RuneStart(line[end]) {
		end--
	}
	return strings.TrimRight(line[:end], " ") + "..."
}
