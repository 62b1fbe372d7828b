// Package layer finds the configuration layer of a function.
package layer

import (
	"fmt"
	"os"

	"snaplake/workflow"
)

// mount is where Lambda unpacks layers.
const mount = "/opt"

// Read reads the configuration out of the folder that SNAPLAKE_LAYER names, or out of /opt. Only a machine that is not
// Lambda, where nobody unpacks layers into /opt, sets the variable.
func Read(getenv func(string) string) (workflow.Config, error) {
	dir := getenv("SNAPLAKE_LAYER")
	if dir == "" {
		dir = mount
	}
	c, err := workflow.ReadLayer(os.DirFS(dir))
	if err != nil {
		return c, fmt.Errorf("%s: %w", dir, err)
	}
	return c, nil
}
