package workflow

import "time"

// StateVersion is the version of [State]. Increase it with every change that makes a function misread an older state. The definition
// contains the same number, because a redrive keeps the original definition of the execution but invokes the currently deployed functions.
const StateVersion = 1

// State is the state of an execution. Each task adds one field and changes no other.
type State struct {
	Source string `json:"source"`
	// ExportID is copied from the execution's input.
	ExportID string    `json:"exportId,omitempty"`
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	Export   *Export   `json:"export,omitempty"`
	Crawl    *Crawl    `json:"crawl,omitempty"`
	Views    *Views    `json:"views,omitempty"`
	Pruned   *Pruned   `json:"pruned,omitempty"`
}

// Execution is the part of the context object that each function receives. Functions use these times instead of a clock, so that a run can
// be reproduced.
type Execution struct {
	Name string `json:"name"`
	// StartedAt is the time at which the execution began. A redrive does not change it.
	StartedAt time.Time `json:"startedAt"`
	// EnteredAt is the time at which this state was entered. Neither a retry nor a redrive changes it.
	EnteredAt    time.Time `json:"enteredAt"`
	RedriveCount int       `json:"redriveCount"`
}

// SnapshotRequest is the request to FindSnapshot.
type SnapshotRequest struct {
	Input     Input     `json:"input"`
	Execution Execution `json:"execution"`
}

// Request is the request to each function except FindSnapshot. Only CreateViews receives Input and Redrive.
type Request struct {
	State     State     `json:"state"`
	Input     *Input    `json:"input,omitempty"`
	Execution Execution `json:"execution"`
	Redrive   Redrive   `json:"redrive,omitzero"`
	// DryRun makes Prune report what it would delete, without deleting it. The state machine never sets it.
	DryRun bool `json:"dryRun,omitempty"`
}

// CheckVersion returns an [InvalidInput] error if the execution began with a definition that has a different [StateVersion].
func (r Request) CheckVersion() error {
	if s := r.State.Snapshot; s != nil && s.Version != StateVersion {
		return Errorf[InvalidInput]("the execution began with version %d of the state, but the deployed functions expect version %d; "+NoRedrive,
			s.Version, StateVersion)
	}
	return nil
}

// Redrive holds the field of $$.Execution that describes the last redrive.
type Redrive struct {
	At time.Time `json:"RedriveTime,omitzero"` // Zero if the execution was never redriven.
}

// Snapshot is the result of FindSnapshot.
type Snapshot struct {
	ARN       string    `json:"arn"` // The ARN of the snapshot, or of the cluster for a live export.
	ID        string    `json:"id"`  // The identifier. It begins with "rds:" if the snapshot is automated.
	CreatedAt time.Time `json:"createdAt"`
	Engine    string    `json:"engine"`  // RDS's name for the engine: mysql, mariadb, aurora-mysql, postgres or aurora-postgresql.
	Version   int       `json:"version"` // The [StateVersion]. The definition adds it to FindSnapshot's result.
	// RedriveCount is the number of redrives before the snapshot was found. If the next state sees a higher count, the last redrive began in
	// that state, which may then start another export, at a cost. The counts in Export and Crawl serve the same purpose.
	RedriveCount int `json:"redriveCount"`
}

// Export is an RDS export task: the result of StartExport and CheckExport.
type Export struct {
	ID string `json:"id"` // The export task identifier, see [ExportID].
	// Status is RDS's STARTING, IN_PROGRESS or COMPLETE, or RESTART to export again with the next attempt number.
	Status    string  `json:"status"`
	Prefix    string  `json:"prefix"`    // The key prefix that contains the export's folder. It ends with a slash.
	Percent   int     `json:"percent"`   // RDS's PercentProgress, from 0 to 100.
	Gigabytes float64 `json:"gigabytes"` // The extracted size, or 0 before RDS reports it.
	// Tables is the number of exported tables that the source selects. EmptyTables is the number of these tables that have no rows.
	Tables      int `json:"tables"`
	EmptyTables int `json:"emptyTables"`
	// Folders is the number of table folders with files to crawl. It includes tables that the source does not select.
	Folders      int       `json:"folders"`
	Objects      int       `json:"objects"`   // The number of objects in S3, or 0 before CheckExport finds the export complete.
	Skipped      []string  `json:"skipped"`   // What RDS skipped, as allow_skipped permits.
	StartedAt    time.Time `json:"startedAt"` // When StartExport was entered.
	RedriveCount int       `json:"redriveCount"`
	WaitSeconds  int       `json:"waitSeconds"` // The time until the next poll.
}

// Crawl is a run of the source's crawler: the result of StartCrawler and CheckCrawler.
type Crawl struct {
	Crawler     string `json:"crawler"`
	TablePrefix string `json:"tablePrefix"` // The prefix of the crawled tables' names, see [ExportID.TablePrefix].
	// StartedAt is a lower bound for the start time of this crawl. If Glue's LastCrawl began earlier, it describes a different crawl.
	StartedAt    time.Time `json:"startedAt"`
	Status       string    `json:"status"`   // Glue's RUNNING or SUCCEEDED, or RESTART to crawl again.
	Tables       int       `json:"tables"`   // The number of crawled tables in the catalog.
	Restarts     int       `json:"restarts"` // The number of returns from CheckCrawler to StartCrawler since the last redrive.
	RedriveCount int       `json:"redriveCount"`
	WaitSeconds  int       `json:"waitSeconds"` // The time until the next poll.
}

// Views is the result of CreateViews.
type Views struct {
	Database  string `json:"database"`  // The Glue database that contains the source's views.
	Published int    `json:"published"` // The number of views that read this export.
	// Status is PUBLISHED, or the next step: PUBLISHING to create more views, RESTART to crawl again, RESTART_EXPORT to export again.
	Status string `json:"status"`
	// StartedAt is the time at which CreateViews was first entered for these views. The views show it as their publication time.
	StartedAt time.Time `json:"startedAt"`
	Seconds   int       `json:"seconds"` // The time that CreateViews has spent on these views so far.
	// Digest is the hexadecimal SHA-256 of a partly executed plan, or "" if the plan is complete. A later invocation resumes the plan only if
	// the digest matches.
	Digest   string   `json:"digest"`
	Warnings []string `json:"warnings"` // Problems that did not prevent publication.
	// Changed lists the tables and columns that were added, removed or changed in type since the previous views. [SummarizeForState] shortens
	// it; the function's log has the complete list.
	Changed []string `json:"changed"`
}

// Pruned is the result of Prune: the number of exports and crawled tables that it deleted.
type Pruned struct {
	Exports int      `json:"exports"`
	Tables  int      `json:"tables"`
	IDs     []string `json:"ids,omitempty"` // The identifiers of the exports, in a dry run only.
}

// These are the statuses in the state. COMPLETE, STARTING and IN_PROGRESS come from RDS; RUNNING and SUCCEEDED come from Glue.
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
