package source

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
)

func mysqlConfig(a address) (*mysql.Config, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = a.user, a.password, a.database
	c.Net, c.Addr = "tcp", a.hostPort()
	c.TLSConfig = map[string]string{"disable": "false", "prefer": "preferred", "require": "skip-verify", "verify-full": "true"}[a.sslMode]
	if a.rootCert != "" {
		authorities, err := os.ReadFile(a.rootCert)
		if err != nil {
			return nil, fmt.Errorf("%s: sslrootcert: %w", a, err)
		}
		c.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
		if !c.TLS.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("%s: sslrootcert: %s has no certificate in PEM", a, a.rootCert)
		}
	}
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
		return fmt.Errorf("cannot connect to %s: %w; check host, port and sslrootcert, and whether the server is running", describe(c), err)
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
