package projection

import (
	"testing"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

func TestMapper_Project_ExcludesColumnsThatDifferOnlyByCase(t *testing.T) {
	table := manifest.Table{TableName: workflow.TableName{Database: "app", Schema: "public", Table: "casey"}, Columns: []manifest.Column{
		{Name: "id", OriginalType: "integer"}, {Name: "Total", OriginalType: "integer"}, {Name: "total", OriginalType: "integer"},
	}}
	of := &CrawledTable{Name: "e_casey", Columns: []catalog.Column{{Name: "id", Type: "int"}, {Name: "total", Type: "int"}}}
	m := Mapper{Engine: "postgres", Database: "crawled"}
	_, _, err := m.Project("casey", table, of, "e_")
	const want = `columns "Total" and "total" have the same name in Athena, which ignores case; to leave out both, add a rule under "columns" that drops casey.total`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	m.Source.Columns = []workflow.ColumnRule{{View: "casey", Column: "total", As: workflow.Drop}}
	got, _, err := m.Project("casey", table, of, "e_")
	if err != nil || len(got.Columns) != 1 || got.Columns[0].Name != "id" {
		t.Errorf("got %+v, %v", got.Columns, err)
	}
}

func TestColumn_Hashed_DoesNotDependOnScaleAndPrecision(t *testing.T) {
	const short = `CASE WHEN CAST("c" AS varchar) LIKE '%.%' THEN regexp_replace(CAST("c" AS varchar), '\.?0+$') ELSE CAST("c" AS varchar) END`
	for _, test := range []struct{ sqlType, original, want string }{
		{"varchar", "varchar", `"c"`},
		{"integer", "int", `CAST("c" AS varchar)`},
		{"decimal(20,0)", "bigint", short},
		{"decimal(12,2)", "decimal", short},
		{"timestamp(3)", "datetime", short},
		{"timestamp(6)", "timestamp without time zone", short},
		{"varchar", "numeric", `CASE WHEN "c" LIKE '%.%' THEN regexp_replace("c", '\.?0+$') ELSE "c" END`},
		{"double", "double", `CAST("c" AS varchar)`},
		{"date", "date", `CAST("c" AS varchar)`},
	} {
		got := Column{Name: "c", Expression: `"c"`, Type: test.sqlType}.hashed(test.original)
		if want := "lower(to_hex(sha256(to_utf8(" + test.want + "))))"; got.Expression != want || got.Type != "varchar" {
			t.Errorf("%s of %s: got %+v, want %s", test.sqlType, test.original, got, want)
		}
	}
}
