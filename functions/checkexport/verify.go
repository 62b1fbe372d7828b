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
	contents, err := manifest.ReadWithoutColumns(ctx, h.S3, h.Bucket, export.Prefix+export.ID+"/")
	if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
		return workflow.Errorf[workflow.ExportIncomplete](
			"source %q: RDS reports export %s as COMPLETE, but it is not: %w; %s", source.Name, export.ID, err, again(r))
	}
	if err != nil {
		return fmt.Errorf("source %q: export %s: %w", source.Name, export.ID, err)
	}

	missing, unmatched := unmet(source, contents)
	gaps := slices.Concat(warningGaps(source, aws.ToString(task.WarningMessage), contents), manifestGaps(source, contents), missing)
	gaps, export.Skipped = divide(source, gaps)
	if status := contents.Info.Status; status != workflow.Complete {
		gaps = append(gaps, gap{name: "export_info", reason: fmt.Sprintf("its status is %q", status)})
	}
	if len(gaps) > 0 {
		return incomplete(r, export.ID, gaps)
	}
	for _, pattern := range unmatched {
		h.Log.WarnContext(ctx, "a pattern of tables matches no table of the export", "export", export.ID, "pattern", pattern)
	}

	export.Percent = 100
	export.Folders, export.Objects = contents.Folders, contents.Objects
	export.Gigabytes = cmp.Or(contents.Info.Gigabytes, export.Gigabytes)
	for _, t := range contents.Tables {
		if !t.Complete() || t.Objects == 0 || !isWanted(source, t) {
			continue // allowed to be skipped, or exported only because its database is
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
		if len(source.Tables) == 0 || slices.ContainsFunc(source.Tables, func(asked string) bool { return isIn(w.Database, asked) }) {
			gaps = append(gaps, gap{name: "database " + w.Database, reason: w.Message})
		}
	}
	for _, t := range e.Tables {
		if reason := t.Gap(); reason != "" && isWanted(source, t) {
			gaps = append(gaps, gap{name: t.String(), reason: reason})
		}
	}
	return gaps
}

// unmet is what the source's tables ask for and no manifest mentions. That a pattern matches nothing is no gap, since such tables
// may come later, unless nothing at all is wanted of what the export contains.
func unmet(source workflow.Source, e manifest.Export) (gaps []gap, unmatched []string) {
	if len(source.Tables) == 0 && len(e.Tables) == 0 {
		return []gap{{name: "every table", reason: "the export contains none"}}, nil
	}
	for _, asked := range source.Tables {
		isAsked := func(t manifest.Table) bool { return workflow.IsPartOf(asked, t.Database, t.Schema, t.Name) }
		switch {
		case slices.ContainsFunc(e.Tables, isAsked):
		case strings.Contains(asked, "*"):
			unmatched = append(unmatched, asked)
		default:
			gaps = append(gaps, gap{name: canonical(asked), reason: "not mentioned in the manifests"})
		}
	}
	if slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return isWanted(source, t) }) {
		return gaps, unmatched
	}
	for _, pattern := range unmatched {
		gaps = append(gaps, gap{name: pattern, reason: "no table of the export matches"})
	}
	return gaps, nil
}

func isWanted(source workflow.Source, t manifest.Table) bool {
	return source.Wants(t.Database, t.Schema, t.Name)
}

// isIn tells whether what an entry of the source's tables asks for is, or may be, in a database.
func isIn(database, asked string) bool {
	begin, _, isPattern := strings.Cut(asked, "*")
	begin, _, isWhole := strings.Cut(begin, ".")
	if isPattern && !isWhole {
		return strings.HasPrefix(database, begin)
	}
	return database == begin
}

// divide separates the gaps that the source allows, and leaves out what was reported twice.
func divide(source workflow.Source, gaps []gap) (missing []gap, skipped []string) {
	skipped = []string{}
	seen := map[string]bool{}
	for _, g := range gaps {
		switch {
		case seen[g.name]:
		case mayBeSkipped(source, g.name):
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

func mayBeSkipped(source workflow.Source, table string) bool {
	return slices.ContainsFunc(source.AllowSkipped, func(allowed string) bool { return canonical(allowed) == canonical(table) })
}
