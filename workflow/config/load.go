// Package config reads pipeline.yaml, and says all that is wrong in it. It stands apart from package workflow because it is no
// part of what a function does: the YAML and the JSON Schema that it needs would be in each function, and be made ready at each start.
package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"snaplake/workflow"
)

// Load reads pipeline.yaml and the views beside it. A configuration that cannot work gives [Mistakes], all of them.
func Load(file string) (workflow.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return workflow.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	config, err := read(file, text)
	if mistakes, ok := errors.AsType[Mistakes](err); ok {
		mistakes = append(mistakes, lookalikes(file, text)...)
		slices.SortFunc(mistakes, Mistake.compare)
		return workflow.Config{}, mistakes
	}
	return config, err
}

func read(file string, text []byte) (workflow.Config, error) {
	doc, err := parse(file, text)
	if err != nil {
		return workflow.Config{}, err
	}
	mistakes, err := doc.checkSchema()
	if err != nil {
		return workflow.Config{}, err
	}
	mistakes = append(mistakes, doc.checkKeys()...)

	var raw rawConfig
	if err := json.Unmarshal(doc.json, &raw); err != nil && len(mistakes) == 0 {
		return workflow.Config{}, fmt.Errorf("%s: %w", file, err) // the schema and rawConfig differ: a bug of ours
	}
	config := raw.config()
	c := &checker{doc: doc, now: time.Now()}
	if err := c.meaning(raw, config); err != nil {
		return workflow.Config{}, err
	}
	if mistakes = append(mistakes, c.mistakes...); len(mistakes) > 0 {
		return workflow.Config{}, mistakes
	}
	return config, nil
}

// rawConfig is pipeline.yaml as it is written, with its defaults not yet filled in. What has a wrong type is left out.
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
	Instance       string                       `json:"instance"`
	Cluster        string                       `json:"cluster"`
	Database       string                       `json:"database"`
	Snapshots      string                       `json:"snapshots"`
	MaxSnapshotAge string                       `json:"max_snapshot_age"`
	Schedule       string                       `json:"schedule"`
	TimeZone       string                       `json:"time_zone"`
	OnSnapshot     bool                         `json:"on_snapshot"`
	Tables         []string                     `json:"tables"`
	AllowSkipped   []string                     `json:"allow_skipped"`
	AllowGone      []string                     `json:"allow_gone"`
	ViewName       string                       `json:"view_name"`
	Names          map[string]string            `json:"names"`
	Columns        map[string]string            `json:"columns"`
	Exclude        rawExclude                   `json:"exclude"`
	Mask           map[string]map[string]string `json:"mask"`
	History        []string                     `json:"history"`
	Changes        map[string]oneOrMore         `json:"changes"`
	Checks         map[string]rawCheck          `json:"checks"`
	Keep           int                          `json:"keep"`
	KeepDays       int                          `json:"keep_days"`
}

type rawCheck struct {
	MinRows        int64 `json:"min_rows"`
	MaxDropPercent *int  `json:"max_drop_percent"`
}

const (
	defaultName           = "snaplake"
	defaultMaxSnapshotAge = workflow.Duration(26 * time.Hour)
	defaultViewName       = "{table}"
	defaultKeep           = 2
	defaultLogRetention   = 180
	defaultScanLimitGB    = 100
)

func (raw rawConfig) config() workflow.Config {
	c := workflow.Config{
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
		Analysts: workflow.Analysts{
			Access:      cmp.Or(raw.Analysts.Access, workflow.AccessRole),
			Trusted:     append([]string{}, raw.Analysts.Trusted...),
			ExternalID:  raw.Analysts.ExternalID,
			ScanLimitGB: cmp.Or(raw.Analysts.ScanLimitGB, defaultScanLimitGB),
		},
		Sources: []workflow.Source{},
	}
	maps.Copy(c.Tags, raw.Tags)
	for name, s := range raw.Sources {
		c.Sources = append(c.Sources, s.source(name))
	}
	slices.SortFunc(c.Sources, func(a, b workflow.Source) int { return strings.Compare(a.Name, b.Name) })
	return c
}

func (raw rawSource) source(name string) workflow.Source {
	s := workflow.Source{
		Name:           name,
		Instance:       strings.ToLower(raw.Instance),
		Cluster:        strings.ToLower(raw.Cluster),
		DatabaseName:   raw.Database,
		Snapshots:      cmp.Or(raw.Snapshots, workflow.SnapshotsAutomated),
		MaxSnapshotAge: defaultMaxSnapshotAge,
		Schedule:       raw.Schedule,
		TimeZone:       cmp.Or(raw.TimeZone, "UTC"),
		OnSnapshot:     raw.OnSnapshot,
		Tables:         append([]string{}, raw.Tables...),
		AllowSkipped:   append([]string{}, raw.AllowSkipped...),
		AllowGone:      append([]string{}, raw.AllowGone...),
		ViewTemplate:   cmp.Or(raw.ViewName, defaultViewName),
		Names:          map[string]string{},
		Columns:        []workflow.ColumnRule{},
		History:        append([]string{}, raw.History...),
		Changes:        map[string][]string{},
		Checks:         map[string]workflow.Check{},
		Keep:           cmp.Or(raw.Keep, defaultKeep),
		KeepDays:       raw.KeepDays,
	}
	if age, err := time.ParseDuration(raw.MaxSnapshotAge); err == nil {
		s.MaxSnapshotAge = workflow.Duration(age)
	}
	maps.Copy(s.Names, raw.Names)
	for _, r := range raw.rules() {
		s.Columns = append(s.Columns, r.ColumnRule)
	}
	for view, key := range raw.Changes {
		s.Changes[view] = key.entries
	}
	for view, check := range raw.Checks {
		s.Checks[view] = workflow.Check(check)
	}
	return s
}

// unlessFalse is a setting that is on by default.
func unlessFalse(setting *bool) bool { return setting == nil || *setting }

// parse reads YAML. What is no YAML is one mistake.
func parse(file string, text []byte) (*document, error) {
	doc, err := newDocument(file, text)
	if syntax, ok := err.(yaml.Error); ok { //nolint:errorlint // the library returns it bare
		return nil, Mistakes{{File: file, Line: syntax.GetToken().Position.Line, Text: syntax.GetMessage()}}
	}
	return doc, err
}
