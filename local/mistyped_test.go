package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// typosOf returns the name without each of its characters, and with each two neighbors swapped.
func typosOf(name string) (all []string) {
	for i := range name {
		all = append(all, name[:i]+name[i+1:])
		if i > 0 && name[i] != name[i-1] {
			all = append(all, name[:i-1]+name[i:i+1]+name[i-1:i]+name[i+1:])
		}
	}
	return all
}

func TestExecute_SuggestsEveryMistypedCommandAndFlag(t *testing.T) {
	parser, err := kong.New(&commands{}, vars())
	if err != nil {
		t.Fatal(err)
	}
	refuses := func(meant string, args ...string) {
		err := execute(t.Context(), args, now())
		if err == nil || !strings.Contains(err.Error(), "did you mean") || !strings.Contains(err.Error(), meant) {
			t.Errorf("%s: got %v, want a suggestion of %s", strings.Join(args, " "), err, meant)
		}
	}
	for _, c := range parser.Model.Children {
		for _, typo := range typosOf(c.Name) {
			refuses(c.Name, typo)
		}
		for _, flag := range c.Flags {
			for _, typo := range typosOf(flag.Name) {
				if isOther := slices.ContainsFunc(c.Flags, func(f *kong.Flag) bool { return f.Name == typo }); !isOther { // --seed, --speed
					refuses("--"+flag.Name, c.Name, "--"+typo)
				}
			}
		}
	}
}
