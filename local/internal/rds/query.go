package rds

import (
	"net/http"
	"time"

	"snaplake/local/internal/wire"
)

// version is the version of RDS's API.
const version = "2014-10-31"

// ServeHTTP serves RDS's Query protocol. The signing name is "rds".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.QueryService{
		Name: "RDS", Version: version, Namespace: "http://rds.amazonaws.com/doc/" + version + "/", InvalidParameter: "InvalidParameterValue",
		Operations: map[string]wire.QueryOperation{
			"DescribeDBInstances":        s.describeInstances,
			"DescribeDBClusters":         s.describeClusters,
			"DescribeDBSnapshots":        s.describeSnapshots,
			"DescribeDBClusterSnapshots": s.describeClusterSnapshots,
			"StartExportTask":            s.startExportTask,
			"DescribeExportTasks":        s.describeExportTasks,
			"CancelExportTask":           s.cancelExportTask,
		},
	}.ServeHTTP(w, r)
}

// timestamp is a time in RDS's format, for example 2026-11-21T17:05:12.345Z.
type timestamp time.Time

// timestampOf returns nil for the zero time, so that the response omits it.
func timestampOf(t time.Time) *timestamp {
	if t.IsZero() {
		return nil
	}
	return (*timestamp)(&t)
}

func (t timestamp) String() string { return time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z") }

// MarshalText implements [encoding.TextMarshaler].
func (t timestamp) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
