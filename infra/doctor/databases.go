package main

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/workflow"
)

// glueAPI describes crawlers and databases.
type glueAPI interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	ListCrawlers(context.Context, *glue.ListCrawlersInput, ...func(*glue.Options)) (*glue.ListCrawlersOutput, error)
	GetDatabase(context.Context, *glue.GetDatabaseInput, ...func(*glue.Options)) (*glue.GetDatabaseOutput, error)
	GetDataCatalogEncryptionSettings(context.Context, *glue.GetDataCatalogEncryptionSettingsInput, ...func(*glue.Options)) (*glue.GetDataCatalogEncryptionSettingsOutput, error)
}

// unknownToGlue is Glue's code for what it does not have.
const unknownToGlue = "EntityNotFoundException"

// checkCrawlers looks at what StartCrawler does not set: the target and the table prefix are new every night.
func (d *doctor) checkCrawlers(ctx context.Context) []line {
	const part = "crawler settings"
	var faults []line
	for _, source := range d.config.Sources {
		name := d.config.Crawler(source.Name)
		out, err := d.aws.glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name})
		if codeOf(err) == unknownToGlue {
			faults = append(faults, fault.says(part, "there is no crawler %s; run make deploy", name))
			continue
		}
		if err != nil {
			faults = append(faults, d.couldNotLook(part, err))
			continue
		}
		for _, setting := range d.crawlerSettings(*out.Crawler) {
			if setting.is != setting.want {
				faults = append(faults, fault.says(part, "%s has the %s %s, and was deployed with %s; set it back", name, setting.name, setting.is, setting.want))
			}
		}
	}
	return orElse(faults, part, "%s as deployed", plural(len(d.config.Sources), "crawler"))
}

type setting struct{ name, is, want string }

func (d *doctor) crawlerSettings(c types.Crawler) []setting {
	var recrawl, update, remove string
	if c.RecrawlPolicy != nil {
		recrawl = string(c.RecrawlPolicy.RecrawlBehavior)
	}
	if c.SchemaChangePolicy != nil {
		update, remove = string(c.SchemaChangePolicy.UpdateBehavior), string(c.SchemaChangePolicy.DeleteBehavior)
	}
	settings := []setting{
		{"role", roleName(aws.ToString(c.Role)), d.stack.physical["CrawlerRole"]},
		{"database", aws.ToString(c.DatabaseName), d.config.CrawledDatabase()},
		{"recrawl behavior", recrawl, string(types.RecrawlBehaviorCrawlEverything)},
		{"update behavior", update, string(types.UpdateBehaviorLog)},
		{"delete behavior", remove, string(types.DeleteBehaviorLog)},
	}
	if configuration := aws.ToString(c.Configuration); !sameJSON(configuration, workflow.CrawlerConfiguration) {
		settings = append(settings, setting{"configuration", configuration, workflow.CrawlerConfiguration})
	}
	return settings
}

// checkDatabases looks whether the databases of the views and of the crawled tables are there, and no other environment's: CloudFormation
// makes no database that exists.
func (d *doctor) checkDatabases(ctx context.Context) []line {
	const part = "Athena databases"
	names := []string{d.config.CrawledDatabase()}
	for _, source := range d.config.Sources {
		names = append(names, source.Database())
	}
	var faults []line
	for _, name := range names {
		_, err := d.aws.glue.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name})
		switch ours := slices.Contains(slices.Collect(maps.Values(d.stack.physical)), name); {
		case codeOf(err) == unknownToGlue && ours:
			faults = append(faults, fault.says(part, "there is no database %s; create it with that name, and run a night", name))
		case codeOf(err) == unknownToGlue: // the next deployment makes it
		case err != nil:
			faults = append(faults, d.couldNotLook(part, err))
		case !ours:
			faults = append(faults, fault.says(part, "there is a database %s that is not of the stack %s; give the source another one under database, or the stack another name", name, d.config.Name))
		}
	}
	return orElse(faults, part, "%d, %s for the crawled tables", len(names), names[0])
}
