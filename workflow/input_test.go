package workflow

import (
	"encoding/json"
	"testing"
)

func TestInput_RejectsInvalidInput(t *testing.T) {
	for input, want := range map[string]string{
		`{"source": "shop"}`: "",
		`{"source": "shop", "snapshot": "rds:shop-prod-2026-11-21-17-05"}`: "",
		`{"source": "shop", "exportId": "shop-20261121-1705-0"}`:           "",
		`"shop"`:                                 "the input must be a JSON object",
		`null`:                                   "the input must be a JSON object",
		`["shop"]`:                               "the input must be a JSON object",
		`5`:                                      "the input must be a JSON object",
		`{}`:                                     "the input has no key \"source\"",
		`{"Source": "shop"}`:                     `the input has the unknown key "Source" (did you mean "source"?)`,
		`{"soruce": "shop"}`:                     `the input has the unknown key "soruce" (did you mean "source"?)`,
		`{"source": "shop", "snapshto": "x"}`:    `the input has the unknown key "snapshto" (did you mean "snapshot"?)`,
		`{"source": "shop", "exportid": "x"}`:    `the input has the unknown key "exportid" (did you mean "exportId"?)`,
		`{"source": "shop", "export_id": "x"}`:   `the input has the unknown key "export_id" (did you mean "exportId"?)`,
		`{"source": "shop", "snapshotId": "x"}`:  `the input has the unknown key "snapshotId" (did you mean "snapshot"?)`,
		`{"source": "shop", "snapshots": ["x"]}`: `the input has the unknown key "snapshots" (did you mean "snapshot"?)`,
		`{"source": "shop", "date": "2026-11-21"}`: `the input has the unknown key "date"; the keys are "source", "snapshot" and "exportId"`,
		`{"source": 5}`:                        "the value of \"source\" in the input must be a non-empty string",
		`{"source": "shop", "snapshot": ""}`:   "the value of \"snapshot\" in the input must be a non-empty string",
		`{"source": "shop", "snapshot": null}`: "the value of \"snapshot\" in the input must be a non-empty string",
	} {
		var request SnapshotRequest
		err := json.Unmarshal([]byte(`{"input": `+input+`}`), &request)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", input, got, want)
		}
	}
}

func TestPlainJSON_OmitsGoTypes(t *testing.T) {
	for text, want := range map[string]string{
		`{"state": {"export": {"tables": "many"}}}`: "state.export.tables has the wrong type: string",
		`[]`: "the value has the wrong type: array",
	} {
		var request Request
		if err := PlainJSON(json.Unmarshal([]byte(text), &request)); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
