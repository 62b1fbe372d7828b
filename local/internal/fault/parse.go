package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow"
)

// Parse parses a fault in the format of the command line, TARGET[:WHEN]=KIND (see [Help]). It ignores case.
func Parse(text string) (Fault, error) {
	f, err := parse(text)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", text, err)
	}
	return f, nil
}

func parse(text string) (f Fault, err error) {
	target, kind, found := strings.Cut(text, "=")
	if !found {
		return f, fmt.Errorf("must have the form TARGET[:WHEN]=KIND, for example rds.DescribeExportTasks:3=throttle; " + seeHelp)
	}
	what, when, timed := cutTarget(target)
	if f.Target, err = findTarget(what); err != nil {
		return f, err
	}
	if timed {
		if err := f.parseWhen(when); err != nil {
			return f, err
		}
	}
	f.Kind, err = findKind(f.Target, kind)
	return f, err
}

// cutTarget splits text such as "view:users:1" or "export:1" into the target and WHEN.
func cutTarget(text string) (target, when string, timed bool) {
	target, when, timed = strings.Cut(text, ":")
	if timed && strings.EqualFold(target+":", view) {
		name := ""
		name, when, timed = strings.Cut(when, ":")
		target += ":" + name
	}
	return target, when, timed
}

// parseWhen parses a WHEN such as 3, 4-6 or 10%.
func (f *Fault) parseWhen(text string) error {
	var err error
	if share, isShare := strings.CutSuffix(text, "%"); isShare {
		f.Percent, err = strconv.ParseFloat(share, 64)
		if err != nil || !(f.Percent > 0 && f.Percent <= 100) {
			return fmt.Errorf("percentage %q must be greater than 0%% and at most 100%%", text)
		}
		return nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if f.From, err = strconv.Atoi(first); err == nil {
		f.To = f.From
		if isRange {
			f.To, err = strconv.Atoi(last)
		}
	}
	if err != nil || f.From < 1 || f.To < f.From {
		return fmt.Errorf("invalid WHEN %q; use 3 for the third occurrence, 4-6 for the fourth to the sixth, 10%% for a random 10%%, "+
			"or omit it for all", text)
	}
	return nil
}

func findTarget(text string) (string, error) {
	if name := strings.ToLower(text); strings.HasPrefix(name, view) && name != view {
		return name, nil // Athena's names are in lower case
	}
	return find("unknown target", targets(), text)
}

func findKind(target, text string) (Kind, error) {
	kind, err := find(target+" does not support the kind", names(kindsOf(target)), text)
	return Kind(kind), err
}

func names(kinds []Kind) []string {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
	}
	return texts
}

// seeHelp is the last part of each error message for an invalid fault.
const seeHelp = "for the full list, use --fault help"

// find returns the element of names that equals name, ignoring case. If there is none, the error suggests the closest element.
func find(missing string, names []string, name string) (string, error) {
	i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	if i >= 0 {
		return names[i], nil
	}
	meant := ""
	if n := workflow.Closest(names, name); n != "" {
		meant = " (did you mean " + n + "?)"
	}
	return "", fmt.Errorf("%s %q%s; %s", missing, name, meant, seeHelp)
}
