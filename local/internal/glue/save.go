package glue

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// saved is the state that Save returns as JSON.
type saved struct {
	Databases map[string]*database
	Crawlers  map[string]crawler
}

// Save returns the catalog and the crawlers as JSON for [Service.Load]. A crawl that is running counts as canceled.
func (s *Service) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	state := saved{s.catalog.databases, map[string]crawler{}}
	for name, c := range s.crawlers {
		one := crawler{Definition: c.Definition, Last: c.Last}
		if c.run != nil {
			one.Last = c.run.outcome(name)
			if c.run.state(s.options.Clock.Now()) != ready {
				one.Last.Status = cancelled
			}
		}
		state.Crawlers[name] = one
	}
	return json.Marshal(state)
}

// Load adds the databases that [Service.Save] returned. It also restores the last crawl, the target and the table prefix of each deployed
// crawler.
func (s *Service) Load(b []byte) error {
	var state saved
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("load the catalog: %w", err)
	}
	if state.Databases == nil {
		return errors.New("load the catalog: there are no databases")
	}
	for name, d := range state.Databases {
		if d == nil || d.Tables == nil || d.Partitions == nil || d.Versions == nil || d.Database.Name != name {
			return fmt.Errorf("load the catalog: the data of database %q is incomplete", name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, c := range s.crawlers {
		before := state.Crawlers[name]
		c.Last = before.Last
		in := c.Definition.changed(CrawlerInput{Targets: before.Definition.Targets, TablePrefix: before.Definition.TablePrefix})
		if err := c.define(in, c.updated); err != nil {
			return err
		}
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	maps.Copy(s.catalog.databases, state.Databases)
	return nil
}
