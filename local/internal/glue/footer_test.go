package glue

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/s3"
)

// wholeFiles are Parquet files of the kinds that an export has.
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

// withFooter is a Parquet file that consists of nothing else.
func withFooter(footer []byte) []byte {
	b := append([]byte(magic), footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), magic...)
}

func parse(b []byte) (footer, error) { return parseFooter(bytes.NewReader(b), int64(len(b))) }

func TestReadsTheColumnsAndCountsTheRows(t *testing.T) {
	got, err := parse(wholeFiles(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range got.columns {
		columns = append(columns, c.Name+" "+c.Type)
	}
	if text := strings.Join(columns, ", "); text != "id bigint, name string, total decimal(12,2), created_at timestamp, raw binary" || got.rows != 2 {
		t.Errorf("got %s and %d rows", text, got.rows)
	}
}

func TestSaysWhatIsWrongWithAFooter(t *testing.T) {
	whole := wholeFiles(t)[0]
	longer := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(longer[len(longer)-footerTail:], math.MaxUint32)
	// What follows is in Thrift's compact protocol: a byte of the field's number and type, 0xF and the type for a list whose
	// length is a varint, 0x0 for the end of a struct.
	manyColumns := []byte{0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07}
	longName := []byte{0x15, 2, 0x19, 0x1C, 0x48, 0xFF, 0xFF, 0xFF, 0xFF, 0x07}
	deep := bytes.Repeat([]byte{0x1C}, 16<<20)
	lists := bytes.Repeat([]byte{0x19}, 16<<20)
	cases := map[string]struct {
		file []byte
		want string
	}{
		"no byte":              {nil, "it has only 0 bytes"},
		"the end is missing":   {whole[:len(whole)-1], `it begins with "PAR1" and ends with`},
		"a length too long":    {longer, "its footer should have 4294967295 bytes, and there is room for"},
		"the start is missing": {whole[1:], `it begins with "AR1`},
		"too many columns":     {withFooter(manyColumns), "a length of 2147483647 where 0 bytes are left"},
		"a name too long":      {withFooter(longName), "a length of 2147483647 where 0 bytes are left"},
		"nested too deep":      {withFooter(deep), "structs nested more than 32 deep"},
		"lists of lists":       {withFooter(lists), "a list of collections"},
		"an empty footer":      {withFooter(nil), "unexpected EOF"},
		"no rows are told":     {withFooter([]byte{0x15, 2, 0}), "missing"},
		"no column":            {withFooter([]byte{0x29, 0x0C, 0x16, 0, 0}), "it has 0 columns and 0 rows"},
		"rows below none":      {withFooter([]byte{0x29, 0x1C, 0x48, 1, 'x', 0, 0x16, 1, 0}), "-1 rows"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestNamesTheObjectThatCannotBeRead(t *testing.T) {
	store, err := s3.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", ""); err != nil {
		t.Fatal(err)
	}
	if err := store.Put("lake", "shop/users/part-0.parquet", []byte("PAR1 and no more")); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"shop/users/part-0.parquet": "s3://lake/shop/users/part-0.parquet: not a whole Parquet file",
		"shop/users/part-1.parquet": "s3://lake/shop/users/part-1.parquet was deleted while it was crawled",
	} {
		c := &crawl{store: store}
		err := c.read(t.Context(), &folder{bucket: "lake"}, &partition{objects: []s3.Object{{Key: key, Size: 16}}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want it to begin with %q", err, want)
		}
	}
}

func FuzzFooter(f *testing.F) {
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
		if got.rows < 0 {
			t.Errorf("%d rows", got.rows)
		}
		names := map[string]bool{}
		for _, c := range got.columns {
			if c.Name == "" || c.Type == "" || names[c.Name] {
				t.Errorf("the column %q of type %q", c.Name, c.Type)
			}
			names[c.Name] = true
		}
	})
}
