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

// mysqlConfig returns the configuration of a connection that reads a snapshot, whatever the server's own settings.
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
	c.Timeout = 10 * time.Second
	c.Logger = &mysql.NopLogger{} // the same messages come back as errors
	c.InterpolateParams = true    // prepared statements return binary results, where zero dates and fractions look different
	c.Params = map[string]string{
		"time_zone": "'+00:00'", // TIMESTAMP is converted to it
		// In seconds: the connection of a snapshot is idle while the snapshot is kept. This is MySQL's maximum on every system.
		"wait_timeout": "2147483",
	}
	return c, nil
}

// explainMySQL returns the error for a connection that failed (MySQL's "Server Error Message Reference").
func explainMySQL(a address, err error) error {
	if answer, ok := errors.AsType[*mysql.MySQLError](err); ok {
		reason := map[uint16]refusal{1045: wrongPassword, 1044: noPermission, 1049: noDatabase}[answer.Number]
		return a.refused(err, reason, "SELECT")
	}
	return a.unreachable(err)
}
