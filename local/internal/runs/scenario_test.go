package runs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/stepfunctions"
)

// scenario is a run with injected faults.
type scenario struct {
	faults []fault.Fault
	// lasting means that the faults are injected until the run has failed, regardless of their counts.
	lasting bool
	// exports is the number of exports that the run may start.
	exports int
	// helps, if set, is what the user does before the redrive.
	helps func(context.Context, *testEnv) error
	// notified means that Notify itself fails: its email arrives late, or its event becomes a dead letter.
	notified bool
}

func (s scenario) String() string {
	texts := make([]string, len(s.faults))
	for i, f := range s.faults {
		texts[i] = f.String()
	}
	return strings.Join(texts, " ")
}

// isSlow reports whether a service fails until the run has failed. The SDK's retries then wait for half a minute of real time.
func (s scenario) isSlow() bool {
	last := s.faults[len(s.faults)-1]
	return s.lasting && !strings.HasPrefix(last.Target, "lambda.")
}

// failure is a failed run as an operator sees it.
type failure struct {
	state, name, cause string
	mail               string
}

// result is the result of a scenario.
type result struct {
	scenario
	failures []failure
	wrong    []string
}

// maxRedrives is the number of redrives after which a run must succeed. docs/operations.md promises that one redrive is enough.
const maxRedrives = 1

// try executes the run of a scenario, redrives it if it fails, and returns all violations.
func (w *testEnv) try(ctx context.Context, s scenario) (result, error) {
	r := result{scenario: s}
	w.plan(s.faults)
	mails, dead := len(w.messages()), len(w.DeadLetters.Messages())
	execution, err := w.run(ctx)
	for err == nil && execution.Status != stepfunctions.Succeeded && len(r.failures) < maxRedrives {
		var f failure
		if f, err = w.failure(execution, &mails); err != nil {
			break
		}
		if lost := len(w.DeadLetters.Messages()) - dead; f.mail == "" && (!s.notified || lost != 1) {
			r.wrong = append(r.wrong, "no email was sent")
		} else if f.mail != "" {
			r.wrong = append(r.wrong, f.unclear(s)...)
		}
		r.failures = append(r.failures, f)
		w.views.check(ctx)
		if s.lasting {
			w.faults.Set()
		}
		if s.helps != nil {
			if err = s.helps(ctx, w); err != nil {
				break
			}
		}
		execution, err = w.redrive(ctx, execution.ARN)
	}
	if err != nil {
		return r, err
	}
	if !s.lasting {
		for _, f := range s.faults {
			if !slices.ContainsFunc(w.faults.Injected(), func(s fault.Fault) bool {
				return s.Target == f.Target && s.Kind == f.Kind && (f.From == 0 || f.From <= s.From && s.From <= f.To)
			}) {
				r.wrong = append(r.wrong, f.String()+" was not injected")
			}
		}
	}
	w.faults.Set()
	r.wrong = append(r.wrong, w.wrong(ctx, execution, s.exports, true)...)
	return r, nil
}

// plan sets the faults of the next run.
func (w *testEnv) plan(faults []fault.Fault) {
	w.faults.Set(faults...)
	w.views.unseen = slices.ContainsFunc(faults, hidesObjects)
}

// hidesObjects reports whether a fault hides an existing object.
func hidesObjects(f fault.Fault) bool {
	return f.Kind == "NoSuchKey"
}

// failure returns the failure of a run, with the email about it.
func (w *testEnv) failure(e stepfunctions.Execution, mails *int) (failure, error) {
	f := failure{name: e.Error, cause: e.Cause}
	history, err := w.StepFunctions.History(e.ARN)
	if err != nil {
		return f, err
	}
	for _, event := range history {
		if strings.HasSuffix(event.Type, "StateEntered") {
			f.state = event.Details.Name
		}
	}
	if f.name == "" {
		f.name = "States.Timeout" // only the history contains it
	}
	messages := w.messages()
	for _, m := range messages[*mails:] {
		f.mail = m.Text
	}
	*mails = len(messages)
	return f, nil
}

// signs maps each kind of fault to a pattern that the error of a failure must match. A kind that is an error code of AWS needs no entry:
// the code itself is the pattern.
var signs = map[fault.Kind]string{
	fault.Throttle: `(?i)throttl|slow ?down|rate exceeded|too ?many`, fault.ServerError: `(?i)internal|unavailable|ServiceException`,
	fault.DropBefore: `(?i)EOF|reset|closed|connection`, fault.DropAfter: `(?i)EOF|reset|closed|connection`,
	fault.Denied: `not authorized to perform`, fault.Hang: `timed out`, fault.KillBefore: `killed`, fault.KillAfter: `killed`,
	fault.Kill: `killed`, fault.KillLate: `killed`, fault.Timeout: `timed out`, fault.TimeoutLate: `timed out`,
	fault.Memory: `(?i)memory|killed`, fault.TooLarge: `exceeded maximum allowed payload size`,
	fault.Failed: `(?i)internal|DDLTask`, fault.FailedAssume: `assume`, fault.FailedMetadata: `metadata`, fault.FailedPermission: `authorized`,
	fault.FailedKey: `KMS`, fault.FailedCredentials: `credential`, fault.FailedBucket: `bucket`, fault.FailedRegion: `Region`,
	fault.NoManifest: `no such manifest|export_tables_info`, fault.CutManifest: `export_tables_info`, fault.Stale: `no such manifest`,
	fault.NoTables: `lacks tables`, fault.MissingTable: `lacks tables`, fault.Stuck: `States.Timeout`,
	"NoSuchKey": `no such manifest`, "InvalidRequestException": `because of --fault|InvalidRequestException`,
	fault.Canceled: `cancell?ed`, fault.Cancelled: `(?i)cancelled`, fault.Skipped: `skip`,
	fault.LostParts: `(?i)no (part|file)|missing|nothing lies`,
}

// unclear returns what the error and the email of a failure do not say: the cause, or whether a redrive helps.
func (f failure) unclear(s scenario) []string {
	var open []string
	kind := s.faults[0].Kind
	sign, known := signs[kind]
	switch {
	case isCode(kind) && !known:
		sign = regexp.QuoteMeta(string(kind))
	case !known:
		open = append(open, fmt.Sprintf("no pattern for the error of fault %s: %s: %s", kind, f.name, f.cause))
	}
	if !regexp.MustCompile(sign).MatchString(f.cause + f.name) {
		open = append(open, fmt.Sprintf("the error does not name its cause (%s): %s: %s", kind, f.name, f.cause))
	}
	if !regexp.MustCompile(`[Rr]edrive|new run`).MatchString(f.mail) {
		open = append(open, "the email does not say whether a redrive helps: "+f.mail)
	}
	return open
}

// cancelExport cancels the export that is STARTING, as a user does in the RDS console.
func cancelExport(ctx context.Context, w *testEnv) error {
	pages := rds.NewDescribeExportTasksPaginator(w.rds(), &rds.DescribeExportTasksInput{
		Filters: []types.Filter{{Name: aws.String("status"), Values: []string{"starting"}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, t := range page.ExportTasks {
			_, err := w.rds().CancelExportTask(ctx, &rds.CancelExportTaskInput{ExportTaskIdentifier: t.ExportTaskIdentifier})
			return err
		}
	}
	return errors.New("no export is STARTING")
}
