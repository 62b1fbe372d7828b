// Package brief keeps what is told of many things short: an error must fit what Step Functions takes as a cause, 32,768
// characters, and the record that travels stays small whatever the number of tables.
package brief

import "fmt"

// shown is how many of many are listed.
const shown = 20

// List returns the items, or, where they are more than 20, the first 20 of them and how many more there are.
func List(items []string) []string {
	if len(items) <= shown {
		return items
	}
	return append(items[:shown:shown], fmt.Sprintf("and %d more", len(items)-shown))
}
