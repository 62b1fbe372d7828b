package runs

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run at once than there are processors: nights wait as much as they work.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
