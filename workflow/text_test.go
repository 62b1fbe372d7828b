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
