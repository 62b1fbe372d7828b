package athena

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// castMacros returns the macros for Trino's casts, except those to decimal and varbinary: athena_cast_TYPE(x, kind, place) for CAST, and
// athena_try_TYPE for TRY_CAST. They call castText for some types of values, and DuckDB converts values of the other types.
func castMacros() []string {
	var macros []string
	for _, t := range columnTypes {
		viaText, other := "'VARCHAR'", ""
		switch {
		case t.engine == "VARCHAR":
			other = " WHEN starts_with(system.main.typeof(x), 'DECIMAL') THEN " + decimalText("x")
			viaText = "'DOUBLE', 'FLOAT', 'DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'BLOB'"
		case integerBits[t.kind] > 0:
			viaText = "'VARCHAR', 'DOUBLE', 'FLOAT'"
		case t.kind == "real" || t.kind == "double":
			viaText = "'VARCHAR', " + map[string]string{"real": "'DOUBLE'", "double": "''"}[t.kind]
			other = " WHEN starts_with(system.main.typeof(x), 'DECIMAL') THEN " + castToText(t.kind, "false") + " AS " + t.engine + ")"
		case t.engine == "TIMESTAMP_MS": // DuckDB rounds a time before 1970 in the other direction
			other = " WHEN system.main.typeof(x) = 'TIMESTAMP' THEN CAST(date_trunc('milliseconds', CAST(x AS TIMESTAMP) + INTERVAL 500 MICROSECONDS)" +
				" AS TIMESTAMP_MS)"
		}
		for _, form := range [...]struct{ cast, try string }{{"CAST", "false"}, {"TRY_CAST", "true"}} {
			macros = append(macros, castMacro(form.cast, t.engine)+"(x, kind, place) AS CASE WHEN system.main.typeof(x) IN ("+viaText+
				") THEN CAST(athena_text(CAST(x AS VARCHAR), system.main.typeof(x), kind, "+form.try+", place) AS "+t.engine+")"+other+
				" ELSE "+form.cast+"(x AS "+t.engine+") END")
		}
	}
	return macros
}

// castMacro returns the name of the macro for CAST or TRY_CAST to a DuckDB type.
func castMacro(cast, engine string) string {
	return "athena_" + lower(cast) + "_" + lower(strings.ReplaceAll(engine, " ", "_"))
}

// castForm returns the SQL that precedes and follows the operand of a cast. place is the position of the cast, for example "line 1:8".
func castForm(to sqlType, cast, place string) (head, tail string) {
	kind, place := ", "+quoteString(to.kind), ", "+quoteString(place)+")"
	switch {
	case strings.HasPrefix(to.kind, "decimal"):
		return "CAST(athena_decimal(", kind + ", " + strconv.FormatBool(cast == "TRY_CAST") + place + " AS " + to.engine + ")"
	case to.kind == "varbinary":
		return "athena_varbinary(", ")"
	}
	return castMacro(cast, to.engine) + "(", kind + place
}

// castable reports whether Trino can cast a DuckDB type to a Trino type. It covers only the casts that use castText.
func castable(from, to string) bool {
	base, _, _ := strings.Cut(to, "(")
	moment := base == "date" || base == "timestamp"
	switch {
	case from == "VARCHAR", from == `"NULL"`:
		return true
	case from == "BLOB":
		return to == "varbinary"
	case from == "DATE", strings.HasPrefix(from, "TIME"):
		return moment || base == "varchar"
	}
	return !moment // the DuckDB type is a number or a boolean
}

// castText converts a value from a DuckDB type to a Trino type, as Trino's CAST does. The value and the result are text. The error
// messages are Trino's: see DateTimes, VarcharToDateCast, VarcharToTimestampCast, VarcharOperators and DecimalCasts in its source.
func castText(text, from, to string) (string, error) {
	base, _, _ := strings.Cut(to, "(")
	switch base {
	case "boolean":
		if value, ok := booleans[lower(text)]; ok {
			return value, nil
		}
		return "", cannotCast(text, "BOOLEAN")
	case "tinyint", "smallint", "integer", "bigint":
		return toInteger(text, from, base)
	case "real", "double":
		return textToDouble(text, base)
	case "decimal":
		return toDecimal(text, from, to)
	case "date":
		return textToDate(text)
	case "timestamp":
		return textToTimestamp(text, to)
	}
	return toVarchar(text, from)
}

func cannotCast(text, to string) error {
	return fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast '%s' to %s", text, to)
}

// booleans maps each string that Trino can cast to boolean to the result.
var booleans = map[string]string{"true": "true", "t": "true", "1": "true", "false": "false", "f": "false", "0": "false"}

var integerBits = map[string]int{"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

// toInteger parses an integer, or rounds a floating-point number half away from zero.
func toInteger(text, from, to string) (string, error) {
	if from == "VARCHAR" {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, integerBits[to])
		if err != nil {
			return "", cannotCast(text, strings.Replace(upper(to), "INTEGER", "INT", 1))
		}
		return strconv.FormatInt(n, 10), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	limit := math.Ldexp(1, integerBits[to]-1)
	if rounded := math.Round(f); err == nil && rounded >= -limit && rounded < limit {
		return strconv.FormatFloat(rounded, 'f', 0, 64), nil
	}
	if math.IsNaN(f) {
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast double NaN to %s", to)
	}
	return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Out of range for %s: %s", to, javaFloat(f, 64))
}

// doubleText matches the strings that Java's Double.parseDouble accepts, except hexadecimal numbers.
var doubleText = regexp.MustCompile(`^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[dDfF]?$`)

func textToDouble(text, to string) (string, error) {
	trimmed := strings.TrimSpace(text)
	if !doubleText.MatchString(trimmed) {
		return "", cannotCast(text, upper(to))
	}
	if !strings.HasSuffix(trimmed, "y") { // not Infinity
		trimmed = strings.TrimRight(trimmed, "dDfF")
	}
	bits := map[string]int{"real": 32, "double": 64}[to]
	f, err := strconv.ParseFloat(trimmed, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // if out of range, f is the nearest value, as in Java
		return "", cannotCast(text, upper(to))
	}
	return strconv.FormatFloat(f, 'g', -1, bits), nil
}

var decimalPattern = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?$`)

// toDecimal parses a number and rounds it half away from zero to the scale of the type.
func toDecimal(text, from, to string) (string, error) {
	var precision, scale int
	if !scan(to, "decimal(%d,%d)", &precision, &scale) {
		return "", fmt.Errorf("type %q is not a decimal type", to)
	}
	refuse := func(why string) (string, error) {
		if from != "VARCHAR" {
			why = ""
		}
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast %s '%s' to DECIMAL(%d, %d)%s",
			upper(trinoType(from)), text, precision, scale, why)
	}
	if from == "BOOLEAN" {
		text = map[string]string{"true": "1", "false": "0"}[text]
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok || !decimalPattern.MatchString(text) {
		return refuse(". Value is not a number.")
	}
	out := number.FloatString(scale)
	if len(strings.TrimLeft(strings.Replace(out, ".", "", 1), "-0")) > precision {
		return refuse(". Value too large.")
	}
	return out, nil
}

// toVarchar formats floating-point numbers with an exponent, and pads the fractional seconds of timestamps to the precision of their type.
func toVarchar(text, from string) (string, error) {
	switch from {
	case "DOUBLE", "FLOAT":
		bits := map[string]int{"DOUBLE": 64, "FLOAT": 32}[from]
		f, err := strconv.ParseFloat(text, bits)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return javaFloat(f, bits), nil
		}
		return scientific(f, bits), nil
	case "TIMESTAMP_MS", "TIMESTAMP":
		digits := map[string]int{"TIMESTAMP_MS": 3, "TIMESTAMP": 6}[from]
		whole, fraction, _ := strings.Cut(text, ".")
		return whole + "." + (fraction + "000000")[:digits], nil
	case "TIMESTAMP WITH TIME ZONE":
		whole, fraction, _ := strings.Cut(strings.TrimSuffix(text, "+00"), ".")
		return whole + "." + (fraction + "000")[:3] + " UTC", nil
	}
	return text, nil
}
