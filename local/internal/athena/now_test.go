package athena_test

import (
	"strings"
	"testing"
	"time"
)

func TestQuery_ReadsTimeFromClockOfTheAccount(t *testing.T) {
	env := newTestEnv(t)
	env.query(`CREATE VIEW shop.today AS SELECT current_date AS day, CAST(now() AS timestamp(3)) AS at`)
	read := func() string {
		return strings.Join(env.query(`SELECT day, at, current_date = day FROM shop.today`)[1], " ")
	}
	if got, want := read(), "2026-11-21 2026-11-21 18:30:00.000 true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	env.clock.Advance(6*time.Hour + 250*time.Millisecond)
	if got, want := read(), "2026-11-22 2026-11-22 00:30:00.250 true"; got != want {
		t.Errorf("after six hours: got %s, want %s", got, want)
	}
}
