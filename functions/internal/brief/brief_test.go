package brief

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func items(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	return list
}

func TestManyItemsAreCutAndCounted(t *testing.T) {
	all := items(23)
	if diff := cmp.Diff(append(items(20), "and 3 more"), List(all)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(items(23), all); diff != "" {
		t.Errorf("the items were changed: %s", diff)
	}
}

func TestFewItemsAreAllThere(t *testing.T) {
	if diff := cmp.Diff(items(20), List(items(20))); diff != "" {
		t.Error(diff)
	}
}
