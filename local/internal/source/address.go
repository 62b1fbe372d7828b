package source

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// address says which database of which server is meant, and who reads it.
type address struct {
	scheme, user, password, host, port, database string
	// sslMode is one of libpq's ("SSL Mode Descriptions"): disable, prefer, require or verify-full. rootCert is the file with the
	// authorities of verify-full; "" means those that this machine trusts.
	sslMode, rootCert string
}

// parseAddress reads mysql://user:password@host:port/database, or the same of postgres, and the options sslmode and sslrootcert. The
// parts may be percent-encoded. The port is the engine's own when there is none.
func parseAddress(spec string) (address, error) {
	scheme, _, _ := strings.Cut(spec, ":")
	engine, port := "MySQL", "3306"
	if scheme == "postgres" {
		engine, port = "PostgreSQL", "5432"
	}
	refuse := func(why string) (address, error) {
		return address{}, fmt.Errorf("the address of the %s source %s; write %s://user@host:port/database, "+
			"and within a part the characters @ : / ? # and %% as %%40 %%3A %%2F %%3F %%23 and %%25", engine, why, scheme)
	}
	u, err := url.Parse(spec)
	if err != nil { // its text contains the password
		return refuse("cannot be read")
	}
	options, unread := url.ParseQuery(u.RawQuery)
	sslMode, rootCert := cmp.Or(options.Get("sslmode"), "prefer"), options.Get("sslrootcert")
	options.Del("sslmode")
	options.Del("sslrootcert")
	name, err := url.PathUnescape(strings.TrimPrefix(u.EscapedPath(), "/"))
	switch {
	case err != nil, strings.Contains(strings.TrimPrefix(u.EscapedPath(), "/"), "/"):
		return refuse("has no single database name")
	case u.Fragment != "":
		return refuse("has a #")
	case unread != nil, len(options) > 0, !slices.Contains([]string{"disable", "prefer", "require", "verify-full"}, sslMode), rootCert != "" && sslMode != "verify-full":
		return refuse("has other options than ?sslmode=MODE, of disable, prefer, require and verify-full, and &sslrootcert=FILE after the last")
	case u.User == nil || u.User.Username() == "":
		return refuse("names no user")
	case u.Hostname() == "":
		return refuse("names no host")
	case name == "":
		return refuse("names no database")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	a := address{scheme: scheme, user: u.User.Username(), host: u.Hostname(), port: port, database: name, sslMode: sslMode, rootCert: rootCert}
	a.password, _ = u.User.Password()
	return a, nil
}

// hostPort is the server's address.
func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// String is the address without the password.
func (a address) String() string {
	return a.scheme + "://" + a.user + "@" + a.hostPort() + "/" + a.database
}
