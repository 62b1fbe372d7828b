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
	"snaplake/local/internal/fault"
	"snaplake/local/internal/wire"
)

// exportTask is RDS's ExportTask.
type exportTask struct {
	ExportTaskIdentifier   string
	SourceArn              string
	SourceType             string
	ExportOnly             []string `xml:"ExportOnly>member"`
	SnapshotTime           *stamp
	TaskStartTime          *stamp
	TaskEndTime            *stamp
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

// exportTasks is written also when it is empty.
type exportTasks struct {
	Rows []exportTask `xml:"ExportTask"`
}

func (s *Service) startExportTask(ctx context.Context, p *wire.Parameters) (any, error) {
	asked := export.Task{
		ID: p.Required("ExportTaskIdentifier"), SourceARN: p.Required("SourceArn"), Bucket: p.Required("S3BucketName"),
		IAMRoleARN: p.Required("IamRoleArn"), KMSKeyID: p.Required("KmsKeyId"), Prefix: p.Text("S3Prefix"),
		ExportOnly: p.List("ExportOnly.member"),
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.mayExport(ctx, asked); err != nil {
		return nil, err
	}
	if err := s.checkTask(ctx, asked); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, closed()
	}
	if _, used := s.tasks[asked.ID]; used {
		return nil, wire.Errorf("ExportTaskAlreadyExists", "The export task with the ID %s already exists.", asked.ID)
	}
	from, err := s.origin(asked.SourceARN)
	if err != nil {
		return nil, err
	}
	if err := checkExportOnly(asked.ExportOnly, from.db.engine); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	if err := s.hasSlot(asked.SourceARN, now); err != nil {
		return nil, err
	}
	asked.SnapshotTime, asked.StartTime = from.time, now.Add(s.course.Preparing)
	asked.EndTime = asked.StartTime.Add(s.course.Extracting)
	t := &task{Task: asked, course: s.course}
	if err := t.strike(s.faults.Export()); err != nil {
		return nil, err
	}
	s.start(t, from)
	return exportTaskOf(t, now), nil
}

// validTaskID is the rule that RDS's own message tells: it begins with a letter, and holds letters, digits and single hyphens.
var validTaskID = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9]|-[A-Za-z0-9])*$`)

const maxTaskID = 60

// validBucket is S3's rule for the names of buckets (S3 guide, "General purpose bucket naming rules"), as far as it keeps a name
// from being another folder's.
var validBucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]+[a-z0-9]$`)

// checkTask looks at all that a task names besides its source.
func (s *Service) checkTask(ctx context.Context, t export.Task) error {
	if !validTaskID.MatchString(t.ID) {
		return wire.Errorf("InvalidParameterValue", "The parameter ExportTaskIdentifier is not a valid identifier: %s. Identifiers must begin with a letter, contain only ASCII letters, digits and single hyphens, and not end with a hyphen", t.ID)
	}
	if len(t.ID) > maxTaskID {
		return wire.Errorf("InvalidParameterValue", "The parameter ExportTaskIdentifier has %d characters, and can have at most %d: %s", len(t.ID), maxTaskID, t.ID)
	}
	if strings.Contains(t.Prefix, ":") {
		return wire.Errorf("InvalidParameterValue", "The S3 prefix %s contains a colon", t.Prefix)
	}
	if slices.ContainsFunc(strings.Split(t.Prefix, "/"), func(part string) bool { return part == "." || part == ".." }) {
		return wire.Errorf("InvalidParameterValue", "The local AWS keeps objects as files, and cannot have the S3 prefix %s", t.Prefix)
	}
	if !validBucket.MatchString(t.Bucket) || !s.store.Exists(t.Bucket) {
		return wire.Errorf("InvalidS3BucketFault", "The S3 bucket %s doesn't exist in Region %s", t.Bucket, s.region)
	}
	if err := s.checkKey(ctx, t); err != nil {
		return err
	}
	return s.checkRole(ctx, t)
}

// exportName is the names that ExportOnly can tell apart.
var exportName = regexp.MustCompile(`^[A-Za-z0-9$_]+$`)

// maxExportOnly is the size of the whole list, in bytes.
const maxExportOnly = 200 << 10

// checkExportOnly wants database or database.table; of PostgreSQL, database, database.schema or database.schema.table.
func checkExportOnly(list []string, engine string) error {
	form, depth := "database or database.table", 2
	if strings.HasSuffix(engine, "postgres") || strings.HasSuffix(engine, "postgresql") {
		form, depth = "database, database.schema or database.schema.table", 3
	}
	size := 0
	for _, entry := range list {
		size += len(entry)
		names := strings.Split(entry, ".")
		if len(names) > depth || slices.ContainsFunc(names, func(n string) bool { return !exportName.MatchString(n) }) {
			return wire.Errorf("InvalidExportOnly", "ExportOnly has the entry %q. For %s an entry is %s, in letters, digits, $ and _", entry, engine, form)
		}
	}
	if size > maxExportOnly {
		return wire.Errorf("InvalidExportOnly", "ExportOnly has %d bytes, and can have at most %d", size, maxExportOnly)
	}
	return nil
}

// hasSlot tells whether one more export can run, now, of this source. RDS documents the limit of one export of a snapshot at a
// time without its error code; ExportTaskAlreadyExists is the one whose description is a task that is already running.
func (s *Service) hasSlot(sourceARN string, now time.Time) error {
	for _, t := range s.tasks {
		if t.SourceARN == sourceARN && t.isRunning(now) {
			return wire.Errorf("ExportTaskAlreadyExists", "The export task %s of %s is already running.", t.ID, sourceARN)
		}
	}
	if s.running(now) >= maxRunning {
		return wire.Errorf("ExportTaskLimitReachedFault", "You have reached the limit of %d concurrent export tasks", maxRunning)
	}
	return nil
}

// running counts the tasks that take a slot.
func (s *Service) running(now time.Time) (n int) {
	for _, t := range s.tasks {
		if t.isRunning(now) {
			n++
		}
	}
	return n
}

func (s *Service) describeExportTasks(ctx context.Context, p *wire.Parameters) (any, error) {
	id, source, kind := p.Text("ExportTaskIdentifier"), p.Text("SourceArn"), p.Text("SourceType")
	where := readFilters(p, "export-task-identifier", "s3-bucket", "source-arn", "status")
	pg := readPage(p)
	if kind != "" && kind != "SNAPSHOT" && kind != "CLUSTER" {
		p.Fail("InvalidParameterValue", "SourceType is %s; it can be SNAPSHOT or CLUSTER", kind)
	}
	for _, f := range where {
		for _, v := range f.values {
			if f.name == "status" && !slices.Contains(statuses(), v) {
				p.Fail("InvalidParameterValue", "the filter status has the value %s; it can be %s", v, strings.Join(statuses(), ", "))
			}
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "DescribeExportTasks", "*"); err != nil { // an export task has no ARN
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if _, found := s.tasks[id]; id != "" && !found {
		return nil, notFound("ExportTaskNotFound", "The export task with the ID %s doesn't exist.", id)
	}
	var rows []exportTask
	for _, t := range s.tasks {
		row := exportTaskOf(t, now)
		is := facts{
			"export-task-identifier": {t.ID}, "s3-bucket": {t.Bucket}, "source-arn": {t.SourceARN},
			"status": {strings.ToLower(row.Status)},
		}
		if (id == "" || id == t.ID) && (source == "" || source == t.SourceARN) && (kind == "" || kind == row.SourceType) && where.match(is) {
			rows = append(rows, row)
		}
	}
	rows, marker := cut(pg, rows, func(t exportTask) string { return t.ExportTaskIdentifier })
	return struct {
		Marker      string `xml:",omitempty"`
		ExportTasks exportTasks
	}{marker, exportTasks{rows}}, nil
}

// statuses are the values of the filter status, which RDS takes in lower case only.
func statuses() []string {
	return []string{"canceled", "canceling", "complete", "failed", "in_progress", "starting"}
}

func (s *Service) cancelExportTask(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Required("ExportTaskIdentifier")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "CancelExportTask", "*"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, found := s.tasks[id]
	if !found {
		return nil, notFound("ExportTaskNotFound", "The export task with the ID %s doesn't exist.", id)
	}
	now := s.clock.Now()
	if status, _ := t.status(now); status != starting && status != inProgress {
		return nil, wire.Errorf("InvalidExportTaskStateFault", "The export task %s is %s. Only a task that is starting or in progress can be cancelled", id, status)
	}
	t.canceledAt = now
	t.cancel()
	return exportTaskOf(t, now), nil
}

func exportTaskOf(t *task, now time.Time) exportTask {
	status, ended := t.status(now)
	row := exportTask{
		ExportTaskIdentifier: t.ID, SourceArn: t.SourceARN, SourceType: "SNAPSHOT", ExportOnly: t.ExportOnly,
		SnapshotTime: stampOf(t.SnapshotTime), TaskStartTime: stampOf(t.started(now)), TaskEndTime: stampOf(ended),
		S3Bucket: t.Bucket, S3Prefix: t.Prefix, IamRoleArn: t.IAMRoleARN, KmsKeyId: t.KMSKeyID,
		Status: status, PercentProgress: t.percent(now),
	}
	if strings.Contains(t.SourceARN, ":cluster:") {
		row.SourceType = "CLUSTER"
	}
	switch status {
	case complete:
		row.TotalExtractedDataInGB, row.WarningMessage = t.result.Bytes>>30, t.result.WarningMessage
	case failed:
		row.FailureCause = failureCause(cmp.Or(t.err, t.failure))
	}
	return row
}

func failureCause(err error) string {
	if c, ok := errors.AsType[cause](err); ok {
		return c.Error()
	}
	return fates()[fault.Failed].cause + " " + err.Error()
}
