package nights

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
	client := lambda.New(lambda.Options{Region: w.Region, Credentials: operator(), BaseEndpoint: &w.Endpoint})
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

// A night fails because of what a user has written. The user corrects it, deploys, redrives, and the night succeeds.
func TestAMistakeOfTheConfigurationIsCorrectedAndRedriven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mistake func(*workflow.Source)
		error   string
		says    []string
		exports int
	}{
		"a view of a column that is not there": {
			mistake: func(s *workflow.Source) {
				s.Views[1].SQL = "SELECT plan, sum(pints) AS points\nFROM users\nGROUP BY plan"
			},
			error: "ViewsFailed", says: []string{`"plans"`, "pints", "redrive"}, exports: 1,
		},
		"a view that is no SQL": {
			mistake: func(s *workflow.Source) { s.Views[1].SQL = "SELEKT plan FROM users" },
			error:   "ViewsFailed", says: []string{`"plans"`, "SELEKT", "redrive"}, exports: 1,
		},
		"views of one name": {
			mistake: func(s *workflow.Source) { s.ViewName = "{database}" },
			error:   "ViewsFailed", says: []string{"users", "orders", "view_name", "redrive"}, exports: 1,
		},
		"a table that the database does not have": {
			mistake: func(s *workflow.Source) { s.Tables = []string{"shop.coupons", "shop.orders", "shop.userz"} },
			error:   "ExportIncomplete", says: []string{"shop.userz", "redrive"}, exports: 2,
		},
		"a kind of snapshot that there is none of": {
			mistake: func(s *workflow.Source) { s.Snapshots = workflow.SnapshotsManual },
			error:   "SnapshotNotFound", says: []string{"manual", "rds:billing-prod-", "snapshots", "redrive"}, exports: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := mustOpen(t, usual)
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
			w.views.lookAnew(t.Context()) // yesterday's are as they were
			must(t, w.deployLayer(t.Context(), func(*workflow.Source) {}))
			_, err = w.redrive(t.Context(), arn)
			must(t, err)
			w.well(t, arn, test.exports)
		})
	}
}
