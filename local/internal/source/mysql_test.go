package source

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// fakeMySQL runs a MySQL server with the databases shop and empty, and returns its address. Only shop has a table. The user root has no
// password, and no other user exists. If encryption is not nil, the server supports TLS. It knows only the queries of this package. The
// packets are those of the MySQL manual, "Client/Server Protocol".
func fakeMySQL(t *testing.T, encryption *tls.Config) (address string) {
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
			go func() {
				defer func() { conn.Close() }()
				s := &mysqlSession{conn: conn}
				_ = s.serve(encryption) // ends when the client disconnects
			}()
		}
	}()
	return listener.Addr().String()
}

// mysqlSession is the server's side of a connection.
type mysqlSession struct {
	conn     net.Conn
	sequence byte
	database string
}

const (
	protocol41, connectWithDB, secureConnection, pluginAuth = 0x200, 0x8, 0x8000, 0x80000
	clientTLS                                               = 0x800
)

func (s *mysqlSession) serve(encryption *tls.Config) error {
	capabilities := uint32(protocol41 | connectWithDB | secureConnection | pluginAuth)
	if encryption != nil {
		capabilities |= clientTLS
	}
	low, high := binary.LittleEndian.AppendUint16(nil, uint16(capabilities)), binary.LittleEndian.AppendUint16(nil, uint16(capabilities>>16))
	greeting := slices.Concat([]byte("\x0a8.0.36\x00\x01\x00\x00\x0012345678\x00"), low, []byte{45, 2, 0}, high, []byte{21}, make([]byte, 10),
		[]byte("123456789012\x00mysql_native_password\x00"))
	if err := s.send(greeting); err != nil {
		return err
	}
	login, err := s.receive()
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(login)&clientTLS != 0 {
		s.conn = tls.Server(s.conn, encryption)
		if login, err = s.receive(); err != nil {
			return err
		}
	}
	if err := s.send(s.login(login)); err != nil {
		return err
	}
	for {
		s.sequence = 0
		command, err := s.receive()
		if err != nil {
			return err
		}
		if err := s.send(s.answer(string(command[1:]))...); err != nil {
			return err
		}
	}
}

// login returns the response to a login: 32 bytes with options, the user, the hash of the password, and the database.
func (s *mysqlSession) login(packet []byte) []byte {
	user, rest, _ := strings.Cut(string(packet[32:]), "\x00")
	hash := int(rest[0])
	s.database, _, _ = strings.Cut(rest[1+hash:], "\x00")
	switch {
	case user != "root" || hash > 0:
		return mysqlFailure(1045, "Access denied for user")
	case s.database != "shop" && s.database != "empty":
		return mysqlFailure(1049, "Unknown database")
	default:
		return mysqlOK()
	}
}

// answer returns the packets of the response to a query.
func (s *mysqlSession) answer(query string) [][]byte {
	switch {
	case strings.Contains(query, "VERSION()"):
		return mysqlRows([]string{"8.0.36-log"})
	case strings.Contains(query, "information_schema.TABLES") && s.database == "empty":
		withRow := mysqlRows([]string{"Users"})
		return append(withRow[:3], withRow[4])
	case strings.Contains(query, "information_schema.TABLES"):
		return mysqlRows([]string{"Users"})
	case strings.Contains(query, "information_schema.COLUMNS"):
		return mysqlRows(
			[]string{"Users", "id", "INT", "int unsigned", "0", "10", "0", "0"},
			[]string{"Users", "kind", "enum", "enum('is unsigned')", "11", "0", "0", "0"},
			[]string{"a_view", "id", "int", "int", "0", "10", "0", "0"})
	case strings.HasPrefix(query, "SELECT `id`, `kind` FROM `shop`.`Users`"):
		return mysqlRows([]string{"1", "is unsigned"})
	case strings.HasPrefix(query, "SELECT"):
		return [][]byte{mysqlFailure(1064, "the fake server does not know this query: "+query)}
	default:
		return [][]byte{mysqlOK()}
	}
}

func mysqlOK() []byte { return []byte{0, 0, 0, 2, 0, 0, 0} }

func mysqlFailure(number uint16, message string) []byte {
	return append(binary.LittleEndian.AppendUint16([]byte{0xff}, number), "#HY000"+message...)
}

// mysqlRows returns a result in which all columns are text.
func mysqlRows(rows ...[]string) [][]byte {
	end := []byte{0xfe, 0, 0, 2, 0}
	packets := [][]byte{{byte(len(rows[0]))}}
	for range rows[0] {
		column := []byte("\x03def\x00\x00\x00\x01c\x00\x0c\x2d\x00\xff\xff\x00\x00\xfd\x00\x00\x00\x00\x00")
		packets = append(packets, column)
	}
	packets = append(packets, end)
	for _, row := range rows {
		var packet []byte
		for _, value := range row {
			packet = append(append(packet, byte(len(value))), value...)
		}
		packets = append(packets, packet)
	}
	return append(packets, end)
}

func (s *mysqlSession) receive() ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(s.conn, header); err != nil {
		return nil, err
	}
	s.sequence = header[3] + 1
	packet := make([]byte, int(header[0])|int(header[1])<<8)
	if _, err := io.ReadFull(s.conn, packet); err != nil {
		return nil, err
	}
	if len(packet) == 0 {
		return nil, errors.New("the client sent an empty packet")
	}
	return packet, nil
}

func (s *mysqlSession) send(packets ...[]byte) error {
	var all []byte
	for _, p := range packets {
		all = append(append(all, byte(len(p)), byte(len(p)>>8), 0, s.sequence), p...)
		s.sequence++
	}
	_, err := s.conn.Write(all)
	return err
}
