package workflow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// LoadConfig reads pipeline.yaml and the views beside it. A configuration that cannot work gives [Mistakes], all of them.
func LoadConfig(file string) (Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	doc, err := parse(file, text)
	if err != nil {
		return Config{}, err
	}
	mistakes, err := doc.checkSchema()
	if err != nil {
		return Config{}, err
	}
	mistakes = append(mistakes, doc.checkKeys()...)
	mistakes = append(mistakes, doc.checkMeaning()...)

	var raw rawConfig
	if len(mistakes) == 0 {
		if err := json.Unmarshal(doc.json, &raw); err != nil {
			return Config{}, fmt.Errorf("%s: %w", file, err) // the schema and rawConfig differ: a bug of ours
		}
	}
	config := raw.config()
	viewMistakes, err := config.loadViews(filepath.Dir(file), doc)
	if err != nil {
		return Config{}, err
	}
	if mistakes = append(mistakes, viewMistakes...); len(mistakes) > 0 {
		slices.SortFunc(mistakes, Mistake.compare)
		return Config{}, mistakes
	}
	return config, nil
}

// rawConfig is pipeline.yaml as it is written, with its defaults not yet filled in.
type rawConfig struct {
	Name                  string               `json:"name"`
	Account               string               `json:"account"`
	Region                string               `json:"region"`
	Notify                []string             `json:"notify"`
	Bucket                string               `json:"bucket"`
	Key                   string               `json:"key"`
	LogRetentionDays      int                  `json:"log_retention_days"`
	Tracing               *bool                `json:"tracing"`
	TerminationProtection *bool                `json:"termination_protection"`
	RetainData            *bool                `json:"retain_data"`
	Tags                  map[string]string    `json:"tags"`
	Analysts              rawAnalysts          `json:"analysts"`
	Sources               map[string]rawSource `json:"sources"`
}

type rawAnalysts struct {
	Access      string   `json:"access"`
	Trusted     []string `json:"trusted"`
	ExternalID  string   `json:"external_id"`
	ScanLimitGB int      `json:"scan_limit_gb"`
}

type rawSource struct {
	Instance       string   `json:"instance"`
	Cluster        string   `json:"cluster"`
	Snapshots      string   `json:"snapshots"`
	MaxSnapshotAge Duration `json:"max_snapshot_age"`
	Schedule       string   `json:"schedule"`
	TimeZone       string   `json:"time_zone"`
	OnSnapshot     bool     `json:"on_snapshot"`
	Tables         []string `json:"tables"`
	AllowSkipped   []string `json:"allow_skipped"`
	ViewName       string   `json:"view_name"`
	Keep           int      `json:"keep"`
}

const (
	defaultName           = "snaplake"
	defaultMaxSnapshotAge = Duration(26 * time.Hour)
	defaultViewName       = "{table}"
	defaultKeep           = 2
	defaultLogRetention   = 180
	defaultScanLimitGB    = 100
)

func (raw rawConfig) config() Config {
	c := Config{
		Name:                  cmp.Or(raw.Name, defaultName),
		Account:               raw.Account,
		Region:                raw.Region,
		Notify:                append([]string{}, raw.Notify...),
		Bucket:                raw.Bucket,
		Key:                   raw.Key,
		LogRetentionDays:      cmp.Or(raw.LogRetentionDays, defaultLogRetention),
		Tracing:               unlessFalse(raw.Tracing),
		TerminationProtection: unlessFalse(raw.TerminationProtection),
		RetainData:            unlessFalse(raw.RetainData),
		Tags:                  map[string]string{},
		Analysts: Analysts{
			Access:      cmp.Or(raw.Analysts.Access, AccessRole),
			Trusted:     append([]string{}, raw.Analysts.Trusted...),
			ExternalID:  raw.Analysts.ExternalID,
			ScanLimitGB: cmp.Or(raw.Analysts.ScanLimitGB, defaultScanLimitGB),
		},
		Sources: []Source{},
	}
	maps.Copy(c.Tags, raw.Tags)
	for name, s := range raw.Sources {
		c.Sources = append(c.Sources, Source{
			Name:           name,
			Instance:       strings.ToLower(s.Instance),
			Cluster:        strings.ToLower(s.Cluster),
			Snapshots:      cmp.Or(s.Snapshots, SnapshotsAutomated),
			MaxSnapshotAge: cmp.Or(s.MaxSnapshotAge, defaultMaxSnapshotAge),
			Schedule:       s.Schedule,
			TimeZone:       cmp.Or(s.TimeZone, "UTC"),
			OnSnapshot:     s.OnSnapshot,
			Tables:         append([]string{}, s.Tables...),
			AllowSkipped:   append([]string{}, s.AllowSkipped...),
			ViewName:       cmp.Or(s.ViewName, defaultViewName),
			Keep:           cmp.Or(s.Keep, defaultKeep),
		})
	}
	slices.SortFunc(c.Sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// unlessFalse is a setting that is on by default.
func unlessFalse(setting *bool) bool { return setting == nil || *setting }

// loadViews reads the user's own views from dir/views into the sources, and checks their names.
func (c *Config) loadViews(dir string, doc *document) (Mistakes, error) {
	var mistakes Mistakes
	mistake := func(file, format string, args ...any) {
		mistakes = append(mistakes, Mistake{File: filepath.Join(dir, filepath.FromSlash(file)), Line: 1, Text: fmt.Sprintf(format, args...)})
	}
	folders, err := filepath.Glob(filepath.Join(dir, "views", "*", ""))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if name := filepath.Base(folder); isFolder(folder) && doc.node("sources", name) == nil {
			mistake("views/"+name, "there is no source %q; the folder's name is the source whose views it holds", name)
		}
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.Views, err = readViews(os.DirFS(dir), s.Name); err != nil {
			return nil, err
		}
		tables := s.tableViews()
		for _, v := range s.Views {
			switch {
			case !viewName.MatchString(v.Name):
				mistake(v.File, "a view's name is lower-case letters, digits and underscores, and begins with a letter")
			case v.SQL == "":
				mistake(v.File, "the file is empty; it holds one SELECT")
			case tables[v.Name] != "":
				mistake(v.File, "duplicate view name %q: table %s has it as well; rename the file, or set view_name", v.Name, tables[v.Name])
			}
		}
	}
	return mistakes, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// tableViews tells, for the tables that the configuration names, which view is made of which.
func (s Source) tableViews() map[string]string {
	views := make(map[string]string, len(s.Tables))
	for _, table := range s.Tables {
		if view, ok := s.viewOfListed(table); ok {
			views[view] = table
		}
	}
	return views
}

// viewOfListed names the view of an entry of Tables; false when it is a whole database.
func (s Source) viewOfListed(table string) (string, bool) {
	switch part := strings.Split(table, "."); len(part) {
	case 2:
		return s.ViewOf(part[0], part[0], part[1]), true
	case 3:
		return s.ViewOf(part[0], part[1], part[2]), true
	default:
		return "", false
	}
}

// parse reads YAML. What is no YAML is one mistake.
func parse(file string, text []byte) (*document, error) {
	doc, err := newDocument(file, text)
	if syntax, ok := err.(yaml.Error); ok { //nolint:errorlint // the library returns it bare
		return nil, Mistakes{{File: file, Line: syntax.GetToken().Position.Line, Text: syntax.GetMessage()}}
	}
	return doc, err
}
