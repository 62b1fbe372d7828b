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

// printed returns a value as Athena prints it, or nil for NULL.
func printed(v any, c column) *string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return &v
	case []byte:
		return new(fmt.Sprintf("% x", v))
	case float32:
		return new(javaFloat(float64(v), 32))
	case float64:
		return new(javaFloat(v, 64))
	case duckdb.Decimal:
		return new(decimal(v))
	case time.Time:
		return new(v.UTC().Format(timeLayouts[c.engine]))
	default: // bool, integers, *big.Int
		return new(fmt.Sprint(v))
	}
}

// timeLayouts maps DuckDB's date and time types to the layouts that Athena uses to print values.
var timeLayouts = map[string]string{
	"DATE":                     "2006-01-02",
	"TIMESTAMP_S":              "2006-01-02 15:04:05",
	"TIMESTAMP_MS":             "2006-01-02 15:04:05.000",
	"TIMESTAMP":                "2006-01-02 15:04:05.000000",
	"TIMESTAMP WITH TIME ZONE": "2006-01-02 15:04:05.000 UTC",
}

// decimal formats a number with all decimal places of its scale, for example 1.50.
func decimal(d duckdb.Decimal) string {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	return new(big.Rat).SetFrac(d.Value, unit).FloatString(int(d.Scale))
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

// scientific formats a number with an exponent, for example 1.0E-7.
func scientific(f float64, bits int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, bits), "E")
	n, _ := strconv.Atoi(exponent) // always a valid number
	return withPoint(mantissa) + "E" + strconv.Itoa(n)
}

func withPoint(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}
