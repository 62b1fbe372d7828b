package main

// item is something that AWS charges for.
type item int

// Those of a night, and those that are paid for by the month whatever the nights do.
const (
	transition item = iota
	request
	gbSecond
	s3Write
	s3Read
	kmsRequest
	catalogRequest
	logGB
	metricMonth
	trace
	invocation
	exportGB
	crawlerHour
	scanTB
	storageMonth
	keyMonth
	alarmMonth
	dashboardMonth
)

// price is what so many of an item cost, in US dollars, without what AWS gives each account for nothing.
type price struct {
	service, unit string
	usd, per      float64
	// page is the one on aws.amazon.com that decides.
	page string
	// confirmed is true when that page was read with this number on it. The others are as people tell them who have read it:
	// nobody should rely on them unseen.
	confirmed bool
}

// of is what so many cost.
func (p price) of(quantity float64) float64 { return quantity * p.usd / p.per }

// Where and when these prices are those of the list.
const (
	pricesRegion = "us-east-1"
	pricesDate   = "2026-11-23"
)

// prices are all that is computed with. docs/cost.md has the same table.
var prices = [...]price{
	transition:     {"Step Functions", "state transitions", 0.025, 1000, "Step Functions pricing", true},
	request:        {"Lambda", "requests", 0.20, 1e6, "Lambda pricing", false},
	gbSecond:       {"Lambda", "GB-seconds on arm64", 0.0000133334, 1, "Lambda pricing", false},
	s3Write:        {"S3", "PUT, COPY, POST and LIST requests", 0.005, 1000, "S3 pricing", false},
	s3Read:         {"S3", "GET and HEAD requests", 0.0004, 1000, "S3 pricing", false},
	kmsRequest:     {"KMS", "requests", 0.03, 10_000, "KMS pricing", false},
	catalogRequest: {"Glue Data Catalog", "requests", 1, 1e6, "Glue pricing", true},
	logGB:          {"CloudWatch Logs", "GB taken in", 0.50, 1, "CloudWatch pricing", false},
	metricMonth:    {"CloudWatch", "metrics for a month", 0.30, 1, "CloudWatch pricing", false},
	trace:          {"X-Ray", "traces recorded", 5, 1e6, "X-Ray pricing", true},
	invocation:     {"EventBridge Scheduler", "invocations", 1, 1e6, "EventBridge pricing", false},
	exportGB:       {"RDS", "GB exported", 0.010, 1, "RDS pricing", false},
	crawlerHour:    {"Glue crawler", "DPU-hours", 0.44, 1, "Glue pricing", false},
	scanTB:         {"Athena", "TB read", 5, 1, "Athena pricing", false},
	storageMonth:   {"S3", "GB stored for a month", 0.023, 1, "S3 pricing", false},
	keyMonth:       {"KMS", "keys for a month", 1, 1, "KMS pricing", true},
	alarmMonth:     {"CloudWatch", "alarms for a month", 0.10, 1, "CloudWatch pricing", false},
	dashboardMonth: {"CloudWatch", "dashboards for a month", 3, 1, "CloudWatch pricing", false},
}

// hoursOfMonth are those that AWS divides the price of a metric's month by.
const hoursOfMonth = 730
