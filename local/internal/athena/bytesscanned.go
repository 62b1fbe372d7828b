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

// tableScan is what the engine reads a table's rows from. In the engine its columns have names that no other scan has, by which the
// plan of a query tells what it reads.
type tableScan struct {
	// files are string literals.
	files []string
	// columns are the names that the files have.
	columns []string
}

// scanColumn is the engine's name of a scan's column; both count from 0.
func scanColumn(scan, column int) string { return fmt.Sprintf("scan%d.column%d", scan, column) }

var scanColumns = regexp.MustCompile(`scan(\d+)\.column(\d+)`)

// addScan makes a scan of files, and returns the SQL that reads it and its columns: by their names in lower case, with the names
// that they have in that SQL.
func (s *session) addScan(ctx context.Context, files []string) (source string, stored map[string]column, err error) {
	source = "read_parquet([" + strings.Join(files, ", ") + "], union_by_name = true, hive_partitioning = false)"
	columns, err := s.describe(ctx, "SELECT * FROM "+source, translated{})
	if err != nil {
		return "", nil, err
	}
	read := tableScan{files: files}
	stored = map[string]column{}
	var names []string
	for i, c := range columns {
		read.columns = append(read.columns, c.name)
		inFile := strings.ToLower(c.name)
		c.name = scanColumn(len(s.scans), i)
		stored[inFile] = c
		names = append(names, quote(c.name))
	}
	s.scans = append(s.scans, read)
	return source + " AS scan(" + strings.Join(names, ", ") + ")", stored, nil
}

// planned is an operator of the engine's plan.
type planned struct {
	Name     string          `json:"name"`
	Children []planned       `json:"children"`
	Extra    json.RawMessage `json:"extra_info"`
}

// willScan tells how many bytes a query reads, which is the compressed size of the columns that its plan still reads after the
// optimizer: not those of a branch of a UNION ALL that a filter excludes, and none where the files' footers answer, as with
// count(*). That is what Athena bills (Amazon Athena pricing); groups of rows that a filter would let Athena skip are counted here.
// query is q in the engine's SQL, or was made of it.
func (s *session) willScan(ctx context.Context, query string, q translated) (int64, error) {
	if len(s.scans) == 0 {
		return 0, nil
	}
	const verb = "EXPLAIN (FORMAT json) "
	var kind, text string
	if err := s.conn.QueryRowContext(ctx, verb+query).Scan(&kind, &text); err != nil {
		return 0, q.within(q.prefix + len(verb)).failure(err)
	}
	var plan []planned
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return 0, fmt.Errorf("read the plan of the query: %w", err)
	}
	return s.size(ctx, plan)
}

// size adds up what operators and those below them read.
func (s *session) size(ctx context.Context, plan []planned) (int64, error) {
	var total int64
	for _, p := range plan {
		n, err := s.size(ctx, p.Children)
		if err != nil {
			return 0, err
		}
		total += n
		if strings.TrimSpace(p.Name) != "READ_PARQUET" {
			continue
		}
		if n, err = s.columnSize(ctx, string(p.Extra)); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// columnSize is the size of the columns of a scan that the operator's text names.
func (s *session) columnSize(ctx context.Context, operator string) (int64, error) {
	var read tableScan
	for _, m := range scanColumns.FindAllStringSubmatch(operator, -1) {
		i, _ := strconv.Atoi(m[1]) // digits
		j, _ := strconv.Atoi(m[2])
		// A text in the query may look like one of the names.
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
		return 0, fmt.Errorf("read the sizes of columns: %w", err)
	}
	return n, nil
}
