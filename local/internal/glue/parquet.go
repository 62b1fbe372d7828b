package glue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// metadata is the part of FileMetaData that the crawler reads.
type metadata struct {
	Schema thrift.Slice[format.SchemaElement] `thrift:"2,required"`
}

// A Parquet file begins with the magic number. It ends with the footer, the footer's length in four bytes, and the magic number again.
const (
	magic      = "PAR1"
	footerTail = 4 + len(magic)
)

func notParquet(format string, args ...any) error {
	cause := fmt.Sprintf(format, args...)
	return fmt.Errorf("not a complete Parquet file: %s; the local AWS crawls only Parquet files, so exclude or replace this file", cause)
}

// readFooter returns the columns of a Parquet file. It does not use [parquet.OpenFile], which would allocate memory for lists of any length
// that a damaged file declares.
func readFooter(r io.ReaderAt, size int64) ([]Column, error) {
	room := size - int64(len(magic)+footerTail)
	if room < 0 {
		return nil, notParquet("it has only %d bytes", size)
	}
	tail := make([]byte, footerTail)
	if _, err := r.ReadAt(tail, size-int64(footerTail)); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	if string(tail[4:]) != magic || length > room {
		return nil, notParquet("it ends with %q", tail)
	}
	b := make([]byte, length)
	if _, err := r.ReadAt(b, size-int64(footerTail)-length); err != nil {
		return nil, err
	}
	m, err := decodeFooter(b)
	if err != nil {
		return nil, notParquet("decode the footer: %v", err)
	}
	return m.columns()
}

func decodeFooter(b []byte) (m metadata, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	r := &boundedReader{new(thrift.CompactProtocol).NewReaderFromBytes(b).(bytesReader), len(b)}
	err = thrift.NewDecoder(r).Decode(&m)
	return m, err
}

// bytesReader is an interface with the methods that the Thrift decoder calls on its reader.
type bytesReader interface {
	thrift.BytesReader
	Discard(int) (int, error)
}

// boundedReader rejects a list if the declared number of items exceeds the number of remaining bytes.
type boundedReader struct {
	bytesReader
	size int
}

func (r *boundedReader) ReadList() (thrift.List, error) {
	l, err := r.bytesReader.ReadList()
	if left := r.size - r.BytesRead(); err == nil && int(l.Size) > left {
		err = fmt.Errorf("a list declares %d items, but only %d bytes are left", l.Size, left)
	}
	return l, err
}

func (m metadata) columns() ([]Column, error) {
	if len(m.Schema) == 0 {
		return nil, notParquet("it has no columns")
	}
	var columns []Column
	for _, e := range m.Schema[1:] { // the first is the root
		name := strings.ToLower(e.Name)
		if name == "" || len(name) > 255 || !utf8.ValidString(name) {
			return nil, fmt.Errorf("%.300q is not a valid column name in Glue", e.Name)
		}
		if slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
			continue // Glue's treatment of names that differ only in case is not documented
		}
		kind, err := hiveType(e)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", e.Name, err)
		}
		columns = append(columns, Column{Name: name, Type: kind})
	}
	return columns, nil
}

// convertedTypes and physicalTypes map Parquet types to the types that Glue infers.
var (
	convertedTypes = map[deprecated.ConvertedType]string{
		deprecated.UTF8: "string", deprecated.Enum: "string", deprecated.Json: "string", deprecated.Date: "date",
		deprecated.TimestampMillis: "timestamp", deprecated.TimestampMicros: "timestamp",
		deprecated.Int8: "tinyint", deprecated.Int16: "smallint", deprecated.Int32: "int", deprecated.Int64: "bigint",
	}
	physicalTypes = map[format.Type]string{
		format.Boolean: "boolean", format.Int32: "int", format.Int64: "bigint", format.Int96: "timestamp",
		format.Float: "float", format.Double: "double", format.ByteArray: "binary", format.FixedLenByteArray: "binary",
	}
)

// hiveType returns the type that Glue infers for a column.
func hiveType(e format.SchemaElement) (string, error) {
	repetition, _ := e.RepetitionType.Get()
	physical, primitive := e.Type.Get()
	converted, isConverted := e.ConvertedType.Get()
	switch {
	case !primitive || repetition == format.Repeated:
		return "", errors.New("the local AWS does not support nested columns")
	case isConverted && converted == deprecated.Decimal:
		precision, _ := e.Precision.Get()
		scale, _ := e.Scale.Get()
		if precision < 1 || precision > 38 || scale < 0 || scale > precision {
			return "", fmt.Errorf("decimal(%d,%d) is not a valid type", precision, scale)
		}
		return fmt.Sprintf("decimal(%d,%d)", precision, scale), nil
	case isConverted && convertedTypes[converted] != "":
		return convertedTypes[converted], nil
	case isConverted || e.LogicalType.Value != nil:
		return "", errors.New("the local AWS does not support its type annotation, which RDS exports do not use")
	}
	return physicalTypes[physical], nil
}
