package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/NAME.sql.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".sql")
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s: -want +got (go test -update writes it anew)\n%s", file, diff)
	}
}

// everyType is a column of each MySQL type: its name, its type in the manifest, and the Glue type that it is crawled as.
func everyType() (manifest.Table, *crawledTable) {
	table := manifest.Table{Database: "shop", Schema: "shop", Name: "Everything"}
	crawled := &crawledTable{name: "e20261121_1705_0_shop_everything"}
	for _, c := range []struct{ name, original, exported, glueType string }{
		{"Tiny", "tinyint", "int32", "int"},
		{"tiny_unsigned", "tinyint unsigned", "int32 (INT_16)", "smallint"},
		{"small", "smallint", "int32", "int"},
		{"medium", "mediumint", "int32", "int"},
		{"plain", "int(11)", "int32", "int"},
		{"plain_unsigned", "int unsigned", "int64", "bigint"},
		{"big", "bigint", "int64", "bigint"},
		{"big_unsigned", "bigint(20) unsigned", "fixed_len_byte_array(9) (DECIMAL(20,0))", "decimal(20,0)"},
		{"price", "decimal", "int64 (DECIMAL(12,2))", "decimal(12,2)"},
		{"huge", "decimal", "binary (UTF8)", "string"},
		{"ratio", "float", "double", "double"},
		{"exact", "double", "double", "double"},
		{"code", "char", "binary", "binary"},
		{"code_annotated", "char", "binary (UTF8)", "string"},
		{"title", "varchar", "binary (UTF8)", "string"},
		{"body", "longtext", "binary (UTF8)", "string"},
		{"kind", "enum", "binary (UTF8)", "string"},
		{"flags", "set", "binary (UTF8)", "string"},
		{"document", "json", "binary (UTF8)", "string"},
		{"born", "date", "binary (UTF8)", "string"},
		{"opens", "time", "binary (UTF8)", "string"},
		{"created", "datetime", "int64 (TIMESTAMP_MICRO)", "timestamp"},
		{"updated", "timestamp", "int64 (TIMESTAMP_MICROS)", "timestamp"},
		{"vintage", "year", "int32", "int"},
		{"bits", "bit", "binary", "binary"},
		{"hash", "binary", "binary", "binary"},
		{"picture", "mediumblob", "binary", "binary"},
		{"place", "point", "binary", "binary"},
		{"odd", "datetime", "int64", "bigint"},
		{`with "quotes"`, "int", "int32", "int"},
		{"名前", "varchar", "binary (UTF8)", "string"},
		{"token", "uuid", "binary (UTF8)", "string"},
	} {
		table.Columns = append(table.Columns, manifest.Column{Name: c.name, OriginalType: c.original, ExportedType: c.exported})
		crawled.columns = append(crawled.columns, crawledColumn{name: strings.ToLower(c.name), glueType: c.glueType})
	}
	return table, crawled
}

func TestBringsEveryMySQLTypeBack(t *testing.T) {
	table, crawled := everyType()
	columns, warnings, err := columnsOf(table, crawled, true)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "mysql", createView("shop", "everything", selectFrom(columns, "snaplake_crawled", crawled.name)))
	want := []string{
		"shop.Everything.huge: a decimal of more than 38 digits, which Athena does not have: it stays text",
		"shop.Everything.odd: datetime arrived as bigint and stays so",
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings: -want +got\n%s", diff)
	}
}

func TestAnEmptyTableHasTheColumnsItWouldHaveWithRows(t *testing.T) {
	table, crawled := everyType()
	full, _, err := columnsOf(table, crawled, true)
	if err != nil {
		t.Fatal(err)
	}
	empty, _, err := columnsOf(table, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full, empty, cmp.AllowUnexported(column{})); diff != "" {
		t.Errorf("with rows -, without +\n%s", diff)
	}
	golden(t, "empty", createView("shop", "everything", selectNothing(empty, "e20261121_1705_0_")))
}

func TestAnEmptyColumnOfUnknownTypeIsTextAndWarnedOf(t *testing.T) {
	table := manifest.Table{Database: "shop", Schema: "shop", Name: "t", Columns: []manifest.Column{{Name: "c", OriginalType: "varchar"}}}
	columns, warnings, err := columnsOf(table, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := columns[0].sqlType; got != "varchar" {
		t.Errorf("type %s", got)
	}
	want := []string{"shop.t.c: the export does not say its type, and the table is empty: it is text for now"}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings: -want +got\n%s", diff)
	}
}

func TestColumnsOfAnotherEngineStayAsTheyWereCrawled(t *testing.T) {
	table := manifest.Table{Database: "app", Schema: "public", Name: "t", Columns: []manifest.Column{
		{Name: "at", OriginalType: "date"}, {Name: "amount", OriginalType: "numeric"}, {Name: "ok", OriginalType: "boolean"},
	}}
	crawled := &crawledTable{name: "e_t", columns: []crawledColumn{{"at", "string"}, {"amount", "string"}, {"ok", "boolean"}, {"extra", "float"}}}
	columns, warnings, err := columnsOf(table, crawled, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []column{
		{"at", `"at"`, "varchar"}, {"amount", `"amount"`, "varchar"}, {"ok", `"ok"`, "boolean"},
		{"extra", `"extra"`, "real"}, // the manifest does not mention it
	}
	if diff := cmp.Diff(want, columns, cmp.AllowUnexported(column{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %q", warnings)
	}
}

func TestColumnsThatAreAmbiguousOrMissingAreErrors(t *testing.T) {
	for _, test := range []struct {
		name    string
		columns []manifest.Column
		want    string
	}{
		{"one name in Athena", []manifest.Column{{Name: "Name"}, {Name: "name"}}, `columns "Name" and "name" have one name in Athena, which knows no upper case`},
		{"not crawled", []manifest.Column{{Name: "Name"}, {Name: "Age"}}, `crawled table "e_t" has no column "age"; delete that table, and a redrive crawls it again`},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := manifest.Table{Database: "app", Schema: "public", Name: "t", Columns: test.columns}
			_, _, err := columnsOf(table, &crawledTable{name: "e_t", columns: []crawledColumn{{"name", "string"}}}, true)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
