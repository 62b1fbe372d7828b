package runs

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"snaplake/workflow"
)

// deployLayer gives the functions a layer with a changed configuration, as a deployment does.
func (w *world) deployLayer(ctx context.Context, change func(*workflow.Source)) error {
	config := w.config
	config.Sources = slices.Clone(config.Sources)
	config.Sources[0].Views = slices.Clone(config.Sources[0].Views)
	change(&config.Sources[0])
	content, err := zipOf(config)
	if err != nil {
		return err
	}
	client := lambda.New(lambda.Options{Region: w.Region, Credentials: w.operator(), BaseEndpoint: &w.Endpoint})
	layer, err := client.PublishLayerVersion(ctx, &lambda.PublishLayerVersionInput{
		LayerName: aws.String(config.Name + "-configuration"), Content: &types.LayerVersionContentInput{ZipFile: content},
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "checkcrawler", "createviews", "prune"} {
		if _, err := client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: aws.String(config.Name + "-" + name), Layers: []string{*layer.LayerVersionArn},
		}); err != nil {
			return err
		}
	}
	return nil
}

// zipOf is a layer as it is uploaded.
func zipOf(config workflow.Config) ([]byte, error) {
	dir, err := os.MkdirTemp("", "layer-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := workflow.WriteLayer(dir, config); err != nil {
		return nil, err
	}
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	if err := archive.AddFS(os.DirFS(dir)); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// A night fails because of what a user has written, or has not. No view changes; the user corrects it, deploys, redrives, and the
// night succeeds. All that is wrong is said at once.
func TestAMistakeOfTheConfigurationIsCorrectedAndRedriven(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	for name, test := range map[string]struct {
		mistake func(*workflow.Source)
		error   string
		says    []string
		exports int
	}{
		"views of what is not there": {
			mistake: func(s *workflow.Source) {
				s.Views[0].SQL = "SELEKT max(points) FROM plans"
				s.Views[1].SQL = "SELECT plan, sum(pints) AS points\nFROM users\nGROUP BY plan"
				s.Changes = map[string][]string{"users": {"plan"}}
			},
			error: "ViewsFailed", exports: 1,
			says: []string{
				`"most_points"`, "SELEKT", `"plans"`, "views/billing/plans.sql", "line 1:", "pints", "plan is no key", "redrive",
			},
		},
		"what the tables do not allow": {
			mistake: func(s *workflow.Source) {
				s.AllowGone = nil
				s.Columns = []workflow.ColumnRule{{View: "users", Column: "mail", As: workflow.SHA256}}
				s.Names = map[string]string{"shop.coupons": "orders"}
			},
			error: "ViewsFailed", exports: 1,
			says: []string{`"tmp_`, "allow_gone", "columns", `"users"`, `"mail"`, "shop.coupons", "shop.orders", "names", "redrive"},
		},
		"a table that the database does not have": {
			mistake: func(s *workflow.Source) { s.Tables = []string{"shop.coupons", "shop.orders", "shop.userz"} },
			error:   "ExportIncomplete", says: []string{"shop.userz"}, exports: 2,
		},
		"a kind of snapshot that there is none of": {
			mistake: func(s *workflow.Source) { s.Snapshots = workflow.SnapshotsManual },
			error:   "SnapshotNotFound", says: []string{"manual", "rds:billing-prod-"}, exports: 1,
		},
		"fewer rows than there must be": {
			mistake: func(s *workflow.Source) { s.Checks = map[string]workflow.Check{"users": {MinRows: 5}} },
			error:   "ChecksFailed", says: []string{"users: 4 rows, and min_rows is 5", "redrive"}, exports: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, w.deployLayer(t.Context(), test.mistake))
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.fails(t, arn, test.error)
			failed, err := w.StepFunctions.DescribeExecution(arn)
			must(t, err)
			for _, text := range test.says {
				if !strings.Contains(failed.Cause, text) && !strings.Contains(failed.Cause, strings.ReplaceAll(text, `"`, `\"`)) {
					t.Errorf("the error does not say %s: %s", text, failed.Cause)
				}
			}
			w.yesterdays(t)
			must(t, w.deployLayer(t.Context(), func(*workflow.Source) {}))
			_, err = w.redrive(t.Context(), arn)
			must(t, err)
			w.well(t, arn, test.exports)
		})
	}
}

// yesterdays wants all views to be those of the night before.
func (w *world) yesterdays(t *testing.T) {
	t.Helper()
	for _, wrong := range w.views.notOf(t.Context(), w.shop.newest()-1) {
		t.Error(wrong)
	}
}

// A night in which a table has lost most of its rows keeps yesterday's views. Its rows are right, and so the limit is changed.
func TestATableThatHasLostItsRowsKeepsYesterdaysViews(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(night int) []table {
		tables := usual(night)
		for i := range tables {
			if t := &tables[i]; t.Name == "users" && night == 2 {
				t.rows, t.shown = t.rows[:3], t.shown[:3]
			}
		}
		return tables
	})
	limited := func(percent int) func(*workflow.Source) {
		return func(s *workflow.Source) { s.Checks = map[string]workflow.Check{"users": {MaxDropPercent: &percent}} }
	}
	must(t, w.deployLayer(t.Context(), limited(20)))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.fails(t, arn, "ChecksFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	if want := "users: 3 rows, 25.0 % fewer than the 4 that are published, and max_drop_percent is 20"; !strings.Contains(failed.Cause, want) {
		t.Errorf("the error does not say %s: %s", want, failed.Cause)
	}
	w.yesterdays(t)
	must(t, w.deployLayer(t.Context(), limited(25)))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.well(t, arn, 1)
}
