package workflow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config is what a user configures: pipeline.yaml and the SQL files beside it. [LoadConfig] reads it from there; [ReadLayer]
// reads it back inside a function.
type Config struct {
	// Name of the stack, and the prefix of what it contains.
	Name string `json:"name"`
	// Sources in the order of their names.
	Sources []Source `json:"sources"`
}

// Source is one database instance or cluster.
type Source struct {
	Name string `json:"name"`
	// Exactly one of Instance and Cluster is set: the DB identifier, in lower case as RDS keeps it.
	Instance string `json:"instance,omitempty"`
	Cluster  string `json:"cluster,omitempty"`
	// Snapshots is one of the Snapshots constants.
	Snapshots string `json:"snapshots"`
	// MaxSnapshotAge is measured at the start of an execution.
	MaxSnapshotAge Duration `json:"maxSnapshotAge"`
	// Schedule is an EventBridge Scheduler expression: cron(30 3 * * ? *).
	Schedule string `json:"schedule"`
	// TimeZone is an IANA name.
	TimeZone string `json:"timeZone"`
	// Tables is what is exported, in the grammar of RDS's ExportOnly; empty means everything.
	Tables []string `json:"tables"`
	// AllowSkipped names tables, as database.table or database.schema.table.
	AllowSkipped []string `json:"allowSkipped"`
	// ViewName is a template with {database}, {schema} and {table}.
	ViewName string `json:"viewName"`
	// Keep is how many complete exports survive Prune, at least 1.
	Keep int `json:"keep"`
	// Views are the user's own, in the order of their names.
	Views []View `json:"-"`
}

// Which snapshots of a source count.
const (
	SnapshotsAutomated = "automated"
	SnapshotsManual    = "manual"
	SnapshotsAWSBackup = "awsbackup"
	SnapshotsAny       = "any"
	// SnapshotsLive exports an Aurora cluster itself.
	SnapshotsLive = "live"
)

// View is a view of the user's own.
type View struct {
	Name string
	// SQL is one SELECT, without a semicolon at its end.
	SQL string
	// File is where the user finds it: views/shop/daily_sales.sql.
	File string
}

// Source returns the source of that name.
func (c Config) Source(name string) (Source, error) {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(c.Sources))
		for i, s := range c.Sources {
			names[i] = s.Name
		}
		return Source{}, fmt.Errorf("source %q is not configured; there is %s", name, strings.Join(names, ", "))
	}
	return c.Sources[i], nil
}

// Crawler is the name of the source's crawler.
func (c Config) Crawler(source string) string { return c.Name + "-" + source }

// CrawledDatabase is the name of the Glue database of all crawled tables. A database in Athena has no hyphen in its name.
func (c Config) CrawledDatabase() string { return strings.ReplaceAll(c.Name, "-", "_") + "_crawled" }

// Identifier is the instance's or cluster's, whichever the source has.
func (s Source) Identifier() string {
	if s.Cluster != "" {
		return s.Cluster
	}
	return s.Instance
}

// Database is the name of the Glue database of the source's views.
func (s Source) Database() string { return s.Name }

// ViewOf names the view of a table: lower case, letters, digits and underscores, whatever the table is called.
func (s Source) ViewOf(database, schema, table string) string {
	name := strings.NewReplacer("{database}", database, "{schema}", schema, "{table}", table).Replace(s.ViewName)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		default:
			return '_'
		}
	}, name)
}

// Duration is a time.Duration that is written as "26h0m0s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON writes a string.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a string that time.ParseDuration takes.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}
