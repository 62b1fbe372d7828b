package workflow

import "time"

// StateVersion is the version of what the state machine passes from state to state. It is increased with each change that makes a
// function misread the state of the version before. The definition has the same number: a redrive keeps the definition that its
// execution began with, but invokes the functions that are deployed now.
const StateVersion = 1

// Record is what travels through the state machine. Each state adds one noun and changes no other.
type Record struct {
	Source string `json:"source"`
	// ExportID comes from the execution's input.
	ExportID string    `json:"exportId,omitempty"`
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	Export   *Export   `json:"export,omitempty"`
	Crawl    *Crawl    `json:"crawl,omitempty"`
	Views    *Views    `json:"views,omitempty"`
	Pruned   *Pruned   `json:"pruned,omitempty"`
}

// Execution is what the state machine tells each function about the execution it works for. By these times a function decides,
// and by no clock, so that a night can be told and run again; a clock only measures.
type Execution struct {
	// Name of the execution ($$.Execution.Name).
	Name string `json:"name"`
	// StartedAt is when the execution began; a redrive does not change it ($$.Execution.StartTime).
	StartedAt time.Time `json:"startedAt"`
	// EnteredAt is when this state was entered; neither a retry nor a redrive changes it ($$.State.EnteredTime).
	EnteredAt time.Time `json:"enteredAt"`
	// RedriveCount is how often the execution was redriven so far ($$.Execution.RedriveCount).
	RedriveCount int `json:"redriveCount"`
}

// SnapshotRequest is what FindSnapshot is invoked with.
type SnapshotRequest struct {
	Input     Input     `json:"input"`
	Execution Execution `json:"execution"`
}

// Request is what every other function is invoked with.
type Request struct {
	Record Record `json:"record"`
	// Input is given to CreateViews only.
	Input     *Input    `json:"input,omitempty"`
	Execution Execution `json:"execution"`
	// Redrive is given to CreateViews only.
	Redrive Redrive `json:"redrive,omitzero"`
	// DryRun is given to Prune by a person who wants to see what it would delete; the state machine never does.
	DryRun bool `json:"dryRun,omitempty"`
}

// CheckVersion returns an [InvalidInput] if the execution began under a definition of another version.
func (r Request) CheckVersion() error {
	if s := r.Record.Snapshot; s != nil && s.Version != StateVersion {
		return Errorf[InvalidInput]("the execution began under version %d of the state, and the deployed functions have version %d; "+NoRedrive,
			s.Version, StateVersion)
	}
	return nil
}

// Redrive is what the context object says of the last redrive ($$.Execution).
type Redrive struct {
	// At is zero in an execution that was never redriven.
	At time.Time `json:"RedriveTime,omitzero"`
}

// Snapshot is what is exported. FindSnapshot makes it.
type Snapshot struct {
	// ARN of the snapshot, or of the cluster itself when the source exports live.
	ARN string `json:"arn"`
	// ID is the identifier: of an automated snapshot with its "rds:" prefix.
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	// Engine as RDS names it: mysql, mariadb, aurora-mysql, postgres, aurora-postgresql.
	Engine string `json:"engine"`
	// Version is the [StateVersion] of the definition, which writes it: FindSnapshot does not.
	Version int `json:"version"`
	// RedriveCount is the execution's when the snapshot was found. In Snapshot, Export and Crawl it is what permits the next state to
	// pay again: only a redrive that came later, and so in that state, says to try again.
	RedriveCount int `json:"redriveCount"`
}

// Export is an RDS export task. StartExport makes it, CheckExport makes it anew at each look.
type Export struct {
	// ID is the export task identifier, see [ExportID].
	ID string `json:"id"`
	// Status is RDS's word (STARTING, IN_PROGRESS, COMPLETE), or RESTART: export once more under the next attempt.
	Status string `json:"status"`
	// Prefix is the key under which the export's own folder lies; it ends with a slash.
	Prefix string `json:"prefix"`
	// Percent is RDS's PercentProgress, 0 to 100.
	Percent int `json:"percent"`
	// Gigabytes is what was extracted, 0 until it is known.
	Gigabytes float64 `json:"gigabytes"`
	// Tables is how many tables that the source wants the export contains, the empty ones among them.
	Tables int `json:"tables"`
	// EmptyTables is how many of them have no row, and so no file to crawl.
	EmptyTables int `json:"emptyTables"`
	// Folders is how many tables' folders hold a file, and so become crawled tables. Tables that the source does not want are
	// among them.
	Folders int `json:"folders"`
	// Objects is how many objects the export had in S3 when CheckExport found it complete; 0 before that.
	Objects int `json:"objects"`
	// Skipped names what RDS left out and the source lists under allow_skipped.
	Skipped []string `json:"skipped"`
	// StartedAt is when StartExport was entered.
	StartedAt time.Time `json:"startedAt"`
	// RedriveCount is the execution's when StartExport or CheckExport last succeeded.
	RedriveCount int `json:"redriveCount"`
	// WaitSeconds is how long to wait before the next look.
	WaitSeconds int `json:"waitSeconds"`
}

// Crawl is one run of the source's crawler. StartCrawler makes it, CheckCrawler makes it anew at each look.
type Crawl struct {
	Crawler string `json:"crawler"`
	// TablePrefix is what the names of this export's crawled tables begin with, see [ExportID.TablePrefix].
	TablePrefix string `json:"tablePrefix"`
	// StartedAt is a time before which this crawl did not begin: a LastCrawl that began earlier is another one.
	StartedAt time.Time `json:"startedAt"`
	// Status is RUNNING, SUCCEEDED, or RESTART: crawl once more.
	Status string `json:"status"`
	// Tables is how many tables the crawl left in the catalog.
	Tables int `json:"tables"`
	// Restarts is how often CheckCrawler has sent the run back to StartCrawler since the last redrive.
	Restarts int `json:"restarts"`
	// RedriveCount is the execution's when StartCrawler or CheckCrawler last succeeded.
	RedriveCount int `json:"redriveCount"`
	// WaitSeconds is how long to wait before the next look.
	WaitSeconds int `json:"waitSeconds"`
}

// Views is what CreateViews published.
type Views struct {
	// Database is the Glue database of the source's views.
	Database string `json:"database"`
	// Published is how many views now read this export.
	Published int `json:"published"`
	// Status is PUBLISHED, PUBLISHING: make the views that are left, RESTART: crawl once more, or RESTART_EXPORT: export once more.
	Status string `json:"status"`
	// StartedAt is when CreateViews was entered to make the first of these views; where it is entered again to make those that are
	// left, this stays. It is when the views say that they were published.
	StartedAt time.Time `json:"startedAt"`
	// Seconds is how long CreateViews has worked on these views so far.
	Seconds int `json:"seconds"`
	// Digest is the SHA-256, in hexadecimal digits, of the plan whose first views are made; "" when all are. Only a plan of the same
	// digest is gone on with.
	Digest string `json:"digest"`
	// Warnings are for people: what is not as it could be, and did not keep the views from being published.
	Warnings []string `json:"warnings"`
	// Changed says how the views of tables differ from those before: tables and columns added, removed and changed in type. It is
	// for people, empty in a source's first night, and cut short where it is long; the function's log has all of it. What an
	// earlier try of the same night has changed is not in it.
	Changed []string `json:"changed"`
}

// Pruned is what Prune deleted.
type Pruned struct {
	Exports int `json:"exports"`
	Tables  int `json:"tables"`
	// IDs are those of the exports, and only of a dry run.
	IDs []string `json:"ids,omitempty"`
}

// The statuses that the Choice states of the definition compare. The first three are RDS's, RUNNING and SUCCEEDED are Glue's.
const (
	Complete      = "COMPLETE"
	Starting      = "STARTING"
	InProgress    = "IN_PROGRESS"
	Running       = "RUNNING"
	Succeeded     = "SUCCEEDED"
	Published     = "PUBLISHED"
	Publishing    = "PUBLISHING"
	Restart       = "RESTART"
	RestartExport = "RESTART_EXPORT"
)
