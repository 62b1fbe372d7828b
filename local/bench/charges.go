package main

import (
	"fmt"
	"time"
)

// charge is so much of an item.
type charge struct {
	item     item
	quantity float64
}

func (c charge) usd() float64 { return prices[c.item].of(c.quantity) }

// String is such as "Step Functions: 57 state transitions".
func (c charge) String() string {
	p := prices[c.item]
	return fmt.Sprintf("%s: %s %s", p.service, number(c.quantity), p.unit)
}

func total(charges []charge) (usd float64) {
	for _, c := range charges {
		usd += c.usd()
	}
	return usd
}

// orchestration is what the steps of the night are charged by, and what tells of them. Not in it is what they set to work: the
// export, the crawler, and Athena's reading.
func (n nightCount) orchestration() []charge {
	read, written := n.called("s3", "Get", "Head"), n.called("s3", "Put")
	// Of each statement Athena writes the result and a file that describes it (Athena guide, "Find query output files").
	written += 2 * n.objects.statements
	return []charge{
		{transition, float64(n.transitions())},
		{request, float64(len(n.reports))},
		{gbSecond, gbSecondsOf(n.reports)},
		{s3Write, float64(written + n.called("s3", "List"))},
		{s3Read, float64(read)},
		// The most that it can be, in a bucket without a bucket key: with one, S3 asks KMS once for many objects.
		{kmsRequest, float64(read + written)},
		{catalogRequest, float64(n.called("glue", "Get", "BatchDelete"))},
		{logGB, float64(len(n.logged)+n.machineLog()) / 1e9},
		{metricMonth, float64(n.metrics()) / hoursOfMonth},
		{trace, 1},
		{invocation, 1},
	}
}

// exportedGB is the database that the price of an export is shown for.
const exportedGB = 10

// A crawler works with two DPUs, and is charged for ten minutes at least.
const (
	crawlerDPUs   = 2
	shortestCrawl = 10 * time.Minute
)

// leastScanTB is what a query is charged for at least. Queries of tables as small as these are all charged that.
const leastScanTB = 10e6 / 1e12

// beside is what the night sets to work.
func (n nightCount) beside() []charge {
	return []charge{
		{exportGB, exportedGB},
		{s3Write, float64(n.objects.exported)},
		{crawlerHour, crawlerDPUs * max(n.crawlTime(), shortestCrawl).Hours()},
		{scanTB, leastScanTB * float64(n.objects.queries)},
	}
}
