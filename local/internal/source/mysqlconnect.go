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

// mysqlConfig returns the configuration of a connection. It overrides those server settings that affect how a snapshot is read.
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
			return nil, fmt.Errorf("%s: sslrootcert: %s contains no certificate in PEM format", a, a.rootCert)
		}
	}
	c.Timeout = 10 * time.Second
	c.Logger = &mysql.NopLogger{} // the driver also returns these messages as errors
	c.InterpolateParams = true    // prepared statements return zero dates and fractions in another format
	c.Params = map[string]string{
		"time_zone": "'+00:00'", // for TIMESTAMP values
		// This is the largest number of seconds that MySQL accepts on every operating system. The connection of a snapshot is idle
		// until an export uses it.
		"wait_timeout": "2147483",
	}
	return c, nil
}

// explainMySQL returns an error that explains why a connection failed (MySQL manual, "Server Error Message Reference").
func explainMySQL(a address, err error) error {
	if answer, ok := errors.AsType[*mysql.MySQLError](err); ok {
		reason := map[uint16]refusal{1045: wrongPassword, 1044: noPermission, 1049: noDatabase}[answer.Number]
		return a.refused(err, reason, "SELECT")
	}
	return a.unreachable(err)
}
