package athena

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"snaplake/local/internal/fault"
)

// failure is a query error with Athena's message, for example "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved".
type failure struct {
	// code is Trino's error code. It is empty for an error that comes from Athena itself.
	code string
	// place is the position of the error in the statement, for example "line 1:8". It is empty if the error is in the data.
	place string
	text  string
	// kind is the type in the error catalog. If it is 0, the code determines the type.
	kind int
	// retryable is true if the same statement may succeed later.
	retryable bool
}

func (f *failure) Error() string {
	if f.code == "" {
		return f.detail()
	}
	return f.code + ": " + f.detail()
}

// detail returns the message of the error without the code.
func (f *failure) detail() string {
	if f.place == "" {
		return f.text
	}
	return f.place + ": " + f.text
}

// failAt returns a failure at a byte offset in a statement.
func failAt(sql string, offset int, code, format string, args ...any) *failure {
	before := sql[:min(max(offset, 0), len(sql))]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return &failure{code: code, place: fmt.Sprintf("line %d:%d", line, column), text: fmt.Sprintf(format, args...)}
}

// failWith returns a failure without a position.
func failWith(code, format string, args ...any) *failure {
	return &failure{code: code, text: fmt.Sprintf(format, args...)}
}

// engineError is a DuckDB error in JSON format (setting errors_as_json).
type engineError struct {
	Kind    string `json:"exception_type"`
	Message string `json:"exception_message"`
}

var (
	// ownError matches an error from this package's DuckDB functions. Its groups are Trino's error code, an optional position, and a message.
	ownError = regexp.MustCompile(`(?s)(?:^|API error: )([A-Z]+(?:_[A-Z]+)+): (?:(line [0-9]+:[0-9]+): )?(.*)`)
	// unsupportedPattern matches the errors for regular expressions that Java's syntax allows, but not RE2's.
	unsupportedPattern = regexp.MustCompile(`^invalid (?:perl operator|escape sequence|character class range)`)
	notGrouped         = regexp.MustCompile(`^column "?(.*?)"? must appear in the GROUP BY clause`)
)

// failure converts a DuckDB error into Athena's error.
func (q translated) failure(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var e engineError
	_, ok := errors.AsType[*duckdb.Error](err)
	_, text, found := strings.Cut(err.Error(), "{")
	if !ok || !found || json.Unmarshal([]byte("{"+text), &e) != nil {
		return &failure{code: "GENERIC_INTERNAL_ERROR", text: err.Error()}
	}
	if m := ownError.FindStringSubmatch(e.Message); m != nil {
		return &failure{code: m[1], place: m[2], text: m[3]}
	}
	e.Message, _, _ = strings.Cut(e.Message, "\n")
	if unsupportedPattern.MatchString(e.Message) {
		return &failure{code: "NOT_SUPPORTED", text: unsupportedText("this regular expression (" + e.Message + ")")}
	}
	if m := notGrouped.FindStringSubmatch(e.Message); m != nil {
		i := slices.IndexFunc(q.tokens, func(t token) bool { return strings.EqualFold(t.text, m[1]) })
		return failAt(q.tree.sql, q.token(i).start, "EXPRESSION_NOT_AGGREGATE",
			"'%s' must be an aggregate expression or appear in GROUP BY clause", m[1])
	}
	if e.Kind == "Binder" {
		return failAt(q.tree.sql, q.start, "TYPE_MISMATCH", "%s", e.Message)
	}
	return &failure{code: cmp.Or(dataCodes[e.Kind], "GENERIC_INTERNAL_ERROR"), text: e.Message}
}

// dataCodes maps the kinds of DuckDB errors that invalid data or types cause to Trino's error codes.
var dataCodes = map[string]string{
	"Conversion":    "INVALID_CAST_ARGUMENT",
	"Out of Range":  "NUMERIC_VALUE_OUT_OF_RANGE",
	"Invalid Input": "INVALID_FUNCTION_ARGUMENT",
	"IO":            "HIVE_CANNOT_OPEN_SPLIT",
}

// injected returns the error that a fault injects into CREATE VIEW, or nil.
func injected(kind fault.Kind) error {
	switch kind {
	case fault.Failed:
		return &failure{
			kind: ddlFailed,
			text: "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask",
		}
	case fault.Retryable:
		return &failure{
			kind: internalError, retryable: true,
			text: "[ErrorCode: INTERNAL_ERROR_QUERY_ENGINE] Amazon Athena experienced an internal error while executing this query. " +
				"Please try submitting the query again.",
		}
	case fault.Cancelled:
		return errStopped
	}
	return nil
}
