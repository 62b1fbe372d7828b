package export

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

func toInt32(text []byte) (parquet.Value, error) {
	n, err := strconv.ParseInt(string(text), 10, 32)
	return parquet.Int32Value(int32(n)), numberError(err)
}

func toInt64(text []byte) (parquet.Value, error) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	return parquet.Int64Value(n), numberError(err)
}

// toDouble also parses PostgreSQL's NaN and Infinity. For FLOAT columns, MySQL sends only six significant digits.
func toDouble(text []byte) (parquet.Value, error) {
	n, err := strconv.ParseFloat(string(text), 64)
	return parquet.DoubleValue(n), numberError(err)
}

func toFloat(text []byte) (parquet.Value, error) {
	n, err := strconv.ParseFloat(string(text), 32)
	return parquet.FloatValue(float32(n)), numberError(err)
}

func toBoolean(text []byte) (parquet.Value, error) {
	switch string(text) {
	case "t":
		return parquet.BooleanValue(true), nil
	case "f":
		return parquet.BooleanValue(false), nil
	default:
		return parquet.Value{}, errors.New(`is neither "t" nor "f"`)
	}
}

// fromHex parses PostgreSQL's hex format, for example \x0aff.
func fromHex(text []byte) (parquet.Value, error) {
	digits, ok := bytes.CutPrefix(text, []byte(`\x`))
	if !ok {
		return parquet.Value{}, errors.New(`does not begin with \x`)
	}
	decoded, err := hex.AppendDecode(nil, digits)
	if err != nil {
		return parquet.Value{}, errors.New("has characters that are not hexadecimal digits")
	}
	return parquet.ByteArrayValue(decoded), nil
}

func toText(text []byte) (parquet.Value, error) {
	if !utf8.Valid(text) {
		return parquet.Value{}, errors.New("is not UTF-8")
	}
	return parquet.ByteArrayValue(text), nil
}

func toBytes(text []byte) (parquet.Value, error) { return parquet.ByteArrayValue(text), nil }

// toTimestamp returns microseconds since the start of 1970. Dates with a zero month or day, for example '0000-00-00', become NULL.
func toTimestamp(text []byte) (parquet.Value, error) {
	if len(text) >= len(time.DateOnly) && (string(text[5:7]) == "00" || string(text[8:10]) == "00") {
		return parquet.NullValue(), nil
	}
	t, err := time.Parse(time.DateTime, string(text)) // also accepts a fraction of a second
	if err != nil {
		return parquet.Value{}, errors.New("is not a date and time")
	}
	return parquet.Int64Value(t.UnixMicro()), nil
}

// toDecimal returns a function that converts decimal numbers to integers with the given scale.
func toDecimal(scale int, toInteger func([]byte) (parquet.Value, error)) func([]byte) (parquet.Value, error) {
	return func(text []byte) (parquet.Value, error) {
		digits, err := unscaled(text, scale)
		if err != nil {
			return parquet.Value{}, err
		}
		return toInteger(digits)
	}
}

// toBigEndian returns a function that converts integers to big-endian two's complement of the given size.
func toBigEndian(size int) func([]byte) (parquet.Value, error) {
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
	return func(digits []byte) (parquet.Value, error) {
		n, ok := new(big.Int).SetString(string(digits), 10)
		if !ok {
			return parquet.Value{}, errors.New("is not a number")
		}
		if n.BitLen() >= 8*size {
			return parquet.Value{}, errors.New("is too large for its column's type in the export")
		}
		if n.Sign() < 0 {
			n.Add(n, modulus)
		}
		return parquet.FixedLenByteArrayValue(n.FillBytes(make([]byte, size))), nil
	}
}

// unscaled pads a decimal number with zeros to the given number of fractional digits, then removes the decimal point.
func unscaled(text []byte, scale int) ([]byte, error) {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	if len(fraction) > scale {
		return nil, fmt.Errorf("has more than %d digits after the decimal point", scale)
	}
	return slices.Concat(whole, fraction, bytes.Repeat([]byte("0"), scale-len(fraction))), nil
}

// numberError replaces an error from strconv with a shorter one. The caller adds the value to the message.
func numberError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return errors.New("is too large for its column's type in the export")
	default:
		return errors.New("is not a number")
	}
}
