package statement

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// MaxBytes is the largest size of a statement (Athena guide, "Service Quotas").
const MaxBytes = 262144

var position = regexp.MustCompile(`\bline (\d+):(\d+)\b`)

// Locate returns Athena's reason with the line of the statement that it refers to ("line 3:8: ..."), or else the first line. The length
// keeps a list of many failures below the 32,768 characters that Step Functions takes as a cause, and still shows who lacks which
// permission on which resource.
func Locate(reason, sql string) string {
	lines := strings.Split(sql, "\n")
	line := lines[0]
	if m := position.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			line = strings.TrimSpace(lines[n-1])
		}
	}
	return fmt.Sprintf("%.800s, in: %.160s", reason, line)
}

// ShiftLines subtracts a number of lines from the line numbers in Athena's reason.
func ShiftLines(reason string, lines int) string {
	return position.ReplaceAllStringFunc(reason, func(at string) string {
		m := position.FindStringSubmatch(at)
		n, err := strconv.Atoi(m[1])
		if err != nil || n <= lines {
			return at
		}
		return "line " + strconv.Itoa(n-lines) + ":" + m[2]
	})
}
