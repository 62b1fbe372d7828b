package workflow

import (
	"testing"
	"time"
)

func TestSnapshotTimeOf_ReadsTheTablePrefix(t *testing.T) {
	want := time.Date(2026, 11, 21, 17, 5, 0, 0, time.UTC)
	prefix := ExportID{Source: "shop", SnapshotTime: want.Add(12 * time.Second), Attempt: 3}.TablePrefix()
	for _, name := range []string{prefix, prefix + "shop_users", prefix + "shop_users_5f3c9a", "e20261121_1705_9999_x"} {
		if got, ok := SnapshotTimeOf(name); !ok || !got.Equal(want) {
			t.Errorf("SnapshotTimeOf(%q) = %v, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "users", "e20261121_1705_0", "e20261321_1705_0_users", "e20261121_1705_users", "x_" + prefix, "E20261121_1705_0_USERS"} {
		if got, ok := SnapshotTimeOf(name); ok {
			t.Errorf("SnapshotTimeOf(%q) = %v, want none", name, got)
		}
	}
}
