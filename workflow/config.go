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

// Config contains the settings in pipeline.yaml, under the same keys, and the user-defined views. Package config loads it. Functions read
// it with [ReadLayer].
type Config struct {
	// Name is the name of the stack and the prefix of its resources' names.
	Name    string `json:"name"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Notify lists email addresses.
	Notify []string `json:"notify"`
	// Bucket and Key are the ARNs of an existing bucket and KMS key. If an ARN is empty, the stack creates the resource.
	Bucket                string            `json:"bucket"`
	Key                   string            `json:"key"`
	LogRetentionDays      int               `json:"log_retention_days"`
	Tracing               bool              `json:"tracing"`
	TerminationProtection bool              `json:"termination_protection"`
	RetainData            bool              `json:"retain_data"`
	Tags                  map[string]string `json:"tags"`
	Analysts              Analysts          `json:"analysts"`
	Sources               Sources           `json:"sources"`
}

// UnmarshalJSON sets the default values before it decodes b.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	*c = Config{
		Name: "snaplake", LogRetentionDays: 180, Tracing: true, TerminationProtection: true, RetainData: true, Tags: map[string]string{},
		Analysts: Analysts{Access: AccessRole, ScanLimitGB: 100},
	}
	return json.Unmarshal(b, (*plain)(c))
}

// Analysts configures access to the views.
type Analysts struct {
	// Access is AccessRole or AccessPolicy.
	Access string `json:"access"`
	// Trusted lists the ARNs of principals that may assume the role. If empty, the account's IAM policies control access.
	Trusted     []string `json:"trusted"`
	ExternalID  string   `json:"external_id"`   // If set, callers must pass it to assume the role. Otherwise, any external ID is accepted.
	ScanLimitGB int      `json:"scan_limit_gb"` // The maximum number of gigabytes (10^9 bytes) that a query may read.
	// ListAllTables lets analysts read the names, columns and other metadata of all tables in the account's Glue catalog.
	ListAllTables bool `json:"list_all_tables"`
}

const (
	AccessRole   = "role"   // The stack creates a role that analysts' tools assume.
	AccessPolicy = "policy" // The stack creates a policy to attach to an existing role or user.
)

// Sources is a list of sources, sorted by name. In JSON it is an object with the names as keys.
type Sources []Source

// MarshalJSON encodes the sources as an object.
func (s Sources) MarshalJSON() ([]byte, error) {
	byName := map[string]Source{}
	for _, source := range s {
		byName[source.Name] = source
	}
	return json.Marshal(byName)
}

// UnmarshalJSON decodes the sources from an object.
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

// Source configures the exports and views of a DB instance or cluster.
type Source struct {
	Name string `json:"-"`
	// Instance or Cluster is the DB identifier, in lower case as in RDS. Exactly one of them is set.
	Instance       string   `json:"instance"`
	Cluster        string   `json:"cluster"`
	DatabaseName   string   `json:"database"`         // The database in Athena. If empty, the source's name is used.
	Snapshots      string   `json:"snapshots"`        // One of the Snapshots constants.
	MaxSnapshotAge Duration `json:"max_snapshot_age"` // The maximum age of the snapshot at the start of an execution.
	Schedule       string   `json:"schedule"`         // An EventBridge Scheduler expression such as cron(30 3 * * ? *).
	TimeZone       string   `json:"time_zone"`        // A name in the IANA database.
	OnSnapshot     bool     `json:"on_snapshot"`      // Whether each new automated snapshot also starts a run.
	// Tables lists what to export: databases and tables as in RDS's ExportOnly, and patterns such as shop.user_*. If empty, everything is
	// exported.
	Tables []string `json:"tables"`
	// AllowSkipped lists what an export may omit: databases, tables with or without a schema, and names from an [ExportIncomplete] error.
	AllowSkipped []string `json:"allow_skipped"`
	// AllowGone lists the views, by name or pattern, that are dropped when their table no longer exists in the database.
	AllowGone    []string            `json:"allow_gone"`
	ViewTemplate string              `json:"view_name"` // The template of view names, with {database}, {schema} and {table}.
	Names        map[string]string   `json:"names"`     // View names that do not follow the template: {"shop.顧客": "customers"}.
	Columns      ColumnRules         `json:"columns"`
	History      []string            `json:"history"` // The views that also get a history view, which spans all kept exports.
	Changes      map[string][]string `json:"changes"` // The views that also get a changes view, with their unique key columns.
	Checks       map[string]Check    `json:"checks"`  // The checks of each view.
	Keep         int                 `json:"keep"`    // The number of published exports that Prune keeps, at least 1.
	// KeepDays is the maximum age, in days, of a kept export's snapshot. The current export is always kept. Zero means no limit.
	KeepDays int    `json:"keep_days"`
	Views    []View `json:"-"` // The user-defined views, sorted by name.
}

// UnmarshalJSON sets the default values before it decodes b. A unique key that is a single column can be a string instead of a list.
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

// oneOrMore is a list that can be written as a string if it has only one entry.
type oneOrMore []string

func (l *oneOrMore) UnmarshalJSON(b []byte) error {
	if one := ""; json.Unmarshal(b, &one) == nil && one != "" {
		*l = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// The kinds of snapshots that a source can select.
const (
	SnapshotsAutomated = "automated"
	SnapshotsManual    = "manual"
	SnapshotsAWSBackup = "awsbackup"
	SnapshotsAny       = "any"
	SnapshotsLive      = "live" // no snapshot: RDS exports the Aurora cluster directly
)

// Check limits the number of rows in a view. If a limit is violated, the run fails before any view changes.
type Check struct {
	MinRows int64 `json:"min_rows"`
	// MaxDropPercent limits the drop in the number of rows, as a percentage of the rows in the published view. If nil, there is no limit.
	MaxDropPercent *int `json:"max_drop_percent"`
}

// View is a user-defined view.
type View struct {
	Name string `json:"name"`
	// SQL is a single SELECT without a final semicolon. Its line numbers are the same as in the file.
	SQL  string `json:"sql"`
	File string `json:"file"` // The path relative to pipeline.yaml: views/shop/daily_sales.sql.
}

// Source returns the source with the given name.
func (c Config) Source(name string) (Source, error) {
	var names []string
	for _, s := range c.Sources {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Source{}, fmt.Errorf("source %q is not configured; the sources are %s", name, strings.Join(names, ", "))
}

// Crawler returns the name of the source's crawler.
func (c Config) Crawler(source string) string { return c.Name + "-" + source }

// AnalystsWorkGroup returns the name of the analysts' Athena workgroup. The pipeline's own workgroup has the name of the stack.
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

// CrawledDatabase returns the name of the Glue database of all crawled tables. It has no hyphens, because Athena does not accept them.
func (c Config) CrawledDatabase() string { return strings.ReplaceAll(c.Name, "-", "_") + "_crawled" }

// Identifier returns the DB identifier of the cluster or instance.
func (s Source) Identifier() string { return cmp.Or(s.Cluster, s.Instance) }

// Database returns the name of the Glue database of the source's views.
func (s Source) Database() string { return cmp.Or(s.DatabaseName, s.Name) }

// Duration is a time.Duration that is a string in JSON: "26h0m0s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText returns the same text as String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText accepts the same strings as time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}
