package glue

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// wholeFiles returns a file like an export's, and a file with a nested column.
func wholeFiles(t testing.TB) [][]byte {
	t.Helper()
	var b bytes.Buffer
	err := parquet.Write(&b, []struct {
		ID      int64     `parquet:"id,optional"`
		Name    string    `parquet:"name,optional"`
		Total   int64     `parquet:"total,optional,decimal(2:12)"`
		Created time.Time `parquet:"created_at,optional,timestamp(microsecond)"`
		Raw     []byte    `parquet:"raw,optional"`
	}{{ID: 1, Name: "Ada"}, {ID: 2, Total: 100}}, parquet.Compression(&parquet.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	var nested bytes.Buffer
	if err := parquet.Write(&nested, []struct{ L []struct{ X int } }{{}}); err != nil {
		t.Fatal(err)
	}
	return [][]byte{b.Bytes(), nested.Bytes()}
}

// withFooter returns a Parquet file without data.
func withFooter(footer []byte) []byte {
	b := append([]byte(magic), footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), magic...)
}

func parse(b []byte) ([]Column, error) { return readFooter(bytes.NewReader(b), int64(len(b))) }

func TestReadFooter_ReturnsColumns(t *testing.T) {
	got, err := parse(wholeFiles(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range got {
		columns = append(columns, c.Name+" "+c.Type)
	}
	const want = "id bigint, name string, total decimal(12,2), created_at timestamp, raw binary"
	if text := strings.Join(columns, ", "); text != want {
		t.Errorf("got %s", text)
	}
}

func TestReadFooter_RejectsDamagedFiles(t *testing.T) {
	whole := wholeFiles(t)[0]
	longer := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(longer[len(longer)-footerTail:], math.MaxUint32)
	// In Thrift's compact protocol, a field begins with a byte for its number and type. If the first byte of a list is 0xF plus the type, the
	// length follows as a varint. 0x0 ends a struct.
	manyColumns := []byte{0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07}
	longName := []byte{0x15, 2, 0x19, 0x1C, 0x48, 0xFF, 0xFF, 0xFF, 0xFF, 0x07}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":            {nil, "not a complete Parquet file"},
		"end missing":      {whole[:len(whole)-1], "not a complete Parquet file"},
		"length too large": {longer, `it ends with "\xff\xff\xff\xffPAR1"`},
		"many columns":     {withFooter(manyColumns), "a list declares 2147483647 items, but only 0 bytes are left"},
		"long name":        {withFooter(longName), "unexpected EOF"},
		"empty footer":     {withFooter(nil), "decode the footer"},
		"no schema":        {withFooter([]byte{0x15, 2, 0}), "missing"},
		"no column":        {withFooter([]byte{0x29, 0x0C, 0x16, 0, 0}), "it has no columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzReadFooter(f *testing.F) {
	for _, whole := range wholeFiles(f) {
		f.Add(whole)
		for _, part := range []int{2, 3, 5} {
			f.Add(whole[:len(whole)-len(whole)/part])
			f.Add(whole[len(whole)/part:])
			flipped := bytes.Clone(whole)
			flipped[len(flipped)-len(flipped)/part] ^= 0xFF
			f.Add(flipped)
		}
		length := int(binary.LittleEndian.Uint32(whole[len(whole)-footerTail:]))
		f.Add(withFooter(whole[len(whole)-footerTail-length : len(whole)-footerTail-length/2]))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := parse(file)
		if err != nil {
			return
		}
		names := map[string]bool{}
		for _, c := range got {
			if c.Name == "" || c.Type == "" || names[c.Name] {
				t.Errorf("got column %q of type %q", c.Name, c.Type)
			}
			names[c.Name] = true
		}
	})
}
