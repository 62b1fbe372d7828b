package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxOrchestration is the upper limit for the cost of orchestration in a run with 100 tables, in US dollars.
const maxOrchestration = 0.01

// charge is an item on the bill for a run. The field metric is the BenchmarkCost metric that gives the quantity. The field price identifies
// an entry in prices by its metric.
type charge struct {
	metric, price string
	// measured means that the quantity varies slightly between runs.
	measured bool
}

// orchestration lists the charges for running and monitoring the pipeline. The variable work lists the charges for the exports, crawls and
// queries that the pipeline starts.
var orchestration = []charge{
	{"transitions", "transitions", false},
	{"requests", "requests", false},
	{"GB-s", "GB-s", true},
	{"s3-writes", "s3-writes", false},
	{"s3-reads", "s3-reads", false},
	{"kms-requests", "kms-requests", false},
	{"catalog-requests", "catalog-requests", true}, // CreateViews repeats some requests while it waits
	{"log-GB", "log-GB", true},
	{"metric-months", "metric-months", false},
	{"traces", "traces", false},
	{"invocations", "invocations", false},
}

var work = []charge{
	{"export-GB", "export-GB", false},
	{"export-writes", "s3-writes", false},
	{"DPU-hours", "DPU-hours", false},
	{"scanned-TB", "scanned-TB", false},
}

// price is an AWS list price in US dollars. It ignores the free tier.
type price struct {
	metric, service, unit string
	usd, per              float64
	// page is the title of the page on aws.amazon.com that publishes the price.
	page string
	// confirmed means that the price has been checked against its page. Verify unconfirmed prices before you rely on them.
	confirmed bool
}

// prices lists AWS's prices in us-east-1 as of 2026-11-23.
var prices = []price{
	{"transitions", "Step Functions", "state transitions", 0.025, 1000, "Step Functions pricing", true},
	{"requests", "Lambda", "requests", 0.20, 1e6, "Lambda pricing", false},
	{"GB-s", "Lambda", "GB-seconds on arm64", 0.0000133334, 1, "Lambda pricing", false},
	{"s3-writes", "S3", "PUT, COPY, POST and LIST requests", 0.005, 1000, "S3 pricing", false},
	{"s3-reads", "S3", "GET and HEAD requests", 0.0004, 1000, "S3 pricing", false},
	{"kms-requests", "KMS", "requests", 0.03, 10_000, "KMS pricing", false},
	{"catalog-requests", "Glue Data Catalog", "requests", 1, 1e6, "Glue pricing", true},
	{"log-GB", "CloudWatch Logs", "GB ingested", 0.50, 1, "CloudWatch pricing", false},
	{"metric-months", "CloudWatch", "metrics for a month", 0.30, 1, "CloudWatch pricing", false},
	{"traces", "X-Ray", "traces recorded", 5, 1e6, "X-Ray pricing", true},
	{"invocations", "EventBridge Scheduler", "invocations", 1, 1e6, "EventBridge pricing", false},
	{"export-GB", "RDS", "GB exported", 0.010, 1, "RDS pricing", false},
	{"DPU-hours", "Glue crawler", "DPU-hours", 0.44, 1, "Glue pricing", false},
	{"scanned-TB", "Athena", "TB read", 5, 1, "Athena pricing", false},
	{"", "S3", "GB stored for a month", 0.023, 1, "S3 pricing", false},
	{"", "KMS", "keys for a month", 1, 1, "KMS pricing", true},
	{"", "CloudWatch", "alarms for a month", 0.10, 1, "CloudWatch pricing", false},
	{"", "CloudWatch", "dashboards for a month", 3, 1, "CloudWatch pricing", false},
}

func priceOf(metric string) price {
	return prices[slices.IndexFunc(prices, func(p price) bool { return p.metric == metric })]
}

// cost returns the cost of the given quantity, in US dollars.
func (p price) cost(quantity float64) float64 { return quantity * p.usd / p.per }

func (r result) total(charges []charge) (usd float64) {
	for _, c := range charges {
		usd += priceOf(c.price).cost(r.metrics[c.metric])
	}
	return usd
}

// addPrices adds the cost of orchestration, the limit on it, and each function's cost per million invocations at two memory settings.
func addPrices(results []result) []result {
	var priced []result
	for _, r := range results {
		r.metrics = maps.Clone(r.metrics)
		if r.name == "run" {
			r.metrics["orchestration-usd"], r.metrics["max-orchestration-usd"] = r.total(orchestration), maxOrchestration
		}
		for _, memory := range []float64{128, 1024} {
			if ms, measured := r.metrics[fmt.Sprintf("ms@%.0f", memory)]; measured {
				r.metrics[fmt.Sprintf("usd@%.0f", memory)] = priceOf("requests").cost(1e6) + priceOf("GB-s").cost(1e6*ms/1000*memory/1024)
			}
		}
		priced = append(priced, r)
	}
	return priced
}

// renderRun renders the bill for a run as a Markdown table.
func renderRun(results []result) (string, error) {
	i := slices.IndexFunc(results, func(r result) bool { return r.name == "run" })
	if i < 0 {
		return "", errors.New("no benchmark reports the metrics of a run")
	}
	r := results[i]
	var text strings.Builder
	text.WriteString("| service | what | counted | US dollars |\n|---|---|--:|--:|\n")
	for _, group := range []struct {
		title   string
		charges []charge
	}{{"Orchestration", orchestration}, {"Work", work}} {
		fmt.Fprintf(&text, "| **%s** | | | **about %.4f** |\n", group.title, r.total(group.charges))
		for _, c := range group.charges {
			quantity, counted := r.metrics[c.metric]
			if !counted {
				return "", fmt.Errorf("no benchmark reports %s", c.metric)
			}
			about := ""
			if c.measured {
				about = "about "
			}
			p := priceOf(c.price)
			fmt.Fprintf(&text, "| %s | %s | %s%s | %s%.4f |\n", p.service, p.unit, about, number(quantity), about, p.cost(quantity))
		}
	}
	return text.String(), nil
}

// renderPrices renders the prices as a Markdown table.
func renderPrices([]result) (string, error) {
	var text strings.Builder
	text.WriteString("| service | what | USD | for | page | confirmed |\n|---|---|--:|--:|---|---|\n")
	for _, p := range prices {
		confirmed := map[bool]string{true: "yes", false: "no"}[p.confirmed]
		usd := strconv.FormatFloat(p.usd, 'f', -1, 64)
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", p.service, p.unit, usd, number(p.per), p.page, confirmed)
	}
	return text.String(), nil
}
