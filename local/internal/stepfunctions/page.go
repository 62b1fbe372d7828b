package stepfunctions

import (
	"encoding/base64"
	"slices"
	"sort"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// pageIn are the parameters of an operation that answers in pages.
type pageIn struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// The API's default and limit of a page.
const (
	defaultPage = 100
	maxPage     = 1000
)

type span struct{ from, to int }

// page returns which of n items are on the page that was asked for, and the token of the next page, or "". The keys of the
// items rise: a token is the key of the last item before its page, so that an item that is added meanwhile moves no other
// from page to page.
func (in pageIn) page(n int, key func(i int) int64) (span, string, error) {
	size := in.MaxResults
	if size < 0 || size > maxPage {
		return span{}, "", wire.Errorf("ValidationException",
			"1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 0 and %d", size, maxPage)
	}
	if size == 0 {
		size = defaultPage
	}
	from := 0
	if in.NextToken != "" {
		last, err := readToken(in.NextToken)
		if err != nil {
			return span{}, "", err
		}
		from = sort.Search(n, func(i int) bool { return key(i) > last })
	}
	to := min(from+size, n)
	if to == n {
		return span{from, to}, "", nil
	}
	return span{from, to}, writeToken(key(to - 1)), nil
}

func writeToken(key int64) string {
	return base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, key, 10))
}

func readToken(token string) (int64, error) {
	b, err := base64.StdEncoding.DecodeString(token)
	if err == nil {
		var key int64
		if key, err = strconv.ParseInt(string(b), 10, 64); err == nil {
			return key, nil
		}
	}
	return 0, wire.Errorf("InvalidToken", "Invalid Token: '%s' is no token that this operation has given", token)
}

func withToken(out map[string]any, next string) map[string]any {
	if next != "" {
		out["nextToken"] = next
	}
	return out
}

// oneOf checks an optional parameter.
func oneOf(name, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return wire.Errorf("ValidationException",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		value, name, strings.Join(allowed, ", "))
}
