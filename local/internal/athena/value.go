package athena

import (
	"database/sql/driver"
	"math"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// printed returns the SQL expression that formats a value of a DuckDB type as Athena prints it in a result.
func printed(value, engine string) string {
	const second = "'%Y-%m-%d %H:%M:%S"
	switch engine {
	case "BLOB":
		return "rtrim(system.main.regexp_replace(system.main.lower(hex(" + value + ")), '(..)', '\\1 ', 'g'))"
	case "FLOAT":
		return "athena_print_real(" + value + ")"
	case "DOUBLE":
		return "athena_print_double(" + value + ")"
	case "TIMESTAMP_MS": // strftime accepts this type, but not all of its values
		return "strftime(CAST(" + value + " AS TIMESTAMP), " + second + ".%g')"
	case "TIMESTAMP":
		return "strftime(" + value + ", " + second + ".%f')"
	case "TIMESTAMP WITH TIME ZONE":
		return "strftime(make_timestamp(epoch_us(" + value + ")), " + second + ".%g UTC')"
	}
	if strings.HasPrefix(engine, "DECIMAL") {
		return decimalText(value)
	}
	return "CAST(" + value + " AS VARCHAR)"
}

// decimalText returns the SQL expression that converts a decimal to text. DuckDB omits the zero before the point if the precision equals the
// scale.
func decimalText(value string) string {
	return "system.main.regexp_replace(CAST(" + value + " AS VARCHAR), '^(-?)\\.', '\\10.')"
}

// printFunction returns a DuckDB function that prints numbers of a type as Athena prints them in a result.
func printFunction(t duckdb.Type) goFunction {
	return goFunction{in: []duckdb.Type{t}, out: duckdb.TYPE_VARCHAR, call: func(v []driver.Value) (any, error) {
		if f, ok := v[0].(float32); ok {
			return javaFloat(float64(f), 32), nil
		}
		return javaFloat(v[0].(float64), 64), nil
	}}
}

// javaFloat formats a number as Java's Double.toString does, for example 1.0, 1.5E-7, 1.0E20 or Infinity.
func javaFloat(f float64, bits int) string {
	switch size := math.Abs(f); {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case size == 0, size >= 1e-3 && size < 1e7:
		return withPoint(strconv.FormatFloat(f, 'f', -1, bits))
	}
	return scientific(f, bits)
}

// scientific formats a number with an exponent, for example 1.0E-7. As in Java, the mantissa has at least two digits, also if one digit
// identifies the number: the smallest double is 4.9E-324.
func scientific(f float64, bits int) string {
	text := strconv.FormatFloat(f, 'E', -1, bits)
	if !strings.Contains(text, ".") {
		text = strconv.FormatFloat(f, 'E', 1, bits)
	}
	mantissa, exponent, _ := strings.Cut(text, "E")
	n, _ := strconv.Atoi(exponent) // always a valid number
	return mantissa + "E" + strconv.Itoa(n)
}

func withPoint(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}
