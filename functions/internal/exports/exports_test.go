package exports

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// marked returns the identifiers of exports, with a + after the identifiers of complete exports.
func marked(exports []Export) []string {
	var all []string
	for _, e := range exports {
		text := e.ID.String()
		if e.Complete {
			text += "+"
		}
		all = append(all, text)
	}
	return all
}

func TestExports_ReturnsNewestFirst(t *testing.T) {
	b := bucket{"exports/shop/notes.txt": "", "exports/crm/crm-20261121-1705-0/export_info_x.json": `{"status": "COMPLETE"}`}
	b.add("shop-20261120-1705-0", "COMPLETE")
	b.add("shop-20261121-1705-0", "FAILED")
	b.add("shop-20261121-1705-10", "COMPLETE")
	b.add("shop-20261121-1705-9", "")
	b.add("shop-20261119-1705-0", "COMPLETE")
	b["exports/shop/shop-20261119-1705-0/export_info_shop-20261119-1705-0.json"] = `{"status": "COMPL` // truncated
	for _, other := range []string{"backup", "crm-20261121-1705-0", "shop-20261121-1705", "shop-20261301-1705-0", "shop-x-20261121-1705-0"} {
		b.add(other, "COMPLETE")
	}
	got, err := Exports(t.Context(), b, "lake", "shop")
	want := []string{"shop-20261121-1705-10+", "shop-20261121-1705-9", "shop-20261121-1705-0", "shop-20261120-1705-0+", "shop-20261119-1705-0"}
	if diff := cmp.Diff(want, marked(got)); diff != "" || err != nil {
		t.Fatalf("%v, -want +got\n%s", err, diff)
	}
	const folder = "exports/shop/shop-20261121-1705-10/"
	if got[0].Folder != folder || got[0].Location != "s3://lake/"+folder {
		t.Errorf("got %+v", got[0])
	}
}

func TestExports_AcceptsAnEmptyBucket(t *testing.T) {
	if got, err := Exports(t.Context(), bucket{}, "lake", "shop"); err != nil || len(got) > 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDescribe_ReturnsEachExportOnce(t *testing.T) {
	b := bucket{}
	b.add("shop-20261121-1705-0", "COMPLETE")
	older, newer := parse(t, "shop-20261120-1705-0"), parse(t, "shop-20261121-1705-0")
	ids := []workflow.ExportID{older, newer, newer}
	got, err := Describe(t.Context(), b, "lake", ids)
	if diff := cmp.Diff([]string{"shop-20261121-1705-0+", "shop-20261120-1705-0"}, marked(got)); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if diff := cmp.Diff([]workflow.ExportID{older, newer, newer}, ids); diff != "" {
		t.Errorf("the list: -want +got\n%s", diff)
	}
}

// refusing is a fake of the S3 API that does not list keys with a prefix.
type refusing struct {
	bucket
	prefix string
}

var denied = &smithy.GenericAPIError{Code: "AccessDenied"}

func (r refusing) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, options ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if *in.Prefix == r.prefix {
		return nil, denied
	}
	return r.bucket.ListObjectsV2(ctx, in, options...)
}

// Otherwise, a complete export would be considered incomplete and be deleted.
func TestExports_ReturnsAFailedList(t *testing.T) {
	b := bucket{}
	b.add("shop-20261121-1705-0", "COMPLETE")
	for prefix, want := range map[string]string{
		"exports/shop/": "list the exports in s3://lake/exports/shop/: ",
		"exports/shop/shop-20261121-1705-0/export_info_": "check whether export shop-20261121-1705-0 is complete: list s3://lake/exports/shop/shop-20261121-1705-0/export_info_: ",
	} {
		_, err := Exports(t.Context(), refusing{b, prefix}, "lake", "shop")
		if !errors.Is(err, denied) || err.Error() != want+denied.Error() {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestRetained_KeepsTheNewestPublishedExportsAndTheCurrentOne(t *testing.T) {
	var exports []Export
	for _, e := range []struct {
		id       string
		complete bool
	}{
		{"shop-20261121-1705-1", false}, {"shop-20261121-1705-0", true}, {"shop-20261120-1705-0", true}, {"shop-20261119-1705-0", false},
		{"shop-20261118-1705-0", true}, {"shop-20261117-1705-0", true},
	} {
		exports = append(exports, Export{ID: parse(t, e.id), Complete: e.complete, Published: e.complete})
	}
	exports = slices.Insert(exports, 2, Export{ID: parse(t, "shop-20261121-0705-0"), Complete: true}) // its run failed after the export
	for name, test := range map[string]struct {
		keep, days int
		published  string
		want       []string
	}{
		"the newest":                              {2, 0, "shop-20261121-1705-0", []string{"shop-20261121-1705-0+", "shop-20261120-1705-0+"}},
		"more than exist":                         {9, 0, "", []string{"shop-20261121-1705-0+", "shop-20261120-1705-0+", "shop-20261118-1705-0+", "shop-20261117-1705-0+"}},
		"none that is too old":                    {9, 2, "", []string{"shop-20261121-1705-0+", "shop-20261120-1705-0+"}},
		"an older one after a rollback":           {1, 0, "shop-20261118-1705-0", []string{"shop-20261121-1705-0+", "shop-20261118-1705-0+"}},
		"the current one at any age":              {9, 1, "shop-20261117-1705-0", []string{"shop-20261121-1705-0+", "shop-20261117-1705-0+"}},
		"the current one if it is not the newest": {1, 0, "shop-20261119-1705-0", []string{"shop-20261121-1705-0+", "shop-20261119-1705-0"}},
	} {
		got := Retained(exports, workflow.Source{Keep: test.keep, KeepDays: test.days}, test.published, at(22, 17))
		if diff := cmp.Diff(test.want, marked(got)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestRetained_KeepsAnExportOnItsLastDay(t *testing.T) {
	exports := []Export{{ID: parse(t, "shop-20261121-1700-0"), Complete: true, Published: true}}
	source := workflow.Source{Keep: 1, KeepDays: 1}
	if got := Retained(exports, source, "", at(22, 17)); len(got) != 1 {
		t.Errorf("after 24 hours: %+v", got)
	}
	if got := Retained(exports, source, "", at(22, 17).Add(1)); len(got) != 0 {
		t.Errorf("after more: %+v", got)
	}
}
