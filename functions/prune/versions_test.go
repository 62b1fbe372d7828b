package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// versioned adds versions of views, by view name, to a fakeLake.
type versioned struct {
	*fakeLake
	versions map[string][]string
	calls    int
}

func (v *versioned) GetTableVersions(_ context.Context, in *glue.GetTableVersionsInput, _ ...func(*glue.Options)) (*glue.GetTableVersionsOutput, error) {
	v.calls++
	ids, there := v.versions[*in.TableName]
	if !there {
		return nil, &gluetypes.EntityNotFoundException{}
	}
	out := &glue.GetTableVersionsOutput{}
	ids, out.NextToken = page(ids, in.NextToken)
	for _, id := range ids {
		out.TableVersions = append(out.TableVersions, gluetypes.TableVersion{VersionId: &id})
	}
	return out, nil
}

func (v *versioned) BatchDeleteTableVersion(_ context.Context, in *glue.BatchDeleteTableVersionInput, _ ...func(*glue.Options)) (*glue.BatchDeleteTableVersionOutput, error) {
	if len(in.VersionIds) > 100 {
		return nil, &gluetypes.InvalidInputException{Message: aws.String("at most 100")}
	}
	out := &glue.BatchDeleteTableVersionOutput{}
	if code, bad := v.undeletable[*in.TableName]; bad {
		out.Errors = []gluetypes.TableVersionError{{VersionId: &in.VersionIds[0], ErrorDetail: &gluetypes.ErrorDetail{ErrorCode: &code, ErrorMessage: aws.String("no")}}}
		return out, nil
	}
	v.versions[*in.TableName] = slices.DeleteFunc(v.versions[*in.TableName], func(id string) bool { return slices.Contains(in.VersionIds, id) })
	return out, nil
}

// published returns a lake in which a run has just published these views, and the request of that run.
func published(views ...string) (*versioned, workflow.Request) {
	v := &versioned{fakeLake: newLake(), versions: map[string][]string{}}
	v.add("shop-20261121-1705-0", "COMPLETE")
	v.objects["exports/shop/shop-20261121-1705-0/published.json"] = fmt.Sprintf(`{"views":{%s}}`, `"`+strings.Join(views, `":"table","`)+`":"table"`)
	in := request("shop-20261121-1705-0")
	in.State.Export.Prefix = "exports/shop/"
	in.State.Views = &workflow.Views{Published: len(views)}
	return v, in
}

func TestPrune_KeepsTheNewestTwoVersionsOfEachPublishedView(t *testing.T) {
	v, in := published("orders", "users", "gone", "many")
	v.versions["users"] = []string{"10", "9", "8", "7"}
	v.versions["orders"] = []string{"1", "0"}
	v.versions["by_hand"] = []string{"3", "2", "1"}
	for n := range 250 {
		v.versions["many"] = append(v.versions["many"], fmt.Sprint(n))
	}
	h := v.handler(t.Output())
	h.Glue = v
	if _, err := h.Handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"users": {"10", "9"}, "orders": {"1", "0"}, "many": {"248", "249"}, "by_hand": {"3", "2", "1"}}
	if diff := cmp.Diff(want, v.versions); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPrune_KeepsVersionsIfNothingWasPublished(t *testing.T) {
	v, in := published("users")
	in.State.Views.Published = 0
	h := v.handler(t.Output())
	h.Glue = v
	if _, err := h.Handle(t.Context(), in); err != nil || v.calls > 0 {
		t.Errorf("%v, %d calls", err, v.calls)
	}
}

func TestPrune_ReportsAVersionThatGlueDoesNotDelete(t *testing.T) {
	v, in := published("users")
	v.versions["users"], v.undeletable["users"] = []string{"0", "1", "2"}, "AccessDeniedException"
	h := v.handler(t.Output())
	h.Glue = v
	_, err := h.Handle(t.Context(), in)
	const want = "view shop.users: version 0: AccessDeniedException: no"
	if _, ok := err.(workflow.PruneFailed); !ok || !strings.Contains(err.Error(), want) {
		t.Errorf("got %T %v, want %s", err, err, want)
	}
}

func TestPrune_ReachesAllViewsOfALargeSourceInSeveralRuns(t *testing.T) {
	views := make([]string, viewsPerRun*3)
	for i := range views {
		views[i] = fmt.Sprint("v", i)
	}
	seen := map[string]bool{}
	for run := range 40 {
		views := window(views)
		if len(views) != viewsPerRun {
			t.Fatalf("run %d: %d views, want %d", run, len(views), viewsPerRun)
		}
		for _, view := range views {
			seen[view] = true
		}
	}
	if len(seen) != len(views) {
		t.Errorf("40 runs reached %d of %d views", len(seen), len(views))
	}
}
