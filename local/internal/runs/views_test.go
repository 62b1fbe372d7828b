package runs

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/athena"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/iam"
)

// views checks what analysts see. Whenever a view, a table that it reads, or the objects of that table have changed, it reads the view.
// The result must show one day: the previous or the current day, and never an older day than before. Nothing else can change what a view
// shows, so every state of the view is checked.
//
// The history and changes views must show the published days, and the freshness view must not show newer days than the tables do. The
// view of a dropped table is dropped after all other views show the new day.
type views struct {
	*testEnv
	analyst athenaclient.Client

	mu sync.Mutex
	// seen maps a view to its lineage when it was last read.
	seen map[string]string
	// day maps a view to the day that it showed when it was last read. text maps a view to the rows that it showed then.
	day  map[string]int
	text map[string]string
	// bucket describes the bucket after the last call that may have changed it. It is nil if the bucket must be listed.
	bucket *storedExports
	// unseen is set while a fault hides a publication, which then counts as not published.
	unseen bool
	// back is the day of a rollback, or 0.
	back int
	// wrong lists the violations.
	wrong []string
}

func newViews(w *testEnv) *views {
	direct := func(o *athena.Options) {
		o.HTTPClient = direct{w.Athena, iam.Caller{Role: w.analystRole, Session: "redash"}}
	}
	return &views{
		testEnv: w, analyst: athenaclient.New(w.Cloud, viewDatabase, direct),
		seen: map[string]string{}, day: map[string]int{}, text: map[string]string{},
	}
}

// direct sends requests to a service without the router, so that no faults are injected into them.
type direct struct {
	service http.Handler
	caller  iam.Caller
}

// Do implements the HTTP client of the SDK.
func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.service.ServeHTTP(w, r.WithContext(iam.WithCaller(r.Context(), d.caller)))
	response := w.Result()
	response.Request = r
	return response, nil
}

// check reads the views that have changed.
func (v *views) check(ctx context.Context) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bucket == nil {
		stored, err := v.storedExports()
		if err != nil {
			v.fail("list the exports: %v", err)
			return
		}
		v.bucket = &stored
	}
	made, err := v.lineage(ctx, *v.bucket)
	if err != nil {
		v.fail("list the views: %v", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if v.seen[name] != made[name] {
			v.read(ctx, name, v.bucket.published)
			v.seen[name] = made[name]
		}
	}
	for name := range v.day {
		if made[name] == "" {
			v.dropped(name)
		}
	}
	fresh := v.day[freshness]
	for _, t := range v.shop.tables(max(fresh, 1)) {
		if v.day[t.Name] < fresh && v.back == 0 && !v.shop.skips(t.Name, fresh) {
			v.fail("%s shows day %d, but view %s shows day %d", freshness, fresh, t.Name, v.day[t.Name])
		}
	}
}

// dropped checks that a view was allowed to be dropped.
func (v *views) dropped(name string) {
	newest := v.shop.newest()
	if v.back != 0 {
		newest = v.back
	}
	if _, there := v.shop.shown(name, newest, nil); there {
		v.fail("view %s was dropped", name)
	}
	for _, other := range v.shop.viewsOf(newest) {
		if v.day[other] != newest && !v.shop.skips(other, newest) {
			v.fail("view %s was dropped, but view %s still shows day %d", name, other, v.day[other])
		}
	}
	delete(v.day, name)
	delete(v.text, name)
	delete(v.seen, name)
}

// checkAll reads all views.
func (v *views) checkAll(ctx context.Context) {
	v.mu.Lock()
	clear(v.seen)
	v.bucket = nil
	v.mu.Unlock()
	v.check(ctx)
}

// called checks the views after a call that may have changed what they show. Statements change views while
// they run, so the views are also checked at each poll.
func (v *views) called(c cloud.Call) {
	v.mu.Lock()
	if c.Service != "athena" {
		v.bucket = nil
	}
	v.mu.Unlock()
	ofViews := strings.Contains(c.Role, "CreateViewsFunctionRole") || strings.Contains(c.Role, "PruneFunctionRole")
	if ofViews && (c.Service == "athena" || slices.Contains([]string{"BatchDeleteTable", "PutObject", "DeleteObjects"}, c.Operation)) {
		v.check(context.Background())
	}
}

// mismatches returns the violations after a run that published a day.
func (v *views) mismatches(ctx context.Context, day int) []string {
	v.check(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	before, err := v.kept(day)
	if err != nil {
		v.fail("list the exports: %v", err)
	}
	of := v.shop.viewsOf(day)
	for _, name := range of {
		if v.shop.skips(name, day) {
			v.checkSkipped(ctx, name)
		} else if v.day[name] != day {
			v.fail("view %s shows day %d, not %d", name, v.day[name], day)
		} else if want, _ := v.shop.shown(name, day, before); v.text[name] != want && !v.unseen {
			v.fail("view %s, with the earlier days %v, got:\n%s\nwant:\n%s", name, before, v.text[name], want)
		}
	}
	for name := range v.day {
		if !slices.Contains(of, name) {
			v.fail("view %s was not dropped", name)
		}
	}
	wrong := v.wrong
	v.wrong = nil
	return wrong
}

// checkSkipped requires that the view of a skipped table can still be read, and that the freshness view names its day.
func (v *views) checkSkipped(ctx context.Context, name string) {
	v.read(ctx, name, v.bucket.published)
	if name == auditHistory {
		return
	}
	answer, err := v.analyst.Query(ctx, `SELECT export_id FROM `+freshness+` WHERE view_name = '`+name+`'`)
	if err != nil || len(answer.Rows) != 1 || v.dayOf(*answer.Rows[0][0]) != v.day[name] {
		v.fail("view %s shows day %d, but the freshness view shows %v (%v)", name, v.day[name], answer.Rows, err)
	}
}

// kept returns the earlier days that the views of a day must also show: the published days at the start of the run, up to the number of
// kept exports. A day that was published twice counts twice.
func (v *views) kept(day int) ([]int, error) {
	stored, err := v.storedExports()
	if err != nil {
		return nil, err
	}
	newest := slices.DeleteFunc(stored.published, func(n int) bool { return n > day })
	newest = newest[:min(len(newest), keep)]
	return slices.DeleteFunc(v.before(day, v.published), func(n int) bool { return !slices.Contains(newest, n) }), nil
}

// rollBack sets the older day that views may show from now on. 0 means that they may show no older day.
func (v *views) rollBack(day int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.back = day
}

// read reads a view and records which day it shows.
func (v *views) read(ctx context.Context, name string, published []int) {
	query := `SELECT * FROM "` + name + `"`
	if name == freshness {
		query = freshQuery
	}
	answer, err := v.analyst.Query(ctx, query)
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
	v.text[name] = got
	if strings.Contains(got, secret) {
		v.fail("view %s shows masked data:\n%s", name, got)
	}
	days := []int{v.back}
	for day := v.shop.newest(); day >= max(v.day[name], 1); day-- {
		days = append(days, day)
	}
	for _, day := range days {
		if day > 0 && v.shows(name, got, day, v.before(day, published)) {
			v.day[name] = day
			return
		}
	}
	v.fail("view %s shows none of the days %v (published: %v):\n%s", name, days, published, got)
}

// shows reports whether a view shows a day. The history and changes views may omit some earlier days until the run has ended; see
// [views.mismatches].
func (v *views) shows(name, got string, day int, before []int) bool {
	if v.shop.skips(name, day) {
		return false
	}
	if name != history && name != auditHistory && name != changes {
		before = nil
	}
	for chosen := range 1 << len(before) {
		var some []int
		for i, n := range before {
			if chosen&(1<<i) != 0 {
				some = append(some, n)
			}
		}
		if want, there := v.shop.shown(name, day, some); there && want == got {
			return true
		}
	}
	return false
}

// before returns the published days that the views of a day also show, newest first.
func (v *views) before(day int, published []int) []int {
	var before []int
	for _, n := range published {
		if n < day && len(before) < keep-1 && !slices.Contains(before, n) {
			before = append(before, n)
		}
	}
	return before
}

func (v *views) fail(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}
