package athena

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/trino"
	"snaplake/local/internal/wire"
)

// trinoCaller is the caller of the statement that Trino executes.
type trinoCaller struct {
	mu     sync.Mutex
	caller iam.Caller
	// isActive is true while the statement is executed.
	isActive bool
	// denied is Athena's error for the first call of the statement that was denied, or nil.
	denied error
}

// begin makes the caller of the context the caller of Trino's requests. Trino executes one statement at a time.
func (c *trinoCaller) begin(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caller, c.isActive, c.denied = iam.CallerOf(ctx), true, nil
}

// explain ends the statement. It returns Athena's error for a statement that failed because a call was denied, and any other error unchanged.
func (c *trinoCaller) explain(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isActive = false
	if _, failed := errors.AsType[*failure](err); failed && c.denied != nil {
		return c.denied
	}
	return err
}

// ServeTrino serves a request of Trino to Glue or S3, with the permissions of the caller whose statement Trino executes. It denies requests
// that change something, for example of EXPLAIN ANALYZE INSERT, and requests between two statements, for example of a canceled one.
func (s *Service) ServeTrino(service http.Handler, w http.ResponseWriter, r *http.Request) {
	c := &s.trinoCaller
	c.mu.Lock()
	ctx, isActive := iam.WithCaller(r.Context(), c.caller), c.isActive
	c.mu.Unlock()
	target := r.Header.Get("X-Amz-Target")
	isGlue := target != ""
	if !isActive || isGlue != strings.Contains(target, "Get") || !isGlue && r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "the local Athena lets Trino only read, and only during a statement", http.StatusForbidden)
		return
	}
	if strings.HasSuffix(target, ".GetUserDefinedFunctions") { // the catalog has none
		wire.AnswerJSON(w, "1.1", map[string][]string{"UserDefinedFunctions": {}}, nil)
		return
	}
	ctx = iam.WithDenied(ctx, func(d *iam.Denied) {
		err := asFailure(d)
		if !isGlue {
			err = deniedPath(pathOf(r), d)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.denied = cmp.Or(c.denied, err)
	})
	if isGlue {
		w = viewOwner{w}
		if err := s.checkDatabase(ctx, r); err != nil {
			wire.AnswerJSON(w, "1.1", nil, err)
			return
		}
	}
	service.ServeHTTP(w, r.WithContext(ctx))
}

// pathOf returns the location of the object that a request of Trino reads, or of the folder that it lists.
func pathOf(r *http.Request) string {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return location{bucket, cmp.Or(key, r.URL.Query().Get("prefix"))}.String()
}

// checkDatabase reads the database of a request for a table, because Athena requires glue:GetDatabase for each database of a statement (Athena
// User Guide, "Configure access to databases and tables in the AWS Glue Data Catalog").
func (s *Service) checkDatabase(ctx context.Context, r *http.Request) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	var in struct{ DatabaseName, Name string }
	if json.Unmarshal(b, &in) != nil || in.DatabaseName == "" || in.Name == "" {
		return nil
	}
	_, err = s.options.Catalog.Database(ctx, in.DatabaseName)
	return err
}

// viewOwner adds an owner to the views in Glue's responses. Trino rejects views without an owner (trinodb/trino, issue 18573), but the views
// that Athena creates have none.
type viewOwner struct{ http.ResponseWriter }

// Write implements http.ResponseWriter.
func (w viewOwner) Write(b []byte) (int, error) {
	const kind = `"TableType":"` + virtualView + `"`
	_, err := w.ResponseWriter.Write(bytes.ReplaceAll(b, []byte(kind), []byte(kind+`,"Owner":"athena"`)))
	return len(b), err
}

// checkInTrino returns the error of a statement that begins with a verb, for example PREPARE or EXPLAIN, before the statement itself. It
// returns nil if Trino accepts the statement.
func checkInTrino(ctx context.Context, server *trino.Server, verb, sql, database string) error {
	_, err := trinoRows(ctx, server, trino.Statement{SQL: verb + sql, Schema: database}, nil)
	f, ok := err.(*failure)
	if !ok {
		return nil // the statement itself fails with the same error
	}
	if m := firstLine.FindStringSubmatch(f.text); m != nil {
		n, _ := strconv.Atoi(m[1]) // always a number
		f.text = fmt.Sprintf("line 1:%d: %s", n-len(verb), m[2])
	}
	return f
}

var firstLine = regexp.MustCompile(`(?s)^line 1:([0-9]+): (.*)`)

// trimmed returns the statement without what follows it, for example a semicolon.
func (st statement) trimmed(sql string) string { return sql[:st.queryAt+len(st.query)] }

// trinoRows executes a statement in Trino and returns its rows. It passes the number of bytes scanned to the function, unless that is nil.
func trinoRows(
	ctx context.Context, server *trino.Server, statement trino.Statement, scanned func(int64) error,
) (rows [][]*string, err error) {
	err = server.Query(ctx, statement, trino.Reader{
		Row:     func(row []*string) error { rows = append(rows, row); return nil },
		Scanned: scanned,
	})
	return rows, fromTrino(err)
}

// fromTrino converts Trino's error into Athena's.
func fromTrino(err error) error {
	if e, ok := errors.AsType[*trino.Error](err); ok {
		return &failure{code: e.Name, text: e.Message}
	}
	return err
}

// queryTrino runs a SELECT in Trino and stores its rows in the result file.
func (s *session) queryTrino(ctx context.Context, e *execution) (out result, err error) {
	dir, err := s.options.Store.TempDir()
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file, err := os.Create(filepath.Join(dir, "result"))
	if err != nil {
		return out, err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	err = s.options.Trino.Query(ctx, trino.Statement{SQL: e.statement.trimmed(e.sql), Schema: e.database}, trino.Reader{
		Columns: func(columns []trino.Column) error {
			var names []*string
			for _, c := range columns {
				out.columns = append(out.columns, column{name: c.Name, kind: lower(c.Type)})
				names = append(names, &c.Name)
			}
			return writeRecord(w, names)
		},
		Row:     func(row []*string) error { return writeRecord(w, row) },
		Scanned: s.countScanned,
	})
	if err != nil {
		return out, fromTrino(err)
	}
	if err := w.Flush(); err != nil {
		return out, err
	}
	info, err := file.Stat()
	if err != nil {
		return out, err
	}
	out.fileSize = info.Size()
	return out, s.options.Store.MoveFile(e.output.bucket, e.output.key, file.Name())
}

// countScanned records the number of bytes that the statement has scanned so far. Its error cancels the statement.
func (s *session) countScanned(n int64) error {
	s.scanned = n
	if s.cutoff > 0 && n > s.cutoff {
		s.scanned = s.cutoff
		return errScanLimit
	}
	return nil
}

// writeRecord writes a record of a result file.
func writeRecord(w *bufio.Writer, values []*string) error {
	for i, v := range values {
		if i > 0 {
			_ = w.WriteByte(',') // the last write returns the error
		}
		if v != nil {
			_, _ = w.WriteString(`"` + strings.ReplaceAll(*v, `"`, `""`) + `"`)
		}
	}
	return w.WriteByte('\n')
}

// viewColumnsInTrino returns the columns of the query of CREATE VIEW. Trino analyzes the statement but does not run it.
func (s *session) viewColumnsInTrino(ctx context.Context, sql string, st statement, database string) (columns []column, err error) {
	if err := checkInTrino(ctx, s.options.Trino, "EXPLAIN (TYPE VALIDATE) ", st.trimmed(sql), database); err != nil {
		return nil, err
	}
	rows, err := trinoRows(ctx, s.options.Trino, trino.Statement{SQL: "DESCRIBE OUTPUT statement", Prepared: st.query, Schema: database}, nil)
	for _, row := range rows { // name, catalog, schema, table, type, size, whether the column has an alias
		columns = append(columns, column{name: *row[0], kind: strings.ReplaceAll(lower(*row[4]), ", ", ",")})
	}
	return columns, err
}

// showTrino runs EXPLAIN, SHOW CREATE VIEW or DESCRIBE of a view in Trino.
func (s *session) showTrino(ctx context.Context, sql string, st statement, database string) (result, error) {
	n := st.name.withDefault(database)
	relation := quote(n.database) + "." + quote(n.table)
	switch st.verb {
	case describeView:
		sql = "DESCRIBE " + relation
	case showCreateView:
		sql = "SHOW CREATE VIEW " + relation
	}
	rows, err := trinoRows(ctx, s.options.Trino, trino.Statement{SQL: strings.TrimRight(sql, "; \r\n\t"), Schema: database}, s.countScanned)
	if err != nil {
		return result{}, err
	}
	var lines []string
	if st.verb == describeView {
		for _, row := range rows {
			lines = append(lines, *row[0]+"\t"+*row[1])
		}
		return listing(lines, unlimited, "column", "type"), nil
	}
	for _, row := range rows {
		lines = append(lines, strings.Split(*row[0], "\n")...)
	}
	if st.verb == showCreateView {
		lines[0] = "CREATE VIEW " + n.database + "." + n.table + " AS" // Trino also shows the catalog and the security mode
		return listing(lines, unlimited, "create view"), nil
	}
	length := fmt.Sprintf("varchar(%d)", utf8.RuneCountInString(strings.Join(lines, "\n")))
	return listing(append([]string{"Query Plan"}, lines...), length, "Query Plan"), nil
}

// hiveType returns the Hive type for a Trino type. It reports false if Hive cannot hold the type.
func hiveType(kind string) (string, bool) {
	if known, ok := typeOf(kind); ok {
		return known.hive, known.hive != ""
	}
	name, parameters, _ := strings.Cut(strings.TrimSuffix(kind, ")"), "(")
	switch name {
	case "varchar", "char":
		return kind, true
	case "timestamp":
		return "timestamp", !strings.HasSuffix(kind, "zone")
	case "array", "map", "row":
	default:
		return "", false
	}
	var parts []string
	for _, p := range splitTypes(parameters) {
		field := ""
		if name == "row" {
			field, p, _ = strings.Cut(p, " ")
			field = strings.Trim(field, `"`) + ":"
		}
		of, ok := hiveType(p)
		if !ok {
			return "", false
		}
		parts = append(parts, field+of)
	}
	return strings.Replace(name, "row", "struct", 1) + "<" + strings.Join(parts, ",") + ">", true
}

// splitTypes splits the parameters of a type at the commas outside parentheses.
func splitTypes(parameters string) (parts []string) {
	depth, start := 0, 0
	for i, r := range parameters {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts, start = append(parts, parameters[start:i]), i+1
			}
		}
	}
	return append(parts, parameters[start:])
}
