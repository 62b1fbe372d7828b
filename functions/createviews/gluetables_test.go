package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateViews_RenamesPartitionKeysWithTheNameOfAColumn(t *testing.T) {
	sc := newScenario()
	sc.s3 = bucket(exported("Users", "partition_0", "varchar")).add("shop/shop.Users/1/part-00000.gz.parquet", "shop/shop.Users/1/_SUCCESS")
	sc.glue["snaplake_crawled"][2] = crawled("e20261121_1705_0_shop_users", location+"shop/shop.Users", "id int", "partition_0 string",
		"_partition_0 string", "ID int")
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if len(sc.updated) != 1 || *sc.updated[0].Name != "e20261121_1705_0_shop_users" {
		t.Fatalf("updated %+v", sc.updated)
	}
	var columns []string
	for _, c := range sc.updated[0].StorageDescriptor.Columns {
		columns = append(columns, *c.Name)
	}
	for _, key := range sc.updated[0].PartitionKeys {
		columns = append(columns, "key "+*key.Name)
	}
	if diff := cmp.Diff([]string{"id", "partition_0", "_partition_0", "key __partition_0"}, columns); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !strings.Contains(strings.Join(sc.started, "\n"), `"partition_0"`) {
		t.Errorf("started %q", sc.started)
	}
}

func TestCreateViews_ForwardsWarningsFromRDS(t *testing.T) {
	sc := newScenario()
	key := folder + "export_tables_info_shop-20261121-1705-0_from_1_to_10.json"
	sc.s3[key] = strings.Replace(sc.s3[key], `"status":"COMPLETE"`,
		`"status":"COMPLETE","warningMessage":"String conversion occurred for column v"`, 1)
	got, err := sc.run(t)
	want := []string{"shop.Users: warning from RDS: String conversion occurred for column v"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}
