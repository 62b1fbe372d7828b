package source

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// refuser stands for a PostgreSQL server that answers every login with an error. It returns the server's address.
func refuser(t *testing.T, code, message string) (address string) {
	t.Helper()
	return refuserTLS(t, nil, code, message)
}

// refuserTLS is a refuser with TLS, where there is a configuration of it. It says so in its error.
func refuserTLS(t *testing.T, encryption *tls.Config, code, message string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			refuse(conn, encryption, &pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: message})
		}
	}()
	return listener.Addr().String()
}

func refuse(conn net.Conn, encryption *tls.Config, with *pgproto3.ErrorResponse) {
	defer conn.Close()
	backend := pgproto3.NewBackend(conn, conn)
	for {
		asked, err := backend.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := asked.(*pgproto3.SSLRequest); !ok {
			break
		}
		if encryption == nil {
			_, err = conn.Write([]byte("N"))
		} else if _, err = conn.Write([]byte("S")); err == nil {
			conn = tls.Server(conn, encryption)
			backend = pgproto3.NewBackend(conn, conn)
			with.Message += ", encrypted"
		}
		if err != nil {
			return
		}
	}
	backend.Send(with)
	_ = backend.Flush() // a client that is gone sees nothing
}

func TestSaysWhatToDoWhenPostgreSQLRefuses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, c := range []struct{ name, address, want string }{
		{"no server", closed.Addr().String(), "cannot connect to postgres://me@ADDRESS/shop: dial tcp ADDRESS: connect: connection refused; check host, port and sslrootcert, and whether the server is running"},
		{"wrong password", refuser(t, "28P01", "password authentication failed"), `postgres://me@ADDRESS/shop: the server refuses user "me" with this password; check both (FATAL: password authentication failed (SQLSTATE 28P01))`},
		{"unknown user", refuser(t, "28000", "no such role"), `postgres://me@ADDRESS/shop: the server refuses user "me" with this password; check both (FATAL: no such role`},
		{"unknown database", refuser(t, "3D000", "no such database"), `postgres://me@ADDRESS/shop: the server has no database "shop"; correct its name, or create it (FATAL: no such database`},
		{"no permission", refuser(t, "42501", "permission denied"), `postgres://me@ADDRESS/shop: user "me" may not use database "shop"; grant CONNECT on it, or correct its name (FATAL: permission denied`},
		{"too many clients", refuser(t, "53300", "too many clients"), `cannot connect to postgres://me@ADDRESS/shop: FATAL: too many clients (SQLSTATE 53300)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(t.Context(), "postgres://me:secret@"+c.address+"/shop")
			want := strings.ReplaceAll(c.want, "ADDRESS", c.address)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}
