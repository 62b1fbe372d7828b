package athena

import "slices"

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxPage is the maximum number of items on a page, and the default (API reference, for example ListWorkGroups).
const maxPage = 50

// page returns one page of a list. The token for the next page is the key of its first item.
func page[T any](items []T, key func(T) string, in pageInput) (list []T, next string, err error) {
	if in.MaxResults > maxPage || in.MaxResults < 0 {
		bound := "less than or equal to 50"
		if in.MaxResults < 0 {
			bound = "greater than or equal to 1"
		}
		return nil, "", invalid("1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "+
			"Member must have value %s", bound)
	}
	from := 0
	if in.NextToken != "" {
		from = slices.IndexFunc(items, func(item T) bool { return key(item) == in.NextToken })
	}
	if from < 0 {
		return nil, "", invalid("The nextPageToken is malformed: %s", in.NextToken)
	}
	size := in.MaxResults
	if size == 0 {
		size = maxPage
	}
	items = items[from:]
	if len(items) <= size {
		return items, "", nil
	}
	return items[:size], key(items[size]), nil
}
