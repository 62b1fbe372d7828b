package workflow

import (
	"maps"
	"slices"
	"strings"
)

// CycleError lists the views in a dependency cycle. Each view reads the next one; the last name is the same as the first.
type CycleError []string

func (c CycleError) Error() string { return "dependency cycle: " + strings.Join(c, " -> ") }

// TopoLevels returns the topological levels of views: views that read no other view, then views that read only these, and so on. Each
// level is sorted by name. The argument maps each view to the names that it reads; names that are not views are ignored. The error is a
// [CycleError].
func TopoLevels(reads map[string][]string) ([][]string, error) {
	var levels [][]string
	waiting := maps.Clone(reads)
	isWaiting := func(name string) bool { _, ok := waiting[name]; return ok }
	for len(waiting) > 0 {
		var level []string
		for _, name := range slices.Sorted(maps.Keys(waiting)) {
			if !slices.ContainsFunc(reads[name], isWaiting) {
				level = append(level, name)
			}
		}
		if level == nil {
			return nil, findCycle(waiting)
		}
		for _, name := range level {
			delete(waiting, name)
		}
		levels = append(levels, level)
	}
	return levels, nil
}

// findCycle returns a dependency cycle. The caller must ensure that each view in the map reads at least one view in the map.
func findCycle(reads map[string][]string) CycleError {
	path := CycleError{slices.Min(slices.Collect(maps.Keys(reads)))}
	for {
		last := path[len(path)-1]
		i := slices.IndexFunc(reads[last], func(name string) bool { _, ok := reads[name]; return ok })
		next := reads[last][i]
		if first := slices.Index(path, next); first >= 0 {
			return append(path[first:], next)
		}
		path = append(path, next)
	}
}
