package main

import (
	"regexp"
	"strconv"
	"strings"

	"snaplake/functions/internal/manifest"
)

// original is the type that a column has in its database.
type original struct {
	// name is as information_schema has it, without length, precision and sign: "decimal", "timestamp with time zone".
	name string
	// precision is the number of a number's digits or of a bit string's bits, 0 where the export does not say.
	precision int
	// scale is nil where the export does not say.
	scale *int
	// fraction is how many digits the seconds have, 0 where the export does not say, or where they have none.
	fraction int
}

var (
	inParentheses = regexp.MustCompile(`\((.*)\)`)
	signOfNumber  = regexp.MustCompile(` (un)?signed\b| zerofill\b`)
)

// originalOf takes the type as the manifest gives it: "varchar", and should it ever say more, "bigint(20) unsigned" or
// "NUMERIC(12,2)" as well.
func originalOf(m manifest.Column) original {
	s := strings.ToLower(strings.TrimSpace(m.OriginalType))
	o := original{precision: m.NumPrecision, scale: m.NumScale, fraction: m.DateTimePrecision}
	if digits := inParentheses.FindStringSubmatch(s); digits != nil {
		o.readDigits(digits[1])
		s = inParentheses.ReplaceAllString(s, "")
	}
	o.name = strings.Join(strings.Fields(signOfNumber.ReplaceAllString(s, "")), " ")
	return o
}

// readDigits takes what stands in parentheses behind a type, where the manifest does not say the same in numbers.
func (o *original) readDigits(s string) {
	first, second, both := strings.Cut(s, ",")
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return // the words of an enum
	}
	if o.precision == 0 {
		o.precision = n
	}
	if o.fraction == 0 {
		o.fraction = n
	}
	if scale, err := strconv.Atoi(strings.TrimSpace(second)); both && err == nil && o.scale == nil {
		o.scale = &scale
	}
}
