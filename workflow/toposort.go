package workflow

import (
	"maps"
	"slices"
	"strings"
)

// CycleError is the error about a dependency cycle of views. The last is the first again.
type CycleError []string

func (c CycleError) Error() string {
	return "dependency cycle: " + strings.Join(c, " -> ")
}

// TopoLevels returns the topological levels of views: first those that read none of the others, then those that read only these, and so on.
// Within a level they are in the order of their names. The argument has what each view reads; anything that is not one of the views is
// ignored. The error is a [CycleError].
func TopoLevels(reads map[string][]string) ([][]string, error) {
	o := order{reads: reads, wave: map[string]int{}}
	var waves [][]string
	for _, name := range slices.Sorted(maps.Keys(reads)) {
		n, err := o.place(name)
		if err != nil {
			return nil, err
		}
		for len(waves) < n {
			waves = append(waves, nil)
		}
		waves[n-1] = append(waves[n-1], name)
	}
	return waves, nil
}

type order struct {
	reads map[string][]string
	// wave is the level of each placed view, from 1.
	wave map[string]int
	// path has the views that wait to be placed; each reads the next.
	path []string
}

func (o *order) place(name string) (int, error) {
	if i := slices.Index(o.path, name); i >= 0 {
		return 0, append(CycleError(slices.Clone(o.path[i:])), name)
	}
	if o.wave[name] > 0 {
		return o.wave[name], nil
	}
	o.path = append(o.path, name)
	n := 1
	for _, read := range o.reads[name] {
		if _, known := o.reads[read]; !known {
			continue
		}
		before, err := o.place(read)
		if err != nil {
			return 0, err
		}
		n = max(n, before+1)
	}
	o.path = o.path[:len(o.path)-1]
	o.wave[name] = n
	return n, nil
}
