package settings

import (
	"fmt"
	"slices"

	"snaplake/workflow"
)

// databases notes databases that exist already, or that two sources share.
func (c *checker) databases(config workflow.Config) {
	sources := map[string]string{} // by database
	for _, s := range config.Sources {
		database, keys := s.Database(), []string{}
		if s.DatabaseName != "" {
			keys = append(keys, "database")
		}
		other, taken := sources[database]
		switch {
		case slices.Contains([]string{config.CrawledDatabase(), "default", "information_schema"}, database):
			c.add(database+" is a database of Athena's or of the crawled tables; choose another name", s.Name, keys...)
		case taken:
			c.add(fmt.Sprintf("source %q has the database %s as well; give one of them another under database", other, database), s.Name, keys...)
		}
		sources[database] = s.Name
	}
}

// sourceForDatabase notes that a view reads a database by the name of a source whose database has another one. It might be
// another environment's.
func (c *checker) sourceForDatabase(sources []workflow.Source, v workflow.View, r workflow.Relation) {
	named := slices.IndexFunc(sources, func(s workflow.Source) bool { return s.Name == r.Database })
	if named < 0 || slices.ContainsFunc(sources, func(s workflow.Source) bool { return s.Database() == r.Database }) {
		return
	}
	database := sources[named].Database()
	c.addView(v, r.At, "the database of source %q is %s: write %[2]s.%s", r.Database, database, r.Name)
}
