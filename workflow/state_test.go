package workflow

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecordsKeepEverythingTheyAreGiven(t *testing.T) {
	files, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		sample, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(sample))
		d.DisallowUnknownFields()
		var record Record
		if err := d.Decode(&record); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		again, err := json.MarshalIndent(record, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(sample)), string(again)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// An execution that began under a definition that selected less goes on with today's functions.
func TestARecordOfAnEarlierDefinitionIsRead(t *testing.T) {
	const payload = `{"record": {"source": "shop", "export": {"id": "shop-20261121-1705-0", "status": "COMPLETE", "tables": 48},
		"views": {"database": "shop", "published": 51, "warnings": []}}, "execution": {"name": "nightly-1", "redriveCount": 1}}`
	var got Request
	if err := json.Unmarshal([]byte(payload), &got); err != nil {
		t.Fatal(err)
	}
	want := Request{
		Record: Record{
			Source: "shop", Export: &Export{ID: "shop-20261121-1705-0", Status: Complete, Tables: 48},
			Views: &Views{Database: "shop", Published: 51, Warnings: []string{}},
		},
		Execution: Execution{Name: "nightly-1", RedriveCount: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestExportIDs(t *testing.T) {
	at := time.Date(2026, 11, 22, 2, 5, 12, 0, time.FixedZone("JST", 9*60*60))
	id := ExportID{Source: "web_shop", SnapshotTime: at, Attempt: 2}
	if got, want := id.String(), "web-shop-20261121-1705-2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := id.TablePrefix(), "e20261121_1705_2_"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	read, ok := ParseExportID("web-shop-20261121-1705-2")
	want := ExportID{Source: "web_shop", SnapshotTime: time.Date(2026, 11, 21, 17, 5, 0, 0, time.UTC), Attempt: 2}
	if !ok || !cmp.Equal(want, read) {
		t.Errorf("got %+v, %v", read, ok)
	}
	longest := ExportID{Source: strings.Repeat("a", 30), SnapshotTime: at, Attempt: 9999}
	if n := len(longest.String()); n > 60 {
		t.Errorf("%s has %d characters, RDS takes 60", longest, n)
	}
}

func TestIdentifiersOfOthersAreNotOurs(t *testing.T) {
	for _, s := range []string{
		"", "shop", "shop-20261121-1705", "shop-20261121-1705-", "shop-20261321-1705-0", "shop-20261121-1705-00", "shop-20261121-1705-0-x",
		"Shop-20261121-1705-0", "-20261121-1705-0", "shop--20261121-1705-0", "shop_x-20261121-1705-0",
	} {
		if id, ok := ParseExportID(s); ok {
			t.Errorf("%q was taken for %+v", s, id)
		}
	}
}
