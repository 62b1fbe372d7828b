package runs

import (
	"flag"
	"os"
	"testing"
)

// TestMain allows more parallel tests than there are processors, because runs wait about as long as they work.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
