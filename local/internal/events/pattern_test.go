package events

import (
	"encoding/json"
	"testing"
)

func TestPattern_Matches(t *testing.T) {
	const event = `{"source": "aws.rds", "count": 3, "detail": {"id": "rds:shop-2026/11", "tags": ["a", "b"]}}`
	var value any
	if err := json.Unmarshal([]byte(event), &value); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{"source": ["aws.rds"]}`:                                   true,
		`{"source": ["aws.ec2", "aws.rds"]}`:                        true,
		`{"source": ["aws"]}`:                                       false,
		`{"source": ["aws.rds"], "count": ["3"]}`:                   false,
		`{"begun": ["a"]}`:                                          false,
		`{"detail": {"tags": ["b"]}}`:                               true,
		`{"detail": {"tags": ["c"]}}`:                               false,
		`{"source": {"id": ["aws.rds"]}}`:                           false,
		`{"detail": ["rds"]}`:                                       false,
		`{"detail": {"id": [{"prefix": "rds:shop-"}]}}`:             true,
		`{"detail": {"id": [{"prefix": "shop-"}]}}`:                 false,
		`{"detail": {"id": [{"prefix": "x"}, "rds:shop-2026/11"]}}`: true,
		`{"detail": {"id": [{"prefix": "rds:"}]}, "source": ["a"]}`: false,
		`{"count": [{"prefix": "3"}]}`:                              false,
	} {
		var p pattern
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := p.matches(value); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestPattern_RejectsUnsupportedPatterns(t *testing.T) {
	const only = `EventPattern: the local AWS supports only strings and {"prefix": string} objects, not `
	for text, want := range map[string]string{
		`{"source": [3]}`: only + "3",
		`{"detail": {"id": [{"anything-but": ["a"]}]}}`:        only + `{"anything-but": ["a"]}`,
		`{"detail": {"id": [{"prefix": ["a"]}]}}`:              only + `{"prefix": ["a"]}`,
		`{"detail": {"id": [{"prefix": "a", "suffix": "b"}]}}`: only + `{"prefix": "a", "suffix": "b"}`,
		`{"source": "aws.rds"}`:                                "json: cannot unmarshal string into Go value of type []events.matcher",
		`["aws.rds"]`:                                          "json: cannot unmarshal array into Go value of type events.pattern",
	} {
		var p pattern
		if err := json.Unmarshal([]byte(text), &p); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
