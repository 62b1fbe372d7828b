package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow"
)

// Parse reads a fault as the command line has it: TARGET[:WHEN]=KIND. Upper and lower case do not matter; the Fault has the names
// as AWS writes them. What [Help] says is what it reads.
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
		return f, fmt.Errorf("a fault is TARGET[:WHEN]=KIND, as in rds.DescribeExportTasks:3=throttle; --fault help lists all")
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

// cutTarget cuts "view:users:1" and "export:1" before their ends.
func cutTarget(text string) (target, when string, timed bool) {
	target, when, timed = strings.Cut(text, ":")
	if timed && strings.EqualFold(target+":", view) {
		name := ""
		name, when, timed = strings.Cut(when, ":")
		target += ":" + name
	}
	return target, when, timed
}

// parseWhen reads 3, 4-6 and 10%.
func (f *Fault) parseWhen(text string) error {
	var err error
	if share, isShare := strings.CutSuffix(text, "%"); isShare {
		f.Percent, err = strconv.ParseFloat(share, 64)
		if err != nil || !(f.Percent > 0 && f.Percent <= 100) {
			return fmt.Errorf("the share %q is not more than 0%% and at most 100%%", text)
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
		return fmt.Errorf("%q does not say when; write 3 for the third, 4-6 for the fourth to the sixth, 10%% for a tenth, or nothing for every one", text)
	}
	return nil
}

func findTarget(text string) (string, error) {
	name := strings.ToLower(text)
	if strings.HasPrefix(name, view) && name != view {
		return name, nil // Athena writes the names of views in lower case
	}
	all := targets()
	if target, found := find(all, text); found {
		return target, nil
	}
	alike := slices.DeleteFunc(slices.Clone(all), func(t string) bool {
		service, _, _ := strings.Cut(name, ".")
		return !strings.HasPrefix(t, service+".")
	})
	if len(alike) == 0 {
		alike = append(all, view+"NAME")
	}
	return "", unknown("there is no target", text, all, alike)
}

func findKind(target, text string) (Kind, error) {
	var names []string
	for _, k := range kindsOf(target) {
		names = append(names, string(k))
	}
	if kind, found := find(names, text); found {
		return Kind(kind), nil
	}
	return "", unknown(target+" has no kind", text, names, names)
}

// find looks for a name whatever its case.
func find(names []string, name string) (string, bool) {
	i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return "", false
	}
	return names[i], true
}

// unknown names what is most like a wrong name, and lists what there is.
func unknown(what, name string, names, list []string) error {
	meant := ""
	if n := workflow.Closest(names, name); n != "" {
		meant = " (did you mean " + n + "?)"
	}
	return fmt.Errorf("%s %q%s; there is %s", what, name, meant, strings.Join(list, ", "))
}
