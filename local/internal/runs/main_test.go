package runs

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run at the same time than there are processors: runs wait as much as they work.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
