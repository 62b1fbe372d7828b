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

	"snaplake/functions/internal/exporttask"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// gap is something that the export should contain but does not.
type gap struct {
	// name is the name of a table or a database, in the form used in allow_skipped, or a message from RDS.
	name   string
	reason string
	// isSkipped is true if RDS lists the table under skippedTables.
	isSkipped bool
	// isMissing is true if the source selects a table that the snapshot does not contain.
	isMissing bool
}

// repeats reports whether another export of the same snapshot would have the same gap, for example because RDS has no permission to read
// the table (RDS guide, "Troubleshooting PostgreSQL permissions errors").
func (g gap) repeats() bool {
	return g.isMissing || strings.Contains(g.reason, "PERMISSIONS_DO_NOT_EXIST")
}

func (g gap) String() string {
	if g.reason == "" {
		return g.name
	}
	return g.name + " (" + g.reason + ")"
}

// verify compares the manifests and objects of a complete task with the source's tables, and counts the tables and objects. RDS reports
// COMPLETE even if it could not export some tables, and reports these only in warnings.
func (h *Handler) verify(
	ctx context.Context, state workflow.State, source workflow.Source, task types.ExportTask, export *workflow.Export,
) error {
	contents, err := manifest.ReadWithoutColumns(ctx, h.S3, h.Bucket, export.Folder())
	if err == nil && contents.Info.Status != workflow.Complete {
		err = fmt.Errorf("%w: the status in the export_info file is %q", manifest.ErrDamaged, contents.Info.Status)
	}
	if manifest.IsUnreadable(err) {
		return workflow.Errorf[workflow.ExportIncomplete](
			"source %q: RDS reports export %s as COMPLETE, but it is incomplete: %w%s", source.Name, export.ID, err, retryHint(state))
	}
	if err != nil {
		return fmt.Errorf("source %q: export %s: %w", source.Name, export.ID, err)
	}

	missing, unmatched := missingTables(source, contents)
	gaps := slices.Concat(manifestGaps(source, contents), warningGaps(source, aws.ToString(task.WarningMessage), contents), missing)
	gaps, export.Skipped = splitAllowed(source, gaps)
	if len(gaps) > 0 {
		return incompleteError(state, export.ID, gaps, exporttask.HasTablesOf(source, task))
	}
	for _, pattern := range unmatched {
		h.Log.WarnContext(ctx, "a table pattern matches no exported table", "export", export.ID, "pattern", pattern)
	}

	export.Percent = 100
	export.Folders, export.Objects = contents.Folders, contents.Objects
	export.Gigabytes = cmp.Or(contents.Info.Gigabytes, export.Gigabytes)
	for _, t := range contents.Tables {
		if !t.Complete() || t.Objects == 0 || !source.Selects(t.TableName) || slices.Contains(export.Skipped, t.String()) {
			continue // skipped, or exported only as part of its database
		}
		export.Tables++
		if t.Empty() {
			export.EmptyTables++
		}
	}
	return nil
}

// manifestGaps returns the tables and databases that the manifests report as incomplete. It also returns tables that lack objects although
// the manifests report them as complete.
func manifestGaps(source workflow.Source, e manifest.Export) []gap {
	var gaps []gap
	for _, w := range e.Warnings {
		if source.SelectsFrom(w.Database) {
			gaps = append(gaps, gap{name: w.Database, reason: w.Message})
		}
	}
	for _, t := range e.Tables {
		if reason := t.Gap(); reason != "" && source.Selects(t.TableName) {
			gaps = append(gaps, gap{name: t.String(), reason: reason})
		}
	}
	return gaps
}

// missingTables returns the source's tables that no manifest lists, and the source's patterns that match no table. Such a pattern is a gap
// only if the source selects nothing else in the export, because matching tables may be created later.
func missingTables(source workflow.Source, e manifest.Export) (gaps []gap, unmatched []string) {
	selectsAny := slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return source.Selects(t.TableName) })
	if len(source.Tables) == 0 && !selectsAny {
		return []gap{{name: "every table", isMissing: true,
			reason: "the export contains no tables; tables of system databases are included only if they are listed under \"tables\""}}, nil
	}
	for _, entry := range source.Tables {
		isPattern := strings.Contains(entry, "*")
		switch {
		case slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return t.MatchedBy(entry) }):
		case isPattern && selectsAny:
			unmatched = append(unmatched, entry)
		case isPattern:
			gaps = append(gaps, gap{name: entry, reason: "the pattern matches no table in the export", isMissing: true})
		default:
			gaps = append(gaps, gap{name: canonical(entry), reason: "not mentioned in the manifests", isMissing: true})
		}
	}
	return gaps, unmatched
}

// splitAllowed separates the gaps that allow_skipped covers from all other gaps, and removes duplicates.
func splitAllowed(source workflow.Source, gaps []gap) (missing []gap, skipped []string) {
	skipped = []string{}
	seen := map[string]bool{}
	for _, g := range gaps {
		switch {
		case seen[g.name]:
		case source.AllowsSkipped(g.name):
			skipped = append(skipped, g.name)
		default:
			missing = append(missing, g)
		}
		seen[g.name] = true
	}
	slices.Sort(skipped)
	return missing, skipped
}

// errRepeats is wrapped in an ExportIncomplete error if another export of the snapshot would have the same gaps.
var errRepeats = errors.New("another export of this snapshot would have the same gaps; correct \"tables\" or allow_skipped, then redrive")

// incompleteError returns the error for an export with gaps. The argument repeats is true if a new export would contain the same tables.
func incompleteError(state workflow.State, id string, gaps []gap, repeats bool) error {
	names := make([]string, len(gaps))
	for i, g := range gaps {
		names[i] = g.String()
		repeats = repeats && g.repeats()
	}
	text := fmt.Sprintf("source %q: RDS reports export %s as COMPLETE, but it is incomplete: %s",
		state.Source, id, strings.Join(workflow.Summarize(names, workflow.MaxListed), ", "))
	if repeats {
		return workflow.Errorf[workflow.ExportIncomplete]("%s; %w", text, errRepeats)
	}
	return workflow.Errorf[workflow.ExportIncomplete]("%s%s", text, retryHint(state))
}

// canonical returns a table's name in the form of [workflow.TableName.String], and any other string unchanged.
func canonical(name string) string {
	if t, ok := workflow.ParseTableName(name); ok {
		return t.String()
	}
	return name
}
