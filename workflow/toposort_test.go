package workflow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTopoLevels_OrdersViewsByDependencies(t *testing.T) {
	got, err := TopoLevels(map[string][]string{
		"yearly": {"monthly", "users"}, "users": nil, "monthly": {"daily"}, "daily": {"orders", "a_table"}, "orders": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"orders", "users"}, {"daily"}, {"monthly"}, {"yearly"}}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTopoLevels_ReportsDependencyCycle(t *testing.T) {
	for _, test := range []struct {
		reads map[string][]string
		want  string
	}{
		{map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": nil}, "dependency cycle: b -> c -> b"},
		{map[string][]string{"a": {"a"}}, "dependency cycle: a -> a"},
	} {
		if _, err := TopoLevels(test.reads); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
