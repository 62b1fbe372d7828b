package athena

import (
	"fmt"
	"slices"
	"strings"
)

// unknown is DuckDB's name for the type of NULL, which Trino calls unknown.
const unknown = `"NULL"`

// numbers and moments list DuckDB's types in the order in which Trino coerces them. A decimal is written without its parameters.
var (
	numbers = []string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE"}
	moments = []string{"DATE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
)

// integerDigits maps DuckDB's integer types to the precision of the decimal to which Trino coerces them.
var integerDigits = map[string]int{"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}

func withoutParameters(engine string) string {
	base, _, _ := strings.Cut(engine, "(")
	return base
}

func isNumber(engine string) bool { return slices.Contains(numbers, withoutParameters(engine)) }

func isDecimal(engine string) bool { return strings.HasPrefix(engine, "DECIMAL") }

func isFloating(engine string) bool { return engine == "DOUBLE" || engine == "FLOAT" }

// decimalOf returns the precision and scale of a decimal, or of the decimal to which Trino coerces an integer or NULL.
func decimalOf(engine string) (precision, scale int) {
	switch {
	case engine == unknown:
		return 1, 0
	case !isDecimal(engine):
		return integerDigits[engine], 0
	}
	scan(engine, "DECIMAL(%d,%d)", &precision, &scale)
	return precision, scale
}

// decimal returns DuckDB's name of a decimal. Like Trino, it limits the precision to 38.
func decimal(precision, scale int) string {
	return fmt.Sprintf("DECIMAL(%d,%d)", min(precision, 38), scale)
}

// commonType returns the DuckDB type to which Trino coerces values of two types, or "" if there is none (Trino, class TypeCoercion).
func commonType(a, b string) string {
	switch {
	case a == b, b == unknown:
		return a
	case a == unknown:
		return b
	}
	for _, order := range [][]string{numbers, moments} {
		i, j := slices.Index(order, withoutParameters(a)), slices.Index(order, withoutParameters(b))
		if i < 0 || j < 0 {
			continue
		}
		if top := order[max(i, j)]; top != "DECIMAL" {
			return top
		}
		p1, s1 := decimalOf(a)
		p2, s2 := decimalOf(b)
		return decimal(max(p1-s1, p2-s2)+max(s1, s2), max(s1, s2))
	}
	return ""
}

// decimalResult returns the type of an arithmetic operation on decimals in Trino (Trino, class DecimalOperators).
func decimalResult(operator, a, b string) string {
	p1, s1 := decimalOf(a)
	p2, s2 := decimalOf(b)
	scale := max(s1, s2)
	switch operator {
	case "*":
		return decimal(p1+p2, s1+s2)
	case "/":
		return decimal(p1+s2+max(0, s2-s1), scale)
	case "%":
		return decimal(min(p1-s1, p2-s2)+scale, scale)
	}
	return decimal(max(p1-s1, p2-s2)+scale+1, scale)
}
