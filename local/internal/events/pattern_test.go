package events

import (
	"encoding/json"
	"strings"
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
		p, err := parsePattern([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := matches(p, value); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestParsePattern_RejectsUnsupportedPatterns(t *testing.T) {
	for text, want := range map[string]string{
		`{"source": "aws.rds"}`: "EventPattern.source is aws.rds; it must be a list or an object",
		`{"source": []}`:        "EventPattern.source is []; ",
		`{"source": [3]}`:       "EventPattern.source is [3]; ",
		`{"detail": {"id": [{"anything-but": ["a"]}]}}`: "EventPattern.detail.id is [map[anything-but:[a]]]; ",
		`{"detail": {"id": [{"prefix": ["a"]}]}}`:       "EventPattern.detail.id is [map[prefix:[a]]]; ",
		`["aws.rds"]`: "EventPattern is not a JSON object: ",
	} {
		if _, err := parsePattern([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
