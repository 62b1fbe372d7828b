package events

import (
	"encoding/json"
	"testing"
)

func TestPatternsMatch(t *testing.T) {
	const event = `{"source": "aws.rds", "count": 3, "ended": null, "detail": {"id": "rds:shop-2026/11", "tags": ["a", "b"], "ok": true}}`
	var value any
	if err := json.Unmarshal([]byte(event), &value); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{"source": ["aws.rds"]}`:                                         true,
		`{"source": ["aws.ec2", "aws.rds"]}`:                              true,
		`{"source": ["aws"]}`:                                             false,
		`{"source": ["aws.rds"], "count": [4]}`:                           false,
		`{"count": [3]}`:                                                  true,
		`{"ended": [null]}`:                                               true,
		`{"begun": [null]}`:                                               false,
		`{"detail": {"ok": [true], "tags": ["b"]}}`:                       true,
		`{"detail": {"tags": ["c"]}}`:                                     false,
		`{"source": {"id": ["aws.rds"]}}`:                                 false,
		`{"detail": ["rds"]}`:                                             false,
		`{"detail": {"id": [{"prefix": "rds:shop-"}]}}`:                   true,
		`{"detail": {"id": [{"prefix": "shop-"}]}}`:                       false,
		`{"detail": {"id": [{"wildcard": "rds:*-2026*11"}]}}`:             true,
		`{"detail": {"id": [{"wildcard": "rds:*-2025*"}]}}`:               false,
		`{"detail": {"id": [{"wildcard": "shop*"}, "rds:shop-2026/11"]}}`: true,
		`{"count": [{"prefix": "3"}]}`:                                    false,
	} {
		p, err := parsePattern([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := p(value); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestPatternsThatAreNotUnderstoodAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"source": "aws.rds"}`:                                         "its EventPattern is not valid: source is aws.rds; it can be a list of values, or an object",
		`{"source": []}`:                                                "its EventPattern is not valid: source has an empty list, which nothing matches",
		`{"source": [["aws.rds"]]}`:                                     "its EventPattern is not valid: source has a list in a list",
		`{"detail": {"id": [{"anything-but": ["a"]}]}}`:                 "its EventPattern is not valid: detail.id has the matcher anything-but; the local AWS has prefix and wildcard",
		`{"detail": {"id": [{"prefix": {"equals-ignore-case": "a"}}]}}`: "its EventPattern is not valid: detail.id has the matcher prefix of map[equals-ignore-case:a], and takes a text",
		`{"detail": {"id": [{"prefix": "a", "suffix": "b"}]}}`:          "its EventPattern is not valid: detail.id has a matcher with 2 names (prefix, suffix), and takes one",
		`["aws.rds"]`: "its EventPattern is no JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}",
	} {
		if _, err := parsePattern([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
