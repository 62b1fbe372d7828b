// Package source is the databases that the local RDS takes snapshots of.
package source

import (
	"context"
	"fmt"
	"strings"

	"snaplake/local/internal/export"
)

// Open opens the database that spec describes:
//
//	sample                                        a small shop in this process, which changes from snapshot to snapshot
//	mysql://user:password@host:port/database      a MySQL or MariaDB server; see [parseAddress] for what may be left out
//	postgres://user:password@host:port/database   a PostgreSQL server
//	export:DIR                                    an RDS export that lies in a folder
//
// An error says what to do about it, and never contains the password.
func Open(ctx context.Context, spec string) (export.Database, error) {
	if spec == "sample" {
		return &sample{}, nil
	}
	if strings.HasPrefix(spec, "mysql://") {
		return openMySQL(ctx, spec)
	}
	if strings.HasPrefix(spec, "postgres://") {
		return openPostgres(ctx, spec)
	}
	if dir, ok := strings.CutPrefix(spec, "export:"); ok {
		return openReplay(dir)
	}
	scheme, _, _ := strings.Cut(spec, ":") // what follows may hold a password
	return nil, fmt.Errorf("there is no source of the kind %q; write sample, mysql://user@host:port/database, postgres://user@host:port/database or export:DIR", scheme)
}
