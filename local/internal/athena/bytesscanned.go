package athena

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tableScan is a set of files that DuckDB reads as one table. Each column gets a unique name, so a query plan shows which files' columns
// the query reads.
type tableScan struct {
	// files holds the paths as SQL string literals.
	files []string
	// columns holds the column names in the files.
	columns []string
}

// scanColumns matches DuckDB's names for the columns of scans. Both indexes start at 0.
var scanColumns = regexp.MustCompile(`scan(\d+)\.column(\d+)`)

// addScan adds a scan of files. It returns the SQL for the scan and a map of the files' columns by lower-case name.
func (s *session) addScan(ctx context.Context, files []string) (source string, stored map[string]column, err error) {
	source = "read_parquet([" + strings.Join(files, ", ") + "], union_by_name = true, hive_partitioning = false)"
	columns, err := s.describe(ctx, "SELECT * FROM "+source)
	if err != nil {
		return "", nil, err
	}
	read := tableScan{files: files}
	stored = map[string]column{}
	var names []string
	for i, c := range columns {
		read.columns = append(read.columns, c.name)
		inFile := strings.ToLower(c.name)
		c.name = fmt.Sprintf("scan%d.column%d", len(s.scans), i)
		stored[inFile] = c
		names = append(names, quote(c.name))
	}
	s.scans = append(s.scans, read)
	return source + " AS scan(" + strings.Join(names, ", ") + ")", stored, nil
}

// planOperator is an operator of a DuckDB query plan.
type planOperator struct {
	Name     string          `json:"name"`
	Children []planOperator  `json:"children"`
	Extra    json.RawMessage `json:"extra_info"`
}

// willScan returns the number of bytes that a query will read: the compressed size of the columns in the optimized query plan. The plan
// omits branches of a UNION ALL that a filter excludes. It also omits scans that need only the file footers, for example for count(*).
// Athena charges for the same bytes (pricing page of Amazon Athena), except that it does not charge for row groups that a filter excludes.
func (s *session) willScan(ctx context.Context, q translated) (int64, error) {
	if len(s.scans) == 0 {
		return 0, nil
	}
	const verb = "EXPLAIN (FORMAT json) "
	var kind, text string
	if err := s.conn.QueryRowContext(ctx, verb+q.duckDB).Scan(&kind, &text); err != nil {
		return 0, q.failure(err)
	}
	var plan []planOperator
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return 0, fmt.Errorf("read the query plan: %w", err)
	}
	var total int64
	for len(plan) > 0 {
		p := plan[0]
		plan = append(plan[1:], p.Children...)
		if strings.TrimSpace(p.Name) != "READ_PARQUET" {
			continue
		}
		n, err := s.columnSize(ctx, string(p.Extra))
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// columnSize returns the size in bytes of the columns that occur in the text of a scan operator.
func (s *session) columnSize(ctx context.Context, operator string) (int64, error) {
	var read tableScan
	for _, m := range scanColumns.FindAllStringSubmatch(operator, -1) {
		i, _ := strconv.Atoi(m[1]) // cannot fail, because the pattern matches only digits
		j, _ := strconv.Atoi(m[2])
		// The pattern may have matched a string literal in the query instead of a column.
		if i >= len(s.scans) || j >= len(s.scans[i].columns) {
			continue
		}
		read.files = s.scans[i].files
		if name := quoteString(strings.ToLower(s.scans[i].columns[j])); !slices.Contains(read.columns, name) {
			read.columns = append(read.columns, name)
		}
	}
	if read.columns == nil {
		return 0, nil
	}
	var n int64
	row := s.conn.QueryRowContext(ctx, "SELECT CAST(coalesce(sum(total_compressed_size), 0) AS BIGINT) FROM parquet_metadata(["+
		strings.Join(read.files, ", ")+"]) WHERE lower(path_in_schema) IN ("+strings.Join(read.columns, ", ")+")")
	if err := row.Scan(&n); err != nil {
		return 0, fmt.Errorf("read the column sizes: %w", err)
	}
	return n, nil
}
