// Package config loads pipeline.yaml and validates it. It is separate from package workflow so that the functions, which read the
// loaded configuration from a layer, do not contain YAML and JSON Schema.
package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"snaplake/workflow"
)

// Load reads pipeline.yaml and the views beside it. The error about an invalid configuration is [Mistakes], with all of them.
func Load(file string) (workflow.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return workflow.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	if len(text) > maxSize {
		return workflow.Config{}, Mistakes{{File: file, Line: 1, Text: fmt.Sprintf("the file is larger than %d bytes", maxSize)}}
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

// maxSize is in bytes: the largest configuration, of 75 sources with thousands of tables, is smaller.
const maxSize = 1 << 20

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

	accepted, err := doc.accepted()
	if err != nil {
		return workflow.Config{}, err
	}
	var config workflow.Config
	if err := json.Unmarshal(accepted, &config); err != nil {
		return workflow.Config{}, fmt.Errorf("%s: the schema and the configuration differ: %w", file, err)
	}
	c := &checker{doc: doc, now: time.Now()}
	if err := c.validateSemantics(config); err != nil {
		return workflow.Config{}, err
	}
	if mistakes = append(mistakes, c.mistakes...); len(mistakes) > 0 {
		return workflow.Config{}, mistakes
	}
	return config, nil
}

// parse reads YAML. A syntax error is a mistake.
func parse(file string, text []byte) (*document, error) {
	doc, err := newDocument(file, text)
	syntax, isSyntax := err.(yaml.Error) //nolint:errorlint // the library returns it bare
	_, isMistakes := err.(Mistakes)
	switch {
	case isSyntax:
		return nil, Mistakes{{File: file, Line: syntax.GetToken().Position.Line, Text: syntax.GetMessage()}}
	case err != nil && !isMistakes:
		return nil, Mistakes{{File: file, Line: 1, Text: err.Error()}}
	}
	return doc, err
}
