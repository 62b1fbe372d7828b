package source

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"snaplake/local/internal/export"
)

// address identifies a database on a server, and the user that reads the database.
type address struct {
	scheme, user, password, host, port, database string
	// sslMode is one of libpq's SSL modes (PostgreSQL manual, "SSL Mode Descriptions"): disable, prefer, require or verify-full. rootCert
	// is the file with the CA certificates for verify-full. If it is empty, the CAs that this machine trusts are used.
	sslMode, rootCert string
}

// parseAddress parses an address of the form mysql://user:password@host:port/database or postgres://..., with the options sslmode and
// sslrootcert. Each part may be percent-encoded. The password and the port are optional.
func parseAddress(spec string) (address, error) {
	scheme, _, _ := strings.Cut(spec, ":")
	engine, port := "MySQL", "3306"
	if scheme == "postgres" {
		engine, port = "PostgreSQL", "5432"
	}
	refuse := func(why string) (address, error) {
		return address{}, fmt.Errorf("the address of the %s source %s; use the form %s://user@host:port/database, "+
			"and in each part, replace @ : / ? # and %% with %%40 %%3A %%2F %%3F %%23 and %%25", engine, why, scheme)
	}
	u, err := url.Parse(spec)
	if err != nil { // err is omitted because it contains the password
		return refuse("is not a URL")
	}
	options, unread := url.ParseQuery(u.RawQuery)
	sslMode, rootCert := cmp.Or(options.Get("sslmode"), "prefer"), options.Get("sslrootcert")
	options.Del("sslmode")
	options.Del("sslrootcert")
	name, err := url.PathUnescape(strings.TrimPrefix(u.EscapedPath(), "/"))
	switch {
	case err != nil, strings.Contains(strings.TrimPrefix(u.EscapedPath(), "/"), "/"):
		return refuse("has an invalid database name")
	case u.Fragment != "":
		return refuse("contains a #")
	case unread != nil, len(options) > 0, !slices.Contains([]string{"disable", "prefer", "require", "verify-full"}, sslMode),
		rootCert != "" && sslMode != "verify-full":
		return refuse("has invalid options (allowed: ?sslmode=disable, prefer, require or verify-full; with verify-full, also &sslrootcert=FILE)")
	case u.User == nil || u.User.Username() == "":
		return refuse("has no user")
	case u.Hostname() == "":
		return refuse("has no host")
	case name == "":
		return refuse("has no database")
	}
	password, _ := u.User.Password()
	return address{
		scheme: scheme, user: u.User.Username(), password: password, host: u.Hostname(), port: cmp.Or(u.Port(), port), database: name,
		sslMode: sslMode, rootCert: rootCert,
	}, nil
}

// engine returns the name of the engine in messages.
func (a address) engine() string {
	if a.scheme == "postgres" {
		return "PostgreSQL"
	}
	return "MySQL"
}

// hostPort returns the address of the server as host:port.
func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// String returns the address as a URL without the password and the options.
func (a address) String() string {
	return a.scheme + "://" + a.user + "@" + a.hostPort() + "/" + a.database
}

// refusal is the reason why a server rejects a connection.
type refusal int

const (
	otherRefusal refusal = iota
	wrongPassword
	noPermission
	noDatabase
)

// refused returns the error for a connection that the server rejected. privilege is what the user lacks if the reason is noPermission.
func (a address) refused(err error, reason refusal, privilege string) error {
	switch reason {
	case wrongPassword:
		if a.password == "" {
			return fmt.Errorf("%s: the server rejected user %q without a password; set SNAPLAKE_PASSWORD (%w)", a, a.user, err)
		}
		return fmt.Errorf("%s: the server rejected user %q with this password; check the user and the password (%w)", a, a.user, err)
	case noPermission:
		return fmt.Errorf("%s: user %q is not allowed to use database %q; grant %s on it, or correct the database name (%w)",
			a, a.user, a.database, privilege, err)
	case noDatabase:
		return fmt.Errorf("%s: the server has no database %q; correct the name, or create the database (%w)", a, a.database, err)
	}
	return fmt.Errorf("cannot connect to %s: %w", a, err)
}

// unreachable returns the error for a connection that failed without a response from the server.
func (a address) unreachable(err error) error {
	hint := "check the host and the port, and whether a " + a.engine() + " server is running there"
	if a.sslMode == "verify-full" {
		hint = "check the host, the port and sslrootcert"
	}
	return fmt.Errorf("cannot connect to %s: %s; %s", a, strings.ReplaceAll(err.Error(), ": %!w(<nil>)", ""), hint)
}

// noTables returns the error for a database without any table that the user may read.
func (a address) noTables(privileges string) error {
	return fmt.Errorf("%s: database %q has no table that user %q may read; load data into it, or grant %s", a, a.database, a.user, privileges)
}

// selectAll returns a query for all columns of a table. The parameter from is the table's qualified name, with quotation marks.
func selectAll(t export.Table, quote func(string) string, from string) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = quote(c.Name)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + from
}
