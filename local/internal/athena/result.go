package athena

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type result struct {
	columns []column
	// lines holds the rows. The rows of a SELECT are only in its result file.
	lines []string
	// fileSize is the size in bytes of the result file of a SELECT; it is 0 for any other statement.
	fileSize int64
	// scanned is the number of bytes scanned.
	scanned int64
}

// execute runs a statement in a session and stores the result. It returns the session, or nil if the next statement needs a new one.
func (s *Service) execute(ctx context.Context, e *execution, on *session) (result, *session, error) {
	if on == nil {
		var err error
		if on, err = s.newSession(ctx); err != nil {
			return result{}, nil, err
		}
	}
	if err := s.options.Store.MayWrite(ctx, e.output.bucket, e.output.key); err != nil {
		text := fmt.Sprintf("Access denied when writing output to url: %s (%v)", e.output, err)
		return result{}, on, &failure{kind: notPermittedInS3, text: text}
	}
	s.trinoCaller.begin(ctx)
	out, err := on.run(ctx, e)
	out.scanned = on.scanned
	err = s.trinoCaller.explain(asFailure(err))
	if f, ok := errors.AsType[*failure](err); ok {
		f.text = on.withLocations(f.text)
	}
	// The session must be reset even if the query was cancelled.
	if on.reset(context.WithoutCancel(ctx)) != nil {
		on.close()
		on = nil
	}
	if err != nil || out.fileSize > 0 {
		return out, on, err
	}
	return out, on, s.options.Store.Put(e.output.bucket, e.output.key, []byte(strings.Join(out.lines, "\n")))
}

func (s *session) run(ctx context.Context, e *execution) (result, error) {
	if err := s.checkDefault(ctx); err != nil {
		return result{}, err
	}
	sql, st := e.sql, e.statement
	s.readsRows, s.cutoff = st.verb == selectRows, e.workGroup.BytesScannedCutoff
	switch st.verb {
	case selectRows:
		if s.options.Trino != nil {
			return s.queryTrino(ctx, e)
		}
		return s.query(ctx, e)
	case createView:
		if err := injected(e.fault); err != nil {
			return result{}, err
		}
		return result{}, s.createView(ctx, sql, st, e.database)
	case dropView:
		return result{}, s.dropView(ctx, sql, st, e.database)
	default:
		return s.show(ctx, sql, st, e.database)
	}
}

// query runs a SELECT and stores its rows in the result file.
func (s *session) query(ctx context.Context, e *execution) (result, error) {
	st := e.statement
	q, err := s.translate(ctx, e.sql[:st.queryAt+len(st.query)], st.queryAt, e.database, nil)
	if err == nil {
		err = s.verify(ctx, q)
	}
	if err != nil {
		return result{}, err
	}
	out := result{columns: q.columns}
	for i := range q.columns {
		if q.columns[i].name == "" {
			q.columns[i].name = "_col" + strconv.Itoa(i)
		}
	}
	if s.scanned, err = s.willScan(ctx, q); err != nil {
		return result{}, err
	}
	if s.cutoff > 0 && s.scanned > s.cutoff {
		s.scanned = s.cutoff
		return result{}, errScanLimit
	}
	out.fileSize, err = s.writeResult(ctx, q, e.output)
	return out, err
}

type getQueryResultsInput struct {
	QueryExecutionId string
	MaxResults       int
	NextToken        string
}

type resultSet struct {
	Rows              []row
	ResultSetMetadata struct{ ColumnInfo []columnInfo }
}

type row struct{ Data []datum }

type datum struct {
	VarCharValue *string `json:",omitempty"`
}

type columnInfo struct {
	CatalogName, SchemaName, TableName string
	Name, Label, Type                  string
	Precision, Scale                   int
	Nullable                           string
	CaseSensitive                      bool
}

func (s *Service) getQueryResults(ctx context.Context, in getQueryResultsInput) (map[string]any, error) {
	s.mu.Lock()
	e, err := s.execution(ctx, "GetQueryResults", in.QueryExecutionId)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	state, r := e.state, e.result // the result of a successful query no longer changes
	s.mu.Unlock()
	switch state {
	case succeeded:
	case failed, cancelled:
		return nil, invalid("Query did not finish successfully. Final query state: %s", state)
	default:
		return nil, invalid("Query has not yet finished. Current state: %s", state)
	}
	if err := s.mayReadResult(ctx, e.output); err != nil {
		return nil, err
	}
	if in.MaxResults < 0 || in.MaxResults > maxPage {
		return nil, invalid("MaxResults is %d; it must be between 1 and %d", in.MaxResults, maxPage)
	}
	rows, next, err := s.readPage(e.output, r, in.NextToken, cmp.Or(in.MaxResults, maxPage))
	set := resultSet{Rows: []row{}}
	set.ResultSetMetadata.ColumnInfo = r.info()
	for _, values := range rows {
		cells := make([]datum, len(values))
		for i, v := range values {
			cells[i] = datum{v}
		}
		set.Rows = append(set.Rows, row{cells})
	}
	out := map[string]any{"UpdateCount": 0, "ResultSet": set}
	if next != "" {
		out["NextToken"] = next
	}
	return out, err
}

// maxPage is the maximum number of rows in a response of GetQueryResults (API reference).
const maxPage = 1000

// readPage returns at most n rows and the token for the next page. The token is an offset in the result file, or an index in the list of
// rows.
func (s *Service) readPage(output location, r result, token string, n int) (rows [][]*string, next string, err error) {
	end := cmp.Or(r.fileSize, int64(len(r.lines)))
	from, err := strconv.ParseInt(cmp.Or(token, "0"), 10, 64)
	if err != nil || from < 0 || from > end {
		return nil, "", invalid("NextToken %q does not belong to this query", token)
	}
	var to int64
	if r.fileSize > 0 {
		rows, to, err = s.readResult(output, r, from, n)
	} else {
		to = min(from+int64(n), end)
		for _, l := range r.lines[from:to] {
			rows = append(rows, []*string{&l})
		}
	}
	if to < end {
		next = strconv.FormatInt(to, 10)
	}
	return rows, next, err
}

func (r result) info() []columnInfo {
	info := []columnInfo{}
	for _, c := range r.columns {
		kind, precision, scale := apiType(c.kind)
		info = append(info, columnInfo{
			CatalogName: "hive", Name: c.name, Label: c.name, Type: kind,
			Precision: precision, Scale: scale, Nullable: "UNKNOWN", CaseSensitive: kind == "varchar" && precision > 0,
		})
	}
	return info
}
