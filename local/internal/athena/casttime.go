package athena

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // do not depend on the machine's time zone database
)

type timestamp struct {
	// second is the date and the time of day in the text, truncated to whole seconds.
	second time.Time
	// fraction holds the digits after the decimal point.
	fraction string
	// zone is nil if the text does not name a time zone.
	zone *time.Location
}

// These patterns come from Trino's classes DateTimeUtils and DateTimes.
var (
	dateText      = regexp.MustCompile(`^([+-]?[0-9]{1,9})-([0-9]{1,2})-([0-9]{1,2})$`)
	timestampText = regexp.MustCompile(`^([+-]?[0-9]{4,})-([0-9]{1,2})-([0-9]{1,2})` +
		`(?: (?:([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,18}))?)?)?\s*(.+)?)?$`)
)

// parseTimestamp parses a timestamp, for example 2026-11-21 17:05:12.345 Asia/Tokyo. Only the date is required.
func parseTimestamp(text string) (timestamp, bool) {
	m := timestampText.FindStringSubmatch(text)
	if m == nil {
		return timestamp{}, false
	}
	t := timestamp{fraction: m[7]}
	if m[8] != "" {
		var ok bool
		if t.zone, ok = zoneOf(m[8]); !ok {
			return t, false
		}
	}
	day, ok := calendarDay(m[1], m[2], m[3])
	hour, minute, second := whole(m[4]), whole(m[5]), whole(m[6])
	if !ok || day.Year() > 294246 || day.Year() < -290307 || hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	t.second = time.Date(day.Year(), day.Month(), day.Day(), hour, minute, second, 0, time.UTC)
	return t, true
}

// text returns the time in UTC, in DuckDB's format. The fractional seconds are rounded half up to the given number of digits.
func (t timestamp) text(digits int) string {
	fraction := (t.fraction + strings.Repeat("0", digits))[:digits]
	second := t.second
	if len(t.fraction) > digits && t.fraction[digits] >= '5' {
		up := fmt.Sprintf("%0*d", digits, whole(fraction)+1)
		if len(up) > digits {
			second = second.Add(time.Second)
			up = up[len(up)-digits:]
		}
		fraction = up
	}
	if t.zone != nil {
		second = time.Date(second.Year(), second.Month(), second.Day(), second.Hour(), second.Minute(), second.Second(), 0, t.zone).UTC()
	}
	clock := second.Format(" 15:04:05")
	if digits > 0 {
		clock += "." + fraction
	}
	if t.zone != nil {
		clock += "+00"
	}
	return dayText(second) + clock
}

// dayText formats a day for DuckDB, which marks years before year 1 with BC.
func dayText(day time.Time) string {
	if year := day.Year(); year <= 0 {
		return fmt.Sprintf("%04d-%s (BC)", 1-year, day.Format("01-02"))
	}
	return fmt.Sprintf("%04d-%s", day.Year(), day.Format("01-02"))
}

// calendarDay parses a date. It reports false if the date does not exist, for example February 30.
func calendarDay(year, month, day string) (time.Time, bool) {
	y, err := strconv.Atoi(year)
	if err != nil || y > 5_000_000 || y < -5_000_000 {
		return time.Time{}, false
	}
	d := time.Date(y, time.Month(whole(month)), whole(day), 0, 0, 0, 0, time.UTC)
	return d, int(d.Month()) == whole(month) && d.Day() == whole(day)
}

// whole converts the digits that a pattern matched to an integer. It returns 0 if there are no digits.
func whole(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// yearText replaces the year in DuckDB's text for a date or a timestamp with Trino's. The sign precedes years after 9999.
func yearText(text, sign string) string {
	year, rest, _ := strings.Cut(text, "-")
	day, clock, isBC := strings.Cut(rest, " (BC)")
	switch n := whole(year) - 1; {
	case isBC && n > 0:
		return fmt.Sprintf("-%04d-%s%s", n, day, clock)
	case isBC:
		return "0000-" + day + clock
	case len(year) > 4:
		return sign + text
	}
	return text
}

var offsetText = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])([0-9]|[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{2}(?::[0-9]{2}){1,2})$`)

// zoneOf returns the time zone that Java's ZoneId.of returns. If the name is an offset, for example +09:00, the time zone has no name.
func zoneOf(name string) (*time.Location, bool) {
	if m := offsetText.FindStringSubmatch(name); m != nil {
		digits := strings.ReplaceAll(m[2], ":", "")
		digits = (strings.Repeat("0", len(digits)%2) + digits + "0000")[:6]
		minutes, rest := whole(digits[2:4]), whole(digits[4:])
		seconds := whole(digits[:2])*3600 + minutes*60 + rest
		ok := minutes < 60 && rest < 60 && seconds <= 18*3600
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone("", seconds), ok
	}
	switch name {
	case "UTC", "Z", "GMT", "UT":
		return time.UTC, true
	case "Local", "", "EST", "MST", "HST": // Go knows these, but Java does not
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// isZoneOfTimestamp reports whether a timestamp with time zone can have a time zone. Offsets with seconds or beyond 14 hours are invalid.
func isZoneOfTimestamp(zone *time.Location) bool {
	_, offset := time.Time{}.In(zone).Zone()
	return zone.String() != "" || offset%60 == 0 && max(offset, -offset) <= 14*3600
}

func textToDate(text string) (string, error) {
	if m := dateText.FindStringSubmatch(trim(text)); m != nil {
		if day, ok := calendarDay(m[1], m[2], m[3]); ok {
			return dayText(day), nil
		}
	}
	return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Value cannot be cast to date: %s", text)
}

// isPlain reports whether text is a timestamp of the years 1 to 9999 in the usual form, with at most the given number of fractional digits.
func isPlain(text string, digits int) bool {
	_, err := time.Parse(time.DateTime, text) // also accepts a fraction
	return err == nil && len(text) <= len(time.DateTime+".")+digits && text >= "0001" && !strings.Contains(text, ",")
}

// textToTimestamp casts text to timestamp(p) or timestamp(p) with time zone. For timestamp(p), it ignores a time zone, as Trino does.
func textToTimestamp(text, kind string) (string, error) {
	zoned := strings.HasSuffix(kind, "with time zone")
	digits := whole(kind[len("timestamp("):len("timestamp(0")])
	if plain, isUTC := strings.CutSuffix(text, "+00:00"); isUTC == zoned && isPlain(plain, digits) { // ten times as fast
		return strings.TrimSuffix(text, ":00"), nil
	}
	t, ok := parseTimestamp(trim(text))
	switch {
	case !ok || len(t.fraction) > digits+12 || zoned && t.zone != nil && !isZoneOfTimestamp(t.zone):
		to := map[bool]string{false: "timestamp", true: "timestamp with time zone"}[zoned]
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Value cannot be cast to %s: %s", to, text)
	case !zoned:
		t.zone = nil
	case t.zone == nil:
		t.zone = time.UTC
	}
	return t.text(digits), nil
}
