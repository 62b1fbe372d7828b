package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/brief"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// gap is something that an export was to contain and does not.
type gap struct {
	// name of a table as allow_skipped has it, or whatever RDS names.
	name   string
	reason string
}

func (g gap) String() string {
	if g.reason == "" {
		return g.name
	}
	return g.name + " (" + g.reason + ")"
}

// verify compares what a complete task says and left in S3 with what was asked for, and completes the export's account.
// RDS's COMPLETE means that the task is over: tables that it could not export are mentioned in warnings only.
func (h *Handler) verify(ctx context.Context, r workflow.Record, source workflow.Source, task types.ExportTask, export *workflow.Export) error {
	contents, err := manifest.Read(ctx, h.S3, h.Bucket, export.Prefix+export.ID+"/")
	if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
		return workflow.Errorf[workflow.ExportIncomplete](
			"source %q: RDS reports export %s as COMPLETE, but it is not: %w; %s", source.Name, export.ID, err, again(r))
	}
	if err != nil {
		return fmt.Errorf("source %q: export %s: %w", source.Name, export.ID, err)
	}

	gaps := slices.Concat(taskGaps(aws.ToString(task.WarningMessage), source.AllowSkipped), manifestGaps(source, contents), unmet(source, contents))
	gaps, export.Skipped = divide(source, gaps)
	if status := contents.Info.Status; status != workflow.Complete {
		gaps = append(gaps, gap{name: "export_info", reason: fmt.Sprintf("its status is %q", status)})
	}
	if len(gaps) > 0 {
		return incomplete(r, export.ID, gaps)
	}

	export.Percent = 100
	export.Objects = contents.Objects
	export.Gigabytes = cmp.Or(contents.Info.Gigabytes, export.Gigabytes)
	for _, t := range contents.Tables {
		if !t.Complete() || t.Objects == 0 {
			continue // allowed to be skipped
		}
		export.Tables++
		if t.Empty() {
			export.EmptyTables++
		}
	}
	return nil
}

// manifestGaps is what the manifests themselves report, and what they report as complete and is not there.
func manifestGaps(source workflow.Source, e manifest.Export) []gap {
	var gaps []gap
	for _, w := range e.Warnings {
		if len(source.Tables) == 0 || slices.ContainsFunc(source.Tables, func(asked string) bool { return databaseOf(asked) == w.Database }) {
			gaps = append(gaps, gap{name: "database " + w.Database, reason: w.Message})
		}
	}
	for _, t := range e.Tables {
		if reason := t.Gap(); reason != "" {
			gaps = append(gaps, gap{name: t.String(), reason: reason})
		}
	}
	return gaps
}

// unmet is what the source's tables ask for and no manifest mentions.
func unmet(source workflow.Source, e manifest.Export) []gap {
	if len(source.Tables) == 0 && len(e.Tables) == 0 {
		return []gap{{name: "every table", reason: "the export contains none"}}
	}
	var gaps []gap
	for _, asked := range source.Tables {
		if !slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return isPartOf(t, asked) }) {
			gaps = append(gaps, gap{name: canonical(asked), reason: "not mentioned in the manifests"})
		}
	}
	return gaps
}

// isPartOf tells whether a table belongs to what one entry of ExportOnly asks for: a database, a schema of PostgreSQL, or a
// table.
func isPartOf(t manifest.Table, asked string) bool {
	full := t.Database + "." + t.Schema + "." + t.Name
	return asked == t.Database || asked == t.Database+"."+t.Schema || asked == t.String() || asked == full
}

// divide separates the gaps that the source allows, and leaves out what was reported twice.
func divide(source workflow.Source, gaps []gap) (missing []gap, skipped []string) {
	skipped = []string{}
	seen := map[string]bool{}
	for _, g := range gaps {
		switch {
		case seen[g.name]:
		case slices.ContainsFunc(source.AllowSkipped, func(allowed string) bool { return canonical(allowed) == g.name }):
			skipped = append(skipped, g.name)
		default:
			missing = append(missing, g)
		}
		seen[g.name] = true
	}
	slices.Sort(skipped)
	return missing, skipped
}

func incomplete(r workflow.Record, id string, gaps []gap) error {
	names := make([]string, len(gaps))
	for i, g := range gaps {
		names[i] = g.String()
	}
	return workflow.Errorf[workflow.ExportIncomplete](
		"source %q: RDS reports export %s as COMPLETE, but it is not: %s; list under allow_skipped what may be missing, deploy and redrive; or remove the cause and %s",
		r.Source, id, strings.Join(brief.List(names), ", "), again(r))
}

// canonical is a table's name as [manifest.Table.String] gives it: MySQL's shop.shop.users is shop.users.
func canonical(name string) string {
	database, rest, _ := strings.Cut(name, ".")
	if table, ok := strings.CutPrefix(rest, database+"."); ok {
		return database + "." + table
	}
	return name
}

func databaseOf(name string) string {
	database, _, _ := strings.Cut(name, ".")
	return database
}
