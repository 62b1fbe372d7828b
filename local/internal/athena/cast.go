package athena

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
		return toFloatingPoint(text, from, base)
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

// trim removes the characters that Java's String.trim removes.
func trim(text string) string { return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' }) }

// asciiDigit converts a decimal digit of another script, for example a full-width digit, as Java's Character.digit does.
func asciiDigit(r rune) rune {
	if r <= unicode.MaxASCII || !unicode.IsDigit(r) {
		return r
	}
	digit := rune(0)
	for ; unicode.IsDigit(r - 1); r-- { // Unicode has the digits of a script in order
		digit++
	}
	return '0' + digit%10
}

// toInteger parses an integer, or rounds a floating-point number half away from zero.
func toInteger(text, from, to string) (string, error) {
	if from == "VARCHAR" {
		n, err := strconv.ParseInt(strings.Map(asciiDigit, trim(text)), 10, integerBits[to])
		if err != nil {
			return "", cannotCast(text, strings.Replace(upper(to), "INTEGER", "INT", 1))
		}
		return strconv.FormatInt(n, 10), nil
	}
	f, err := strconv.ParseFloat(text, floatBits[from])
	limit := math.Ldexp(1, integerBits[to]-1)
	switch rounded := math.Round(f); {
	case err == nil && rounded >= -limit && rounded < limit:
		return strconv.FormatFloat(rounded, 'f', 0, 64), nil
	case math.IsNaN(f):
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast double NaN to %s", to)
	case from == "FLOAT" && to == "bigint" && f > 0: // Trino's RealOperators do not check the range
		return strconv.Itoa(math.MaxInt64), nil
	case from == "FLOAT" && to == "bigint":
		return strconv.Itoa(math.MinInt64), nil
	}
	return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Out of range for %s: %s", to, javaFloat(f, 64))
}

// floatBits maps DuckDB's and Trino's floating-point types to their sizes.
var floatBits = map[string]int{"FLOAT": 32, "real": 32, "DOUBLE": 64, "double": 64}

// doubleText matches the strings that Java's Double.parseDouble accepts.
var doubleText = regexp.MustCompile(`^[+-]?(?:NaN|Infinity|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?` +
	`|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[dDfF]?)$`)

// toFloatingPoint parses a number, or rounds a number of another type. A number beyond the range becomes infinity.
func toFloatingPoint(text, from, to string) (string, error) {
	bits := floatBits[to]
	var precision, scale int
	switch {
	case from == "DOUBLE":
		f, err := strconv.ParseFloat(text, 64)
		return strconv.FormatFloat(float64(float32(f)), 'g', -1, 32), err
	case scan(from, "DECIMAL(%d,%d)", &precision, &scale) && precision <= 18: // Trino divides the unscaled number by a power of ten
		n, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
		if bits == 32 {
			return strconv.FormatFloat(float64(float32(n)/float32(math.Pow10(scale))), 'g', -1, 32), err
		}
		return strconv.FormatFloat(float64(n)/math.Pow10(scale), 'g', -1, 64), err
	}
	trimmed := trim(text)
	if !doubleText.MatchString(trimmed) {
		return "", cannotCast(text, upper(to))
	}
	if strings.HasSuffix(trimmed, "NaN") {
		return "NaN", nil
	}
	f, err := strconv.ParseFloat(strings.TrimRight(trimmed, "dDfF"), bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // if out of range, f is the nearest value, as in Java
		return "", cannotCast(text, upper(to))
	}
	return strconv.FormatFloat(f, 'g', -1, bits), nil
}

// decimalPattern matches the strings that Java's BigDecimal accepts.
var decimalPattern = regexp.MustCompile(`^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]+))?$`)

// parseDecimal parses a number. If the number is too small to count, the result is 0, and if it is too large, it is at least 10^38.
func parseDecimal(text string) (*big.Rat, bool) {
	m := decimalPattern.FindStringSubmatch(strings.Map(asciiDigit, text))
	if m == nil {
		return nil, false
	}
	exponent, err := strconv.ParseInt(cmp.Or(m[2], "0"), 10, 32)
	limit := int64(len(text) + maxPrecision)
	number, ok := new(big.Rat).SetString(m[1] + "e" + strconv.FormatInt(max(min(exponent, limit), -limit), 10))
	return number, ok && err == nil
}

// maxPrecision is the largest precision of a decimal.
const maxPrecision = 38

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
	number, ok := parseDecimal(text)
	if !ok {
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
		f, err := strconv.ParseFloat(text, floatBits[from])
		return floatText(f, floatBits[from]), err
	case "DATE":
		return yearText(text, ""), nil
	case "TIMESTAMP_S":
		return yearText(text, "+"), nil
	case "TIMESTAMP_MS", "TIMESTAMP":
		digits := map[string]int{"TIMESTAMP_MS": 3, "TIMESTAMP": 6}[from]
		whole, fraction, _ := strings.Cut(yearText(text, "+"), ".")
		return whole + "." + (fraction + "000000")[:digits], nil
	case "TIMESTAMP WITH TIME ZONE":
		whole, fraction, _ := strings.Cut(strings.TrimSuffix(yearText(text, "+"), "+00"), ".")
		return whole + "." + (fraction + "000")[:3] + " UTC", nil
	}
	return text, nil
}

// floatText formats a number as CAST to varchar does (castToVarchar in Trino's DoubleOperators and RealOperators): with an exponent, and a
// real with at most 7 digits.
func floatText(f float64, bits int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return javaFloat(f, bits)
	}
	if f == 0 {
		return strconv.FormatFloat(f, 'f', 0, 64) + "E0"
	}
	digits := javaDigits(f)
	if bits == 32 {
		short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'E', max(1, shortest(f, 32)), 32), 64)
		if math.Abs(short) < 1<<63 && short == math.Trunc(short) { // Java rounds half of a whole number up, not to even
			short = math.Nextafter(short, short*2)
		}
		digits = strconv.FormatFloat(short, 'E', 6, 64)
	}
	mantissa, exponent, _ := strings.Cut(digits, "E")
	n, _ := strconv.Atoi(exponent) // always a valid number
	return withPoint(strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")) + "E" + strconv.Itoa(n)
}

// shortest returns the number of digits after the point that identify a number.
func shortest(f float64, bits int) int {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'E', -1, bits), "E")
	return max(0, len(mantissa)-len("1."))
}

// javaDigits returns the digits that Java's FloatingDecimal generates, which are sometimes more than necessary. The number that they form
// is closer to f than half the distance to the next smaller number. From 2^53 to 2^63, only digits beyond 53 bits are omitted.
func javaDigits(f float64) string {
	size := math.Abs(f)
	if exponent := math.Ilogb(size); exponent > 52 && exponent < 63 {
		dropped := int(float64(exponent-54) * math.Log10(2))
		return strconv.FormatFloat(f, 'E', len(strconv.FormatFloat(size, 'f', 0, 64))-1-dropped, 64)
	}
	half := new(big.Rat).SetFloat64(size - math.Nextafter(size, 0))
	half.Mul(half, big.NewRat(1, 2))
	for precision := max(1, shortest(f, 64)); ; precision++ {
		digits := strconv.FormatFloat(f, 'E', precision, 64)
		distance, _ := new(big.Rat).SetString(digits)
		if distance.Sub(distance, new(big.Rat).SetFloat64(f)); precision == 16 || distance.Abs(distance).Cmp(half) < 0 {
			return digits
		}
	}
}

// fromUTF8 decodes bytes as Trino's from_utf8 does: an invalid sequence becomes one U+FFFD, however long it is.
func fromUTF8(b []byte) string {
	var text strings.Builder
	for len(b) > 0 {
		length := max(1, bits.LeadingZeros8(^b[0])) // as the first byte says
		if length > 6 || b[0]&0xC0 == 0x80 {
			length = 1
		}
		end := 1
		for end < min(length, len(b)) && b[end]&0xC0 == 0x80 {
			end++
		}
		r, size := utf8.DecodeRune(b[:end])
		if size < end {
			r = utf8.RuneError
		}
		text.WriteRune(r)
		b = b[end:]
	}
	return text.String()
}
