package glue

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// footer is what the crawler learns from one Parquet file.
type footer struct {
	columns []Column
	rows    int64
}

// footer checks the metadata and takes the columns out of it.
func (m metadata) footer() (footer, error) {
	if len(m.Schema) == 0 || m.NumRows < 0 {
		return footer{}, fmt.Errorf("not a Parquet file: it has %d columns and %d rows", len(m.Schema), m.NumRows)
	}
	out := footer{rows: m.NumRows}
	known := map[string]bool{}
	for _, e := range m.Schema[1:] { // the first is the root
		name := strings.ToLower(e.Name)
		if name == "" || len(name) > 255 || !utf8.ValidString(name) {
			return footer{}, fmt.Errorf("%.300q is no name that a column can have in Glue", e.Name)
		}
		if known[name] { // what Glue does with columns that differ by case only is not documented: it has one column here
			continue
		}
		kind, err := hiveType(e)
		if err != nil {
			return footer{}, fmt.Errorf("column %q: %w", e.Name, err)
		}
		known[name] = true
		out.columns = append(out.columns, Column{Name: name, Type: kind})
	}
	return out, nil
}

// hiveType is the type that Glue infers for a column. What RDS writes has the older annotation only (converted type), what
// others write has the newer one (logical type) or both.
func hiveType(e format.SchemaElement) (string, error) {
	repetition, _ := e.RepetitionType.Get()
	kind, primitive := e.Type.Get()
	if !primitive || repetition == format.Repeated {
		return "", fmt.Errorf("the local AWS crawls flat Parquet files only, and this column is nested")
	}
	if precision, scale, ok := decimal(e); ok {
		if precision < 1 || precision > 38 || scale < 0 || scale > precision {
			return "", fmt.Errorf("decimal(%d,%d) is no type: a decimal has 1 to 38 digits", precision, scale)
		}
		return fmt.Sprintf("decimal(%d,%d)", precision, scale), nil
	}
	if t, ok := logicalType(e); ok {
		return t, nil
	}
	if t, ok := convertedType(e); ok {
		return t, nil
	}
	switch kind {
	case format.Boolean:
		return "boolean", nil
	case format.Int32:
		return "int", nil
	case format.Int64:
		return "bigint", nil
	case format.Int96:
		return "timestamp", nil
	case format.Float:
		return "float", nil
	case format.Double:
		return "double", nil
	default: // ByteArray, FixedLenByteArray
		return "binary", nil
	}
}

// decimal gives the digits of a decimal, in all and behind the point.
func decimal(e format.SchemaElement) (precision, scale int32, ok bool) {
	if t, ok := e.LogicalType.Value.(*format.DecimalType); ok {
		return t.Precision, t.Scale, true
	}
	converted, ok := e.ConvertedType.Get()
	if !ok || converted != deprecated.Decimal {
		return 0, 0, false
	}
	precision, _ = e.Precision.Get()
	scale, _ = e.Scale.Get()
	return precision, scale, true
}

func logicalType(e format.SchemaElement) (string, bool) {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return "string", true
	case *format.DateType:
		return "date", true
	case *format.TimestampType:
		return "timestamp", true
	case *format.IntType:
		return integerType(int(t.BitWidth)), true
	}
	return "", false
}

func convertedType(e format.SchemaElement) (string, bool) {
	converted, ok := e.ConvertedType.Get()
	if !ok {
		return "", false
	}
	switch converted {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return "string", true
	case deprecated.Date:
		return "date", true
	case deprecated.TimestampMillis, deprecated.TimestampMicros:
		return "timestamp", true
	case deprecated.Int8:
		return integerType(8), true
	case deprecated.Int16:
		return integerType(16), true
	case deprecated.Int32:
		return integerType(32), true
	case deprecated.Int64:
		return integerType(64), true
	}
	return "", false
}

func integerType(bits int) string {
	switch bits {
	case 8:
		return "tinyint"
	case 16:
		return "smallint"
	case 32:
		return "int"
	default:
		return "bigint"
	}
}
