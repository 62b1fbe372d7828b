package export

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

// The library takes more than MySQL prints: one digit of an hour, a comma, nanoseconds.
func FuzzReadsADateAndTimeAsTheLibraryDoes(f *testing.F) {
	for _, seed := range []string{"2026-11-21 17:05:09", "2024-02-29 23:59:59.999999", "2023-02-29 00:00:00", "9999-12-31 23:59:59.1", "0000-01-01 00:00:00",
		"2026-11-21 24:00:00", "2026-11-21 17:60:00", "2026-11-21 17:05:60", "2026-11-31 17:05:09", "2026-13-01 17:05:09", "2026-11-21T17:05:09",
		"2026-11-21 17:05:09.", "2026-11-21 17:05:09.1234567", "2026-11-21 7:05:09", "2026-1/-21 17:05:09", "1969-12-31 23:59:59.5", "2026-12-32 00:00:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := toTimestamp([]byte(text))
		if v.IsNull() && err == nil {
			return // a date with a zero in it
		}
		want, problem := time.Parse(time.DateTime, text)
		whole, fraction, pointed := strings.Cut(text, ".")
		printed := len(whole) == len(time.DateTime) && !strings.Contains(text, ",") && len(fraction) <= 6 && pointed == (fraction != "")
		if wanted := problem == nil && printed; wanted != (err == nil) {
			t.Fatalf("%q: error %v, and the library's %v", text, err, problem)
		}
		if err == nil && v.Int64() != want.UnixMicro() {
			t.Errorf("%q is %d, want %d", text, v.Int64(), want.UnixMicro())
		}
	})
}

func FuzzReadsADecimalAsTheLibraryDoes(f *testing.F) {
	for _, seed := range []string{"0", "-0.01", "1.5", "12.", ".5", "-", "", "--1", "1.2.3", "+1", "999999999999999999", "-999999999999999.99",
		"18446744073709551615", "1,5", "1.234", "0x1", "1_0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const scale, size = 2, 9
		got, ok := short([]byte(text), scale)
		if !ok {
			return
		}
		want, isNumber := new(big.Rat).SetString(text)
		if !isNumber || want.Mul(want, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(got)) != 0 {
			t.Fatalf("%q is %d hundredths, want %v", text, got, want)
		}
		v, err := toDecimalBytes(scale, size)([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if n := signed(v.ByteArray()); !n.IsInt64() || n.Int64() != got {
			t.Errorf("%q is written as %v, want %d", text, n, got)
		}
	})
}

// signed reads big-endian two's complement.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func TestReadsShortDecimalsItself(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7.5": 750, "-0.01": -1, "9999999999999999.99": 999999999999999999, "-12": -1200} {
		if got, ok := short([]byte(text), 2); !ok || got != want {
			t.Errorf("%s is %d, %t; want %d", text, got, ok, want)
		}
	}
}
