// Package source opens the databases behind the local RDS: the sample, MySQL, MariaDB and PostgreSQL servers, and finished RDS exports. It
// reads only what an RDS export contains: tables, the types of their columns, and rows as text. To take a snapshot, RDS copies the storage.
// On a server, the local RDS opens a transaction instead.
package source

import (
	"context"
	"fmt"
	"strings"

	"snaplake/local/internal/export"
)

// Open opens the database that spec describes:
//
//	sample                                        a small shop in this process that changes with each snapshot
//	mysql://user:password@host:port/database      a MySQL or MariaDB server; see [parseAddress] for the options
//	postgres://user:password@host:port/database   a PostgreSQL server
//	export:DIR                                    a finished RDS export in a folder
//
// Each error says how to fix the problem. No error contains the password.
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
		return export.Open(dir)
	}
	scheme, _, _ := strings.Cut(spec, ":") // the rest may contain a password
	return nil, fmt.Errorf("unknown kind of source %q; use sample, mysql://user@host:port/database, "+
		"postgres://user@host:port/database or export:DIR", scheme)
}
