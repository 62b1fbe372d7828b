package nights

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

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/stepfunctions"
)

// scenario is one way in which a night goes wrong.
type scenario struct {
	faults []fault.Fault
	// lasting is that the faults strike until the night has failed, and not only as often as they say.
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

// maxRedrives is how often the button is pressed before a night counts as lost. Documented is one.
const maxRedrives = 1

// try runs a night of a scenario, redrives it when it fails, and says all that is not as it must be.
func (w *world) try(ctx context.Context, s scenario) (result, error) {
	r := result{scenario: s}
	w.plan(s.faults)
	mails, dead := len(w.SNS.Messages()), len(w.DeadLetters.Messages())
	night, err := w.night(ctx)
	for err == nil && night.Status != stepfunctions.Succeeded && len(r.failures) < maxRedrives {
		var f failure
		if f, err = w.failure(night, &mails); err != nil {
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
		night, err = w.redrive(ctx, night.ARN)
	}
	if err != nil {
		return r, err
	}
	if !s.lasting {
		for _, f := range s.faults {
			if !slices.ContainsFunc(w.faults.Struck(), func(s fault.Strike) bool { return s.Fault == f }) {
				r.wrong = append(r.wrong, f.String()+" did not take place")
			}
		}
	}
	w.faults.Set()
	r.wrong = append(r.wrong, w.wrong(ctx, night, s.exports, true)...)
	return r, nil
}

// plan has faults strike in the night that comes.
func (w *world) plan(faults []fault.Fault) {
	w.faults.Set(faults...)
	w.views.unseen = slices.ContainsFunc(faults, func(f fault.Fault) bool {
		return strings.HasPrefix(f.Target, "s3.") && (f.Kind == fault.Stale || f.Kind == "NoSuchKey")
	})
}

// failure is how a night ended, with the mail about it.
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
	if !regexp.MustCompile(`[Rr]edrive|new execution`).MatchString(f.mail) {
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

// alike are the faults that a function meets in the same way in each of its calls of an operation: what the SDK tries again, and
// what it waits for or passes over.
var alike = []fault.Kind{
	fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter, fault.Slow, fault.Hang, fault.UnknownFields,
}

// transient are those of them that the SDK tries again: once they are struck alone, and once as often as it tries.
var transient = []fault.Kind{fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter}

// sdkTries is how often the SDK makes a call.
const sdkTries = 3

// ofCalls are the scenarios of the calls of a good night: each call with each fault that fits it, if that leaves behind what no
// other one does.
func ofCalls(calls []cloud.Call) []scenario {
	var all []scenario
	count, last := map[string]int{}, map[string]int{}
	for i, c := range calls {
		last[c.Role+callOf(c)] = i
	}
	seen := map[string]bool{}
	for i, c := range calls {
		target, site := callOf(c), c.Role+callOf(c)
		count[target]++
		n := count[target]
		first, final := !seen[site], last[site] == i
		seen[site] = true
		if isLook(c) && !first && !final || target == "athena.GetQueryExecution" && n > count["athena.StartQueryExecution"] {
			continue // how often CreateViews looks at a statement depends on how fast this machine is
		}
		add := func(to int, kind fault.Kind, lasting bool) {
			all = append(all, scenario{faults: []fault.Fault{{Target: target, From: n, To: to, Kind: kind}}, lasting: lasting, exports: 1})
		}
		for _, kind := range fault.KindsOf(c.Service, c.Operation) {
			if first || final && isCode(kind) || strikesEach(c, kind) {
				add(n, kind, false)
			}
			if first && slices.Contains(transient, kind) {
				add(n+sdkTries-1, kind, false)
			}
		}
		if first { // an hour without the service
			add(n+1000, fault.ServerError, true)
		}
	}
	return all
}

func callOf(c cloud.Call) string { return c.Service + "." + c.Operation }

// isLook tells whether a call is one of those that look at the same thing again and again, until it is over.
func isLook(c cloud.Call) bool {
	return strings.Contains(c.Role, "CheckExport") && c.Operation == "DescribeExportTasks" || strings.Contains(c.Role, "CheckCrawler") && c.Operation == "GetCrawler"
}

// isCode tells whether a kind is an error code of AWS's.
func isCode(kind fault.Kind) bool { return kind[0] >= 'A' && kind[0] <= 'Z' }

// strikesEach tells whether a fault strikes each call of an operation, and not only the first of a function. What stops the
// function does, so that it leaves behind all that can be left: before and after each call that has an effect, and before each of
// the others.
func strikesEach(c cloud.Call, kind fault.Kind) bool {
	if kind == fault.KillBefore || kind == fault.KillAfter {
		return !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") && !strings.HasPrefix(c.Operation, "Describe")
	}
	return !isCode(kind) && !slices.Contains(alike, kind)
}

// ofFunctions are the scenarios of the invocations of a good night: of the first and the last one of each function.
func ofFunctions(invocations []string) []scenario {
	var all []scenario
	count, last := map[string]int{}, map[string]int{}
	for _, name := range invocations {
		last[name]++
	}
	for _, name := range invocations {
		count[name]++
		if count[name] > 1 && count[name] < last[name] {
			continue
		}
		for _, kind := range []fault.Kind{
			fault.Throttle, fault.ServerError, fault.Kill, fault.KillLate, fault.Timeout, fault.TimeoutLate, fault.Memory, fault.TooLarge,
		} {
			all = append(all, scenario{faults: []fault.Fault{mustParse(fmt.Sprintf("lambda.%s:%d=%s", name, count[name], kind))}, exports: 1})
			if count[name] == 1 {
				all = append(all, scenario{faults: []fault.Fault{mustParse(fmt.Sprintf("lambda.%s:1-1000=%s", name, kind))}, exports: 1, lasting: true})
			}
		}
	}
	return all
}

// ofWork are the scenarios of what RDS, the crawler and Athena do by themselves.
func ofWork() []scenario {
	var all []scenario
	for _, kind := range []fault.Kind{
		fault.Failed, fault.FailedAssume, fault.FailedMetadata, fault.FailedPermission, fault.FailedKey, fault.FailedCredentials, fault.FailedBucket,
		fault.FailedRegion, fault.Canceled, fault.Skipped, fault.NoManifest, fault.CutManifest, fault.LostParts,
	} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "export", From: 1, To: 1, Kind: kind}}, exports: 2})
	}
	all = append(all,
		scenario{faults: []fault.Fault{mustParse("export:1=stuck")}, exports: 2, helps: cancelExport},
		scenario{faults: []fault.Fault{mustParse("rds.StartExportTask:1-5=ExportTaskLimitReachedFault")}, exports: 1})
	for _, kind := range []fault.Kind{fault.Failed, fault.Cancelled, fault.Foreign, fault.NoTables, fault.OneTableLess} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "crawl", From: 1, To: 1, Kind: kind}}, exports: 1})
	}
	for _, kind := range []fault.Kind{fault.Failed, fault.Retryable, fault.Cancelled} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "view:users", From: 1, To: 1, Kind: kind}}, exports: 1})
	}
	for _, name := range []string{"coupons", "plans", "most_points", history, changes, freshness} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "view:" + name, From: 1, To: 1, Kind: fault.Failed}}, exports: 1})
	}
	return all
}

func mustParse(text string) fault.Fault {
	f, err := fault.Parse(text)
	if err != nil {
		panic(err)
	}
	return f
}
