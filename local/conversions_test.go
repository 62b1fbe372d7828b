//go:build trino

package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snaplake/local/internal/athenaclient"
)

// conversionsFile lists the conversions of the package projection. A test of that package keeps it up to date.
const conversionsFile = "../functions/internal/projection/testdata/conversions.tsv"

// conversion is the expression that converts a column "c" from its type in the crawled table to its type in the view.
type conversion struct{ from, to, expression string }

func readConversions(t *testing.T) map[string][]conversion {
	t.Helper()
	b, err := os.ReadFile(conversionsFile)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]conversion{}
	for line := range strings.Lines(string(b)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			t.Fatalf("%s: the line %q does not have three fields", conversionsFile, line)
		}
		all[fields[0]] = append(all[fields[0]], conversion{fields[0], fields[1], fields[2]})
	}
	return all
}

// text returns an expression for the result as text, since the APIs of the engines return the values of a type in different forms.
func (c conversion) text() string {
	switch c.to {
	case "varchar":
		return c.expression
	case "varbinary":
		return "to_hex(" + c.expression + ")"
	}
	return "CAST(" + c.expression + " AS varchar)"
}

// beyondCalendar matches dates and timestamps before the year 1 and after the year 9999, which types.md excludes.
var beyondCalendar = regexp.MustCompile(`^"(-|\+|0000|\d{5})`)

func TestConversions_ReturnTheSameOnTrino(t *testing.T) {
	e := openEngines(t, sampleLake(t))
	onTrino, onDefault := textRows(t, e.trino), textRows(t, e.standard)
	pairs, values, differences := map[string]bool{}, 0, 0
	for from, conversions := range readConversions(t) {
		literals := conversionValues(from)
		want, got := convert(onTrino, conversions, literals), convert(onDefault, conversions, literals)
		for i, c := range conversions {
			pairs[c.from+" to "+c.to] = true
			for n, literal := range literals {
				values++
				if got[n][i] != want[n][i] || isWrong(c, literal, want[n][i]) {
					differences++
					t.Errorf("%s to %s of %.80s\n  Trino: %.150s\n  local: %.150s\n  %s", from, c.to, literal, want[n][i], got[n][i], c.expression)
				}
			}
		}
	}
	t.Logf("%d pairs of types, %d values, %d differences", len(pairs), values, differences)
}

// isWrong reports whether types.md excludes a result: an error, a time that is outside the years 1 to 9999, or another number.
func isWrong(c conversion, literal, result string) bool {
	switch {
	case strings.HasPrefix(result, "error: "):
		return true
	case c.to == "date" || strings.HasPrefix(c.to, "timestamp"):
		wasBeyond := beyondCalendar.MatchString(strings.Replace(literal, "CAST('", `"`, 1))
		return beyondCalendar.MatchString(result) && (c.from == "varchar" || !wasBeyond)
	}
	return !keepsNumber(literal, result)
}

// keepsNumber reports whether a result is the number of a literal, except for rounding. If a type cannot hold the number, it is NULL.
func keepsNumber(literal, result string) bool {
	fields := strings.Split(literal, "'")
	if len(fields) != 3 || fields[0] != "CAST(" {
		return true
	}
	number, err := strconv.ParseFloat(fields[1], 64)
	converted, failed := strconv.ParseFloat(strings.Trim(result, `"`), 64)
	isNumber := (err == nil || errors.Is(err, strconv.ErrRange)) && failed == nil
	return !isNumber || converted == number || math.IsNaN(converted) && math.IsNaN(number) ||
		!math.IsInf(number, 0) && math.Abs(converted-number) <= 1+math.Abs(number)*1e-6
}

// convert returns a row for each literal, with the result of each conversion as text, NULL or an error.
func convert(query func(sql string) ([][]string, error), conversions []conversion, literals []string) [][]string {
	var expressions, rows []string
	for _, c := range conversions {
		expressions = append(expressions, c.text())
	}
	for n, literal := range literals {
		rows = append(rows, fmt.Sprintf("(%d, %s)", n, literal))
	}
	got, err := query("SELECT " + strings.Join(expressions, ",\n") +
		// DISTINCT keeps Trino's planner from computing the expressions. It would compute them for values that CASE excludes.
		"\nFROM (SELECT DISTINCT n, c FROM (VALUES\n" + strings.Join(rows, ",\n") + ") AS v (n, c)) ORDER BY n")
	switch {
	case err == nil:
		return got
	case len(conversions) > 1: // find the conversion that fails
		got = make([][]string, len(literals))
		for _, c := range conversions {
			for n, row := range convert(query, []conversion{c}, literals) {
				got[n] = append(got[n], row...)
			}
		}
		return got
	case len(literals) > 1:
		half := len(literals) / 2
		return append(convert(query, conversions, literals[:half]), convert(query, conversions, literals[half:])...)
	}
	return [][]string{{"error: " + err.Error()}}
}

// textRows returns a function that runs a query in an engine, and returns its rows as quoted texts or NULL.
func textRows(t *testing.T, client athenaclient.Client) func(sql string) ([][]string, error) {
	return func(sql string) (rows [][]string, err error) {
		result, err := client.Query(t.Context(), sql)
		for _, values := range result.Rows {
			row := make([]string, len(values))
			for i, v := range values {
				row[i] = "NULL"
				if v != nil {
					row[i] = fmt.Sprintf("%q", *v)
				}
			}
			rows = append(rows, row)
		}
		return rows, err
	}
}

// conversionValues returns literals of a type: its extremes, and values that the engines might convert differently.
func conversionValues(sqlType string) []string {
	cast := func(values ...string) []string {
		for i, v := range values {
			values[i] = "CAST('" + v + "' AS " + sqlType + ")"
		}
		return values
	}
	nines := strings.Repeat("9", 38)
	switch sqlType {
	case "boolean":
		return []string{"true", "false"}
	case "tinyint":
		return cast("0", "1", "-1", "127", "-128")
	case "smallint":
		return cast("0", "1", "-1", "127", "128", "-128", "-129", "32767", "-32768")
	case "integer":
		return cast("0", "1", "-1", "127", "128", "-129", "32767", "32768", "-32769", "16777217", "2147483647", "-2147483648")
	case "bigint":
		return cast("0", "1", "-1", "128", "-129", "32768", "2147483647", "2147483648", "-2147483649", "16777217", "9007199254740993",
			"9999999999", "10000000000", "-10000000000", "9223372036854775807", "-9223372036854775808")
	case "real":
		return cast(append(floats(), "3.4028235E38", "-3.4028235E38", "1.4E-45", "16777216", "8388608.5")...)
	case "double":
		return cast(append(floats(), "3.4028235E38", "3.4028236E38", "3.5E38", "-3.5E38", "1.79E308", "-1.79E308", "1.7976931348623157E308",
			"4.9E-324", "1E-46", "9007199254740993", "0.30000000000000004", "9999999999.99", "9999999999.995", "123456.785",
			"0.49999999999999994",
			"2147483647.5", "2147483646.5", "-2147483648.5", "1E37", "1E38", "9.9999999999999999E37")...)
	case "decimal(12,2)":
		return cast("0", "0.01", "-0.01", "0.49", "0.50", "-0.50", "1.50", "2.50", "-2.50", "126.50", "127.49", "127.50", "-128.50",
			"-128.51",
			"32767.50", "2147483647.49", "2147483647.50", "-2147483648.50", "9999999999.99", "-9999999999.99")
	case "decimal(18,4)":
		return cast("0", "0.5000", "-0.5000", "12345678901234.5678", "99999999999999.9999", "-99999999999999.9999", "9007199254740.9931",
			"9007199254740.9930", "2147483647.4999", "2147483647.5000", "16777.2170", "1677.7217", "0.0001", "127.4999", "9999999999.9949",
			"9999999999.9950")
	case "decimal(20,0)":
		return cast("0", "1", "-1", "127", "128", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
			"-9223372036854775809", "18446744073709551615", "9999999999", "10000000000", nines[:20], "-"+nines[:20])
	case "decimal(38,19)":
		return cast("0", "1", "0.5", "-0.5", "1.0000000000000000001", "-1.0000000000000000001", "0.005", "9999999999.995",
			"9223372036854775807.5",
			"9223372036854775807.4999999999999999999", nines[:19]+"."+nines[:19], "-"+nines[:19]+"."+nines[:19])
	case "decimal(38,38)":
		return cast("0", "0.5", "-0.5", "0.49999999999999999999999999999999999999", "0.005", "0."+nines, "-0."+nines,
			"0.00000000000000000000000000000000000001")
	case "date":
		return cast("1970-01-01", "1969-12-31", "2026-11-21", "2024-02-29", "1582-10-04", "1582-10-10", "1582-10-15", "0001-01-01",
			"0000-12-31",
			"-0001-01-01", "9999-12-31", "10000-01-01", "294246-12-31")
	case "timestamp(3)":
		return cast("1970-01-01 00:00:00", "1969-12-31 23:59:59.999", "2026-11-21 17:05:12.120", "1582-10-10 01:02:03.004",
			"1900-01-01 00:00:00",
			"0001-01-01 00:00:00", "0000-12-31 23:59:59.999", "-0001-01-01 00:00:00", "9999-12-31 23:59:59.999", "10000-01-01 00:00:00")
	case "timestamp(6)":
		return cast("1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.9995", "2026-11-21 17:05:12.123456",
			"2026-11-21 17:05:12.123500", "2026-11-21 23:59:59.999500", "1582-10-10 01:02:03.000004", "0001-01-01 00:00:00",
			"0000-12-31 23:59:59.999999", "9999-12-31 23:59:59.999499", "9999-12-31 23:59:59.999500", "9999-12-31 23:59:59.999999",
			"10000-01-01 00:00:00")
	case "varbinary":
		return bytesOfConversions()
	}
	var literals []string
	for _, text := range slices.Concat(textsOfNumbers(), textsOfDates(), textsOfTimestamps()) {
		literal := "'" + strings.ReplaceAll(text, "'", "''") + "'"
		if strings.Contains(text, "\x00") {
			literal = fmt.Sprintf("from_utf8(X'%x')", text)
		}
		literals = append(literals, literal)
	}
	return literals
}

func floats() []string {
	return []string{"0", "-0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "0.1", "-0.1", "0.001", "0.000999", "0.005", "1.005",
		"2.675",
		"126.5", "127.49", "127.5", "-128.5", "-128.51", "32767.5", "1E7", "9999999", "123456789.125", "2147483520", "2147483648", "1E10",
		"9.2233715E18", "9.223372036854775807E18", "-9.223372036854775808E18", "1E19", "NaN", "Infinity", "-Infinity"}
}

func bytesOfConversions() (literals []string) {
	for _, hex := range []string{
		"", "00", "01", "02", "0000", "0001", "0FFF", "7FFFFFFFFFFFFFFF", "8000000000000000", "FFFFFFFFFFFFFFFF", "000000000000000001",
		"FFFFFFFFFFFFFFFFFF", "61", "20", "0A", "E38182", "F09F8E8C", // UTF-8
		"FF", "FEFF", "C3", "C328", "80", "E381", "E38141", "F09F8E", "F09F8E41", "6162FF63", "E2FF82AC", "EFBFBD",
		"EFBBBF41", // truncated, invalid
		"C080", "E08080", "F0808080", "EDA080", "EDBFBF", "EDA081EDB080", "F4908080", "F8888080",
		"FC8080808080", // overlong, surrogates, too large
	} {
		literals = append(literals, "X'"+hex+"'")
	}
	return literals
}

func textsOfNumbers() []string {
	nines := strings.Repeat("9", 39)
	return []string{
		"", " ", "0", "-0", "+0", "1", "+1", "-1", "--1", "+-1", "- 1", "1 2", " 1", "1 ", "\t1", "1\n", "\u00a01", "\u30001", "1\x00",
		"1.", ".5", "-.5", ".", "+",
		"1.0", "0.5", "1.5", "2.5", "-2.5", "0.49999999999999999999999", "00000000000000000000000000000000000000001", "1,000", "1_000", "$1",
		"\uff11\uff12", "\u0663", "\u00b2", "\u221e", "\u2212" + "1", // full-width, Arabic and superscript digits, infinity, minus
		"1e5", "1E5", "1e+5", "1e-5", "1.5e3", "1e", "e5", "1e5.5", "1e 5", "1e10", "1e18", "1e19", "1e38", "1e39", "1e308", "1e309",
		"1e400", "-1e400", "1e-400",
		"1e99999", "1e-99999", "1e9999999999", "1e-9999999999", "0e99999",
		"1d", "1D", "1f", "1F", "1L", "1e5f", "0x10", "0x1p3", "0X1P3", "-0x1p3", "0x1p3d", "0b1", "1e5d",
		"NaN", "nan", "NAN", "-NaN", "+NaN", "Infinity", "-Infinity", "+Infinity", "infinity", "INFINITY", "inf", "Inf", " NaN ",
		" Infinity", "NaNd", "Infinityf",
		"127", "128", "-128", "-129", "127.5", "32767", "32768", "2147483647", "2147483648", "-2147483648", "-2147483649", "2147483647.5",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775807.4",
		"18446744073709551615",
		"3.4028235e38", "3.4028236e38", "-3.5e38", "1.7976931348623157e308", "1.8e308", "4.9e-324", "2e-324", "1.4e-45", "1e-46", "0.1",
		"123456.785",
		"9999999999.99", "9999999999.994", "9999999999.995", "-9999999999.995", "0.005", "0.0049999",
		"99999999999999999999", nines[:37], nines[:38], nines,
		"0." + nines[:38], "0." + nines, nines[:19] + "." + nines[:19], nines[:19] + "." + nines[:20],
		"true", "TRUE", "True", "tRuE", "t", "T", "false", "FALSE", "f", "F", "yes", "no", "on", "off", "y", "n", " true", "true ",
		"null", "NULL", "tru",
		"a", "\u3042", "\U0001f38c", "e\u0301", "\x00", "\ufffd", "\ufeff1", "it's",
	}
}

func textsOfDates() []string {
	return []string{
		"2026-11-21", " 2026-11-21", "2026-11-21 ", "2026-11-21\n", "2026-1-1", "2026-01-1 ", "26-11-2100", "20261121", "2026/11/21",
		"2026-11-21T", "2026-325",
		"2026-02-30", "2026-13-01", "2026-00-10", "2026-11-00", "2024-02-29", "2023-02-29", "1500-02-29", "1900-02-29", "1582-10-04",
		"1582-10-10", "1582-10-15",
		"0001-01-01", "0000-01-01", "0000-00-00", "-001-01-01", "+001-01-01", "+2026-11-21", "9999-12-31", "10000-01-01",
		"5874897-12-31", "0044-03-15 BC",
		"infinity", "-infinity", "today", "now", "epoch", "\uff12\uff10\uff12\uff16-11-21", "2026-1\u0661-21", "2026-11-2 ",
		"2026- 1-21", "2026--1-21", "a026-11-21", "9999-99-99",
		"\u3042\u3042\u3042\u3042-11-21", "2026-11-\u3042", "2026\u201011\u201021",
	}
}

func textsOfTimestamps() (all []string) {
	const digits = "1234567890123456789"
	for n := 1; n <= len(digits); n++ {
		all = append(all, "2026-11-21 17:05:12."+digits[:n])
	}
	for _, zone := range []string{
		"+09", "-03", "+00", "-00", "+14", "+15", "-14", "+14:00", "+14:01", "+15:59", "-15:59", "+99", "+09:00", "-03:30", "+05:45",
		"+0900", "+9", "+9:00", "+09:3", "+09:60",
		"+09:30:15", "-00:01:15", "Z", " Z", "UTC", " UTC", " Asia/Tokyo", " JST", " +09", " +09:00", " BC", "+00 BC", " ", ".", "x",
		"\n", "+\uff10\uff19", "+09 ", "-", "+", ":00",
		"+-1", "+ 1", "+a1", "+0a:00", "++09", "+09+09",
	} {
		all = append(all, "2026-11-21 17:05:12"+zone)
	}
	return append(all,
		"2026-11-21 17:05:12.123456+09:00", "2026-11-21 17:05:12.5+09", "2026-11-21 17:05:12.+09", "2026-11-21 17:05:12.9995",
		"2026-11-21 17:05:12.9999995",
		"2026-11-21 17:05:12.1234567890123+09", "2026-11-21T17:05:12", "2026-11-21 17:05", "2026-11-21 17", "2026-11-21  17:05:12",
		"2026-11-21\t17:05:12",
		" 2026-11-21 17:05:12", "2026-11-21 24:00:00", "2026-11-21 23:59:60", "2026-11-21 17:60:00", "2026-11-21 -1:00:00",
		"2026-11-21 17:05:1x", "2026-11-21 \uff11\uff17:05:12",
		"2026-02-30 00:00:00", "2026-02-29 00:00:00+09", "0000-00-00 00:00:00", "0000-01-01 00:00:00", "0001-01-01 00:00:00",
		"0001-01-01 00:30:00+01", "0001-01-01 00:00:00-01",
		"1582-10-10 01:02:03", "1582-10-10 01:02:03.000001+09", "1969-12-31 23:59:59.9999999", "1883-11-18 12:03:58-04:56:02",
		"-001-01-01 00:00:00", "+999-01-01 00:00:00",
		"9999-12-31 23:59:59", "9999-12-31 23:59:59.9", "9999-12-31 23:59:59.999", "9999-12-31 23:59:59.9994",
		"9999-12-31 23:59:59.9995", "9999-12-31 23:59:59.999999",
		"9999-12-31 23:59:59.9999994", "9999-12-31 23:59:59.9999995", "9999-12-31 23:59:59.9999999", "9999-12-31 23:59:59.999999-01",
		"9999-12-31 23:59:59.999999+01",
		"9999-12-31 20:00:00-04", "10000-01-01 00:00:00", "294276-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC",
		"0044-03-15 12:00:00+00 BC",
		"\uff12\uff10\uff12\uff16-11-21 17:05:12",
		"2026-11-21 17:05:12"+strings.Repeat(" ", 30), "2026-11-21 17:05:12."+strings.Repeat("0", 300),
	)
}
