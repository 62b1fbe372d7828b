package projection

import (
	"slices"
	"strings"
	"testing"
)

// sqlTypes holds the types that a view's column can have.
var sqlTypes = [...]string{
	"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(12,2)", "varchar", "varbinary", "date", "timestamp(3)",
	"timestamp(6)",
}

func TestCast_ConvertsWhatTrinoCasts(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"bigint", "integer", `TRY_CAST("c" AS integer)`},
		{"integer", "boolean", `TRY_CAST("c" AS boolean)`},
		{"boolean", "decimal(12,2)", `TRY_CAST(TRY_CAST("c" AS integer) AS decimal(12,2))`},
		{"decimal(20,0)", "decimal(12,2)", `TRY_CAST("c" AS decimal(12,2))`},
		{"decimal(20,0)", "bigint", `TRY_CAST("c" AS bigint)`}, // for clients that read decimals as floating-point numbers
		{"decimal(20,0)", "varchar", `TRY_CAST("c" AS varchar)`},
		{"double", "real", toReal(`"c"`)},
		{"real", "bigint", `TRY_CAST(CAST("c" AS double) AS bigint)`},
		{"real", "integer", `TRY_CAST("c" AS integer)`},
		{"varchar", "double", `TRY_CAST("c" AS double)`},
		{"varchar(20)", "varchar", `TRY_CAST("c" AS varchar)`},
		{"timestamp(6)", "varchar", `TRY_CAST("c" AS varchar)`},
		{"date", "timestamp(3)", `TRY_CAST("c" AS timestamp(3))`},
		{"timestamp(6)", "timestamp(3)", `CASE WHEN "c" < TIMESTAMP '9999-12-31 23:59:59.999500' THEN TRY_CAST("c" AS timestamp(3)) END`},
		{"timestamp(3)", "date", `TRY_CAST("c" AS date)`},
		{"varbinary", "varchar", `from_utf8("c")`},
		{"varchar", "varbinary", `to_utf8("c")`},
		{"varchar", "integer", `TRY_CAST(TRY_CAST("c" AS decimal(38,19)) AS integer)`}, // of 12.50 as well
		{"varchar", "date", "coalesce(" + dateOf(`"c"`) + ", CAST(" + utcTimestampOf(`"c"`, "timestamp(6)") + " AS date))"},
		{"varchar", "timestamp(3)", utcTimestampOf(`"c"`, "timestamp(3)")},
	} {
		if got, ok := Cast(`"c"`, test.from, test.to); !ok || got != test.want {
			t.Errorf("%s to %s: got %s, %v", test.from, test.to, got, ok)
		}
	}
}

func TestCast_RejectsWhatTrinoCannotCast(t *testing.T) {
	for _, test := range []struct{ from, to string }{
		{"date", "integer"}, {"integer", "date"}, {"timestamp(3)", "double"}, {"boolean", "timestamp(6)"},
		{"varbinary", "double"}, {"varbinary", "date"}, {"bigint", "varbinary"},
		{"array<int>", "varchar"}, {"varchar", "json"}, {"varchar", "timestamp(3) with time zone"}, {"struct<a:int>", "integer"},
	} {
		if got, ok := Cast(`"c"`, test.from, test.to); ok {
			t.Errorf("%s to %s: got %s", test.from, test.to, got)
		}
	}
}

func TestCast_KeepsAnExpressionOfTheSameType(t *testing.T) {
	for _, sqlType := range append(sqlTypes[:], "array(integer)") {
		if got, ok := Cast(`"c"`, sqlType, sqlType); !ok || got != `"c"` {
			t.Errorf("%s: got %s, %v", sqlType, got, ok)
		}
	}
}

func TestCast_ConvertsBetweenTextAndEveryType(t *testing.T) {
	for _, sqlType := range sqlTypes {
		if _, ok := Cast(`"c"`, "varchar", sqlType); !ok {
			t.Errorf("no cast from varchar to %s", sqlType)
		}
		if _, ok := Cast(`"c"`, sqlType, "varchar"); !ok {
			t.Errorf("no cast from %s to varchar", sqlType)
		}
	}
}

// The trino tests of the module local run each conversion of the file on both engines.
func TestConversions_MatchTheFileThatBothEnginesRun(t *testing.T) {
	var lines []string
	add := func(from, to, expression string) {
		if line := from + "\t" + to + "\t" + expression + "\n"; expression != `"c"` && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	types := append(sqlTypes[:], "decimal(18,4)", "decimal(20,0)", "decimal(38,19)", "decimal(38,38)")
	for _, from := range types {
		for _, to := range types {
			if expression, ok := Cast(`"c"`, from, to); ok {
				add(from, to, expression)
			}
		}
	}
	for _, s := range samplesOf(slices.Concat(mysqlMappings, postgresMappings)) {
		add(sqlTypeOf(s.crawled), s.sqlType, s.expression)
	}
	compare(t, "testdata/conversions.tsv", strings.Join(lines, ""))
}
