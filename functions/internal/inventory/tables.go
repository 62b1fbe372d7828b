package inventory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// Glue is not documented to list a new table late. In case it does, the tables are listed up to three times.
const (
	attempts = 3
	interval = time.Second
)

// readCrawled reads the crawled tables of all exports. The error is a [workflow.TablesMissing] if one of this export is missing.
func (r Reader) readCrawled(ctx context.Context, i *Inventory) error {
	for attempt := 1; ; attempt++ {
		repaired, listed, err := r.listCrawled(ctx, i)
		if err != nil {
			return err
		}
		missing := notCrawled(i)
		switch {
		case len(missing) == 0 && (attempt == attempts || i.areListed(listed)):
			return r.update(ctx, repaired)
		case attempt == attempts:
			return workflow.Errorf[workflow.TablesMissing](
				"the views of source %q stay as they are: database %q lacks tables of %s:\n%s\n"+
					"The crawler's log shows why it left them out. Redrive to crawl again",
				i.Source.Name, r.CrawledDatabase, i.Root, strings.Join(workflow.Summarize(missing, workflow.MaxListed), "\n"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

// areListed reports whether Glue lists as many tables of each published export as its crawl left, by table prefix. Only history and changes
// need those.
func (i *Inventory) areListed(listed map[string]int) bool {
	if len(i.Source.History)+len(i.Source.Changes) == 0 {
		return true
	}
	for id, p := range i.Publications {
		if listed[id.TablePrefix()] < p.CrawledTables {
			return false
		}
	}
	return true
}

// listCrawled lists the crawled tables of all exports. It also returns those that need a repair, and their number by table prefix.
func (r Reader) listCrawled(ctx context.Context, i *Inventory) (repaired []*types.TableInput, listed map[string]int, err error) {
	listed = map[string]int{}
	i.Crawled = map[string]*projection.CrawledTable{}
	// One call for each prefix: Glue's guide does not say which regular expressions GetTables understands.
	for _, prefix := range crawledPrefixes(i) {
		err := r.eachTable(ctx, r.CrawledDatabase, prefix+".*", func(t types.Table) {
			listed[prefix]++
			location := catalog.Location(t)
			if location == "" || i.Crawled[location] != nil {
				return // two tables over one folder have the same rows
			}
			table := &projection.CrawledTable{Name: aws.ToString(t.Name)}
			for _, c := range t.StorageDescriptor.Columns {
				table.Columns = append(table.Columns,
					catalog.Column{Name: strings.ToLower(aws.ToString(c.Name)), Type: strings.ToLower(aws.ToString(c.Type))})
			}
			i.Crawled[location] = table
			if input, isNeeded := repair(t); isNeeded {
				repaired = append(repaired, input)
			}
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return repaired, listed, nil
}

// notCrawled returns the names of the tables that have files and no crawled table.
func notCrawled(i *Inventory) []string {
	var missing []string
	for _, t := range i.Tables {
		if IsExported(t) && i.Selects(t) && !t.Empty() && i.Crawled[i.Root+t.Folder] == nil {
			missing = append(missing, t.String())
		}
	}
	return missing
}

// IsExported reports whether RDS exported a table. CheckExport lets a table pass that RDS skipped if allow_skipped lists it. Even an
// empty table has an object, _SUCCESS.
func IsExported(t manifest.Table) bool { return t.Complete() && t.Objects > 0 }

// crawledPrefixes returns the table prefixes of the source's exports: of those that exist, and of those that a view still reads.
func crawledPrefixes(i *Inventory) []string {
	prefixes := []string{i.ID.TablePrefix()}
	for _, e := range i.Exports {
		prefixes = append(prefixes, e.ID.TablePrefix())
	}
	for _, e := range i.Entries {
		for _, name := range e.Crawled {
			prefixes = append(prefixes, workflow.TablePrefixOf(name))
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

// eachTable calls a function for each table of a database whose name matches an expression, or for all if that is "".
func (r Reader) eachTable(ctx context.Context, database, expression string, do func(types.Table)) error {
	for t, err := range catalog.Matching(ctx, r.Glue, database, expression) {
		if awserr.Code(err) == "EntityNotFoundException" {
			return workflow.Errorf[workflow.CallRefused](
				"glue database %q does not exist, and a deployment does not restore what was deleted by hand. Create it, then redrive: %w",
				database, awserr.Summarize(err))
		}
		if err != nil {
			return err
		}
		do(t)
	}
	return nil
}
