package main

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/glue"
)

// unknownToGlue is Glue's error code for what does not exist.
const unknownToGlue = "EntityNotFoundException"

// checkDatabases looks for databases with the names of the stack's that do not belong to it: CloudFormation cannot create those.
func (d *doctor) checkDatabases(ctx context.Context) []finding {
	const s subject = "Athena databases"
	names := []string{d.config.CrawledDatabase()}
	for _, source := range d.config.Sources {
		names = append(names, source.Database())
	}
	var problems []finding
	owned := slices.Collect(maps.Values(d.stack.physical))
	for _, name := range names {
		_, err := d.aws.glue.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name})
		switch {
		case codeOf(err) == unknownToGlue: // the next deployment creates it
		case err != nil:
			problems = append(problems, d.checkFailed(s, err)...)
		case !slices.Contains(owned, name):
			problems = append(problems, s.problem("database %s exists and does not belong to the stack %s; "+
				"set another one as the source's database, or rename the stack", name, d.config.Name)...)
		}
	}
	return s.okUnless(problems, "%d, with %s for the crawled tables", len(names), names[0])
}
