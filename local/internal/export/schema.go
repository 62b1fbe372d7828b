package export

import (
	"math/big"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// annotated is a physical type with an optional ConvertedType. As in real exports, it has no LogicalType. If it had one, readers would
// assume that TIMESTAMP_MICROS has a time zone.
//
// DECIMAL columns do have a LogicalType, because the library does not write the precision and the scale without one.
type annotated struct {
	parquet.Type
	converted *deprecated.ConvertedType
}

func (a annotated) LogicalType() *format.LogicalType         { return nil }
func (a annotated) ConvertedType() *deprecated.ConvertedType { return a.converted }

// plain returns the type t without an annotation.
func plain(t parquet.Type) parquet.Type { return annotated{Type: t} }

// annotate returns the type t with the ConvertedType c.
func annotate(t parquet.Type, c deprecated.ConvertedType) parquet.Type { return annotated{t, &c} }

// optional returns an optional column of type t. RDS declares every column as optional, even if it is NOT NULL.
func optional(t parquet.Type) parquet.Node {
	return parquet.Optional(parquet.Encoded(parquet.Leaf(t), &parquet.RLEDictionary))
}

// newSchema returns the schema of a part file. As in real exports, the root has the name that Spark gives it.
func newSchema(columns []Column, mappings []mapping) *parquet.Schema {
	r := &root{}
	for i, c := range columns {
		r.fields = append(r.fields, field{mappings[i].node, c.Name})
	}
	return parquet.NewSchema("spark_schema", r)
}

// root is a group that keeps the order of its fields; parquet.Group would sort them by name.
type root struct {
	parquet.Group // empty; it only marks root as a group
	fields        []parquet.Field
}

func (r *root) Fields() []parquet.Field { return r.fields }

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value implements [parquet.Field]. The library calls it only to write Go structs.
func (f field) Value(base reflect.Value) reflect.Value { return base }

// decimalSize returns the number of bytes that a decimal number of the given precision needs in two's complement.
func decimalSize(precision int) int {
	largest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	largest.Sub(largest, big.NewInt(1))
	return largest.BitLen()/8 + 1 // plus a bit for the sign
}
