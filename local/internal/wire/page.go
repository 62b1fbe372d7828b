package wire

import (
	"encoding/base64"
	"fmt"
)

// Page returns one page of a list that is sorted by key, and the token of the next page, or "". The token contains the last key on the page,
// so creating or deleting an item between two requests does not cause another item to be omitted or repeated.
func Page[T any](items []T, key func(T) string, size int, token string) (list []T, next string, err error) {
	last, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", fmt.Errorf("%q is not valid; use a token that this operation returned", token)
	}
	for len(items) > 0 && token != "" && key(items[0]) <= string(last) {
		items = items[1:]
	}
	if len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[size-1]))), nil
}
