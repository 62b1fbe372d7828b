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

func TestState_RoundTripsSamples(t *testing.T) {
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
		var state State
		if err := d.Decode(&state); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		again, err := json.MarshalIndent(state, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(sample)), string(again)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

func TestExportID_PrintsAndParses(t *testing.T) {
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
		t.Errorf("%s has %d characters; RDS accepts at most 60", longest, n)
	}
}

func TestParseExportID_RejectsOtherIdentifiers(t *testing.T) {
	for _, s := range []string{
		"", "shop", "shop-20261121-1705", "shop-20261121-1705-", "shop-20261321-1705-0", "shop-20261121-1705-00", "shop-20261121-1705-0-x",
		"Shop-20261121-1705-0", "-20261121-1705-0", "shop--20261121-1705-0", "shop_x-20261121-1705-0",
	} {
		if id, ok := ParseExportID(s); ok {
			t.Errorf("ParseExportID(%q) = %+v", s, id)
		}
	}
}
