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

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// gap is something that the export should contain and does not.
type gap struct {
	// name of a table or a database as in allow_skipped, or the text of RDS.
	name   string
	reason string
	// isSkipped is true if RDS lists it as skipped.
	isSkipped bool
	// isMissing is true if the source selects it and the snapshot does not have it.
	isMissing bool
}

// repeats reports whether another export of the same snapshot would lack the same, for example a table that RDS may not read (RDS guide,
// "Troubleshooting PostgreSQL permissions errors").
func (g gap) repeats() bool {
	return g.isMissing || strings.Contains(g.reason, "PERMISSIONS_DO_NOT_EXIST")
}

func (g gap) String() string {
	if g.reason == "" {
		return g.name
	}
	return g.name + " (" + g.reason + ")"
}

// verify compares the manifests and objects of a complete task with the source's tables, and fills in the export. RDS reports COMPLETE
// when the task ends, and mentions tables that it could not export only in warnings.
func (h *Handler) verify(
	ctx context.Context, r workflow.State, source workflow.Source, task types.ExportTask, export *workflow.Export,
) error {
	contents, err := manifest.ReadWithoutColumns(ctx, h.S3, h.Bucket, export.Folder())
	if err == nil && contents.Info.Status != workflow.Complete {
		err = fmt.Errorf("%w: the status in export_info is %q", manifest.ErrDamaged, contents.Info.Status)
	}
	if isUnreadable(err) {
		return workflow.Errorf[workflow.ExportIncomplete](
			"source %q: RDS reports export %s as COMPLETE, but it is not: %w%s", source.Name, export.ID, err, retryHint(r))
	}
	if err != nil {
		return fmt.Errorf("source %q: export %s: %w", source.Name, export.ID, err)
	}

	missing, unmatched := missingTables(source, contents)
	gaps := slices.Concat(manifestGaps(source, contents), warningGaps(source, aws.ToString(task.WarningMessage), contents), missing)
	gaps, export.Skipped = splitAllowed(source, gaps)
	if len(gaps) > 0 {
		return incomplete(r, export.ID, gaps)
	}
	for _, pattern := range unmatched {
		h.Log.WarnContext(ctx, "a pattern under tables matches no exported table", "export", export.ID, "pattern", pattern)
	}

	export.Percent = 100
	export.Folders, export.Objects = contents.Folders, contents.Objects
	export.Gigabytes = cmp.Or(contents.Info.Gigabytes, export.Gigabytes)
	for _, t := range contents.Tables {
		if !t.Complete() || t.Objects == 0 || !source.Selects(t.TableName) || slices.Contains(export.Skipped, t.String()) {
			continue // may be skipped, or was exported only with its database
		}
		export.Tables++
		if t.Empty() {
			export.EmptyTables++
		}
	}
	return nil
}

// isUnreadable reports whether an error is about a missing or damaged manifest.
func isUnreadable(err error) bool {
	return errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged)
}

// manifestGaps returns what the manifests report as missing, and what they report as complete although its objects are missing.
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

// missingTables returns the source's tables that no manifest mentions. A pattern without a match is not a gap, because such tables may
// come later, unless the source selects nothing of the export.
func missingTables(source workflow.Source, e manifest.Export) (gaps []gap, unmatched []string) {
	selectsAny := slices.ContainsFunc(e.Tables, func(t manifest.Table) bool { return source.Selects(t.TableName) })
	if len(source.Tables) == 0 && !selectsAny {
		return []gap{{name: "every table", reason: "the export contains none; those of a system database are wanted only where tables names it",
			isMissing: true}}, nil
	}
	for _, asked := range source.Tables {
		isAsked := func(t manifest.Table) bool { return t.MatchedBy(asked) }
		switch {
		case slices.ContainsFunc(e.Tables, isAsked):
		case strings.Contains(asked, "*"):
			unmatched = append(unmatched, asked)
		default:
			gaps = append(gaps, gap{name: canonical(asked), reason: "not mentioned in the manifests", isMissing: true})
		}
	}
	if selectsAny {
		return gaps, unmatched
	}
	for _, pattern := range unmatched {
		gaps = append(gaps, gap{name: pattern, reason: "no table of the export matches", isMissing: true})
	}
	return gaps, nil
}

// splitAllowed separates the gaps that the source allows, and removes duplicates.
func splitAllowed(source workflow.Source, gaps []gap) (missing []gap, skipped []string) {
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

// errRepeats is wrapped by an ExportIncomplete that another export of the snapshot would repeat.
var errRepeats = errors.New("another export of this snapshot would lack it, too: a redrive helps only after allow_skipped was changed")

func incomplete(r workflow.State, id string, gaps []gap) error {
	names := make([]string, len(gaps))
	repeats := true
	for i, g := range gaps {
		names[i] = g.String()
		repeats = repeats && g.repeats()
	}
	text := fmt.Sprintf("source %q: RDS reports export %s as COMPLETE, but it is not: %s",
		r.Source, id, strings.Join(workflow.Summarize(names, workflow.MaxListed), ", "))
	if repeats {
		return workflow.Errorf[workflow.ExportIncomplete]("%s; %w", text, errRepeats)
	}
	return workflow.Errorf[workflow.ExportIncomplete]("%s%s", text, retryHint(r))
}

// canonical returns a table's name as [workflow.TableName.String] does, and any other text unchanged.
func canonical(name string) string {
	if t, ok := workflow.ParseTableName(name); ok {
		return t.String()
	}
	return name
}

func mayBeSkipped(source workflow.Source, name string) bool {
	return slices.ContainsFunc(source.AllowSkipped, func(allowed string) bool { return canonical(allowed) == canonical(name) })
}
