package main

// Packages that contain benchmarks.
const (
	runs   = "./local/internal/runs"
	export = "./local/internal/export"
	source = "./local/internal/source"
	views  = "./functions/createviews"
	builds = "./local/bench"
)

// Documents that contain generated tables.
const (
	performance = "docs/performance.md"
	costs       = "docs/cost.md"
)

// section is a group of benchmarks, with the parts of the documents that show their results. The flag -only selects sections by name.
type section struct {
	name       string
	benchmarks []benchmark
	// derive computes additional metrics from the results. If nil, no metrics are added.
	derive func([]result) []result
	parts  []part
}

// sections returns all sections in the order in which they are measured.
func sections() []section {
	return []section{
		tableSection("functions", benchmark{pkg: runs, name: "Functions"}, false, table("function",
			column{"start-ms", "start (ms)"}, column{"first-ms", "first invocation (ms)"}, column{"warm-ms", "warm invocation (ms)"},
			column{"MB", "memory (MB)"}, column{"zip-MB", "zip (MB)"})),
		{
			name: "tables", benchmarks: []benchmark{{pkg: runs, name: "Tables"}},
			parts: []part{
				{performance, "tables", table("function",
					column{"longest-s", "longest invocation (s)"}, column{"cpu-growth", "CPU time, relative to 100 tables"},
					column{"MB@10", "memory (MB) at 10 tables"}, column{"MB@100", "100"},
					column{"MB@1000", "1,000"}, column{"MB@10000", "10,000"}), false},
				{performance, "calls", table("function",
					column{"calls@10", "calls at 10 tables"}, column{"calls@100", "100"},
					column{"calls@1000", "1,000"}, column{"calls@10000", "10,000"}), false},
				{performance, "totals", table("functions", column{"GetTables", "calls of GetTables"}, column{"state-bytes", "state (bytes)"}), false},
			},
		},
		tableSection("createviews", benchmark{pkg: views, name: "CreateViews"}, true, table("source",
			column{"virtual-s/op", "time (s)"}, column{"starts/op", "statements"}, column{"polls/op", "polls"})),
		tableSection("waiting", benchmark{pkg: runs, name: "Waiting"}, true, table("export",
			column{"delay-s", "delay (s)"}, column{"polls", "polls"}, column{"transitions", "state transitions"})),
		{
			name: "cost", benchmarks: []benchmark{{pkg: runs, name: "Cost"}}, derive: addPrices,
			parts: []part{
				{costs, "run", renderRun, true},
				{costs, "memory", table("function", column{"setting-MB", "setting (MB)"},
					column{"ms@128", "ms at 128 MB"}, column{"ms@256", "256"}, column{"ms@512", "512"}, column{"ms@1024", "1,024"},
					column{"usd@128", "USD per million calls at 128 MB"}, column{"usd@1024", "at 1,024 MB"}), false},
				{costs, "prices", renderPrices, true},
			},
		},
		{
			name: "exporter", benchmarks: []benchmark{{export, "Write", 3}, {export, "WriteManyRows", 1}, {source, "MariaDB", 3}},
			parts: []part{{performance, "exporter", table("benchmark",
				column{"rows/s", "rows/s"}, column{"peer-rows/s", "peer (rows/s)"}, column{"peak-MB", "memory (MB)"}), false}},
		},
		tableSection("run", benchmark{pkg: runs, name: "Run"}, false, table("run",
			column{"run-s", "time (s)"}, column{"createviews-s", "CreateViews (s)"},
			column{"statements", "statements"}, column{"athena-s", "at Athena's rate (s)"})),
		tableSection("build", benchmark{pkg: builds, name: "Make"}, false, table("command", column{"s", "time (s)"})),
	}
}

// tableSection returns a section with one benchmark and one table in docs/performance.md.
func tableSection(name string, b benchmark, reproducible bool, render func([]result) (string, error)) section {
	return section{name: name, benchmarks: []benchmark{b}, parts: []part{{performance, name, render, reproducible}}}
}
