package athena

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// timeFunctions keep the type of their date or timestamp, which the engine's own do not, or read and print times as Trino does.
func timeFunctions() map[string][]goFunction {
	text, interval := duckdb.TYPE_VARCHAR, duckdb.TYPE_INTERVAL
	plus := []goFunction{{in: []duckdb.Type{interval, interval}, out: interval, call: func(v []driver.Value) (any, error) {
		a, b := v[0].(duckdb.Interval), v[1].(duckdb.Interval)
		return duckdb.Interval{Months: a.Months + b.Months, Days: a.Days + b.Days, Micros: a.Micros + b.Micros}, nil
	}}}
	for _, t := range momentTypes {
		plus = append(plus, goFunction{in: []duckdb.Type{t, interval}, out: t, call: func(v []driver.Value) (any, error) {
			return addInterval(v[0].(time.Time), v[1].(duckdb.Interval)), nil
		}}, goFunction{in: []duckdb.Type{interval, t}, out: t, call: func(v []driver.Value) (any, error) {
			return addInterval(v[1].(time.Time), v[0].(duckdb.Interval)), nil
		}})
	}
	return map[string][]goFunction{
		"athena_plus": plus,
		"athena_date_add": ofMoments([]duckdb.Type{text, duckdb.TYPE_BIGINT}, func(v []driver.Value, at time.Time) (time.Time, error) {
			return dateAdd(v[0].(string), v[1].(int64), at)
		}),
		"athena_date_trunc": ofMoments([]duckdb.Type{text}, func(v []driver.Value, at time.Time) (time.Time, error) {
			return dateTrunc(v[0].(string), at)
		}),
		"athena_date_format":     {formatFunction(mysqlFormat)},
		"athena_format_datetime": {formatFunction(jodaFormat)},
		"athena_date_parse": {{in: []duckdb.Type{text, text}, out: duckdb.TYPE_TIMESTAMP_MS, call: func(v []driver.Value) (any, error) {
			return mysqlParse(v[0].(string), v[1].(string))
		}}},
		"athena_from_iso8601": {{in: []duckdb.Type{text}, out: duckdb.TYPE_TIMESTAMP_TZ, call: func(v []driver.Value) (any, error) {
			return fromISO8601(v[0].(string))
		}}},
		"athena_sequence": {
			{in: []duckdb.Type{duckdb.TYPE_DATE, duckdb.TYPE_DATE, interval}, out: duckdb.TYPE_DATE, list: true, call: timeSequence},
			{in: []duckdb.Type{duckdb.TYPE_TIMESTAMP, duckdb.TYPE_TIMESTAMP, interval}, out: duckdb.TYPE_TIMESTAMP, list: true, call: timeSequence},
			{in: []duckdb.Type{duckdb.TYPE_BIGINT, duckdb.TYPE_BIGINT, duckdb.TYPE_BIGINT}, out: duckdb.TYPE_BIGINT, list: true, call: numberSequence},
		},
	}
}

func formatFunction(format func(at time.Time, pattern string) (string, error)) goFunction {
	return goFunction{in: []duckdb.Type{duckdb.TYPE_TIMESTAMP, duckdb.TYPE_VARCHAR}, out: duckdb.TYPE_VARCHAR, call: func(v []driver.Value) (any, error) {
		return format(v[0].(time.Time), v[1].(string))
	}}
}

// addMonths keeps the day of the month, or takes the month's last.
func addMonths(at time.Time, months int) time.Time {
	first := time.Date(at.Year(), at.Month()+time.Month(months), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(at.Day(), last)-1)
}

func addInterval(at time.Time, i duckdb.Interval) time.Time {
	return addMonths(at, int(i.Months)).AddDate(0, 0, int(i.Days)).Add(time.Duration(i.Micros) * time.Microsecond)
}

func invalidUnit(unit string) error {
	return fmt.Errorf("INVALID_FUNCTION_ARGUMENT: '%s' is not a valid Timestamp field", unit)
}

func dateAdd(unit string, n int64, at time.Time) (time.Time, error) {
	switch lower(unit) {
	case "millisecond":
		return at.Add(time.Duration(n) * time.Millisecond), nil
	case "second":
		return at.Add(time.Duration(n) * time.Second), nil
	case "minute":
		return at.Add(time.Duration(n) * time.Minute), nil
	case "hour":
		return at.Add(time.Duration(n) * time.Hour), nil
	case "day":
		return at.AddDate(0, 0, int(n)), nil
	case "week":
		return at.AddDate(0, 0, 7*int(n)), nil
	case "month":
		return addMonths(at, int(n)), nil
	case "quarter":
		return addMonths(at, 3*int(n)), nil
	case "year":
		return addMonths(at, 12*int(n)), nil
	}
	return at, invalidUnit(unit)
}

func dateTrunc(unit string, at time.Time) (time.Time, error) {
	y, m, d := at.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch lower(unit) {
	case "millisecond":
		return at.Truncate(time.Millisecond), nil
	case "second":
		return at.Truncate(time.Second), nil
	case "minute":
		return at.Truncate(time.Minute), nil
	case "hour":
		return at.Truncate(time.Hour), nil
	case "day":
		return day, nil
	case "week":
		return day.AddDate(0, 0, -int(day.Weekday()+6)%7), nil
	case "month":
		return day.AddDate(0, 0, 1-d), nil
	case "quarter":
		return time.Date(y, m-(m-1)%3, 1, 0, 0, 0, 0, time.UTC), nil
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	return at, invalidUnit(unit)
}

// maxSequence is how many elements sequence() may have.
const maxSequence = 10000

// timeSequence are the days or times from the first argument up to the second, with the third between.
func timeSequence(v []driver.Value) (any, error) {
	from, to, step := v[0].(time.Time), v[1].(time.Time), v[2].(duckdb.Interval)
	after := addInterval(from, step).Compare(from)
	if after == 0 || to.Compare(from) == -after {
		return nil, errSequenceStep
	}
	days := []any{}
	for at := from; at.Compare(to) != after; at = addInterval(from, times(step, len(days))) {
		if days = append(days, at); len(days) > maxSequence {
			return nil, errSequenceLength
		}
	}
	return days, nil
}

// numberSequence are the numbers from the first argument up to the second, with the third between.
func numberSequence(v []driver.Value) (any, error) {
	from, to, step := v[0].(int64), v[1].(int64), v[2].(int64)
	if step == 0 || from < to && step < 0 || from > to && step > 0 {
		return nil, errSequenceStep
	}
	numbers := []any{}
	for n := from; step > 0 && n <= to || step < 0 && n >= to; n += step {
		if numbers = append(numbers, n); len(numbers) > maxSequence {
			return nil, errSequenceLength
		}
	}
	return numbers, nil
}

var (
	errSequenceStep   = errors.New("INVALID_FUNCTION_ARGUMENT: sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start")
	errSequenceLength = errors.New("INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries")
)

func times(i duckdb.Interval, n int) duckdb.Interval {
	return duckdb.Interval{Months: i.Months * int32(n), Days: i.Days * int32(n), Micros: i.Micros * int64(n)}
}

// mysqlLayouts are the format specifiers of date_format and date_parse that Go has a layout for: Trino's documentation, "MySQL date
// functions". mysqlFormat has the others.
var mysqlLayouts = map[byte]string{
	'a': "Mon", 'b': "Jan", 'c': "1", 'd': "02", 'e': "2", 'f': "000000", 'H': "15", 'h': "03", 'I': "03", 'i': "04", 'l': "3",
	'M': "January", 'm': "01", 'p': "PM", 'r': "03:04:05 PM", 'S': "05", 's': "05", 'T': "15:04:05", 'W': "Monday", 'Y': "2006", 'y': "06",
}

// mysqlFormat prints a time by MySQL's format specifiers.
func mysqlFormat(at time.Time, pattern string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		year, week := at.ISOWeek()
		layout, ok := mysqlLayouts[pattern[i]]
		switch c := pattern[i]; {
		case c == 'f':
			fmt.Fprintf(&b, "%06d", at.Nanosecond()/1000)
		case ok:
			b.WriteString(at.Format(layout))
		case c == 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case c == 'k':
			b.WriteString(strconv.Itoa(at.Hour()))
		case c == 'v':
			fmt.Fprintf(&b, "%02d", week)
		case c == 'x':
			fmt.Fprintf(&b, "%04d", year)
		case strings.IndexByte("DUuVwX", c) >= 0:
			return "", fmt.Errorf("INVALID_FUNCTION_ARGUMENT: %%%c not supported in date format string", c)
		default: // %% too
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// mysqlParse reads a time by MySQL's format specifiers.
func mysqlParse(text, pattern string) (time.Time, error) {
	var layout strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			layout.WriteByte(pattern[i])
			continue
		}
		i++
		part, ok := mysqlLayouts[pattern[i]]
		switch {
		case pattern[i] == 'f' && strings.HasSuffix(layout.String(), "."):
			layout.WriteString("999999999")
		case pattern[i] == 'd', pattern[i] == 'e':
			layout.WriteString("2")
		case pattern[i] == 'm', pattern[i] == 'c':
			layout.WriteString("1")
		case pattern[i] == 'k':
			layout.WriteString("15")
		case ok && pattern[i] != 'f':
			layout.WriteString(part)
		case pattern[i] == '%':
			layout.WriteByte('%')
		default:
			return time.Time{}, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: the local AWS does not have %%%c in date_parse", pattern[i])
		}
	}
	at, err := time.Parse(layout.String(), text)
	if err != nil {
		return at, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Invalid format: \"%s\"", text)
	}
	if !strings.ContainsAny(pattern, "Yy") {
		at = at.AddDate(1970, 0, 0)
	}
	return at.Truncate(time.Millisecond), nil
}

// jodaLayouts are the letters of format_datetime by how often they stand there: the documentation of Joda's DateTimeFormat, which
// Trino's refers to.
var jodaLayouts = map[string]string{
	"y": "2006", "yy": "06", "yyyy": "2006", "Y": "2006", "YYYY": "2006", "M": "1", "MM": "01", "MMM": "Jan", "MMMM": "January", "d": "2",
	"dd": "02", "E": "Mon", "EE": "Mon", "EEE": "Mon", "EEEE": "Monday", "a": "PM", "h": "3", "hh": "03", "HH": "15", "m": "4", "mm": "04",
	"s": "5", "ss": "05",
}

// jodaFormat prints a time by Joda's pattern letters.
func jodaFormat(at time.Time, pattern string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		n := len(pattern[i:]) - len(strings.TrimLeft(pattern[i:], string(c)))
		letters := pattern[i : i+n]
		layout, ok := jodaLayouts[letters]
		switch {
		case c == '\'':
			text, end, closed := unquote(pattern, i)
			if !closed {
				return "", fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Invalid pattern: %s", pattern)
			}
			if text == "" {
				text = "'"
			}
			b.WriteString(text)
			i = end
			continue
		case ok:
			b.WriteString(at.Format(layout))
		case letters == "H":
			b.WriteString(strconv.Itoa(at.Hour()))
		case c == 'S' && n <= 9:
			b.WriteString(fmt.Sprintf("%09d", at.Nanosecond())[:n])
		case c == 'D':
			fmt.Fprintf(&b, "%0*d", n, at.YearDay())
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return "", fmt.Errorf("INVALID_FUNCTION_ARGUMENT: the local AWS does not have %q in format_datetime", letters)
		default:
			b.WriteString(letters)
		}
		i += n
	}
	return b.String(), nil
}

// fromISO8601 reads a date with or without a time and an offset.
func fromISO8601(text string) (time.Time, error) {
	for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02", "2006-01", "2006"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Invalid format: \"%s\"", text)
}
