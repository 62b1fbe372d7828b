package source

import (
	"bytes"

	"github.com/twpayne/go-geom/encoding/wkb"
	"github.com/twpayne/go-geom/encoding/wkt"
)

// everyType returns a table with a column of each type that RDS exports, with the largest values, the smallest values, zeros and NULLs.
func everyType() sampleTable {
	columns := "id int, c_tinyint tinyint, c_tinyint_unsigned tinyint unsigned, c_smallint smallint, c_smallint_unsigned smallint unsigned, " +
		"c_mediumint mediumint, c_mediumint_unsigned mediumint unsigned, c_int int, c_int_unsigned int unsigned, c_bigint bigint, " +
		"c_bigint_unsigned bigint unsigned, c_decimal_9_2 decimal(9,2), c_decimal_18_4 decimal(18,4), c_decimal_38_10 decimal(38,10), " +
		"c_decimal_65_30 decimal(65,30), c_float float, c_double double, c_bit_1 bit(1), c_bit_64 bit(64), c_year year, c_date date, " +
		"c_time time(6), c_datetime datetime, c_datetime_6 datetime(6), c_timestamp timestamp, c_char char(10), c_varchar varchar(50), " +
		"c_tinytext tinytext, c_text text, c_mediumtext mediumtext, c_longtext longtext, c_enum enum(1), c_set set(5), c_json json, " +
		"c_binary binary(4), c_varbinary varbinary(8), c_tinyblob tinyblob, c_blob blob, c_mediumblob mediumblob, c_longblob longblob, " +
		"c_geometry geometry, c_point point, c_linestring linestring, c_polygon polygon, c_multipoint multipoint, " +
		"c_multilinestring multilinestring, c_multipolygon multipolygon, c_geometrycollection geometrycollection"
	largest := []any{1,
		"127", "255", "32767", "65535", "8388607", "16777215", "2147483647", "4294967295", "9223372036854775807", "18446744073709551615",
		"9999999.99", "99999999999999.9999", "9999999999999999999999999999.9999999999",
		"99999999999999999999999999999999999.999999999999999999999999999999",
		"1.5", "2.5e+300", "\x01", bytes.Repeat([]byte{0xff}, 8), "2155", "9999-12-31", "838:59:59", "9999-12-31 23:59:59",
		"9999-12-31 23:59:59.999999", "2038-01-19 03:14:07",
		"十文字の文字列です。", "髙島屋🎌", "小さい", "改行\nと\"引用\"", "中くらい", "長い", "大", "a,b,c", `{"数": 1.5, "色": ["赤", null]}`,
		"\x00\xff\x80\xfe", "\xde\xad\xbe\xef", "\x01", "\x00\x02", "\x00\x00\x03", "\xff\xff\xff\xff",
	}
	smallest := []any{2,
		"-128", "0", "-32768", "0", "-8388608", "0", "-2147483648", "0", "-9223372036854775808", "0",
		"-9999999.99", "-99999999999999.9999", "-9999999999999999999999999999.9999999999",
		"-99999999999999999999999999999999999.999999999999999999999999999999",
		"-1.5", "-2.5e-300", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x01", "1901", "1000-01-01", "-838:59:59", "1000-01-01 00:00:00",
		"1969-12-31 23:59:59.999999", "1970-01-01 00:00:01",
		"", "", "", "", "", "", "小", "", "[]", "\x00\x00\x00\x00", "", "", "", "", "",
	}
	largest = append(largest, spatial("POINT (139.7671 35.6812)", "POINT (139.7671 35.6812)", "LINESTRING (0 0, 1 1)",
		"POLYGON ((0 0, 1 0, 1 1, 0 0))", "MULTIPOINT (0 0, 1 1)", "MULTILINESTRING ((0 0, 1 1))",
		"MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", "GEOMETRYCOLLECTION (POINT (1 2))")...)
	smallest = append(smallest, spatial("POINT (-1 -1)", "POINT (-1 -1)", "LINESTRING (0 0, -1 -1)",
		"POLYGON ((0 0, -1 0, -1 -1, 0 0))", "MULTIPOINT (0 0)", "MULTILINESTRING ((0 0, -1 -1))",
		"MULTIPOLYGON (((0 0, -1 0, -1 -1, 0 0)))", "GEOMETRYCOLLECTION (POINT (0 0))")...)
	zero, null := make([]any, len(largest)), make([]any, len(largest))
	const year = 19 // the index of c_year
	zero[0], zero[year], zero[year+1], null[0] = 3, "0", "0000-00-00", 4
	for i := year + 3; i <= year+5; i++ {
		zero[i] = "0000-00-00 00:00:00"
	}
	return sampleTable{"every_type", columns, [][]any{largest, smallest, zero, null}}
}

// spatial returns geometries, given as well-known text, in MySQL's internal format: four bytes of SRID, then WKB.
func spatial(geometries ...string) []any {
	values := make([]any, len(geometries))
	for i, text := range geometries {
		g, err := wkt.Unmarshal(text)
		if err != nil {
			panic(err) // cannot happen: the geometries are constants
		}
		b, _ := wkb.Marshal(g, wkb.NDR) // cannot fail for two dimensions
		values[i] = append(make([]byte, 4), b...)
	}
	return values
}
