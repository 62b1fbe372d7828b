package athena

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A cast from or to text is done here, in Trino's way, by castText; the engine then makes the value of the text, and does all other
// casts by itself. These are the types that have a macro for it: athena_cast_NAME(x, kind, place) and, for TRY_CAST,
// athena_try_NAME. texts are the engine's types whose values go through castText.
var castTargets = [...]struct{ name, engine, texts string }{
	{"boolean", "BOOLEAN", "'VARCHAR'"},
	{"tinyint", "TINYINT", "'VARCHAR', 'DOUBLE', 'FLOAT'"},
	{"smallint", "SMALLINT", "'VARCHAR', 'DOUBLE', 'FLOAT'"},
	{"integer", "INTEGER", "'VARCHAR', 'DOUBLE', 'FLOAT'"},
	{"bigint", "BIGINT", "'VARCHAR', 'DOUBLE', 'FLOAT'"},
	{"real", "FLOAT", "'VARCHAR'"},
	{"double", "DOUBLE", "'VARCHAR'"},
	{"date", "DATE", "'VARCHAR'"},
	{"time", "TIME", "'VARCHAR'"},
	{"timestamp_s", "TIMESTAMP_S", "'VARCHAR'"},
	{"timestamp_ms", "TIMESTAMP_MS", "'VARCHAR'"},
	{"timestamp", "TIMESTAMP", "'VARCHAR'"},
	{"timestamp_ns", "TIMESTAMP_NS", "'VARCHAR'"},
	{"timestamp_with_time_zone", "TIMESTAMP WITH TIME ZONE", "'VARCHAR'"},
	{"varchar", "VARCHAR", "'DOUBLE', 'FLOAT', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'JSON', 'BLOB'"},
}

// castMacros define the macros.
func castMacros() []string {
	var macros []string
	for _, t := range castTargets {
		for _, form := range [...]struct{ prefix, cast, try string }{{"athena_cast_", "CAST", "false"}, {"athena_try_", "TRY_CAST", "true"}} {
			macros = append(macros, form.prefix+t.name+"(x, kind, place) AS CASE WHEN system.main.typeof(x) IN ("+t.texts+
				") THEN CAST(athena_text(CAST(x AS VARCHAR), system.main.typeof(x), kind, "+form.try+", place) AS "+t.engine+
				") ELSE "+form.cast+"(x AS "+t.engine+") END")
		}
	}
	return macros
}

// castForm is what the engine is given in front of the value of a cast and behind it. place is "line 1:8".
func castForm(to sqlType, macro, cast, place string) (head, tail string) {
	base, _, _ := strings.Cut(to.kind, "(")
	arguments := ", " + quoteString(to.kind) + ", " + quoteString(place) + ")"
	switch {
	case base == "decimal":
		try := strconv.FormatBool(cast == "TRY_CAST")
		return "CAST(athena_decimal(", ", " + quoteString(to.kind) + ", " + try + ", " + quoteString(place) + ") AS " + to.engine + ")"
	case to.kind == "varbinary":
		return "athena_varbinary(", ")"
	case to.kind == "json":
		return "to_json(", ")"
	case base == "char" || strings.HasPrefix(to.kind, "varchar("):
		length := strings.TrimSuffix(strings.TrimPrefix(to.kind, base+"("), ")")
		return "substr(" + macro + "varchar(", arguments + ", 1, " + length + ")"
	case strings.HasPrefix(to.kind, "timestamp"):
		return macro + strings.ReplaceAll(lower(to.engine), " ", "_") + "(", arguments
	case base == "time":
		return macro + "time(", arguments
	}
	for _, t := range castTargets {
		if t.name == to.kind {
			return macro + to.kind + "(", arguments
		}
	}
	return cast + "(", " AS " + to.engine + ")"
}

// castable tells whether Trino has a cast from one of the engine's types to one of its own, of those that go through castText.
func castable(from, to string) bool {
	base, _, _ := strings.Cut(to, "(")
	moment := []string{"date", "time", "timestamp"}
	switch {
	case from == "VARCHAR", from == "JSON", from == `"NULL"`:
		return true
	case from == "BLOB":
		return to == "varbinary"
	case from == "DATE", strings.HasPrefix(from, "TIME"):
		return base == "varchar" || base == "char" || slices.Contains(moment, base)
	}
	return !slices.Contains(moment, base) // numbers and booleans
}

// castText makes of the text of a value, whose type in the engine is from, the text of a value of Trino's type to. What Trino refuses
// is an error in its words: DateTimes, VarcharToDateCast, VarcharToTimestampCast, VarcharOperators and DecimalCasts in its source.
func castText(text, from, to string) (string, error) {
	base, _, _ := strings.Cut(to, "(")
	switch base {
	case "boolean":
		return textToBoolean(text)
	case "tinyint", "smallint", "integer", "bigint":
		return toInteger(text, from, base)
	case "real", "double":
		return textToDouble(text, base)
	case "decimal":
		return toDecimal(text, from, to)
	case "date":
		return textToDate(text)
	case "time":
		return textToTime(text)
	case "timestamp":
		return textToTimestamp(text, to)
	}
	return toVarchar(text, from)
}

func cannotCast(text, to string) error {
	return fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast '%s' to %s", text, to)
}

func textToBoolean(text string) (string, error) {
	switch lower(text) {
	case "true", "t", "1":
		return "true", nil
	case "false", "f", "0":
		return "false", nil
	}
	return "", cannotCast(text, "BOOLEAN")
}

var integerBits = map[string]int{"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

// toInteger reads digits, or rounds a double half away from zero.
func toInteger(text, from, to string) (string, error) {
	if from == "VARCHAR" {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, integerBits[to])
		if err != nil {
			return "", cannotCast(text, strings.Replace(strings.ToUpper(to), "INTEGER", "INT", 1))
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

// doubleText is what Java's Double.parseDouble takes, but for hexadecimal digits.
var doubleText = regexp.MustCompile(`^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[dDfF]?$`)

func textToDouble(text, to string) (string, error) {
	trimmed := strings.TrimSpace(text)
	if !doubleText.MatchString(trimmed) {
		return "", cannotCast(text, strings.ToUpper(to))
	}
	if !strings.HasSuffix(trimmed, "y") { // Infinity
		trimmed = strings.TrimRight(trimmed, "dDfF")
	}
	bits := map[string]int{"real": 32, "double": 64}[to]
	f, err := strconv.ParseFloat(trimmed, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // of which f is the nearest value, as in Java
		return "", cannotCast(text, strings.ToUpper(to))
	}
	return strconv.FormatFloat(f, 'g', -1, bits), nil
}

var decimalText = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?$`)

// toDecimal rounds half away from zero to the digits that the type has.
func toDecimal(text, from, to string) (string, error) {
	var precision, scale int
	if !scan(to, "decimal(%d,%d)", &precision, &scale) {
		return "", fmt.Errorf("the type %q is no decimal", to)
	}
	refuse := func(why string) (string, error) {
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast %s '%s' to DECIMAL(%d, %d)%s", strings.ToUpper(trinoType(from)), text, precision, scale, why)
	}
	switch from {
	case "BOOLEAN":
		text = map[string]string{"true": "1", "false": "0"}[text]
	case "JSON":
		text = strings.Trim(text, `"`)
	}
	if !decimalText.MatchString(text) {
		return refuse(map[bool]string{true: ". Value is not a number."}[from == "VARCHAR"])
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return refuse("")
	}
	out := number.FloatString(scale)
	if len(strings.TrimLeft(strings.Replace(out, ".", "", 1), "-0")) > precision {
		return refuse(map[bool]string{true: ". Value too large."}[from == "VARCHAR"])
	}
	return out, nil
}

// toVarchar prints doubles with an exponent, timestamps with all digits of their precision, and of JSON the text that a string has.
func toVarchar(text, from string) (string, error) {
	switch from {
	case "DOUBLE", "FLOAT":
		bits := map[string]int{"DOUBLE": 64, "FLOAT": 32}[from]
		f, err := strconv.ParseFloat(text, bits)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return javaFloat(f, bits), nil
		}
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, bits), "E")
		n, _ := strconv.Atoi(exponent) // FormatFloat made it
		return withPoint(mantissa) + "E" + strconv.Itoa(n), nil
	case "TIMESTAMP_MS", "TIMESTAMP":
		digits := map[string]int{"TIMESTAMP_MS": 3, "TIMESTAMP": 6}[from]
		whole, fraction, _ := strings.Cut(text, ".")
		return whole + "." + (fraction + "000000")[:digits], nil
	case "TIMESTAMP WITH TIME ZONE":
		whole, fraction, _ := strings.Cut(strings.TrimSuffix(text, "+00"), ".")
		return whole + "." + (fraction + "000")[:3] + " UTC", nil
	case "JSON":
		return jsonScalar(text)
	}
	return text, nil
}
