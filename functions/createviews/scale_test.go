package main

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"snaplake/functions/internal/statement"
)

// functionMemory is the function's memory in bytes, see infra/functions.go.
const functionMemory = 512 << 20

// BenchmarkCreateViews publishes sources of several sizes. Athena takes a second of virtual time per statement.
func BenchmarkCreateViews(b *testing.B) {
	for _, tables := range []int{10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("tables=%d", tables), func(b *testing.B) {
			b.ReportAllocs()
			var c *largeSource
			var took time.Duration
			for b.Loop() {
				onVirtualTime(b, func(t *testing.T) {
					c = newLargeSource(tables)
					c.source.History, c.source.Changes = nil, nil
					began := time.Now()
					if err := c.publish(t.Context()); err != nil {
						t.Fatal(err)
					}
					took = time.Since(began)
				})
			}
			b.ReportMetric(took.Seconds(), "virtual-s/op")
			if tables >= 1000 { // a few views cannot keep Athena busy
				b.ReportMetric(1.1*float64(tables)/statement.InFlight, "max-virtual-s/op")
			}
			b.ReportMetric(float64(len(c.begun)), "starts/op")
			b.ReportMetric(float64(c.polls), "polls/op")
			b.ReportMetric(float64(c.listed["shop"]+c.listed["snaplake_crawled"]), "GetTables/op")
			b.ReportMetric(float64(c.heap)/1e6, "peak-heap-MB")
			if c.heap > functionMemory/2 {
				b.Errorf("the heap has %d bytes, more than half of the function's memory", c.heap)
			}
		})
	}
}

// onVirtualTime runs a part of a benchmark in a synctest bubble. synctest accepts only tests.
func onVirtualTime(b *testing.B, run func(*testing.T)) {
	b.Helper()
	test := testing.InternalTest{Name: b.Name(), F: func(t *testing.T) { synctest.Test(t, run) }}
	if !testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{test}) {
		b.Fatal("the publication failed")
	}
}

// Statements first use up the burst. After that, the rate applies.
func TestCreateViews_StaysWithinTheQuotaOfStatements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newLargeSource(1500)
		c.latency = 10 * time.Millisecond
		c.source.History, c.source.Changes = nil, nil
		if err := c.publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		const permitted = 80
		for seconds := 1; seconds <= 10; seconds++ {
			window := time.Duration(seconds) * time.Second
			for i, n := 0, permitted+seconds*20; i+n < len(c.begun); i++ {
				if c.begun[i+n].Sub(c.begun[i]) < window {
					t.Fatalf("%d statements were started in %v", n+1, c.begun[i+n].Sub(c.begun[i]))
				}
			}
		}
	})
}
