package trino

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Statement is an SQL statement for Trino.
type Statement struct {
	SQL string
	// Schema is the database for names that do not specify one.
	Schema string
	// Prepared, if set, is a statement that SQL can name as "statement", for example in DESCRIBE OUTPUT statement.
	Prepared string
}

// Column is a column of a result. Its type is Trino's, for example "decimal(4,2)".
type Column struct {
	Name, Type string
	signature  signature
}

// Error is an error of a statement.
type Error struct {
	// Name is Trino's error code, for example "TYPE_MISMATCH".
	Name    string `json:"errorName"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// page is a response of Trino's protocol (Trino documentation, "Client REST API").
type page struct {
	NextURI string `json:"nextUri"`
	Columns []struct {
		Name          string    `json:"name"`
		Type          string    `json:"type"`
		TypeSignature signature `json:"typeSignature"`
	} `json:"columns"`
	Data  [][]json.RawMessage `json:"data"`
	Error *Error              `json:"error"`
	Stats struct {
		PhysicalInputBytes int64 `json:"physicalInputBytes"`
	} `json:"stats"`
}

// Reader receives the result of a statement. Each function may be nil. An error of a function cancels the statement.
type Reader struct {
	// Columns receives the columns, before all rows.
	Columns func([]Column) error
	// Row receives a row, with each value as Athena prints it. nil stands for NULL.
	Row func([]*string) error
	// Scanned receives the number of bytes that Trino has read from S3 so far.
	Scanned func(bytes int64) error
}

// Query executes a statement. It waits until Trino has started. If ctx ends, it cancels the statement.
func (s *Server) Query(ctx context.Context, statement Statement, to Reader) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.query(ctx, statement, to)
}

func (s *Server) query(ctx context.Context, statement Statement, to Reader) error {
	header := http.Header{
		"X-Trino-User": {"athena"}, "X-Trino-Source": {"snaplake"}, "X-Trino-Time-Zone": {"UTC"}, "X-Trino-Client-Capabilities": {"PARAMETRIC_DATETIME"},
		"X-Trino-Catalog": {catalog}, "X-Trino-Schema": {url.QueryEscape(statement.Schema)},
	}
	if statement.Prepared != "" {
		header.Set("X-Trino-Prepared-Statement", "statement="+url.QueryEscape(statement.Prepared))
	}
	r := request{server: s, header: header, to: to}
	p, err := r.send(ctx, http.MethodPost, "http://"+s.address+"/v1/statement", statement.SQL)
	for err == nil {
		if err = r.read(p); err != nil || p.NextURI == "" {
			break
		}
		next := p.NextURI
		if p, err = r.send(ctx, http.MethodGet, next, ""); err != nil {
			r.cancel(ctx, next)
		}
	}
	if err != nil && p.NextURI != "" {
		r.cancel(ctx, p.NextURI)
	}
	return err
}

// request is a statement that is being executed.
type request struct {
	server  *Server
	header  http.Header
	to      Reader
	columns []Column
}

// send sends a request and returns Trino's response.
func (r *request) send(ctx context.Context, method, url, body string) (p page, err error) {
	for {
		request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
		if err != nil {
			return p, err
		}
		request.Header = r.header
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return p, r.server.failure(ctx, err)
		}
		b, err := io.ReadAll(response.Body)
		response.Body.Close()
		switch {
		case err != nil:
			return p, r.server.failure(ctx, err)
		case response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusTooManyRequests:
			time.Sleep(50 * time.Millisecond) // the protocol asks clients to try again
		case response.StatusCode != http.StatusOK:
			return p, fmt.Errorf("the engine Trino rejects the request: %s: %s", response.Status, bytes.TrimSpace(b))
		default:
			return p, json.Unmarshal(b, &p)
		}
	}
}

// failure returns the reason why a request failed: ctx has ended, or Trino has, whose end can be seen a moment later.
func (s *Server) failure(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return s.reason
	case <-time.After(time.Second):
		return fmt.Errorf("the engine Trino does not respond: %w", err)
	}
}

// cancel cancels the statement, even if ctx has ended. Trino also cancels a statement whose client is gone, but only after minutes.
func (r *request) cancel(ctx context.Context, url string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if request, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, nil); err == nil {
		request.Header = r.header
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
		}
	}
}

// read passes a page to the reader.
func (r *request) read(p page) error {
	if p.Error != nil {
		return p.Error
	}
	if r.columns == nil && len(p.Columns) > 0 {
		for _, c := range p.Columns {
			r.columns = append(r.columns, Column{c.Name, strings.ReplaceAll(c.Type, ", ", ","), c.TypeSignature})
		}
		if r.to.Columns != nil {
			if err := r.to.Columns(r.columns); err != nil {
				return err
			}
		}
	}
	if r.to.Scanned != nil {
		if err := r.to.Scanned(p.Stats.PhysicalInputBytes); err != nil {
			return err
		}
	}
	for _, values := range p.Data {
		row := make([]*string, len(values))
		for i, v := range values {
			if string(v) == "null" {
				continue
			}
			text, err := r.columns[i].signature.print(v)
			if err != nil {
				return fmt.Errorf("read column %s of type %s: %w", r.columns[i].Name, r.columns[i].Type, err)
			}
			row[i] = &text
		}
		if r.to.Row == nil {
			continue
		}
		if err := r.to.Row(row); err != nil {
			return err
		}
	}
	return nil
}
