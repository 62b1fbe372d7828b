package glue

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// footer is what the crawler learns from one Parquet file.
type footer struct {
	columns []Column
	rows    int64
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
	p, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return footer{}, fmt.Errorf("not a whole Parquet file: %w", err)
	}
	out := footer{rows: p.NumRows()}
	for _, e := range p.Metadata().Schema[1:] { // the first is the root
		kind, err := hiveType(e)
		if err != nil {
			return footer{}, fmt.Errorf("column %q: %w", e.Name, err)
		}
		name := strings.ToLower(e.Name)
		if slices.ContainsFunc(out.columns, func(c Column) bool { return c.Name == name }) {
			return footer{}, fmt.Errorf("two columns are called %q when case does not count", name)
		}
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

func logicalType(e format.SchemaElement) (string, bool) {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return "string", true
	case *format.DecimalType:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale), true
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
	case deprecated.Decimal:
		precision, _ := e.Precision.Get()
		scale, _ := e.Scale.Get()
		return fmt.Sprintf("decimal(%d,%d)", precision, scale), true
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
