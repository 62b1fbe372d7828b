package source

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// parseAddress reads mysql://user:password@host:port/database. The parts may be percent-encoded. The port is 3306 when there
// is none.
func parseAddress(spec string) (*mysql.Config, error) {
	const form = "write mysql://user:password@host:port/database, and within a part the characters @ : / ? # and % as %40 %3A %2F %3F %23 and %25"
	u, err := url.Parse(spec)
	if err != nil { // its text contains the password
		return nil, fmt.Errorf("the address of the MySQL source cannot be read; %s", form)
	}
	name, err := url.PathUnescape(strings.TrimPrefix(u.EscapedPath(), "/"))
	switch {
	case err != nil, strings.Contains(strings.TrimPrefix(u.EscapedPath(), "/"), "/"):
		return nil, fmt.Errorf("the address of the MySQL source has no single database name; %s", form)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the address of the MySQL source has a ? or a #, and takes no options; %s", form)
	case u.User == nil || u.User.Username() == "":
		return nil, fmt.Errorf("the address of the MySQL source names no user; %s", form)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the address of the MySQL source names no host; %s", form)
	case name == "":
		return nil, fmt.Errorf("the address of the MySQL source names no database; %s", form)
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), port)
	c.DBName = name
	return c, nil
}

// configure sets what reading a snapshot needs, whatever the server's own settings.
func configure(c *mysql.Config) {
	c.Timeout = 10 * time.Second
	c.Logger = &mysql.NopLogger{} // what it would log comes back as an error, too
	c.InterpolateParams = true    // results of prepared statements are binary, where zero dates and fractions look different
	c.Params = map[string]string{
		"time_zone": "'+00:00'", // TIMESTAMP is converted to it
		// In seconds: a snapshot's connection is idle for as long as the snapshot is kept. It is the most that MySQL takes on
		// every system.
		"wait_timeout": "2147483",
	}
}

// describe is the address without the password.
func describe(c *mysql.Config) string {
	return "mysql://" + c.User + "@" + c.Addr + "/" + c.DBName
}

// explain says what to do about an error of connecting.
func explain(c *mysql.Config, err error) error {
	const (
		accessDenied         = 1045
		databaseAccessDenied = 1044
		unknownDatabase      = 1049
	)
	refused, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok {
		return fmt.Errorf("cannot connect to %s: %w; check host and port, and whether the server is running", describe(c), err)
	}
	switch refused.Number {
	case accessDenied:
		return fmt.Errorf("%s: the server refuses user %q with this password; check both (%w)", describe(c), c.User, err)
	case databaseAccessDenied:
		return fmt.Errorf("%s: user %q may not use database %q; grant SELECT on it, or correct its name (%w)", describe(c), c.User, c.DBName, err)
	case unknownDatabase:
		return fmt.Errorf("%s: the server has no database %q; correct its name, or create it (%w)", describe(c), c.DBName, err)
	default:
		return fmt.Errorf("cannot connect to %s: %w", describe(c), err)
	}
}
