package source

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// refuser runs a PostgreSQL server that rejects every login with an error, and returns the server's address.
func refuser(t *testing.T, code, message string) (address string) {
	t.Helper()
	return refuserTLS(t, nil, code, message)
}

// refuserTLS is like refuser. If encryption is not nil, the server supports TLS, and its error ends with "encrypted" on a TLS connection.
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
		message, err := backend.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := message.(*pgproto3.SSLRequest); !ok {
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
	_ = backend.Flush() // fails if the client has disconnected
}
