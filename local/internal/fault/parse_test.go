package fault

import (
	"strings"
	"testing"
)

func TestParse_ReadsFormatOfString(t *testing.T) {
	for text, want := range map[string]Fault{
		"rds.DescribeExportTasks:3=throttle": {Target: "rds.DescribeExportTasks", From: 3, To: 3, Kind: Throttle},
		"glue.GetCrawler=5xx":                {Target: "glue.GetCrawler", Kind: ServerError},
		"s3.GetObject:4-6=drop-before":       {Target: "s3.GetObject", From: 4, To: 6, Kind: DropBefore},
		"rds.DescribeExportTasks:10%=stale":  {Target: "rds.DescribeExportTasks", Percent: 10, Kind: Stale},
		"glue.GetCrawler:0.5%=stopping":      {Target: "glue.GetCrawler", Percent: 0.5, Kind: Stopping},
		"rds.StartExportTask:1-5=ExportTaskLimitReachedFault": {Target: "rds.StartExportTask", From: 1, To: 5,
			Kind: "ExportTaskLimitReachedFault"},
		"athena.StartQueryExecution:2=TooManyRequestsException": {Target: "athena.StartQueryExecution", From: 2, To: 2,
			Kind: "TooManyRequestsException"},
		"lambda.CheckExport:1=kill": {Target: "lambda.CheckExport", From: 1, To: 1, Kind: Kill},
		"export:1=failed-assume":    {Target: "export", From: 1, To: 1, Kind: FailedAssume},
		"crawl=missing-table":       {Target: "crawl", Kind: MissingTable},
		"view:users=failed":         {Target: "view:users", Kind: Failed},
		"view:users:2=retryable":    {Target: "view:users", From: 2, To: 2, Kind: Retryable},
		"view:2=cancelled":          {Target: "view:2", Kind: Cancelled},
	} {
		if got, err := Parse(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: got %+v, whose String is %q, and error %v", text, got, got, err)
		}
	}
}

func TestParse_IgnoresCase(t *testing.T) {
	for text, want := range map[string]string{
		"LAMBDA.checkexport:1=KILL":                    "lambda.CheckExport:1=kill",
		"rds.startexporttask=kmskeynotaccessiblefault": "rds.StartExportTask=KMSKeyNotAccessibleFault",
		"Export=Failed":                                "export=failed",
		"View:Users:1=failed":                          "view:users:1=failed",
	} {
		if got, err := Parse(text); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
}

func TestParse_ExplainsErrors(t *testing.T) {
	for text, want := range map[string]string{
		"rds.DescribeExportTasks": `must have the form TARGET[:WHEN]=KIND, for example rds.DescribeExportTasks:3=throttle; ` +
			`for the full list, use --fault help`,
		"glue.GetCrawlers=5xx":       `unknown target "glue.GetCrawlers" (did you mean glue.GetCrawler?); for the full list, use --fault help`,
		"lambda.Check=kill":          `unknown target "lambda.Check" (did you mean lambda.CheckExport?); `,
		"exports:1=failed":           `unknown target "exports" (did you mean export?); `,
		"=failed":                    `unknown target ""; for the full list, use --fault help`,
		"view:=failed":               `unknown target "view:"; `,
		"crawl=canceled":             `crawl does not support the kind "canceled" (did you mean cancelled?); for the full list, use --fault help`,
		"view:users=stuck":           `view:users does not support the kind "stuck"; `,
		"glue.StartCrawler=stopping": `glue.StartCrawler does not support the kind "stopping"; `,
		"export:0=failed": `invalid WHEN "0"; use 3 for the third occurrence, 4-6 for the fourth to the sixth, 10% for a random 10%, ` +
			`or omit it for all`,
		"export:3-2=failed":  `invalid WHEN "3-2"; `,
		"export:x=failed":    `invalid WHEN "x"; `,
		"export:1-=failed":   `invalid WHEN "1-"; `,
		"export:=failed":     `invalid WHEN ""; `,
		"export:0%=failed":   `percentage "0%" must be greater than 0% and at most 100%`,
		"export:101%=failed": `percentage "101%" must be greater than 0% and at most 100%`,
		"export:NaN%=failed": `percentage "NaN%" must be greater than 0% and at most 100%`,
	} {
		_, err := Parse(text)
		if err == nil || !strings.HasPrefix(err.Error(), `fault "`+text+`": `+want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"rds.DescribeExportTasks:3=throttle", "s3.GetObject:4-6=5xx", "glue.GetCrawler:10%=stale",
		"view:users:1=failed", "export==:%-"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(read.String()); err != nil || again != read {
			t.Errorf("%q is parsed as %q, which is parsed as %q, %v", text, read, again, err)
		}
	})
}
