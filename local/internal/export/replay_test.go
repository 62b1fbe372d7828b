package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exported writes an export of two tables with one row each. ExportOnly also names a table that does not exist.
func exported(t *testing.T) (dir string, names []string, result Result) {
	t.Helper()
	f := &folder{dir: t.TempDir()}
	task := task()
	task.ExportOnly = []string{"shop", "shop.missing"}
	users, coupons := table("users"), table("coupons")
	result, err := Write(t.Context(), task, []Table{users, coupons}, fixed(text("1")), f.put)
	if err != nil {
		t.Fatal(err)
	}
	return f.dir, f.names, result
}

func TestFinished_CopiesAllFiles(t *testing.T) {
	from, names, result := exported(t)
	if err := os.WriteFile(filepath.Join(from, ".DS_Store"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	finished, err := Open(from)
	if err != nil {
		t.Fatal(err)
	}
	to := &folder{dir: t.TempDir()}
	replayed, err := finished.Export(t.Context(), Task{Dir: t.TempDir()}, to.put)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(result, replayed); d != "" {
		t.Error(d)
	}
	if last := to.names[len(to.names)-1]; len(to.names) != len(names) || !strings.HasPrefix(last, "export_info_") {
		t.Errorf("replayed %v, want the files %v with export_info last", to.names, names)
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatalf("the original is missing: %v", err)
		}
		if got, err := os.ReadFile(filepath.Join(to.dir, name)); err != nil || string(got) != string(want) {
			t.Errorf("%s differs: %v", name, err)
		}
	}
}

func TestOpen_DetectsPostgreSQLByItsTypes(t *testing.T) {
	for kind, want := range map[string]bool{"varchar": false, "timestamp": false, "character varying": true, "USER-DEFINED": true} {
		dir, _, _ := exported(t)
		edit(t, filepath.Join(dir, "export_tables_info_shop-20261121-1705-0_from_1_to_3.json"), `"originalType": "int"`,
			`"originalType": "`+kind+`"`)
		finished, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := finished.Engine(); (name == "postgres") != want {
			t.Errorf("with a column of type %s, the engine is %s", kind, name)
		}
	}
}

func TestOpen_ReadsManifestsInAllKnownFormats(t *testing.T) {
	dir, _, _ := exported(t)
	info := filepath.Join(dir, "export_info_shop-20261121-1705-0.json")
	edit(t, info, `"Nov 21, 2026, 5:05:09 PM"`, `"Nov 21, 2026 5:05:09\u202fPM", "somethingNew": {"a": [1]}`)
	edit(t, info, `"percentProgress": 100`, `"percentProgress": "0"`)
	tables := filepath.Join(dir, "export_tables_info_shop-20261121-1705-0_from_1_to_3.json")
	edit(t, tables, `"originalTypeMappings"`, `"OriginalTypeMappings"`)
	edit(t, tables, `"sizeGB": `, `"kind": "table", "sizeGB": 1.5e-05, "was": `)
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}

func TestOpen_RejectsIncompleteExports(t *testing.T) {
	const info, tables = "export_info_shop-20261121-1705-0.json", "export_tables_info_shop-20261121-1705-0_from_1_to_3.json"
	part := func(t *testing.T, dir string) string { return partsOf(t, dir, "shop.users")[0] }
	for _, c := range []struct {
		name string
		harm func(t *testing.T, dir string) // damages a complete export
		want string                         // DIR and PART stand for the paths of the export and a part file
	}{
		{"another folder", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, info)) },
			"DIR has 0 export_info_*.json files; specify the folder of a single export"},
		{"two exports", func(t *testing.T, dir string) { rewrite(t, filepath.Join(dir, "export_info_b.json"), "{}") },
			"DIR has 2 export_info_*.json files; specify the folder of a single export"},
		{"not complete", func(t *testing.T, dir string) { edit(t, filepath.Join(dir, info), `"COMPLETE"`, `"IN_PROGRESS"`) },
			`DIR/` + info + `: the status of the export is "IN_PROGRESS"; only a COMPLETE export can be replayed`},
		{"broken info", func(t *testing.T, dir string) { rewrite(t, filepath.Join(dir, info), "{") },
			"DIR/" + info + " is not an RDS manifest: unexpected end of JSON input; copy the file again"},
		{"broken tables", func(t *testing.T, dir string) { rewrite(t, filepath.Join(dir, tables), "") },
			"DIR/" + tables + " is not an RDS manifest: unexpected end of JSON input; copy the file again"},
		{"no tables", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, tables)) },
			"DIR has no export_tables_info_*.json file; copy the whole export"},
		{"truncated part", func(t *testing.T, dir string) { cut(t, part(t, dir), 100) }, `PART is not a complete Parquet file: it has "`},
		{"empty part", func(t *testing.T, dir string) { cut(t, part(t, dir), 0) },
			`PART is not a complete Parquet file: it has "" at offset 0, not PAR1; copy the file again`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _, _ := exported(t)
			want := strings.NewReplacer("DIR", dir, "PART", part(t, dir)).Replace(c.want)
			c.harm(t, dir)
			_, err := Open(dir)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %v, want %s", err, want)
			}
		})
	}
}

func TestOpen_RejectsFileInsteadOfFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	rewrite(t, file, "")
	for path, want := range map[string]string{
		file:           "open the export: ",
		file + "-none": "open the export: ",
	} {
		if _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func edit(t *testing.T, file, from, to string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), from) {
		t.Fatalf("%s does not contain %s", file, from)
	}
	rewrite(t, file, strings.ReplaceAll(string(b), from, to))
}

func rewrite(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, file string, size int64) {
	t.Helper()
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
}

// FuzzOpen opens exports whose files have arbitrary content. An error must name the folder.
func FuzzOpen(f *testing.F) {
	const info, tables = `{"status": "COMPLETE"}`, `{"perTableStatus": [{"target": "shop.shop.users", "status": "COMPLETE"}]}`
	part := []byte("PAR1\x00\x00\x00\x00PAR1")
	f.Add([]byte(info), []byte(tables), part)
	f.Add([]byte(info), []byte(`{"perTableStatus": [{"target": "shop", "warningMessage": "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`),
		part)
	f.Add([]byte(info), []byte(`{"perTableStatus": [{"target": 1, "sizeGB": "1.5e-05", "schemaMetadata": {"OriginalTypeMappings": `+
		`null}}]}`), part[:9])
	f.Add([]byte(`{"status": "COMPLETE", "percentProgress": "0"`), []byte(tables[:20]), []byte("PAR1\xff\xff\xff\xffPAR1"))
	f.Fuzz(func(t *testing.T, info, tables, part []byte) {
		dir := t.TempDir()
		for name, content := range map[string][]byte{"export_info_a.json": info, "export_tables_info_a_from_1_to_1.json": tables,
			"part-0.parquet": part} {
			rewrite(t, filepath.Join(dir, name), string(content))
		}
		if finished, err := Open(dir); err == nil {
			to := &folder{dir: t.TempDir()}
			if _, err := finished.Export(t.Context(), Task{Dir: t.TempDir()}, to.put); err != nil {
				t.Errorf("the export can be opened, but not replayed: %v", err)
			}
		} else if !strings.Contains(err.Error(), dir) {
			t.Errorf("the error does not name the folder: %v", err)
		}
	})
}
