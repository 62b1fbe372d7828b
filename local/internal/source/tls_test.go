package source

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// certificate returns the TLS configuration of a server on 127.0.0.1, a counter of its handshakes, and the file with the certificate of
// its authority.
func certificate(t *testing.T) (config *tls.Config, handshakes *atomic.Int32, authority string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	handshakes = &atomic.Int32{}
	return &tls.Config{Certificates: s.TLS.Certificates, VerifyConnection: func(tls.ConnectionState) error {
		handshakes.Add(1)
		return nil
	}}, handshakes, authority
}

// encryptions maps the options of an address to the outcome on a server with TLS: "" is an unencrypted connection, "TLS" is an encrypted
// one, and any other text is the end of the error. AUTHORITY stands for the file with the authority's certificate.
var encryptions = map[string]string{
	"":                     "TLS",
	"?sslmode=disable":     "",
	"?sslmode=require":     "TLS",
	"?sslmode=verify-full": "certificate signed by unknown authority; check the host, the port and sslrootcert",
	"?sslmode=verify-full&sslrootcert=AUTHORITY": "TLS",
}

func TestOpen_EncryptsConnectionToMySQL(t *testing.T) {
	config, handshakes, authority := certificate(t)
	encrypted, plain := fakeMySQL(t, config), fakeMySQL(t, nil)
	for options, want := range encryptions {
		before := handshakes.Load()
		a, err := parseAddress("mysql://root@" + encrypted + "/shop" + strings.ReplaceAll(options, "AUTHORITY", authority))
		if err != nil {
			t.Fatal(err)
		}
		s, err := connectMySQL(t.Context(), a)
		got := ""
		if err != nil {
			got = err.Error()
		} else if s.Close(); handshakes.Load() > before {
			got = "TLS"
		}
		if !strings.HasSuffix(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: got %q, want %q", options, got, want)
		}
	}
	_, err := Open(t.Context(), "mysql://root@"+plain+"/shop?sslmode=require")
	if err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("with a server without TLS: got %v", err)
	}
}

func TestOpen_EncryptsConnectionToPostgreSQL(t *testing.T) {
	config, _, authority := certificate(t)
	for options, want := range encryptions {
		options = strings.ReplaceAll(options, "AUTHORITY", authority)
		_, err := Open(t.Context(), "postgres://me:secret@"+refuserTLS(t, config, "28P01", "refused")+"/shop"+options)
		switch want {
		case "TLS":
			want = "(FATAL: refused, encrypted (SQLSTATE 28P01))"
		case "":
			want = "(FATAL: refused (SQLSTATE 28P01))"
		}
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", options, err, want)
		}
	}
	_, err := Open(t.Context(), "postgres://me@"+refuser(t, "28P01", "refused")+"/shop?sslmode=require")
	if err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("with a server without TLS: got %v", err)
	}
}
