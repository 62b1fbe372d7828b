package glue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// metadata is what the crawler looks at in a Parquet file's FileMetaData; the rest is skipped.
type metadata struct {
	Schema  thrift.Slice[format.SchemaElement] `thrift:"2,required"`
	NumRows int64                              `thrift:"3,required"`
}

// readFooter reads the end of a file. Its errors do not name the file.
func readFooter(file string) (footer, error) {
	f, err := os.Open(file)
	if err != nil {
		return footer{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return footer{}, err
	}
	return parseFooter(f, info.Size())
}

func parseFooter(r io.ReaderAt, size int64) (footer, error) {
	b, err := cutFooter(r, size)
	if err != nil {
		return footer{}, fmt.Errorf("not a whole Parquet file: %w", err)
	}
	m, err := decodeFooter(b)
	if err != nil {
		return footer{}, fmt.Errorf("not a whole Parquet file: decode its footer: %w", err)
	}
	return m.footer()
}

// The end of a Parquet file is its footer, the footer's length in four bytes, and the magic that the file also begins with.
const (
	magic      = "PAR1"
	footerTail = 4 + len(magic)
)

// cutFooter reads the bytes of the footer.
func cutFooter(r io.ReaderAt, size int64) ([]byte, error) {
	if size < int64(len(magic)+footerTail) {
		return nil, fmt.Errorf("it has only %d bytes", size)
	}
	var head [len(magic)]byte
	var tail [footerTail]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	if _, err := r.ReadAt(tail[:], size-int64(footerTail)); err != nil {
		return nil, err
	}
	if begin, end := string(head[:]), string(tail[4:]); begin != magic || end != magic {
		return nil, fmt.Errorf("it begins with %q and ends with %q, and should with %s", begin, end, magic)
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if most := size - int64(len(magic)+footerTail); length > most {
		return nil, fmt.Errorf("its footer should have %d bytes, and there is room for %d", length, most)
	}
	b := make([]byte, length)
	_, err := r.ReadAt(b, size-int64(footerTail)-length)
	return b, err
}

// decodeFooter decodes what may be broken. [parquet.OpenFile] would believe each length that is written there: one flipped bit
// asks it for more memory than there is, which no recover catches.
func decodeFooter(b []byte) (m metadata, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	rest := bytes.NewReader(b)
	r := &careful{compact: new(thrift.CompactProtocol).NewReader(rest), rest: rest, open: []int{1}}
	err = thrift.NewDecoder(r).Decode(&m)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return m, err
}

// maxDepth is far above the depth of Parquet's metadata, and far below that at which the decoder's stack would end the process.
const maxDepth = 32

// compact is what careful stands on. It has this name because thrift.Reader has a method Reader.
type compact = thrift.Reader

// careful reads nothing that is longer than what is left, or nested too deep.
type careful struct {
	compact
	rest *bytes.Reader
	// open is how many structs are still to be read on each level.
	open []int
}

// fits refuses n things of which each has a byte at least.
func (c *careful) fits(n int) error {
	if n > c.rest.Len() {
		return fmt.Errorf("a length of %d where %d bytes are left", n, c.rest.Len())
	}
	return nil
}

// enter is called where n structs begin, leave where one ends.
func (c *careful) enter(n int) error {
	if len(c.open) == maxDepth {
		return fmt.Errorf("structs nested more than %d deep", maxDepth)
	}
	if n > 0 {
		c.open = append(c.open, n)
	}
	return nil
}

func (c *careful) leave() {
	last := len(c.open) - 1
	if c.open[last]--; c.open[last] == 0 {
		c.open = c.open[:last]
	}
}

func (c *careful) ReadField() (thrift.Field, error) {
	f, err := c.compact.ReadField()
	if err != nil {
		return f, err
	}
	switch f.Type {
	case thrift.STRUCT:
		err = c.enter(1)
	case thrift.STOP:
		c.leave()
	}
	return f, err
}

func (c *careful) ReadList() (thrift.List, error) {
	l, err := c.compact.ReadList()
	if err == nil {
		err = c.fits(int(l.Size))
	}
	if err != nil {
		return thrift.List{}, err
	}
	switch l.Type {
	case thrift.STRUCT:
		err = c.enter(int(l.Size))
	case thrift.LIST, thrift.SET, thrift.MAP:
		err = errors.New("a list of collections, which Parquet does not have")
	}
	return l, err
}

func (c *careful) ReadSet() (thrift.Set, error) {
	return thrift.Set{}, errors.New("a set, which Parquet does not have")
}

func (c *careful) ReadMap() (thrift.Map, error) {
	return thrift.Map{}, errors.New("a map, which Parquet does not have")
}

func (c *careful) ReadBytes() ([]byte, error) {
	n, err := c.ReadLength()
	if err == nil {
		err = c.fits(n)
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(c.rest, b)
	return b, err
}

func (c *careful) ReadString() (string, error) {
	b, err := c.ReadBytes()
	return string(b), err
}
