package workflow

import (
	"maps"
	"slices"
	"strings"
)

// Circle is the error about views that read each other. The first is the last as well.
type Circle []string

func (c Circle) Error() string {
	return "views read each other in a circle: " + strings.Join(c, " -> ")
}

// Waves puts views into an order in which each comes after those that it reads: first all that read none of the others, then
// those that read only these, and so on, each wave in the order of the names. reads tells, for each view, what it reads; what is
// no view of these is passed over. The error is a [Circle].
func Waves(reads map[string][]string) ([][]string, error) {
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
	// wave of each view that has its place, from 1.
	wave map[string]int
	// path of views that wait for their place, each since it reads the next.
	path []string
}

func (o *order) place(name string) (int, error) {
	if i := slices.Index(o.path, name); i >= 0 {
		return 0, append(Circle(slices.Clone(o.path[i:])), name)
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
