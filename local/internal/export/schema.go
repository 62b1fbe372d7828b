package export

import (
	"math/big"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// annotated is a physical type with the annotation of Parquet's first format version, or with none. The writer of RDS's
// exports knows no LogicalType, and a reader tells by it: a TIMESTAMP_MICROS without one has no time zone.
//
// DECIMAL is the exception. The library writes precision and scale only beside a LogicalType, which then has the same meaning.
type annotated struct {
	parquet.Type
	converted *deprecated.ConvertedType
}

func (a annotated) LogicalType() *format.LogicalType         { return nil }
func (a annotated) ConvertedType() *deprecated.ConvertedType { return a.converted }

// plain is t without annotation.
func plain(t parquet.Type) parquet.Type { return annotated{Type: t} }

// annotate is t with the annotation c.
func annotate(t parquet.Type, c deprecated.ConvertedType) parquet.Type { return annotated{t, &c} }

// optional makes a column of values of type t. RDS declares every column as optional, also one that is NOT NULL.
func optional(t parquet.Type) parquet.Node {
	return parquet.Optional(parquet.Encoded(parquet.Leaf(t), &parquet.RLEDictionary))
}

// newSchema makes a file's schema. Its root has the name that Spark gives it, which is what RDS exports with.
func newSchema(columns []Column, mappings []mapping) *parquet.Schema {
	r := &root{}
	for i, c := range columns {
		r.fields = append(r.fields, field{mappings[i].node, c.Name})
	}
	return parquet.NewSchema("spark_schema", r)
}

// root is a group whose fields keep their order; parquet.Group would sort them by name.
type root struct {
	parquet.Group // stays empty: it only says that this is a group
	fields        []parquet.Field
}

func (r *root) Fields() []parquet.Field { return r.fields }

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value is asked for by writers of Go structs only; rows are written as parquet.Row.
func (f field) Value(base reflect.Value) reflect.Value { return base }

// decimalSize is the smallest number of bytes whose two's complement holds every number of that many digits.
func decimalSize(precision int) int {
	largest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	largest.Sub(largest, big.NewInt(1))
	return largest.BitLen()/8 + 1 // one bit more for the sign
}
