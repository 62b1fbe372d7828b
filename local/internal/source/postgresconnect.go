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

// noTimeouts is a query that disables all timeouts that the server's version supports. The connection of a snapshot can be idle for a
// long time.
const noTimeouts = `SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
	WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

func postgresConfig(a address) (*pgconn.Config, error) {
	options := url.Values{"sslmode": {a.sslMode}, "sslrootcert": {a.rootCert}}
	spec := url.URL{Scheme: a.scheme, User: url.User(a.user), Host: a.hostPort(), Path: a.database, RawQuery: options.Encode()}
	c, err := pgconn.ParseConfig(spec.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	c.Password = a.password // replaces a password from the environment
	c.ConnectTimeout = 10 * time.Second
	// Most of these settings determine how the server formats values. The format of money values also depends on lc_monetary.
	c.RuntimeParams = map[string]string{
		"client_encoding":    "UTF8",
		"timezone":           "UTC",
		"datestyle":          "ISO",
		"intervalstyle":      "postgres",
		"extra_float_digits": "1",
		"bytea_output":       "hex",
		"row_security":       "off", // fail rather than omit rows
		"application_name":   "snaplake",
	}
	return c, nil
}

func (p *postgres) dial(ctx context.Context) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, p.config)
	if err != nil {
		return nil, explainPostgres(p.address, err)
	}
	if err := execute(ctx, conn, noTimeouts); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.address, err), hangUp(conn))
	}
	return conn, nil
}

// hangUp closes a connection, which ends its transaction.
func hangUp(conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // the server may no longer respond
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

// explainPostgres returns an error that explains why a connection failed (PostgreSQL manual, "PostgreSQL Error Codes").
func explainPostgres(a address, err error) error {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		// These are the codes of invalid_password, invalid_authorization_specification, insufficient_privilege and invalid_catalog_name.
		reasons := map[string]refusal{"28P01": wrongPassword, "28000": wrongPassword, "42501": noPermission, "3D000": noDatabase}
		return a.refused(answer, reasons[answer.Code], "CONNECT")
	}
	if unreachable, ok := errors.AsType[*net.OpError](err); ok {
		return a.unreachable(unreachable) // pgconn's error has a line for each attempt
	}
	return a.unreachable(errors.New(strings.Join(strings.Fields(err.Error()), " ")))
}
