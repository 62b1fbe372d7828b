package workflow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config is what a user configures: pipeline.yaml and the SQL files beside it. [config.Load] reads it from there; [ReadLayer]
// reads it back inside a function.
type Config struct {
	// Name of the stack, and the prefix of what it contains.
	Name string `json:"name"`
	// Account has 12 digits.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Notify holds e-mail addresses.
	Notify []string `json:"notify"`
	// Bucket and Key are the ARNs of ones that exist already; "" means that the stack has its own.
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	// LogRetentionDays is one of the numbers that CloudWatch Logs knows.
	LogRetentionDays      int               `json:"logRetentionDays"`
	Tracing               bool              `json:"tracing"`
	TerminationProtection bool              `json:"terminationProtection"`
	RetainData            bool              `json:"retainData"`
	Tags                  map[string]string `json:"tags"`
	Analysts              Analysts          `json:"analysts"`
	// Sources in the order of their names.
	Sources []Source `json:"sources"`
}

// Analysts are those who query the views.
type Analysts struct {
	// Access is AccessRole or AccessPolicy.
	Access string `json:"access"`
	// Trusted are the ARNs of who may assume the role; empty means whoever the account's own IAM policies let.
	Trusted []string `json:"trusted"`
	// ExternalID has to be given by who assumes the role; "" means nothing has.
	ExternalID string `json:"externalId,omitempty"`
	// ScanLimitGB is how many gigabytes (10^9 bytes) one query may read.
	ScanLimitGB int `json:"scanLimitGb"`
}

// What Redash gets.
const (
	AccessRole   = "role"
	AccessPolicy = "policy"
)

// Source is one database instance or cluster.
type Source struct {
	Name string `json:"name"`
	// Exactly one of Instance and Cluster is set: the DB identifier, in lower case as RDS keeps it.
	Instance string `json:"instance,omitempty"`
	Cluster  string `json:"cluster,omitempty"`
	// DatabaseName is what [Source.Database] returns; "" means Name.
	DatabaseName string `json:"database,omitempty"`
	// Snapshots is one of the Snapshots constants.
	Snapshots string `json:"snapshots"`
	// MaxSnapshotAge is measured at the start of an execution.
	MaxSnapshotAge Duration `json:"maxSnapshotAge"`
	// Schedule is an EventBridge Scheduler expression: cron(30 3 * * ? *).
	Schedule string `json:"schedule"`
	// TimeZone is an IANA name.
	TimeZone string `json:"timeZone"`
	// OnSnapshot begins a night with each automated snapshot as well.
	OnSnapshot bool `json:"onSnapshot"`
	// Tables is what is exported and has views: databases and tables as RDS's ExportOnly names them, and patterns of them, as
	// shop.user_*. Empty means everything.
	Tables []string `json:"tables"`
	// AllowSkipped names what may be missing in an export: tables, as database.table or database.schema.table, databases, or what
	// [ExportIncomplete] names.
	AllowSkipped []string `json:"allowSkipped"`
	// AllowGone names the views, or patterns of them, that go when their table has gone from the database.
	AllowGone []string `json:"allowGone"`
	// ViewTemplate makes the names of views, with {database}, {schema} and {table}.
	ViewTemplate string `json:"viewName"`
	// Names are the views of single tables, which the template does not name: {"shop.顧客": "customers"}.
	Names map[string]string `json:"names"`
	// Columns are the rules of columns, exclude and mask.
	Columns []ColumnRule `json:"columns"`
	// History names the views that have one of their history, over the exports that are kept.
	History []string `json:"history"`
	// Changes are the views that have one of what changed since the export before, with the columns of their key.
	Changes map[string][]string `json:"changes"`
	// Checks are what a view's rows must satisfy, by the view's name.
	Checks map[string]Check `json:"checks"`
	// Keep is how many complete exports survive Prune, at least 1.
	Keep int `json:"keep"`
	// KeepDays is how old the snapshot of an export may be that survives Prune, the published one aside; 0 means any age.
	KeepDays int `json:"keepDays"`
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

// Check is what must be true of a view's rows for a night to publish its views.
type Check struct {
	// MinRows is how many rows there must be at least; 0 allows none.
	MinRows int64 `json:"minRows"`
	// MaxDropPercent is by how many percent of the published rows there may be fewer; nil allows any drop.
	MaxDropPercent *int `json:"maxDropPercent,omitempty"`
}

// View is a view of the user's own.
type View struct {
	Name string
	// SQL is one SELECT, without a semicolon at its end, where a comment may be. Its lines are the file's.
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

// AnalystsWorkGroup is the name of the Athena workgroup of those who query the views; the pipeline's own has the stack's name.
func (c Config) AnalystsWorkGroup() string { return c.Name + "-analysts" }

// Partition is the one that the Region lies in: aws, aws-cn, aws-us-gov.
func (c Config) Partition() string {
	switch {
	case strings.HasPrefix(c.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(c.Region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

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
func (s Source) Database() string { return cmp.Or(s.DatabaseName, s.Name) }

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
