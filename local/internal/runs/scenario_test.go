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

// scenario is one way in which a run fails.
type scenario struct {
	faults []fault.Fault
	// lasting faults strike until the run has failed, however often they say.
	lasting bool
	// exports is how many may be paid for.
	exports int
	// helps is what somebody does before the redrive.
	helps func(context.Context, *world) error
	// notified is that the notifier itself goes wrong: its mail comes late, or its event is a dead letter.
	notified bool
}

func (s scenario) String() string {
	texts := make([]string, len(s.faults))
	for i, f := range s.faults {
		texts[i] = f.String()
	}
	return strings.Join(texts, " ")
}

// isSlow reports whether a service fails until the run has failed: the SDK's retries then wait half a minute of real time.
func (s scenario) isSlow() bool {
	last := s.faults[len(s.faults)-1]
	return s.lasting && !strings.HasPrefix(last.Target, "lambda.")
}

// failure is an end that an operator sees.
type failure struct {
	state, name, cause string
	mail               string
}

// result is what became of a scenario.
type result struct {
	scenario
	failures []failure
	wrong    []string
}

// maxRedrives is how often a failed run is redriven before it counts as not converging; docs/operations.md promises one.
const maxRedrives = 1

// try executes a run of a scenario, redrives it if it fails, and returns all violations.
func (w *world) try(ctx context.Context, s scenario) (result, error) {
	r := result{scenario: s}
	w.plan(s.faults)
	mails, dead := len(w.SNS.Messages()), len(w.DeadLetters.Messages())
	execution, err := w.run(ctx)
	for err == nil && execution.Status != stepfunctions.Succeeded && len(r.failures) < maxRedrives {
		var f failure
		if f, err = w.failure(execution, &mails); err != nil {
			break
		}
		if lost := len(w.DeadLetters.Messages()) - dead; f.mail == "" && (!s.notified || lost != 1) {
			r.wrong = append(r.wrong, "no mail tells of it")
		} else if f.mail != "" {
			r.wrong = append(r.wrong, f.unclear(s)...)
		}
		r.failures = append(r.failures, f)
		w.views.look(ctx)
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
			if !slices.ContainsFunc(w.faults.Injected(), func(s fault.Injection) bool { return s.Fault == f }) {
				r.wrong = append(r.wrong, f.String()+" did not take place")
			}
		}
	}
	w.faults.Set()
	r.wrong = append(r.wrong, w.wrong(ctx, execution, s.exports, true)...)
	return r, nil
}

// plan sets the faults of the next run.
func (w *world) plan(faults []fault.Fault) {
	w.faults.Set(faults...)
	w.views.unseen = slices.ContainsFunc(faults, hidesObjects)
}

// hidesObjects tells of the faults by which an object that is there is not seen.
func hidesObjects(f fault.Fault) bool {
	return f.Kind == "NoSuchKey"
}

// failure describes a failed run, with the mail about it.
func (w *world) failure(e stepfunctions.Execution, mails *int) (failure, error) {
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
		f.name = "States.Timeout" // the history alone says so
	}
	messages := w.SNS.Messages()
	for _, m := range messages[*mails:] {
		f.mail = m.Text
	}
	*mails = len(messages)
	return f, nil
}

// signs are what a failure's message must say for each kind of fault; of an error code it is the code.
var signs = map[fault.Kind]string{
	fault.Throttle: `(?i)throttl|slow ?down|rate exceeded|too ?many`, fault.ServerError: `(?i)internal|unavailable|ServiceException`,
	fault.DropBefore: `(?i)EOF|reset|closed|connection`, fault.DropAfter: `(?i)EOF|reset|closed|connection`,
	fault.Denied: `not authorized to perform`, fault.Hang: `timed out`, fault.KillBefore: `killed`, fault.KillAfter: `killed`,
	fault.Kill: `killed`, fault.KillLate: `killed`, fault.Timeout: `timed out`, fault.TimeoutLate: `timed out`,
	fault.Memory: `(?i)memory|killed`, fault.TooLarge: `exceeded maximum allowed payload size`,
	fault.Failed: `(?i)internal|DDLTask`, fault.FailedAssume: `assume`, fault.FailedMetadata: `metadata`, fault.FailedPermission: `authorized`,
	fault.FailedKey: `KMS`, fault.FailedCredentials: `credential`, fault.FailedBucket: `bucket`, fault.FailedRegion: `Region`,
	fault.NoManifest: `no such manifest|export_tables_info`, fault.CutManifest: `export_tables_info`, fault.Stale: `no such manifest`,
	fault.NoTables: `lacks tables`, fault.OneTableLess: `lacks tables`, fault.Stuck: `States.Timeout`,
	"NoSuchKey": `no such manifest`, "InvalidRequestException": `because of --fault|InvalidRequestException`,
	fault.Canceled: `cancell?ed`, fault.Cancelled: `(?i)cancelled`, fault.Skipped: `skip`, fault.LostParts: `(?i)no (part|file)|missing|nothing lies`,
}

// unclear is what the message of a failure leaves open: its cause, or whether a redrive helps.
func (f failure) unclear(s scenario) []string {
	var open []string
	kind := s.faults[0].Kind
	sign, known := signs[kind]
	switch {
	case isCode(kind) && !known:
		sign = regexp.QuoteMeta(string(kind))
	case !known:
		open = append(open, fmt.Sprintf("nobody has said what the error of %s must name: %s: %s", kind, f.name, f.cause))
	}
	if !regexp.MustCompile(sign).MatchString(f.cause + f.name) {
		open = append(open, fmt.Sprintf("the error does not name the cause %s: %s: %s", kind, f.name, f.cause))
	}
	if !regexp.MustCompile(`[Rr]edrive|new run`).MatchString(f.mail) {
		open = append(open, "the mail does not say whether a redrive helps: "+f.mail)
	}
	return open
}

// cancelExport ends the export that runs, as the RDS console does.
func cancelExport(ctx context.Context, w *world) error {
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
