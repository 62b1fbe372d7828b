package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const twoSources = `sources:
  crm:
    instance: crm
    schedule: cron(0 3 * * ? *)
    database: crm_dev
  shop:
    instance: shop
    schedule: cron(0 3 * * ? *)
`

func TestLoad_NamesASourcesDatabase(t *testing.T) {
	config := load(t, map[string]string{"pipeline.yaml": twoSources + where})
	var got []string
	for _, s := range config.Sources {
		got = append(got, s.Database())
	}
	if diff := cmp.Diff([]string{"crm_dev", "shop"}, got); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
	travels(t, config)
}

func TestLoad_RefusesInvalidDatabases(t *testing.T) {
	source := func(name, database string) string {
		return "  " + name + ":\n    instance: x\n    schedule: cron(0 3 * * ? *)\n" + database
	}
	for name, test := range map[string]struct{ sources, want string }{
		"the name of another source": {
			source("crm", "") + source("shop", "    database: crm\n"),
			`pipeline.yaml:8: sources.shop.database: source "crm" also uses database crm; set database of one of them`,
		},
		"one database twice": {
			source("crm", "    database: lake\n") + source("shop", "    database: lake\n"),
			`pipeline.yaml:9: sources.shop.database: source "crm" also uses database lake; set database of one of them`,
		},
		"the database of the crawled tables": {
			source("shop", "    database: snaplake_crawled\n"),
			`pipeline.yaml:5: sources.shop.database: snaplake_crawled is reserved; choose another name`,
		},
		"the source's name": {
			source("default", ""),
			`pipeline.yaml:2: sources.default.database: default is reserved; choose another name`,
		},
		"a hyphen": {
			source("shop", "    database: shop-dev\n"),
			`pipeline.yaml:5: sources.shop.database: "shop-dev" does not fit ^[a-z][a-z0-9_]*$. Name of the source's database in Athena: lower-case letters, digits and underscores, beginning with a letter. Default: the source's name.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{test.want}, mistakesOf(t, map[string]string{"pipeline.yaml": "sources:\n" + test.sources + where})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
