package glue

import (
	"cmp"

	"snaplake/local/internal/wire"
)

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxResults is the maximum number of items per page, and also the default.
const maxResults = 100

// page returns a response in which the given member is one page of a sorted list. A page has at most limit items.
func page[T any](member string, items []T, key func(T) string, in pageInput, limit int) (any, error) {
	if in.MaxResults < 0 || in.MaxResults > limit {
		return nil, wire.Errorf("InvalidInputException", "MaxResults must be between 1 and %d, not %d", limit, in.MaxResults)
	}
	list, next, err := wire.Page(items, key, cmp.Or(in.MaxResults, limit), in.NextToken)
	if err != nil {
		return nil, wire.Errorf("InvalidInputException", "NextToken %v", err)
	}
	out := map[string]any{member: append([]T{}, list...)} // never null
	if next != "" {
		out["NextToken"] = next
	}
	return out, nil
}
