package manifest_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snaplake/functions/internal/manifest"
)

// FuzzManifest reads arbitrary bytes as manifests. Read returns either an export that can be encoded as JSON, or an error that names the
// object.
func FuzzManifest(f *testing.F) {
	files, err := filepath.Glob("testdata/export_tables_info_*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		entries, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(info("")), entries)
		f.Add([]byte(info("")), entries[:len(entries)/2])
	}
	for _, at := range []string{"Sep 10, 2020 7:13:10 AM", "Jul 19, 2023, 11:21:00 PM", "Jul 19, 2023, 11:21:00\u202fPM", "2026-11-21T18:58:03.250Z", "0000-00-00 00:00:00"} {
		f.Add([]byte(info(`, "snapshotTime": "`+at+`"`)), []byte(tables(table("a.b"))))
	}
	for _, gigabytes := range []string{"1.24e1", `"0.5"`, `"NaN"`, "1e999", "null"} {
		f.Add([]byte(info(`, "TotalExportedDataInGB": `+gigabytes)), []byte(tables(`{"target": "app.public.a.b", "status": "COMPLETE", "sizeGB": `+gigabytes+`}`)))
	}
	f.Add([]byte(info("")), []byte(tables(`{"target": "reports", "warningMessage": {"reason": "NO_LIST"}}, {"target": "...", "status": "COMPLETE"}`)))
	f.Add([]byte(info("")), []byte(strings.Repeat("[", 20_000)))
	f.Fuzz(func(t *testing.T, infoText, tablesText []byte) {
		got, err := manifest.Read(t.Context(), export(string(infoText), string(tablesText)), "lake", folder)
		if err != nil {
			if !strings.Contains(err.Error(), "s3://lake/"+folder) {
				t.Errorf("the error does not name the object: %v", err)
			}
			return
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
		for _, table := range got.Tables {
			if table.Table == "" || table.Gap() == "" {
				t.Errorf("table %q has no files, and a gap of %q", table, table.Gap())
			}
		}
	})
}

// FuzzListing reads an export that contains a valid table and an object with an arbitrary key. The object must not hide the table or be
// counted twice.
func FuzzListing(f *testing.F) {
	for _, key := range []string{
		"shop/shop.users/1/part-00000-d0ab.gz.parquet", "shop/shop.users/part-00000-d0ab-c000.gz.parquet", "shop/shop.users/1/_SUCCESS",
		"shop/shop.DataInsert_7ADB5D19965123A2/1/part-00007-d0ab.gz.parquet", "shop/shop.Users/p=1/q=2/part-00000.snappy.parquet",
		"app/public.a.b/1/part-0.parquet", "export_info_y.json", "export_tables_info_y_from_3_to_5.json", "shop", "shop/", "/", "//", "shop//_SUCCESS", "\u202f/\x00/\xff",
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		objects := map[string]string{
			infoFile: info(""), tablesFile: tables(table("shop.users")),
			"shop/shop.users/1/part-00000.gz.parquet": "PAR1", "shop/shop.users/1/_SUCCESS": "",
		}
		if objects[key] == "" {
			objects[key] = "{}"
		}
		got, err := manifest.Read(t.Context(), bucket(objects), "lake", folder)
		if errors.Is(err, manifest.ErrDamaged) {
			return // the key names a manifest
		}
		if err != nil {
			t.Fatal(err)
		}
		users := got.Tables[0]
		if got.Objects != len(objects) || users.Files < 1 || users.Files > 2 || users.Objects < users.Files {
			t.Errorf("%d objects in all, of the table %d and %d files", got.Objects, users.Objects, users.Files)
		}
	})
}
