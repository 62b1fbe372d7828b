package glue

import (
	"encoding/base64"

	"snaplake/local/internal/wire"
)

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxResults is the maximum number of items per page, and also the default.
const maxResults = 100

// page is pageOf for a list that has at most maxResults items per page.
func page[T any](items []T, key func(T) string, in pageInput) (list []T, next string, err error) {
	return pageOf(items, key, in, maxResults)
}

// pageOf returns one page of a sorted list. The token for the next page contains the key of the last item on this page. Therefore, creating
// or deleting an item between two requests does not cause another item to be omitted or repeated.
func pageOf[T any](items []T, key func(T) string, in pageInput, limit int) (list []T, next string, err error) {
	size := in.MaxResults
	switch {
	case size < 0 || size > limit:
		return nil, "", wire.Errorf("InvalidInputException", "MaxResults must be between 1 and %d, not %d", limit, size)
	case size == 0:
		size = limit
	}
	if in.NextToken != "" {
		last, err := base64.RawURLEncoding.DecodeString(in.NextToken)
		if err != nil {
			return nil, "", wire.Errorf("InvalidInputException", "NextToken %q is not valid; use a token that this operation returned", in.NextToken)
		}
		for len(items) > 0 && key(items[0]) <= string(last) {
			items = items[1:]
		}
	}
	if len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[size-1]))), nil
}
