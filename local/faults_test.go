package main

import (
	"strings"
	"testing"
)

func TestRun_RedrivesInjectedFault(t *testing.T) {
	out := run(t, "run", fast, "--dir", t.TempDir(), "--fault", "export:1=failed", "--fault=lambda.StartCrawler:1=kill", "--redrives=1")
	at := 0
	for _, text := range []string{
		"ExportFailed", "Subject: Snaplake", "Redrive 1 of at most 1", "RESTART", "Runtime.ExitError", "SUCCEEDED in", "shop.users",
	} {
		i := strings.Index(out[at:], text)
		if i < 0 {
			t.Fatalf("%q is missing or out of order in\n%s", text, out)
		}
		at += i
	}
}

func TestFaultHelp_ListsTargetsAndKinds(t *testing.T) {
	for _, command := range []string{"run", "serve"} {
		out := run(t, command, "--fault", "help", "--dir", t.TempDir())
		for _, text := range []string{
			"TARGET[:WHEN]=KIND", "rds.StartExportTask", "KMSKeyNotAccessibleFault", "lambda.CheckExport", "lost-parts", "other-crawl", "view:users",
		} {
			if !strings.Contains(out, text) {
				t.Errorf("%s --fault help does not list %s", command, text)
			}
		}
	}
}

func TestRun_ReportsAllInvalidFaults(t *testing.T) {
	got := fails(t, "", "run", "--dir", t.TempDir(),
		"--fault", "rds.DescribeExportTask=throttle", "--fault", "crawl:0=failed", "--fault", "export=burnt")
	for _, text := range []string{
		`fault "rds.DescribeExportTask=throttle"`, "rds.DescribeExportTasks", `fault "crawl:0=failed"`, `fault "export=burnt"`,
	} {
		if !strings.Contains(got, text) {
			t.Errorf("%q is not in\n%s", text, got)
		}
	}
}
