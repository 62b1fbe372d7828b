package trino

import (
	"fmt"
	"regexp"
	"strings"
)

// inQuery finds the statement of `go run ./local query "SELECT ..."`.
var inQuery = regexp.MustCompile(`\blocal query "((?:[^"\\]|\\.)*)"`)

// isStatement tells the first line of a statement.
var isStatement = regexp.MustCompile(`(?i)^\s*(SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)

// Examples are the statements in a Markdown text: in a block of code, from a line that begins with SELECT, WITH or CREATE VIEW to
// a semicolon or an empty line, and what is asked with `local query`. The keys are the file's name and the line.
func Examples(name, markdown string) map[string]string {
	found := map[string]string{}
	var open []string
	begin := 0
	end := func() {
		if open != nil {
			found[fmt.Sprintf("%s:%d", name, begin)] = strings.Join(open, "\n")
		}
		open = nil
	}
	fenced := false
	for i, line := range strings.Split(markdown, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			end()
			continue
		}
		if !fenced && !strings.HasPrefix(line, "    ") || strings.TrimSpace(line) == "" {
			end()
			continue
		}
		if m := inQuery.FindStringSubmatch(line); m != nil {
			found[fmt.Sprintf("%s:%d", name, i+1)] = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
			continue
		}
		if open == nil && isStatement.MatchString(line) {
			begin = i + 1
			open = []string{}
		}
		if open != nil {
			open = append(open, line)
			if strings.HasSuffix(strings.TrimSpace(line), ";") {
				end()
			}
		}
	}
	end()
	return found
}
