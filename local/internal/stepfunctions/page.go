package stepfunctions

import (
	"encoding/base64"
	"fmt"
	"sort"
	"time"

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

// tokenKept is how long a token is good for (API reference, GetExecutionHistory).
const tokenKept = 24 * time.Hour

// page returns which of n items are on the page that was asked for, and the token of the next page, or "". The keys of the
// items rise: a token has the key of the last item before its page, so that an item that is added meanwhile moves no other
// from page to page.
func (in pageIn) page(now time.Time, n int, key func(i int) int64) (span, string, error) {
	size := in.MaxResults
	if size < 0 {
		return span{}, "", invalid(fmt.Sprintf("'%d'", size), "maxResults", "have value greater than or equal to 0")
	}
	if size > maxPage {
		return span{}, "", invalid(fmt.Sprintf("'%d'", size), "maxResults", "have value less than or equal to %d", maxPage)
	}
	if size == 0 {
		size = defaultPage
	}
	from := 0
	if in.NextToken != "" {
		last, err := readToken(in.NextToken, now)
		if err != nil {
			return span{}, "", err
		}
		from = sort.Search(n, func(i int) bool { return key(i) > last })
	}
	to := min(from+size, n)
	if to == n {
		return span{from, to}, "", nil
	}
	return span{from, to}, writeToken(key(to-1), now), nil
}

func writeToken(key int64, now time.Time) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d %d", key, now.UnixNano()))
}

func readToken(token string, now time.Time) (int64, error) {
	var key, made int64
	b, err := base64.StdEncoding.DecodeString(token)
	if err == nil {
		_, err = fmt.Sscanf(string(b), "%d %d", &key, &made)
	}
	switch {
	case err != nil:
		return 0, wire.Errorf("InvalidToken", "Invalid Token: '%s' is no token that this operation has given", token)
	case now.Sub(time.Unix(0, made)) > tokenKept:
		return 0, wire.Errorf("InvalidToken", "Invalid Token: '%s' has expired", token)
	default:
		return key, nil
	}
}

func withToken(out map[string]any, next string) map[string]any {
	if next != "" {
		out["nextToken"] = next
	}
	return out
}
