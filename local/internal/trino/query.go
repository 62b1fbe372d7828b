package trino

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
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
	Name, Type    string
	TypeSignature signature
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
	NextURI string
	Columns []Column
	Data    [][]json.RawMessage
	Error   *Error
	Stats   struct{ PhysicalInputBytes int64 }
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
	err := s.query(ctx, statement, to)
	if !errors.Is(err, errNoResponse) {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return s.reason
	case <-time.After(time.Second): // the end of the process can be seen a moment after the end of the connection
		return err
	}
}

var errNoResponse = errors.New("the engine Trino does not respond")

func (s *Server) query(ctx context.Context, statement Statement, to Reader) error {
	r := request{to: to, header: http.Header{
		"Authorization": {"Bearer " + token(s.key)}, "X-Forwarded-Proto": {"https"},
		"X-Trino-Source": {"snaplake"}, "X-Trino-Time-Zone": {"UTC"}, "X-Trino-Client-Capabilities": {"PARAMETRIC_DATETIME"},
		"X-Trino-Catalog": {catalog}, "X-Trino-Schema": {url.QueryEscape(statement.Schema)},
	}}
	if statement.Prepared != "" {
		r.header.Set("X-Trino-Prepared-Statement", "statement="+url.QueryEscape(statement.Prepared))
	}
	next := ""
	p, err := r.send(ctx, http.MethodPost, "http://"+s.address+"/v1/statement", statement.SQL)
	for err == nil {
		next = strings.Replace(p.NextURI, "https://", "http://", 1)
		if err = r.read(p); err != nil || next == "" {
			break
		}
		p, err = r.send(ctx, http.MethodGet, next, "")
	}
	if err != nil && next != "" {
		r.cancel(ctx, next)
	}
	return err
}

// token returns a JSON web token for the user (RFC 7519).
func token(key string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256"}`)) + "." + encode([]byte(`{"sub":"`+user+`"}`))
	sign := hmac.New(sha256.New, []byte(key))
	sign.Write([]byte(text))
	return text + "." + encode(sign.Sum(nil))
}

// request is a statement that is being executed.
type request struct {
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
			return p, fmt.Errorf("%w: %w", errNoResponse, err)
		}
		b, err := io.ReadAll(response.Body)
		response.Body.Close()
		switch {
		case err != nil:
			return p, fmt.Errorf("%w: %w", errNoResponse, err)
		case response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusTooManyRequests:
			time.Sleep(50 * time.Millisecond) // the protocol asks clients to try again
		case response.StatusCode != http.StatusOK:
			return p, fmt.Errorf("the engine Trino rejects the request: %s: %s", response.Status, bytes.TrimSpace(b))
		default:
			return p, json.Unmarshal(b, &p)
		}
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
		r.columns = p.Columns
		for i, c := range r.columns {
			r.columns[i].Type = strings.ReplaceAll(c.Type, ", ", ",")
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
			text, err := r.columns[i].TypeSignature.print(v)
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
