package workflow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Config is what a user configures: pipeline.yaml, whose keys its fields have, and the SQL files beside it. Package config loads it from
// there; a function reads it with [ReadLayer].
type Config struct {
	// Name of the stack, and the prefix of the names of its resources.
	Name string `json:"name"`
	// Account has 12 digits.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Notify holds e-mail addresses.
	Notify []string `json:"notify"`
	// Bucket and Key are the ARNs of existing ones; "" means that the stack creates its own.
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	// LogRetentionDays is one of the values that CloudWatch Logs accepts.
	LogRetentionDays      int               `json:"log_retention_days"`
	Tracing               bool              `json:"tracing"`
	TerminationProtection bool              `json:"termination_protection"`
	RetainData            bool              `json:"retain_data"`
	Tags                  map[string]string `json:"tags"`
	Analysts              Analysts          `json:"analysts"`
	Sources               Sources           `json:"sources"`
}

// UnmarshalJSON sets the defaults first.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	*c = Config{
		Name: "snaplake", LogRetentionDays: 180, Tracing: true, TerminationProtection: true, RetainData: true, Tags: map[string]string{},
		Analysts: Analysts{Access: AccessRole, ScanLimitGB: 100},
	}
	return json.Unmarshal(b, (*plain)(c))
}

// Analysts configures the access to the views.
type Analysts struct {
	// Access is AccessRole or AccessPolicy.
	Access string `json:"access"`
	// Trusted are the ARNs that may assume the role; empty means that the account's IAM policies decide.
	Trusted []string `json:"trusted"`
	// ExternalID is required to assume the role; "" means that none is.
	ExternalID string `json:"external_id"`
	// ScanLimitGB is how many gigabytes (10^9 bytes) a query may read.
	ScanLimitGB int `json:"scan_limit_gb"`
}

// What the stack creates for Redash.
const (
	AccessRole   = "role"
	AccessPolicy = "policy"
)

// Sources are in the order of their names. In JSON they are an object by their names.
type Sources []Source

// MarshalJSON writes an object.
func (s Sources) MarshalJSON() ([]byte, error) {
	byName := map[string]Source{}
	for _, source := range s {
		byName[source.Name] = source
	}
	return json.Marshal(byName)
}

// UnmarshalJSON reads an object.
func (s *Sources) UnmarshalJSON(b []byte) error {
	var byName map[string]Source
	err := json.Unmarshal(b, &byName)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		source := byName[name]
		source.Name = name
		*s = append(*s, source)
	}
	return err
}

// Source is a database instance or cluster.
type Source struct {
	Name string `json:"-"`
	// Exactly one of Instance and Cluster is set: the DB identifier, in lower case like in RDS.
	Instance string `json:"instance"`
	Cluster  string `json:"cluster"`
	// DatabaseName is the database in Athena; "" means Name. See [Source.Database].
	DatabaseName string `json:"database"`
	// Snapshots is one of the Snapshots constants.
	Snapshots string `json:"snapshots"`
	// MaxSnapshotAge is measured when an execution starts.
	MaxSnapshotAge Duration `json:"max_snapshot_age"`
	// Schedule is an expression of EventBridge Scheduler: cron(30 3 * * ? *).
	Schedule string `json:"schedule"`
	// TimeZone is an IANA name.
	TimeZone string `json:"time_zone"`
	// OnSnapshot also starts a run for each automated snapshot.
	OnSnapshot bool `json:"on_snapshot"`
	// Tables are exported and get views: databases and tables as in RDS's ExportOnly, or patterns, for example shop.user_*. Empty means
	// everything.
	Tables []string `json:"tables"`
	// AllowSkipped may be missing in an export: database.table, database.schema.table, a database, or what [ExportIncomplete] names.
	AllowSkipped []string `json:"allow_skipped"`
	// AllowGone are views, or patterns of them, that are dropped when their table no longer exists in the database.
	AllowGone []string `json:"allow_gone"`
	// ViewTemplate is the template of view names, with {database}, {schema} and {table}.
	ViewTemplate string `json:"view_name"`
	// Names are the view names of single tables, instead of the template's: {"shop.顧客": "customers"}.
	Names   map[string]string `json:"names"`
	Columns ColumnRules       `json:"columns"`
	// History are the views that also get a history view, over the kept exports.
	History []string `json:"history"`
	// Changes are the views that also get a view of the changes since the previous export, with the columns of their unique key.
	Changes map[string][]string `json:"changes"`
	// Checks by the names of views.
	Checks map[string]Check `json:"checks"`
	// Keep is how many published exports Prune keeps, at least 1.
	Keep int `json:"keep"`
	// KeepDays is how many days old the snapshot of a kept export may be, except for the current one; 0 means any age.
	KeepDays int `json:"keep_days"`
	// Views are the user's own, in the order of their names.
	Views []View `json:"-"`
}

// UnmarshalJSON sets the defaults first. A key of one column need not be a list.
func (s *Source) UnmarshalJSON(b []byte) error {
	type plain Source
	*s = Source{
		Snapshots: SnapshotsAutomated, MaxSnapshotAge: Duration(26 * time.Hour), TimeZone: "UTC", ViewTemplate: "{table}", Keep: 2,
		Names: map[string]string{}, Changes: map[string][]string{}, Checks: map[string]Check{},
	}
	with := struct {
		*plain
		Changes map[string]oneOrMore `json:"changes"`
	}{plain: (*plain)(s)}
	err := json.Unmarshal(b, &with)
	for view, key := range with.Changes {
		s.Changes[view] = key
	}
	s.Instance, s.Cluster = strings.ToLower(s.Instance), strings.ToLower(s.Cluster)
	return err
}

// oneOrMore is a list, or its only entry.
type oneOrMore []string

func (l *oneOrMore) UnmarshalJSON(b []byte) error {
	if one := ""; json.Unmarshal(b, &one) == nil && one != "" {
		*l = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// The kinds of snapshots of a source.
const (
	SnapshotsAutomated = "automated"
	SnapshotsManual    = "manual"
	SnapshotsAWSBackup = "awsbackup"
	SnapshotsAny       = "any"
	// SnapshotsLive exports an Aurora cluster directly, without a snapshot.
	SnapshotsLive = "live"
)

// Check limits the number of rows of a view. If a limit is exceeded, the run fails before a view changes.
type Check struct {
	// MinRows is the minimum number of rows; 0 allows none.
	MinRows int64 `json:"min_rows"`
	// MaxDropPercent is by how many percent the number of rows may drop below that of the published view; nil allows any drop.
	MaxDropPercent *int `json:"max_drop_percent"`
}

// View is one of the user's own views.
type View struct {
	Name string
	// SQL is a single SELECT without a semicolon at its end. Its lines are those of the file.
	SQL string
	// File is its path beside pipeline.yaml: views/shop/daily_sales.sql.
	File string
}

// Source returns the source with a name.
func (c Config) Source(name string) (Source, error) {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(c.Sources))
		for i, s := range c.Sources {
			names[i] = s.Name
		}
		return Source{}, fmt.Errorf("source %q is not configured; the sources are %s", name, strings.Join(names, ", "))
	}
	return c.Sources[i], nil
}

// Crawler returns the name of the source's crawler.
func (c Config) Crawler(source string) string { return c.Name + "-" + source }

// AnalystsWorkGroup returns the name of the analysts' Athena workgroup. The pipeline's own has the name of the stack.
func (c Config) AnalystsWorkGroup() string { return c.Name + "-analysts" }

// Partition returns the AWS partition of the Region: aws, aws-cn or aws-us-gov.
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

// CrawledDatabase returns the name of the Glue database of all crawled tables. Athena does not accept a hyphen in it.
func (c Config) CrawledDatabase() string { return strings.ReplaceAll(c.Name, "-", "_") + "_crawled" }

// Identifier returns that of the cluster or instance.
func (s Source) Identifier() string {
	if s.Cluster != "" {
		return s.Cluster
	}
	return s.Instance
}

// Database returns the name of the Glue database of the source's views.
func (s Source) Database() string { return cmp.Or(s.DatabaseName, s.Name) }

// Duration is a time.Duration that is written as "26h0m0s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON writes a string.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a string that time.ParseDuration accepts.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" { // null
		return nil
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}
