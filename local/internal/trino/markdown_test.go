package trino

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// inQuery finds the statement of `go run ./local query "SELECT ..."`.
	inQuery = regexp.MustCompile(`\blocal query "((?:[^"\\]|\\.)*)"`)
	// begins matches the first line of a statement. Lines with more indentation are the output of a command.
	begins       = regexp.MustCompile(`(?i)^(SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
	beginsInside = regexp.MustCompile(`(?i)^    (SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
)

// examples returns the statements in a Markdown text: those of `local query`, and in a block of code that is fenced or indented by four
// spaces those from a line that begins with SELECT, WITH or CREATE VIEW to a semicolon or an empty line. The keys are file name and line.
func examples(name, markdown string) map[string]string {
	found := map[string]string{}
	add := func(line int, statement string) { found[fmt.Sprintf("%s:%d", name, line)] = statement }
	for _, at := range inQuery.FindAllStringSubmatchIndex(markdown, -1) {
		line := strings.Count(markdown[:at[0]], "\n") + 1
		add(line, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(markdown[at[2]:at[3]]))
	}
	var open []string
	begin, fenced := 0, false
	for i, line := range append(strings.Split(markdown, "\n"), "") {
		fence := strings.HasPrefix(line, "```")
		if fence {
			fenced = !fenced
		}
		over := fence || strings.TrimSpace(line) == "" || !fenced && !strings.HasPrefix(line, "    ")
		switch {
		case open == nil && (fenced && begins.MatchString(line) || !fenced && beginsInside.MatchString(line)):
			begin, open = i+1, []string{line}
		case open != nil && !over:
			open = append(open, line)
		}
		if open != nil && (over || strings.HasSuffix(strings.TrimSpace(line), ";")) {
			add(begin, strings.Join(open, "\n"))
			open = nil
		}
	}
	return found
}
