package export

import (
	"testing"
)

func TestToTimestamp_ConvertsZeroDatesToNull(t *testing.T) {
	for _, text := range []string{"0000-00-00 00:00:00", "0000-00-00 00:00:00.000000", "2026-00-00 00:00:00", "2026-01-00 10:00:00"} {
		if v, err := toTimestamp([]byte(text)); err != nil || !v.IsNull() {
			t.Errorf("%s became %v, %v; want NULL", text, v, err)
		}
	}
	if v, err := toTimestamp([]byte("0000-01-01 00:00:00")); err != nil || v.IsNull() {
		t.Errorf("the year 0 became %v, %v; want a timestamp", v, err)
	}
}

func TestMapping_RejectsValuesThatTheColumnCannotHold(t *testing.T) {
	mysql, postgres := Table{}, Table{Schema: "public"}
	for _, c := range []struct {
		table      Table
		column     Column
		text, want string
	}{
		{mysql, Column{Type: "int"}, "2147483648", "is too large for its column's type in the export"},
		{mysql, Column{Type: "bigint"}, "9223372036854775808", "is too large for its column's type in the export"},
		{mysql, Column{Type: "double"}, "many", "is not a number"},
		{mysql, Column{Type: "decimal", Precision: 9, Scale: 2}, "1.234", "has more than 2 digits after the decimal point"},
		{mysql, Column{Type: "decimal", Precision: 9, Scale: 2}, "98765432.10", "is too large for its column's type in the export"},
		{mysql, Column{Type: "decimal", Precision: 18, Scale: 2}, "1,5", "is not a number"},
		{mysql, Column{Type: "decimal", Precision: 19}, "-", "is not a number"},
		{mysql, Column{Type: "bigint", Unsigned: true}, "4722366482869645213696", "is too large for its column's type in the export"},
		{mysql, Column{Type: "datetime"}, "2026-02-31 00:00:00", "is not a date and time"},
		{mysql, Column{Type: "datetime"}, "soon", "is not a date and time"},
		{mysql, Column{Type: "varchar"}, "\xff", "is not UTF-8"},
		{postgres, Column{Type: "integer"}, "2147483648", "is too large for its column's type in the export"},
		{postgres, Column{Type: "real"}, "1e39", "is too large for its column's type in the export"},
		{postgres, Column{Type: "boolean"}, "true", `is neither "t" nor "f"`},
		{postgres, Column{Type: "bytea"}, "abc", `does not begin with \x`},
		{postgres, Column{Type: "bytea"}, `\x0g`, "has characters that are not hexadecimal digits"},
		{postgres, Column{Type: "text"}, "\xff", "is not UTF-8"},
	} {
		m, err := mappingOf(c.table, c.column)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := m.convert([]byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s %q became %v with error %v, want %q", c.column.Type, c.text, v, err, c.want)
		}
	}
}
