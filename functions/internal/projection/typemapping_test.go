package projection

import (
	"slices"
	"strings"
	"testing"

	"snaplake/functions/internal/manifest"
)

// The view has a column for each type, each form in which the type is exported, and each precision that matters.
func TestTable_Query_ShowsEveryType(t *testing.T) {
	for _, engine := range []string{mysql, postgres} {
		table := Table{Database: "snaplake_crawled", Crawled: "e20261121_1705_0_shop_everything"}
		seen := map[string]bool{}
		for _, s := range samplesOf(typeMappings(engine)) {
			if same := s.original + ": " + s.expression; !seen[same] {
				seen[same] = true
				name := s.original + " as " + s.crawled
				table.Columns = append(table.Columns, Column{Name: name, Expression: strings.ReplaceAll(s.expression, `"c"`, Quote(name)),
					Type: s.sqlType})
			}
		}
		compare(t, "testdata/"+engine+".sql", `CREATE OR REPLACE VIEW "shop"."everything" AS `+table.Query()+"\n")
	}
}

// sample is a column of a table and the corresponding column of its view.
type sample struct{ original, crawled, expression, sqlType string }

// samplesOf returns the columns whose expressions differ, where "c" is the quoted column.
func samplesOf(mappings []typeMapping) []sample {
	var samples []sample
	for _, m := range mappings {
		for name := range strings.SplitSeq(m.types, ", ") {
			for crawled := range strings.SplitSeq(m.glueTypes, ", ") {
				samples = append(samples, samplesOfOne(m, name, crawled)...)
			}
		}
	}
	return samples
}

func samplesOfOne(m typeMapping, name, crawled string) []sample {
	var samples []sample
	for _, digits := range []struct {
		text             string
		precision, scale int
	}{{"", 0, 0}, {"(1)", 1, 0}, {"(12)", 12, 0}, {"(12,2)", 12, 2}, {"(64)", 64, 0}} {
		c := manifest.Column{OriginalType: name, NumPrecision: digits.precision, DateTimePrecision: digits.precision}
		if digits.scale > 0 {
			c.NumScale = &digits.scale
		}
		full := name + digits.text
		if zone, ok := strings.CutPrefix(name, "timestamp "); ok {
			full = "timestamp" + digits.text + " " + zone
		}
		expression, sqlType := m.convert(`"c"`, c, crawled)
		s := sample{full, crawled, expression, sqlType}
		if !slices.ContainsFunc(samples, func(other sample) bool { return other.expression == expression }) {
			samples = append(samples, s)
		}
	}
	return samples
}

func typed(original string) manifest.Column { return manifest.Column{OriginalType: original} }

func withPrecision(original string, precision int) manifest.Column {
	return manifest.Column{OriginalType: original, NumPrecision: precision}
}

func withScale(original string, precision, scale int) manifest.Column {
	return manifest.Column{OriginalType: original, NumPrecision: precision, NumScale: &scale}
}

const (
	mysql    = "mysql"
	postgres = "postgres"
)

func TestMapType(t *testing.T) {
	for _, test := range []struct {
		name    string
		engine  string
		column  manifest.Column
		crawled string
		want    string
	}{
		{"a number is exact", mysql, typed("int"), "int", "integer"},
		{"unsigned 32 bits", mysql, typed("int"), "bigint", "bigint"},
		{"unsigned 64 bits", mysql, typed("bigint"), "decimal(20,0)", "decimal(20,0)"},
		{"a boolean may hold 2", mysql, typed("tinyint"), "int", "integer"},
		{"decimal", mysql, withPrecision("decimal", 12), "decimal(12,2)", "decimal(12,2)"},
		{"float", mysql, typed("float"), "double", "double"},
		{"one bit", mysql, withPrecision("bit", 1), "binary", "boolean"},
		{"several bits", mysql, withPrecision("bit", 63), "binary", "bigint"},
		{"64 bits, too many for a signed number", mysql, withPrecision("bit", 64), "binary", "varbinary"},
		{"an unknown number of bits", mysql, typed("bit"), "binary", "varbinary"},
		{"char without annotation", mysql, typed("char"), "binary", "varchar"},
		{"char with annotation", mysql, typed("char"), "string", "varchar"},
		{"bytes", mysql, typed("varbinary"), "binary", "varbinary"},
		{"date", mysql, typed("date"), "string", "date"},
		{"a time beyond 24 hours", mysql, typed("time"), "string", "varchar"},
		{"datetime", mysql, manifest.Column{OriginalType: "datetime", DateTimePrecision: 6}, "timestamp", "timestamp(3)"},
		{"json of MySQL", mysql, typed("json"), "string", "varchar"},

		{"another engine of MySQL's family", "mariadb", typed("date"), "string", "date"},
		{"Aurora's first name", "aurora", typed("date"), "string", "date"},
		{"another engine of PostgreSQL's family", "aurora-postgresql", typed("timestamp with time zone"), "string", "timestamp(6)"},

		{"real", postgres, typed("real"), "float", "real"},
		{"double", postgres, typed("double precision"), "double", "double"},
		{"boolean", postgres, typed("boolean"), "boolean", "boolean"},
		{"numeric with a known scale", postgres, withScale("numeric", 12, 2), "string", "decimal(12,2)"},
		{"numeric without a fraction", postgres, withScale("numeric", 38, 0), "string", "decimal(38,0)"},
		{"numeric with a negative scale", postgres, withScale("numeric", 2, -3), "string", "decimal(5,0)"},
		{"numeric with a scale above its precision", postgres, withScale("numeric", 3, 5), "string", "decimal(5,5)"},
		{"numeric with more digits than Athena supports", postgres, withScale("numeric", 39, 2), "string", "varchar"},
		{"numeric with an unknown scale", postgres, withPrecision("numeric", 19), "string", "decimal(38,19)"},
		{"numeric with an unknown scale that might not fit", postgres, withPrecision("numeric", 20), "string", "varchar"},
		{"numeric without a precision", postgres, typed("numeric"), "string", "varchar"},
		{"timestamp of milliseconds", postgres, manifest.Column{OriginalType: "timestamp without time zone", DateTimePrecision: 3}, "string",
			"timestamp(3)"},
		{"timestamp of seconds, which Redash cannot read", postgres, typed("timestamp without time zone"), "string", "timestamp(6)"},
		{"a domain over a number", postgres, typed("double precision"), "string", "double"},
		{"an array", postgres, typed("ARRAY"), "string", "varchar"},
		{"an enum", postgres, typed("USER-DEFINED"), "string", "varchar"},
		{"a domain by its name", postgres, typed("email_address"), "string", "varchar"},
		{"upper case", mysql, typed("BIGINT"), "bigint", "bigint"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, got, warning := mapType(test.engine, test.column, test.crawled, `"c"`); got != test.want || warning != "" {
				t.Errorf("got %s, want %s; warning %q", got, test.want, warning)
			}
		})
	}
}

func TestMapType_WarnsOfAnUnexpectedForm(t *testing.T) {
	for _, test := range []struct {
		engine, original, crawled, sqlType, warning string
	}{
		{mysql, "datetime", "bigint", "bigint", "datetime was exported as bigint and is not converted"},
		{mysql, "int", "string", "varchar", "int was exported as string and is not converted"},
		{mysql, "vector", "binary", "varbinary", "unknown type: vector was exported as binary and is not converted"},
		{mysql, "decimal", "string", "varchar", "a decimal with more than 38 digits, which Athena does not support; it stays text"},
		{postgres, "bytea", "string", "varchar", ""}, // a domain
		{postgres, "timestamp with time zone", "timestamp", "timestamp(3)", "timestamp with time zone was exported as timestamp and is not converted"},
		{postgres, "color", "int", "integer", "unknown type: color was exported as int and is not converted"},
	} {
		expression, sqlType, warning := mapType(test.engine, manifest.Column{OriginalType: test.original}, test.crawled, `"c"`)
		if expression != `"c"` || sqlType != test.sqlType || warning != test.warning {
			t.Errorf("%s as %s: got %s, %s, %q", test.original, test.crawled, expression, sqlType, warning)
		}
	}
}

func TestGlueTypeOf(t *testing.T) {
	for exported, want := range map[string]string{
		"int32": "int", "int64": "bigint", "int32 (INT_16)": "smallint", "int32 (INT(16,true))": "smallint",
		"float": "float", "double": "double", "boolean": "boolean", "binary": "binary", "binary (UTF8)": "string", "binary (STRING)": "string",
		"int64 (TIMESTAMP_MICRO)": "timestamp", "int64 (TIMESTAMP_MICROS)": "timestamp",
		"int32 (DECIMAL(4,4))": "decimal(4,4)", "fixed_len_byte_array(9) (DECIMAL(20, 0))": "decimal(20,0)", "fixed_len_byte_array(9)": "binary",
		"": "", "int96": "",
	} {
		if got := glueTypeOf(exported); got != want {
			t.Errorf("%q: got %q, want %q", exported, got, want)
		}
	}
}
