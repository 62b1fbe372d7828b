package sqlsyntax

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// queryCommand matches `go run ./local query "SELECT ..."` and captures the statement.
	queryCommand = regexp.MustCompile(`\blocal query "((?:[^"\\]|\\.)*)"`)
	// begins matches the first line of a statement in a fenced block.
	begins = regexp.MustCompile(`(?i)^(SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
	// beginsIndented matches the first line of a statement in an indented block. Lines with deeper indentation are command output.
	beginsIndented = regexp.MustCompile(`(?i)^    (SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
)

// examples returns the SQL statements in a Markdown text, keyed by file name and line. They are the arguments of `local query` commands
// and the statements in code blocks, which are fenced or indented by four spaces. In a code block, a statement starts at a line with
// SELECT, WITH or CREATE VIEW, and ends at a semicolon or an empty line.
func examples(name, markdown string) map[string]string {
	found := map[string]string{}
	add := func(line int, statement string) { found[fmt.Sprintf("%s:%d", name, line)] = statement }
	for _, at := range queryCommand.FindAllStringSubmatchIndex(markdown, -1) {
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
		case open == nil && (fenced && begins.MatchString(line) || !fenced && beginsIndented.MatchString(line)):
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
