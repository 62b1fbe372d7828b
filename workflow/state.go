package workflow

import "time"

// StateVersion is the version of what the state machine passes from state to state. It is increased with each change that makes a
// function misread the state of the version before. The definition has the same number: a redrive keeps the definition that its
// execution began with, but invokes the functions that are deployed now.
const StateVersion = 1

// State is the state of an execution. Each state of the machine adds one noun and changes no other.
type State struct {
	Source string `json:"source"`
	// ExportID comes from the execution's input.
	ExportID string    `json:"exportId,omitempty"`
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	Export   *Export   `json:"export,omitempty"`
	Crawl    *Crawl    `json:"crawl,omitempty"`
	Views    *Views    `json:"views,omitempty"`
	Pruned   *Pruned   `json:"pruned,omitempty"`
}

// Execution is what the state machine passes to each function about the execution. Functions decide by these times and not by a clock,
// so that a run can be repeated; a clock only measures durations.
type Execution struct {
	// Name of the execution ($$.Execution.Name).
	Name string `json:"name"`
	// StartedAt is when the execution began. A redrive does not change it ($$.Execution.StartTime).
	StartedAt time.Time `json:"startedAt"`
	// EnteredAt is when this state was entered. Neither a retry nor a redrive changes it ($$.State.EnteredTime).
	EnteredAt time.Time `json:"enteredAt"`
	// RedriveCount is the number of redrives so far ($$.Execution.RedriveCount).
	RedriveCount int `json:"redriveCount"`
}

// SnapshotRequest is the request of FindSnapshot.
type SnapshotRequest struct {
	Input     Input     `json:"input"`
	Execution Execution `json:"execution"`
}

// Request is the request of every other function.
type Request struct {
	State State `json:"state"`
	// Input is passed to CreateViews only.
	Input     *Input    `json:"input,omitempty"`
	Execution Execution `json:"execution"`
	// Redrive is passed to CreateViews only.
	Redrive Redrive `json:"redrive,omitzero"`
	// DryRun makes Prune only report what it would delete. Users set it; the state machine does not.
	DryRun bool `json:"dryRun,omitempty"`
}

// CheckVersion returns an [InvalidInput] if the execution began under a definition of another version.
func (r Request) CheckVersion() error {
	if s := r.State.Snapshot; s != nil && s.Version != StateVersion {
		return Errorf[InvalidInput]("the execution began under version %d of the state, and the deployed functions have version %d; "+NoRedrive,
			s.Version, StateVersion)
	}
	return nil
}

// Redrive is the last redrive according to the context object ($$.Execution).
type Redrive struct {
	// At is zero in an execution that was never redriven.
	At time.Time `json:"RedriveTime,omitzero"`
}

// Snapshot is the result of FindSnapshot.
type Snapshot struct {
	// ARN of the snapshot, or of the cluster if the source exports live.
	ARN string `json:"arn"`
	// ID is the identifier. That of an automated snapshot begins with "rds:".
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	// Engine as RDS names it: mysql, mariadb, aurora-mysql, postgres, aurora-postgresql.
	Engine string `json:"engine"`
	// Version is the [StateVersion] of the definition, which writes it: FindSnapshot does not.
	Version int `json:"version"`
	// RedriveCount is that of the execution when the snapshot was found. Snapshot, Export and Crawl have it so that the next state can
	// tell a redrive in that state, which permits it to pay again.
	RedriveCount int `json:"redriveCount"`
}

// Export is an RDS export task: the result of StartExport, and of each poll by CheckExport.
type Export struct {
	// ID is the export task identifier, see [ExportID].
	ID string `json:"id"`
	// Status is that of RDS (STARTING, IN_PROGRESS, COMPLETE), or RESTART: export again under the next attempt.
	Status string `json:"status"`
	// Prefix is the key prefix of the export's folder. It ends with a slash.
	Prefix string `json:"prefix"`
	// Percent is RDS's PercentProgress, 0 to 100.
	Percent int `json:"percent"`
	// Gigabytes is the extracted size, 0 until RDS reports it.
	Gigabytes float64 `json:"gigabytes"`
	// Tables is the number of exported tables that the source selects, including empty ones.
	Tables int `json:"tables"`
	// EmptyTables is the number of them without rows, and so without a file to crawl.
	EmptyTables int `json:"emptyTables"`
	// Folders is the number of table folders with a file, which become crawled tables. They include tables that the source does not select.
	Folders int `json:"folders"`
	// Objects is the number of objects in S3 when CheckExport found the export complete; 0 before.
	Objects int `json:"objects"`
	// Skipped is what RDS skipped and the source lists under allow_skipped.
	Skipped []string `json:"skipped"`
	// StartedAt is when StartExport was entered.
	StartedAt time.Time `json:"startedAt"`
	// RedriveCount is that of the execution when StartExport or CheckExport last succeeded.
	RedriveCount int `json:"redriveCount"`
	// WaitSeconds is the time until the next poll.
	WaitSeconds int `json:"waitSeconds"`
}

// Crawl is a run of the source's crawler: the result of StartCrawler, and of each poll by CheckCrawler.
type Crawl struct {
	Crawler string `json:"crawler"`
	// TablePrefix is the prefix of the crawled tables' names, see [ExportID.TablePrefix].
	TablePrefix string `json:"tablePrefix"`
	// StartedAt is a lower bound of the start of this crawl. A LastCrawl that began earlier is another one.
	StartedAt time.Time `json:"startedAt"`
	// Status is RUNNING, SUCCEEDED, or RESTART: crawl again.
	Status string `json:"status"`
	// Tables is the number of crawled tables in the catalog.
	Tables int `json:"tables"`
	// Restarts is how often CheckCrawler returned to StartCrawler since the last redrive.
	Restarts int `json:"restarts"`
	// RedriveCount is that of the execution when StartCrawler or CheckCrawler last succeeded.
	RedriveCount int `json:"redriveCount"`
	// WaitSeconds is the time until the next poll.
	WaitSeconds int `json:"waitSeconds"`
}

// Views is the result of CreateViews.
type Views struct {
	// Database is the Glue database of the source's views.
	Database string `json:"database"`
	// Published is the number of views that read this export.
	Published int `json:"published"`
	// Status is PUBLISHED; PUBLISHING: create the remaining views; RESTART: crawl again; or RESTART_EXPORT: export again.
	Status string `json:"status"`
	// StartedAt is when CreateViews was entered for the first of these views. The views show it as the time at which they were published.
	StartedAt time.Time `json:"startedAt"`
	// Seconds is how long CreateViews has taken for these views so far.
	Seconds int `json:"seconds"`
	// Digest is the SHA-256, in hexadecimal digits, of a plan that is partly executed; "" for one that is complete. A later invocation
	// resumes only if the digest matches.
	Digest string `json:"digest"`
	// Warnings are for the user. They did not keep the views from being published.
	Warnings []string `json:"warnings"`
	// Changed lists, for the user, the tables and columns that were added, removed or changed in type since the previous views. A long list
	// is cut; the function's log has all of it. It omits the changes of an earlier try of the same run.
	Changed []string `json:"changed"`
}

// Pruned is the result of Prune: the number of exports and crawled tables deleted.
type Pruned struct {
	Exports int `json:"exports"`
	Tables  int `json:"tables"`
	// IDs of the exports, in a dry run only.
	IDs []string `json:"ids,omitempty"`
}

// The statuses that the Choice states compare. The first three are those of RDS, RUNNING and SUCCEEDED those of Glue.
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
