package export

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
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

// toDouble takes a FLOAT of MySQL as the server prints it, which is six significant digits, and PostgreSQL's NaN and Infinity.
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
		return parquet.Value{}, errors.New("is neither t nor f")
	}
}

// fromHex reads PostgreSQL's \x0aff.
func fromHex() func([]byte) (parquet.Value, error) {
	var room blocks
	return func(text []byte) (parquet.Value, error) {
		digits, ok := bytes.CutPrefix(text, []byte(`\x`))
		if !ok {
			return parquet.Value{}, errors.New(`does not begin with \x`)
		}
		decoded := room.take(hex.DecodedLen(len(digits)))
		if _, err := hex.Decode(decoded, digits); err != nil {
			return parquet.Value{}, errors.New("has other digits than hexadecimal ones")
		}
		return parquet.ByteArrayValue(decoded), nil
	}
}

func toText(text []byte) (parquet.Value, error) {
	if !utf8.Valid(text) {
		return parquet.Value{}, errors.New("is not UTF-8")
	}
	return parquet.ByteArrayValue(text), nil
}

func toBytes(text []byte) (parquet.Value, error) { return parquet.ByteArrayValue(text), nil }

// toTimestamp counts microseconds from 1970. A date with a zero in it ('0000-00-00', '2026-00-00') is no moment that a
// timestamp could hold: it becomes NULL, as in every reader of MySQL that has to give a time and is not told to fail.
func toTimestamp(text []byte) (parquet.Value, error) {
	t, ok := dateTime(text)
	switch {
	case !ok:
		return parquet.Value{}, errors.New("is no date and time")
	case t.month == 0 || t.day == 0:
		return parquet.NullValue(), nil
	}
	moment := time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.second, 0, time.UTC)
	if moment.Day() != t.day { // the 31st of February is the 3rd of March
		return parquet.Value{}, errors.New("is no date and time")
	}
	return parquet.Int64Value(moment.Unix()*1e6 + int64(t.microsecond)), nil
}

// toDecimal32 takes up to nine digits.
func toDecimal32(scale int) func([]byte) (parquet.Value, error) {
	return func(text []byte) (parquet.Value, error) {
		n, err := unscaled64(text, scale)
		if err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
			err = errors.New("has more digits than its column")
		}
		return parquet.Int32Value(int32(n)), err
	}
}

// toDecimal64 takes up to 18 digits.
func toDecimal64(scale int) func([]byte) (parquet.Value, error) {
	return func(text []byte) (parquet.Value, error) {
		n, err := unscaled64(text, scale)
		return parquet.Int64Value(n), err
	}
}

// toDecimalBytes writes big-endian two's complement.
func toDecimalBytes(scale, size int) func([]byte) (parquet.Value, error) {
	var room blocks
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
	return func(text []byte) (parquet.Value, error) {
		if n, ok := short(text, scale); ok {
			number := room.take(size)
			for i := range number {
				number[size-1-i] = byte(n >> min(8*i, 63)) // beyond the 64 bits there are only copies of the sign
			}
			return parquet.FixedLenByteArrayValue(number), nil
		}
		digits, err := unscaled(text, scale)
		if err != nil {
			return parquet.Value{}, err
		}
		n, ok := new(big.Int).SetString(digits, 10)
		if !ok {
			return parquet.Value{}, errors.New("is no number")
		}
		if n.BitLen() >= 8*size {
			return parquet.Value{}, errors.New("has more digits than its column")
		}
		if n.Sign() < 0 {
			n.Add(n, modulus)
		}
		return parquet.FixedLenByteArrayValue(n.FillBytes(room.take(size))), nil
	}
}

func unscaled64(text []byte, scale int) (int64, error) {
	if n, ok := short(text, scale); ok {
		return n, nil
	}
	digits, err := unscaled(text, scale)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, numberError(err)
}

// unscaled is a decimal's text without its point, with exactly scale digits after where the point was.
func unscaled(text []byte, scale int) (string, error) {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	if len(fraction) > scale {
		return "", fmt.Errorf("has more than %d digits after the point", scale)
	}
	return string(whole) + string(fraction) + strings.Repeat("0", scale-len(fraction)), nil
}

// numberError leaves out the function and the text that strconv names: the caller says which value it is.
func numberError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return errors.New("is too large for its column's type in the export")
	default:
		return errors.New("is no number")
	}
}
