package athena

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// printedByEngine tells whether DuckDB prints the column's values: those of JSON and of nested types, of which Go keeps not
// even the order of the members.
func (c column) printedByEngine() bool {
	switch c.engine {
	case "JSON", "UUID", "INTERVAL":
		return true
	}
	return strings.HasSuffix(c.engine, "]") || strings.HasPrefix(c.engine, "STRUCT(") || strings.HasPrefix(c.engine, "MAP(")
}

// printed is a value as Athena gives it, nil for NULL.
func printed(v any, c column) *string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return &v
	case []byte:
		return new(strings.TrimSuffix(fmt.Sprintf("% x", v), " "))
	case float32:
		return new(javaFloat(float64(v), 32))
	case float64:
		return new(javaFloat(v, 64))
	case duckdb.Decimal:
		return new(decimal(v))
	case time.Time:
		return new(v.UTC().Format(timeLayout(c.engine)))
	default: // bool, integers, *big.Int
		return new(fmt.Sprint(v))
	}
}

func timeLayout(engine string) string {
	const day, clock = "2006-01-02", "15:04:05"
	switch engine {
	case "DATE":
		return day
	case "TIME":
		return clock + ".000"
	case "TIMESTAMP_S":
		return day + " " + clock
	case "TIMESTAMP_MS":
		return day + " " + clock + ".000"
	case "TIMESTAMP_NS":
		return day + " " + clock + ".000000000"
	case "TIMESTAMP WITH TIME ZONE":
		return day + " " + clock + ".000 UTC"
	default:
		return day + " " + clock + ".000000"
	}
}

// decimal prints all digits of the scale: 1.50.
func decimal(d duckdb.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	if n := int(d.Scale) + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if d.Scale > 0 {
		point := len(digits) - int(d.Scale)
		digits = digits[:point] + "." + digits[point:]
	}
	if d.Value.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// javaFloat prints like Java's Double.toString: 1.0, 1.5E-7, 1.0E20, Infinity.
func javaFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return strconv.FormatFloat(f, 'f', 1, bits)
	}
	if size := math.Abs(f); size >= 1e-3 && size < 1e7 {
		return withPoint(strconv.FormatFloat(f, 'f', -1, bits))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, bits), "E")
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return withPoint(mantissa) + "E" + sign + strings.TrimLeft(exponent, "+-0")
}

func withPoint(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}
