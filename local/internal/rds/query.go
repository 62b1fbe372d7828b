package rds

import (
	"net/http"
	"time"

	"snaplake/local/internal/wire"
)

const version = "2014-10-31" // of RDS's API

// ServeHTTP speaks RDS's protocol, the Query protocol; signing name "rds".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.QueryService{
		Name: "RDS", Version: version, Namespace: "http://rds.amazonaws.com/doc/" + version + "/", InvalidParameter: "InvalidParameterValue",
		Operations: s.operations,
	}.ServeHTTP(w, r)
}

// stamp is a time as RDS writes it: 2026-11-21T17:05:12.345Z.
type stamp time.Time

// stampOf is nil, and so absent from the answer, for the zero time.
func stampOf(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	return (*stamp)(&t)
}

// MarshalText writes milliseconds, in UTC.
func (t stamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}
