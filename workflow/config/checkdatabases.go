package config

import (
	"fmt"
	"slices"

	"snaplake/workflow"
)

// databases reports reserved databases, and those that two sources share.
func (c *checker) databases(config workflow.Config) {
	sources := map[string]string{} // by database
	for _, s := range config.Sources {
		database := s.Database()
		other, taken := sources[database]
		switch {
		case slices.Contains([]string{config.CrawledDatabase(), "default", "information_schema"}, database):
			c.add(database+" is reserved; choose another name", s.Name, "database")
		case taken:
			c.add(fmt.Sprintf("source %q also uses database %s; set database of one of them", other, database), s.Name, "database")
		}
		sources[database] = s.Name
	}
}
