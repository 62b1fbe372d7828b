package export

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// mapping defines how a column is written to Parquet.
type mapping struct {
	node parquet.Node
	// name is the expectedExportedType in the manifests.
	name string
	// convert returns the Parquet value for the text that the server sends. The value may share memory with the text.
	convert func(text []byte) (parquet.Value, error)
	// bounds is true if the file contains the column's smallest and largest values. It is false if values can be long, or if the library
	// does not order values as readers expect.
	bounds bool
}

// mappingOf returns the mapping of a column (RDS guide, "Data conversion when exporting to an Amazon S3 bucket").
func mappingOf(t Table, c Column) (mapping, error) {
	if t.isPostgres() {
		return postgresMapping(c), nil
	}
	return mysqlMapping(c)
}

// mysqlMapping returns the mapping for MySQL and MariaDB. The RDS guide lists no annotation for CHAR, but real exports annotate it as UTF8.
func mysqlMapping(c Column) (mapping, error) {
	name := c.Type
	if c.Unsigned {
		name += " unsigned"
	}
	switch name {
	case "bigint unsigned":
		return decimalMapping(20, 0), nil // decimal(20,0) holds 2^64-1
	case "bigint", "int unsigned", "mediumint unsigned":
		return int64Mapping(), nil
	case "int", "mediumint", "smallint", "smallint unsigned", "tinyint", "year":
		return int32Mapping(), nil
	case "tinyint unsigned":
		return int16Mapping(), nil
	case "decimal", "decimal unsigned":
		if c.Precision > 38 {
			return textMapping(true), nil
		}
		return decimalMapping(c.Precision, c.Scale), nil
	case "float", "double", "float unsigned", "double unsigned":
		return mapping{node: optional(plain(parquet.DoubleType)), name: "double", convert: toDouble, bounds: true}, nil
	case "datetime", "timestamp":
		node := optional(annotate(parquet.Int64Type, deprecated.TimestampMicros))
		return mapping{node: node, name: "int64 (TIMESTAMP_MICRO)", convert: toTimestamp, bounds: true}, nil
	case "date", "time", "char", "varchar", "enum", "set":
		return textMapping(true), nil
	case "tinytext", "text", "mediumtext", "longtext", "json":
		return textMapping(false), nil
	case "bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
		"geometrycollection", "geomcollection": // the names in MariaDB and in MySQL 8
		return mapping{node: optional(plain(parquet.ByteArrayType)), name: "binary", convert: toBytes}, nil
	default:
		return mapping{}, fmt.Errorf("AWS does not document how RDS exports type %s; exclude the table from the export", c.Type)
	}
}

// postgresMapping returns the mapping for PostgreSQL. Most types are exported as the text that the server sends.
func postgresMapping(c Column) mapping {
	if c.Domain {
		return textMapping(false)
	}
	switch c.Type {
	case "bigint":
		return int64Mapping()
	case "integer":
		return int32Mapping()
	case "smallint":
		return int16Mapping()
	// There are no bounds, since floating-point numbers can be NaN, which has no order.
	case "real":
		return mapping{node: optional(plain(parquet.FloatType)), name: "float", convert: toFloat}
	case "double precision":
		return mapping{node: optional(plain(parquet.DoubleType)), name: "double", convert: toDouble}
	case "boolean":
		// Readers do not support dictionaries of booleans.
		node := parquet.Optional(parquet.Encoded(parquet.Leaf(plain(parquet.BooleanType)), &parquet.Plain))
		return mapping{node: node, name: "boolean", convert: toBoolean}
	case "bytea":
		return mapping{node: optional(plain(parquet.ByteArrayType)), name: "binary", convert: fromHex}
	case "date", "time without time zone", "timestamp without time zone", "timestamp with time zone", "uuid":
		return textMapping(true)
	default: // the text can have any length
		return textMapping(false)
	}
}

func int16Mapping() mapping {
	node := optional(annotate(parquet.Int32Type, deprecated.Int16))
	return mapping{node: node, name: "int32 (INT_16)", convert: toInt32, bounds: true}
}

func int32Mapping() mapping {
	return mapping{node: optional(plain(parquet.Int32Type)), name: "int32", convert: toInt32, bounds: true}
}

func int64Mapping() mapping {
	return mapping{node: optional(plain(parquet.Int64Type)), name: "int64", convert: toInt64, bounds: true}
}

func textMapping(bounds bool) mapping {
	node := optional(annotate(parquet.ByteArrayType, deprecated.UTF8))
	return mapping{node: node, name: "binary (UTF8)", convert: toText, bounds: bounds}
}

// decimalMapping uses the smallest physical type that can hold the digits, as Spark does. A byte array has no bounds, because the library
// compares unsigned bytes, so -1 would be the largest value.
func decimalMapping(precision, scale int) mapping {
	var physical parquet.Type
	var name string
	convert := toInt64
	switch {
	case precision <= 9:
		physical, name, convert = parquet.Int32Type, "int32", toInt32
	case precision <= 18:
		physical, name = parquet.Int64Type, "int64"
	default:
		size := decimalSize(precision)
		physical, name, convert = parquet.FixedLenByteArrayType(size), fmt.Sprintf("fixed_len_byte_array(%d)", size), toBigEndian(size)
	}
	return mapping{
		node: optional(parquet.Decimal(scale, precision, physical).Type()), name: fmt.Sprintf("%s (DECIMAL(%d,%d))", name, precision, scale),
		convert: toDecimal(scale, convert), bounds: precision <= 18,
	}
}
