package glue_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"
)

// newParted returns an env with the table shop_users, whose partitions are 1, 2, 10 and it's.
func newParted(t *testing.T) *env {
	t.Helper()
	w := newEnv(t)
	w.mustCreateCrawler(nil)
	for _, partition := range []string{"1", "2", "10", "it's"} {
		put(w, export+"shop/shop.users/"+partition+"/part-00000-a.gz.parquet", user{1, "a"})
	}
	w.crawl()
	return w
}

var (
	crawledDatabase = aws.String("crawled")
	usersTable      = aws.String("e20261121_1705_0_shop_users")
)

func values(partitions []types.Partition) []string {
	all := []string{}
	for _, p := range partitions {
		all = append(all, strings.Join(p.Values, "/"))
	}
	return all
}

func TestGetPartitions_FiltersByExpression(t *testing.T) {
	w := newParted(t)
	for expression, want := range map[string][]string{
		"":                  {"1", "10", "2", "it's"},
		"partition_0 = '1'": {"1"},
		"(PARTITION_0='1' or \"partition_0\" = '2')":     {"1", "2"},
		"partition_0 <> '1' AND NOT partition_0 != '2'":  {"2"},
		"partition_0 IN ('1','it''s')":                   {"1", "it's"},
		"partition_0 NOT IN ('1', '2')":                  {"10", "it's"},
		"partition_0 between '1' and '10'":               {"1", "10"},
		"partition_0 LIKE '1%'":                          {"1", "10"},
		"partition_0 not like '_'":                       {"10", "it's"},
		"partition_0 > '1' and partition_0 <= '2'":       {"10", "2"},
		"partition_0 is null":                            {},
		"partition_0 IS NOT NULL and partition_0 < '10'": {"1"},
	} {
		out, err := w.client.GetPartitions(t.Context(), &awsglue.GetPartitionsInput{
			DatabaseName: crawledDatabase, TableName: usersTable, Expression: &expression,
		})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if diff := cmp.Diff(want, values(out.Partitions)); diff != "" {
			t.Errorf("%s: %s", expression, diff)
		}
	}
	for expression, want := range map[string]string{
		"id = '1'":                  "id is not a partition key",
		"partition_0 = 1":           "unexpected 1",
		"length(partition_0) > '1'": "length is not a partition key",
		"partition_0 = '1'; x":      "unexpected ;",
		"(partition_0 = '1'":        "syntax error",
		"partition_0 = '1":          "unexpected '",
		"partition_0 between '1'":   "syntax error",
	} {
		_, err := w.client.GetPartitions(t.Context(), &awsglue.GetPartitionsInput{
			DatabaseName: crawledDatabase, TableName: usersTable, Expression: &expression,
		})
		if wantCode(t, err, "InvalidInputException"); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", expression, err, want)
		}
	}
}

func TestGetPartitions_ReturnsPages(t *testing.T) {
	w := newParted(t)
	var all []string
	pages := awsglue.NewGetPartitionsPaginator(w.client, &awsglue.GetPartitionsInput{
		DatabaseName: crawledDatabase, TableName: usersTable, MaxResults: aws.Int32(1), ExcludeColumnSchema: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Partitions {
			if len(p.StorageDescriptor.Columns) > 0 {
				t.Errorf("got the columns %+v", p.StorageDescriptor.Columns)
			}
		}
		all = append(all, values(page.Partitions)...)
	}
	if diff := cmp.Diff([]string{"1", "10", "2", "it's"}, all); diff != "" {
		t.Error(diff)
	}
}

func TestGetPartitions_RefusesSegments(t *testing.T) {
	w := newParted(t)
	_, err := w.client.GetPartitions(t.Context(), &awsglue.GetPartitionsInput{
		DatabaseName: crawledDatabase, TableName: usersTable, Segment: &types.Segment{SegmentNumber: 0, TotalSegments: aws.Int32(3)},
	})
	wantCode(t, err, "SerializationException")
}

func TestBatchGetPartition_IgnoresMissingPartitions(t *testing.T) {
	w := newParted(t)
	out, err := w.client.BatchGetPartition(t.Context(), &awsglue.BatchGetPartitionInput{
		DatabaseName: crawledDatabase, TableName: usersTable,
		PartitionsToGet: []types.PartitionValueList{{Values: []string{"2"}}, {Values: []string{"3"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2"}, values(out.Partitions)); diff != "" {
		t.Error(diff)
	}
}
