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

// views watches what analysts see. Whenever a view, a table that it reads, or the objects of that table have changed, it reads
// the view, and what it reads must be of one day: of the day before or of this one, and never again of an older one. Nothing
// else can change what a view shows, so that it has been seen at every moment.
//
// What tells of several days must tell of those that were published, and what tells how fresh the tables are, of no newer ones
// than they show. A view goes when its table has gone, after all others are of that day.
type views struct {
	*world
	analyst athenaclient.Analyst

	mu sync.Mutex
	// seen is what a view was made of when it was read last.
	seen map[string]string
	// day is the one that a view showed then, and text all that it showed.
	day  map[string]int
	text map[string]string
	// bucket is what lay in the bucket after the last call that may have changed that; nil when it has to be listed.
	bucket *lake
	// unseen is set in a day in which by plan an account of a publication is not seen. It counts as not published then.
	unseen bool
	// back is the older day that somebody goes back to, 0 when nobody does.
	back int
	// wrong is what was not as it must be.
	wrong []string
}

func newViews(w *world) *views {
	direct := func(o *athena.Options) {
		o.HTTPClient = direct{w.Athena, iam.Caller{Role: w.analystRole, Session: "redash"}}
	}
	return &views{world: w, analyst: athenaclient.New(w.Cloud, viewDatabase, direct), seen: map[string]string{}, day: map[string]int{}, text: map[string]string{}}
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
	if v.bucket == nil {
		lake, err := v.lake()
		if err != nil {
			v.fail("look at the lake: %v", err)
			return
		}
		v.bucket = &lake
	}
	made, err := v.madeOf(ctx, *v.bucket)
	if err != nil {
		v.fail("look at the views: %v", err)
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
			v.gone(name)
		}
	}
	fresh := v.day[freshness]
	for _, t := range v.shop.tables(max(fresh, 1)) {
		if v.day[t.Name] < fresh && v.back == 0 && !v.shop.skips(t.Name, fresh) {
			v.fail("%s tells of day %d, and view %s shows day %d", freshness, fresh, t.Name, v.day[t.Name])
		}
	}
}

// gone is told of a view that is there no more.
func (v *views) gone(name string) {
	newest := v.shop.newest()
	if v.back != 0 {
		newest = v.back
	}
	if _, there := v.shop.shown(name, newest, nil); there {
		v.fail("view %s is gone", name)
	}
	for _, other := range v.shop.viewsOf(newest) {
		if v.day[other] != newest && !v.shop.skips(other, newest) {
			v.fail("view %s is gone, and view %s shows day %d still", name, other, v.day[other])
		}
	}
	delete(v.day, name)
	delete(v.text, name)
	delete(v.seen, name)
}

// lookAnew reads all views.
func (v *views) lookAnew(ctx context.Context) {
	v.mu.Lock()
	clear(v.seen)
	v.bucket = nil
	v.mu.Unlock()
	v.look(ctx)
}

// called looks at the views after a call that may have changed what they show. Statements that run change views by themselves:
// they are looked at until they are over.
func (v *views) called(c cloud.Call) {
	v.mu.Lock()
	if c.Service != "athena" {
		v.bucket = nil
	}
	v.mu.Unlock()
	ofViews := strings.Contains(c.Role, "CreateViewsFunctionRole") || strings.Contains(c.Role, "PruneFunctionRole")
	if ofViews && (c.Service == "athena" || slices.Contains([]string{"BatchDeleteTable", "PutObject", "DeleteObjects"}, c.Operation)) {
		v.look(context.Background())
	}
}

// notOf is what the views show that is not of a day, which is over and was published.
func (v *views) notOf(ctx context.Context, day int) []string {
	v.look(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	before, err := v.kept(day)
	if err != nil {
		v.fail("look at the lake: %v", err)
	}
	of := v.shop.viewsOf(day)
	for _, name := range of {
		if v.shop.skips(name, day) {
			v.stays(ctx, name)
		} else if v.day[name] != day {
			v.fail("view %s shows day %d, not %d", name, v.day[name], day)
		} else if want, _ := v.shop.shown(name, day, before); v.text[name] != want && !v.unseen {
			v.fail("view %s does not tell of the days before, %v:\n%s\nand not\n%s", name, before, v.text[name], want)
		}
	}
	for name := range v.day {
		if !slices.Contains(of, name) {
			v.fail("view %s is still there", name)
		}
	}
	wrong := v.wrong
	v.wrong = nil
	return wrong
}

// stays wants a view of a table that RDS skipped to be as readable as before, and the freshness to tell which day it shows.
func (v *views) stays(ctx context.Context, name string) {
	v.read(ctx, name, v.bucket.published)
	if name == auditHistory {
		return
	}
	answer, err := v.analyst.Ask(ctx, `SELECT export_id FROM `+freshness+` WHERE view_name = '`+name+`'`)
	if err != nil || len(answer.Rows) != 1 || v.dayOf(*answer.Rows[0][0]) != v.day[name] {
		v.fail("view %s shows day %d, and the freshness says %v (%v)", name, v.day[name], answer.Rows, err)
	}
}

// kept are the days before one that its views must tell of besides: all that were published when it began, as many as are kept.
// One that was published twice takes the room of two.
func (v *views) kept(day int) ([]int, error) {
	lake, err := v.lake()
	if err != nil {
		return nil, err
	}
	newest := slices.DeleteFunc(lake.published, func(n int) bool { return n > day })
	newest = newest[:min(len(newest), keep)]
	return slices.DeleteFunc(v.before(day, v.published), func(n int) bool { return !slices.Contains(newest, n) }), nil
}

// goBack lets views show an older day again, from now on; 0 ends that.
func (v *views) goBack(day int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.back = day
}

// read reads a view, and notes which day it shows.
func (v *views) read(ctx context.Context, name string, published []int) {
	query := `SELECT * FROM "` + name + `"`
	if name == freshness {
		query = freshQuery
	}
	answer, err := v.analyst.Ask(ctx, query)
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
		v.fail("view %s shows what is masked:\n%s", name, got)
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
	v.fail("view %s shows no day of %v, of which were published %v:\n%s", name, days, published, got)
}

// shows tells whether a view shows a day. What tells of the days before as well may lack some of them until the day is over,
// see [views.notOf].
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

// before are the days that the views of one tell of besides, out of those that were published, the newest first.
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
