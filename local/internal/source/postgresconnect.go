package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// printing is how the server prints values, whatever its own settings, and what else a reader of whole tables wants. How money looks
// is the server's: its lc_monetary.
func printing() map[string]string {
	return map[string]string{
		"client_encoding":    "UTF8",
		"timezone":           "UTC",
		"datestyle":          "ISO",
		"intervalstyle":      "postgres",
		"extra_float_digits": "1",
		"bytea_output":       "hex",
		"row_security":       "off", // an error is better than a part of a table's rows
		"application_name":   "snaplake",
	}
}

// patience ends the time limits of a session that are known to this version of PostgreSQL: a snapshot's connection is idle for as
// long as the snapshot is kept.
const patience = `SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
	WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

func postgresConfig(a address) (*pgconn.Config, error) {
	options := url.Values{"sslmode": {a.sslMode}, "sslrootcert": {a.rootCert}}
	spec := url.URL{Scheme: a.scheme, User: url.User(a.user), Host: a.hostPort(), Path: a.database, RawQuery: options.Encode()}
	c, err := pgconn.ParseConfig(spec.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	c.Password = a.password // and none out of the environment
	c.ConnectTimeout = 10 * time.Second
	c.RuntimeParams = printing()
	return c, nil
}

// dial opens a connection.
func (p *postgres) dial(ctx context.Context) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, p.config)
	if err != nil {
		return nil, explainPostgres(p.address, err)
	}
	if err := execute(ctx, conn, patience); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.address, err), hangUp(conn))
	}
	return conn, nil
}

// hangUp ends a connection, and its transaction with it.
func hangUp(conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // a server that is gone answers no farewell
	defer cancel()
	return conn.Close(ctx)
}

func execute(ctx context.Context, conn *pgconn.PgConn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s).ReadAll(); err != nil {
			return err
		}
	}
	return nil
}

// explainPostgres says what to do about an error of connecting. The codes are those of PostgreSQL's manual, "PostgreSQL Error
// Codes".
func explainPostgres(a address, err error) error {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch refused.Code {
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return fmt.Errorf("%s: the server refuses user %q with this password; check both (%w)", a, a.user, refused)
		case "42501": // insufficient_privilege
			return fmt.Errorf("%s: user %q may not use database %q; grant CONNECT on it, or correct its name (%w)", a, a.user, a.database, refused)
		case "3D000": // invalid_catalog_name
			return fmt.Errorf("%s: the server has no database %q; correct its name, or create it (%w)", a, a.database, refused)
		default:
			return fmt.Errorf("cannot connect to %s: %w", a, refused)
		}
	}
	if unreachable, ok := errors.AsType[*net.OpError](err); ok {
		err = unreachable // pgconn tells of each try, in lines of their own
	}
	// What is left of pgconn's has a line for each try.
	text := strings.Join(strings.Fields(err.Error()), " ")
	return fmt.Errorf("cannot connect to %s: %s; check host, port and sslrootcert, and whether the server is running", a, text)
}
