package glue

import (
	"encoding/base64"

	"snaplake/local/internal/wire"
)

// page cuts one page out of a sorted list. The token of the next one names the last item of this one, so that what is
// created or deleted meanwhile neither repeats nor hides other items.
func page[T any](items []T, key func(T) string, token string, size, limit int) ([]T, string, error) {
	if size < 0 || size > limit {
		return nil, "", wire.Errorf("InvalidInputException", "MaxResults is %d; it must be between 1 and %d", size, limit)
	}
	if size == 0 {
		size = limit
	}
	if token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, "", wire.Errorf("InvalidInputException", "NextToken %q is not from this service", token)
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
