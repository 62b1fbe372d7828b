package workflow

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"
)

var viewName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// checkMeaning reports what the schema cannot say. It works on whatever the schema left to be complained about, so that all
// mistakes are told at once: what has the wrong type is passed over here.
func (d *document) checkMeaning() Mistakes {
	c := &checker{doc: d}
	name, _ := d.value["name"].(string)
	config := Config{Name: cmp.Or(name, defaultName)}
	sources, _ := d.value["sources"].(map[string]any)
	for name, value := range sources {
		source, ok := value.(map[string]any)
		if !ok {
			continue
		}
		if name == config.CrawledDatabase() || name == "information_schema" || name == "default" {
			c.add("a database of this name is there already; choose another name", name)
		}
		c.database(name, source)
		c.schedule(name, source)
		c.views(name, source)
	}
	return c.mistakes
}

type checker struct {
	doc      *document
	mistakes Mistakes
}

// add notes a mistake at a key of a source, or at the source itself.
func (c *checker) add(text, source string, keys ...string) {
	path := append([]string{"sources", source}, keys...)
	c.mistakes = append(c.mistakes, Mistake{File: c.doc.file, Line: c.doc.line(path...), Text: strings.Join(path, ".") + ": " + text})
}

func (c *checker) database(name string, source map[string]any) {
	_, instance := source["instance"]
	_, cluster := source["cluster"]
	switch {
	case instance && cluster:
		c.add("names an instance and a cluster; give one of the two", name, "instance")
	case !instance && !cluster:
		c.add("names no database; give cluster (Aurora) or instance (RDS) with its DB identifier", name)
	case instance && source["snapshots"] == SnapshotsLive:
		c.add("only an Aurora cluster can be exported live; use automated, manual, awsbackup or any", name, "snapshots")
	}
	if age, ok := source["max_snapshot_age"].(string); ok {
		if d, err := time.ParseDuration(age); err == nil && d <= 0 {
			c.add("must be more than nothing, as 26h", name, "max_snapshot_age")
		}
	}
}

func (c *checker) schedule(name string, source map[string]any) {
	if schedule, ok := source["schedule"].(string); ok {
		if err := checkCron(schedule); err != nil {
			c.add(err.Error(), name, "schedule")
		}
	}
	if zone, ok := source["time_zone"].(string); ok {
		if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
			c.add(fmt.Sprintf("unknown time zone %q; write it as in the IANA database: Asia/Tokyo, Europe/Berlin, UTC", zone), name, "time_zone")
		}
	}
}

// checkCron checks an expression as EventBridge Scheduler takes it: six fields, of which one of the days is a question mark.
// Quartz has the same fields and a seventh, the seconds, before them.
func checkCron(schedule string) error {
	inner, isCron := strings.CutPrefix(schedule, "cron(")
	inner, isClosed := strings.CutSuffix(inner, ")")
	if !isCron || !isClosed {
		return nil // the schema has said so
	}
	const example = "as in cron(30 3 * * ? *), every day at 3:30"
	fields := strings.Fields(inner)
	if len(fields) != 6 {
		return fmt.Errorf("bad cron: it has %d fields, and must have 6: minutes hours day-of-month month day-of-week year, %s", len(fields), example)
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return fmt.Errorf("bad cron: one of day-of-month and day-of-week must be ?, %s", example)
	}
	if err := quartz.ValidateCronExpression("0 " + inner); err != nil {
		return fmt.Errorf("bad cron: %w, %s", err, example)
	}
	return nil
}

// views looks for tables that would share a view.
func (c *checker) views(name string, source map[string]any) {
	template, _ := source["view_name"].(string)
	tables, _ := source["tables"].([]any)
	s := Source{Name: name, ViewName: cmp.Or(template, defaultViewName)}
	first := map[string]string{}
	for i, value := range tables {
		table, _ := value.(string)
		view, ok := s.viewOfListed(table)
		if !ok {
			continue
		}
		if other, taken := first[view]; taken && other != table {
			c.add(fmt.Sprintf("duplicate view name %q: tables %s and %s would share it; set view_name, as \"{database}_{table}\"", view, other, table),
				name, "tables", fmt.Sprint(i))
			continue
		}
		first[view] = table
	}
}
