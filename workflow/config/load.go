// Package config loads and validates pipeline.yaml. It is separate from package workflow so that the functions, which read the loaded
// configuration from a layer, do not depend on YAML and JSON Schema libraries.
package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"snaplake/workflow"
)

// Mistake is an error in the configuration.
type Mistake struct {
	File   string
	Line   int    // The line number, starting at 1.
	Column int    // The column, starting at 1, or 0 if only the line is known.
	Text   string // What is wrong, and what is allowed.
}

func (m Mistake) String() string {
	if m.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Text)
}

// Mistakes contains all mistakes in a configuration, sorted by file and line.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		lines[i] = mistake.String()
	}
	return strings.Join(lines, "\n")
}

func (m Mistakes) sort() {
	slices.SortFunc(m, func(a, b Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Text, b.Text))
	})
}

// Load reads pipeline.yaml and the views beside it. If the configuration is invalid, the error has the type [Mistakes], and the returned
// configuration has the views that could be read.
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
		mistakes.sort()
		return config, mistakes
	}
	return config, err
}

// placeholder is the account ID in the pipeline.yaml of this repository. AWS's documentation uses the same ID in examples.
const placeholder = "123456789012"

// CheckAccount returns an error if a loaded configuration contains the placeholder account, which is only for the local AWS.
func CheckAccount(file string, c workflow.Config) error {
	keys := []string{"account", "key", "analysts.trusted"}
	for i, value := range []string{":" + c.Account + ":", c.Key, strings.Join(c.Analysts.Trusted, " ")} {
		if strings.Contains(value, ":"+placeholder+":") {
			return fmt.Errorf("%s: %s under %q is a placeholder; enter the ID of your AWS account", file, placeholder, keys[i])
		}
	}
	return nil
}

// maxSize is the maximum size of pipeline.yaml in bytes. Even a file with 75 sources and thousands of tables is smaller.
const maxSize = 1 << 20

func read(file string, text []byte) (config workflow.Config, err error) {
	doc, err := parse(file, text)
	if err != nil {
		return config, err
	}
	mistakes, err := doc.checkSchema()
	if err != nil {
		return config, err
	}
	accepted, err := json.Marshal(doc.value)
	if err != nil {
		return config, err
	}
	if err := json.Unmarshal(accepted, &config); err != nil {
		return config, fmt.Errorf("decode %s: %w", file, err)
	}
	c := &checker{doc: doc, now: time.Now(), mistakes: append(mistakes, doc.duplicateKeys(doc.root)...)}
	if err := c.check(config); err != nil {
		return config, err
	}
	if len(c.mistakes) > 0 {
		return config, c.mistakes
	}
	return config, nil
}
