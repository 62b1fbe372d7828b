package athena

import (
	"cmp"
	"slices"
)

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxListed is the maximum number of items on a page, and the default (API reference, for example ListWorkGroups).
const maxListed = 50

// page returns a response with one page of a list. The token for the next page is the key of its first item.
func page[T any](field string, items []T, key func(T) string, in pageInput) (map[string]any, error) {
	if in.MaxResults < 0 || in.MaxResults > maxListed {
		return nil, invalid("MaxResults is %d; it must be between 1 and %d", in.MaxResults, maxListed)
	}
	from := 0
	if in.NextToken != "" {
		from = slices.IndexFunc(items, func(item T) bool { return key(item) == in.NextToken })
	}
	if from < 0 {
		return nil, invalid("The nextPageToken is malformed: %s", in.NextToken)
	}
	to := min(from+cmp.Or(in.MaxResults, maxListed), len(items))
	out := map[string]any{field: append([]T{}, items[from:to]...)}
	if to < len(items) {
		out["NextToken"] = key(items[to])
	}
	return out, nil
}
