package rds

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/export"
	"snaplake/local/internal/wire"
)

// exportTask is the type ExportTask of RDS's API.
type exportTask struct {
	ExportTaskIdentifier   string
	SourceArn              string
	SourceType             string
	ExportOnly             []string `xml:"ExportOnly>member"`
	SnapshotTime           *timestamp
	TaskStartTime          *timestamp
	TaskEndTime            *timestamp
	S3Bucket               string
	S3Prefix               string `xml:",omitempty"`
	IamRoleArn             string
	KmsKeyId               string
	Status                 string
	PercentProgress        int
	TotalExtractedDataInGB int64
	FailureCause           string `xml:",omitempty"`
	WarningMessage         string `xml:",omitempty"`
}

func (s *Service) startExportTask(ctx context.Context, p *wire.Parameters) (any, error) {
	request := export.Task{
		ID: p.Required("ExportTaskIdentifier"), SourceARN: p.Required("SourceArn"), Bucket: p.Required("S3BucketName"),
		IAMRoleARN: p.Required("IamRoleArn"), KMSKeyID: p.Required("KmsKeyId"), Prefix: p.Text("S3Prefix"),
		ExportOnly: p.List("ExportOnly.member"),
	}
	if err := s.allowed(ctx, p, request.SourceARN); err != nil {
		return nil, err
	}
	if err := s.checkPassRole(ctx, request); err != nil {
		return nil, err
	}
	if err := s.checkTask(ctx, request); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed()
	}
	if _, used := s.tasks[request.ID]; used {
		return nil, wire.Errorf("ExportTaskAlreadyExists", "The export task with the ID %s already exists.", request.ID)
	}
	from, err := s.origin(request.SourceARN)
	if err != nil {
		return nil, err
	}
	if err := checkExportOnly(request.ExportOnly, from.db.engine); err != nil {
		return nil, err
	}
	now := s.options.Clock.Now()
	if err := s.checkSlot(request.SourceARN, now); err != nil {
		return nil, err
	}
	request.SnapshotTime, request.StartTime = from.time, now.Add(s.profile.Preparing)
	request.EndTime = request.StartTime.Add(s.profile.Extracting)
	t := &task{Task: request, Profile: s.profile}
	if err := t.applyFault(s.options.Faults.Export()); err != nil {
		return nil, err
	}
	s.start(t, from)
	return exportTaskOf(t, now), nil
}

// validTaskID matches valid task identifiers, as RDS's error message defines them.
var validTaskID = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9]|-[A-Za-z0-9])*$`)

// checkTask checks the identifier, prefix, bucket, key and role of a task.
func (s *Service) checkTask(ctx context.Context, t export.Task) error {
	switch {
	case !validTaskID.MatchString(t.ID) || len(t.ID) > 60:
		return wire.Errorf("InvalidParameterValue", "The parameter ExportTaskIdentifier is not a valid identifier: %s. Identifiers must begin "+
			"with a letter, contain only ASCII letters, digits and single hyphens, not end with a hyphen, and have at most 60 characters", t.ID)
	case strings.Contains(t.Prefix, ":"):
		return wire.Errorf("InvalidParameterValue", "The S3 prefix %s contains a colon", t.Prefix)
	}
	if !s.options.Store.Exists(t.Bucket) {
		return wire.Errorf("InvalidS3BucketFault", "The S3 bucket %s doesn't exist in Region %s", t.Bucket, s.options.Region)
	}
	if err := s.checkKey(ctx, t); err != nil {
		return err
	}
	return s.checkRole(ctx, t)
}

// exportName matches a valid name in an ExportOnly entry.
var exportName = regexp.MustCompile(`^[A-Za-z0-9$_]+$`)

// checkExportOnly checks that each entry has the form that RDS documents for the engine.
func checkExportOnly(list []string, engine string) error {
	form, depth := "database or database.table", 2
	if engine == "postgres" || engine == "aurora-postgresql" {
		form, depth = "database, database.schema or database.schema.table", 3
	}
	for _, entry := range list {
		names := strings.Split(entry, ".")
		if len(names) > depth || slices.ContainsFunc(names, func(n string) bool { return !exportName.MatchString(n) }) {
			return wire.Errorf("InvalidExportOnly",
				"ExportOnly entry %q is not valid. For %s, use %s. Names may contain only letters, digits, $ and _", entry, engine, form)
		}
	}
	return nil
}

// checkSlot checks that an export of the source can start now. AWS does not document the error for a second export of a snapshot.
func (s *Service) checkSlot(sourceARN string, now time.Time) error {
	running := 0
	for _, t := range s.tasks {
		if _, ended := t.status(now); !ended.IsZero() {
			continue
		}
		if t.SourceARN == sourceARN {
			return wire.Errorf("ExportTaskAlreadyExists", "The export task %s of %s is already running.", t.ID, sourceARN)
		}
		running++
	}
	if running >= maxRunning {
		return wire.Errorf("ExportTaskLimitReachedFault", "You have reached the limit of %d concurrent export tasks", maxRunning)
	}
	return nil
}

func (s *Service) describeExportTasks(ctx context.Context, p *wire.Parameters) (any, error) {
	id, source, statuses := p.Text("ExportTaskIdentifier"), p.Text("SourceArn"), readStatusFilter(p)
	pg := readPage(p)
	if err := s.allowed(ctx, p, "*"); err != nil { // an export task has no ARN
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Clock.Now()
	if id != "" && s.tasks[id] == nil {
		return nil, taskNotFound(id)
	}
	var rows []exportTask
	for _, t := range s.tasks {
		row := exportTaskOf(t, now)
		if (id == "" || id == t.ID) && (source == "" || source == t.SourceARN) &&
			(statuses == nil || slices.Contains(statuses, strings.ToLower(row.Status))) {
			rows = append(rows, row)
		}
	}
	var out struct {
		Marker      string `xml:",omitempty"`
		ExportTasks struct {
			Rows []exportTask `xml:"ExportTask"`
		}
	}
	var err error
	out.ExportTasks.Rows, out.Marker, err = cut(pg, rows, func(t exportTask) string { return t.ExportTaskIdentifier })
	return out, err
}

func (s *Service) cancelExportTask(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Required("ExportTaskIdentifier")
	if err := s.allowed(ctx, p, "*"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[id]
	if t == nil {
		return nil, taskNotFound(id)
	}
	now := s.options.Clock.Now()
	if status, _ := t.status(now); status != starting && status != inProgress {
		return nil, wire.Errorf("InvalidExportTaskStateFault",
			"The export task %s is %s. Only a task that is starting or in progress can be cancelled", id, status)
	}
	t.CanceledAt = now
	t.cancel()
	return exportTaskOf(t, now), nil
}

func taskNotFound(id string) error {
	return notFound("ExportTaskNotFound", "The export task with the ID %s doesn't exist.", id)
}

func exportTaskOf(t *task, now time.Time) exportTask {
	status, ended := t.status(now)
	row := exportTask{
		ExportTaskIdentifier: t.ID, SourceArn: t.SourceARN, SourceType: "SNAPSHOT", ExportOnly: t.ExportOnly,
		SnapshotTime: timestampOf(t.SnapshotTime), TaskStartTime: timestampOf(t.started(now)), TaskEndTime: timestampOf(ended),
		S3Bucket: t.Bucket, S3Prefix: t.Prefix, IamRoleArn: t.IAMRoleARN, KmsKeyId: t.KMSKeyID,
		Status: status, PercentProgress: t.percent(now),
	}
	if strings.Contains(t.SourceARN, ":cluster:") {
		row.SourceType = "CLUSTER"
	}
	switch status {
	case complete:
		row.TotalExtractedDataInGB, row.WarningMessage = t.Result.Bytes>>30, t.Result.WarningMessage
	case failed:
		row.FailureCause = cmp.Or(t.Failure, t.PlannedFailure)
	}
	return row
}

// failureCause returns the FailureCause of a task that stopped with the given error, or "" for nil.
func failureCause(err error) string {
	if err == nil {
		return ""
	}
	if c, ok := errors.AsType[cause](err); ok {
		return c.Error()
	}
	return unknownError + " " + err.Error()
}
