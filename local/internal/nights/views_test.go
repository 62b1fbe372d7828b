package nights

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/athena"

	"snaplake/local/internal/analyst"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
)

// views watches what analysts see. Whenever a view, a table that it reads, or the objects of that table have changed, it reads
// the view, and what it reads must be one night's rows: those of the night before or of this one, and never again an older one's.
// Nothing else can change what a view shows, so that it has been seen at every moment.
type views struct {
	*world
	analyst analyst.Analyst

	mu sync.Mutex
	// seen is what a view was made of when it was read last.
	seen map[string]string
	// night is the one that a view showed then.
	night map[string]int
	// wrong is what was not as it must be.
	wrong []string
}

func newViews(w *world) *views {
	direct := func(o *athena.Options) {
		o.HTTPClient = direct{w.Athena, iam.Caller{Role: w.analystRole, Session: "redash"}}
	}
	return &views{world: w, analyst: analyst.New(w.Cloud, viewDatabase, direct), seen: map[string]string{}, night: map[string]int{}}
}

// direct hands requests to a service past the gate, so that they are not among the calls that go wrong.
type direct struct {
	service http.Handler
	caller  iam.Caller
}

// Do is the SDK's.
func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.service.ServeHTTP(w, r.WithContext(iam.WithCaller(r.Context(), d.caller)))
	response := w.Result()
	response.Request = r
	return response, nil
}

// look reads the views that have changed.
func (v *views) look(ctx context.Context) {
	v.mu.Lock()
	defer v.mu.Unlock()
	made, err := v.madeOf(ctx)
	if err != nil {
		v.fail("look at the views: %v", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if v.seen[name] != made[name] {
			v.read(ctx, name)
			v.seen[name] = made[name]
		}
	}
	for name := range v.night {
		if made[name] == "" {
			v.fail("view %s is gone", name)
			delete(v.night, name)
		}
	}
}

// lookAnew reads all views.
func (v *views) lookAnew(ctx context.Context) {
	v.mu.Lock()
	clear(v.seen)
	v.mu.Unlock()
	v.look(ctx)
}

// read reads a view, and notes which night it shows.
func (v *views) read(ctx context.Context, name string) {
	answer, err := v.analyst.Ask(ctx, `SELECT * FROM "`+name+`"`)
	if err != nil {
		v.fail("view %s cannot be read: %v", name, err)
		return
	}
	rows := make([][]string, len(answer.Rows))
	for i, row := range answer.Rows {
		for _, value := range row {
			text := "NULL"
			if value != nil {
				text = *value
			}
			rows[i] = append(rows[i], text)
		}
	}
	got := textOf(rows)
	oldest := max(v.night[name], 1)
	for night := v.shop.newest(); night >= oldest; night-- {
		if want, there := v.shown(night)[name]; there && want == got {
			v.night[name] = night
			return
		}
	}
	v.fail("view %s shows no night from %d to %d:\n%s", name, oldest, v.shop.newest(), got)
}

func (v *views) fail(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

// shown is what each view shows of a night.
func (v *views) shown(night int) map[string]string {
	shown := map[string]string{}
	tables := v.shop.tables(night)
	for _, t := range append(tables, own(night, tables)...) {
		shown[t.Name] = textOf(t.shown)
	}
	return shown
}

// textOf writes rows in an order that depends on nothing else than them.
func textOf(rows [][]string) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.Join(row, " | ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// madeOf tells of each view all that decides what it shows: its SQL, the tables that this names, and their objects.
func (v *views) madeOf(ctx context.Context) (map[string]string, error) {
	entries, err := v.Glue.Tables(ctx, viewDatabase)
	if err != nil {
		return nil, err
	}
	crawled, err := v.Glue.Tables(ctx, crawledDatabase)
	if err != nil {
		return nil, err
	}
	tables := map[string]glue.Table{}
	for _, t := range crawled {
		tables[t.Name] = t
	}
	sql := map[string]string{}
	for _, e := range entries {
		if sql[e.Name], err = queryOf(e); err != nil {
			return nil, err
		}
	}
	made := map[string]string{}
	for name := range sql {
		if made[name], err = v.describe(name, sql, tables, map[string]bool{}); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// describe follows a view to the objects below it. Words of its SQL that are names of views count as views that it reads.
func (v *views) describe(name string, sql map[string]string, tables map[string]glue.Table, followed map[string]bool) (string, error) {
	followed[name] = true
	text := sql[name]
	for _, word := range words(sql[name]) {
		if followed[word] {
			continue
		}
		followed[word] = true
		if _, isView := sql[word]; isView {
			below, err := v.describe(word, sql, tables, followed)
			if err != nil {
				return "", err
			}
			text += "\nview " + word + ": " + below
		}
		if t, isTable := tables[word]; isTable {
			objects, err := v.Store.List(v.Bucket, strings.TrimPrefix(t.StorageDescriptor.Location, "s3://"+v.Bucket+"/"))
			if err != nil {
				return "", err
			}
			text += fmt.Sprintf("\ntable %s: %v", word, objects)
		}
	}
	return text, nil
}

func words(sql string) []string {
	return strings.FieldsFunc(strings.ToLower(sql), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// queryOf is a view's SQL out of its entry in the catalog.
func queryOf(view glue.Table) (string, error) {
	encoded := strings.TrimSuffix(strings.TrimPrefix(view.ViewOriginalText, "/* Presto View: "), " */")
	b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
	if err != nil {
		return "", fmt.Errorf("view %s: %w", view.Name, err)
	}
	var content struct{ OriginalSQL string }
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&content); err != nil {
		return "", fmt.Errorf("view %s: %w", view.Name, err)
	}
	return content.OriginalSQL, nil
}
