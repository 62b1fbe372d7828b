package workflow

import (
	"fmt"
	"strings"
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

func TestSummarize_CountsOmittedItems(t *testing.T) {
	all := items(23)
	if diff := cmp.Diff(append(items(20), "and 3 more"), Summarize(all, 20)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(items(20), Summarize(items(20), 20)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(items(23), all); diff != "" {
		t.Errorf("the items were changed: %s", diff)
	}
}

func TestSummarizeForState_ShortensListAndLines(t *testing.T) {
	lines := append(items(9), "omitted")
	lines[1] = "顧客" + strings.Repeat("あ", 100)
	want := append(items(8), "and 2 more")
	want[1] = "顧客" + strings.Repeat("あ", 46) + "..."
	if diff := cmp.Diff(want, SummarizeForState(lines)); diff != "" {
		t.Error(diff)
	}
}

func TestSummarizeForState_ReturnsEmptyListNotNil(t *testing.T) {
	if got := SummarizeForState(nil); got == nil || len(got) != 0 {
		t.Errorf("got %#v, which is null as JSON", got)
	}
}

func TestClosest_SuggestsNameWithOneTypo(t *testing.T) {
	names := []string{"account", "key", "keep", "view_name", "external_id"}
	for mistyped, want := range map[string]string{
		"acount": "account", "accuont": "account", "Account": "account", "accounts": "account", "kye": "key", "ky": "key", "kepe": "keep",
		"view-name": "view_name", "eternali": "external_id", "x": "", "": "", "bucket": "",
	} {
		if got := Closest(names, mistyped); got != want {
			t.Errorf("Closest(%q) = %q, want %q", mistyped, got, want)
		}
	}
}

func TestNearest_OrdersBySimilarity(t *testing.T) {
	names := []string{"shop.Products", "shop.members", "shop.user"}
	want := []string{"shop.user", "shop.members"}
	if diff := cmp.Diff(want, Nearest(names, "shop.users", 2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"shop.Products"}, Nearest(names, "shop.products", 1)); diff != "" {
		t.Error(diff)
	}
	if got := Nearest(nil, "shop.users", 2); len(got) != 0 {
		t.Errorf("the nearest of no names are %q", got)
	}
}
