package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"snaplake/workflow"
)

// checkSchema reports what violates pipeline.schema.json, which editors use, too.
func (d *document) checkSchema() (Mistakes, error) {
	schema, err := compileSchema()
	if err != nil {
		return nil, fmt.Errorf("read the schema of the configuration: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.json))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	err = schema.Validate(value)
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return nil, err
	}
	return d.explain(schema, failed), nil
}

func compileSchema() (*jsonschema.Schema, error) {
	const name = "snaplake:///pipeline.schema.json" // the library takes a relative name for a file in the current folder
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(workflow.Schema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, value); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

// explain turns the leaves of the tree of validation errors into mistakes.
func (d *document) explain(schema *jsonschema.Schema, failed *jsonschema.ValidationError) Mistakes {
	at := failed.InstanceLocation
	mistake := func(path []string, format string, args ...any) Mistake {
		text := fmt.Sprintf(format, args...)
		if len(path) > 0 {
			text = strings.Join(path, ".") + ": " + text
		}
		return Mistake{File: d.file, Line: d.line(path...), Text: text}
	}
	switch k := failed.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		allowed := strings.Join(slices.Sorted(maps.Keys(schemaAt(schema, at).Properties)), ", ")
		var mistakes Mistakes
		for _, key := range k.Properties {
			if path := append(slices.Clone(at), key); len(at) == 2 && (key == "exclude" || key == "mask") {
				mistakes = append(mistakes, mistake(path, "no longer exists; write %s", columnsFor(d.valueAt(path...))))
				continue
			}
			mistakes = append(mistakes, mistake(append(slices.Clone(at), key), "unknown key; allowed are %s", allowed))
		}
		return mistakes
	case *kind.PropertyNames:
		// Only sources have rules for names. The library overwrites the location in the error.
		return Mistakes{mistake([]string{"sources", k.Property},
			"a source's name consists of at most 30 lower-case letters and digits with single underscores between them, and begins with a letter")}
	case *kind.Required:
		return Mistakes{mistake(at, "missing: %s", strings.Join(k.Missing, ", "))}
	case *kind.Type:
		d.refused = append(d.refused, at)
		return Mistakes{mistake(at, "must be %[2]s, not %[1]s. %[3]s",
			a(k.Got), a(strings.Join(k.Want, " or ")), schemaAt(schema, at).Description)}
	}
	if len(failed.Causes) > 0 {
		var mistakes Mistakes
		for _, cause := range failed.Causes {
			mistakes = append(mistakes, d.explain(schema, cause)...)
		}
		return mistakes
	}
	if _, isList := d.node(at...).(*ast.SequenceNode); !isList {
		d.refused = append(d.refused, at)
	}
	return Mistakes{d.explainValue(schema, failed, mistake)}
}

// explainValue explains a value of the right type that is not allowed.
func (d *document) explainValue(schema *jsonschema.Schema, failed *jsonschema.ValidationError,
	mistake func([]string, string, ...any) Mistake,
) Mistake {
	at := failed.InstanceLocation
	about := schemaAt(schema, at)
	switch k := failed.ErrorKind.(type) {
	case *kind.Enum:
		got, _ := json.Marshal(k.Got)
		return mistake(at, "%s is not one of %s. %s", got, list(k.Want), about.Description)
	case *kind.Pattern:
		if len(at) > 1 && at[len(at)-2] == "tables" {
			return mistake(at, "RDS does not accept %q: a database (shop) or a table (shop.users) of letters, digits, $ and _, "+
				"with * for any of them", k.Got)
		}
		return mistake(at, "%q does not fit %s. %s", k.Got, k.Want, about.Description)
	case *kind.Minimum:
		return mistake(at, "must be at least %s. %s", k.Want.RatString(), about.Description)
	case *kind.Maximum:
		return mistake(at, "must be at most %s. %s", k.Want.RatString(), about.Description)
	case *kind.MaxLength:
		return mistake(at, "has %d characters; the maximum is %d. %s", k.Got, k.Want, about.Description)
	case *kind.MinLength:
		return mistake(at, "has %d characters; the minimum is %d. %s", k.Got, k.Want, about.Description)
	case *kind.MinItems, *kind.MinProperties:
		return mistake(at, "is empty. %s", about.Description)
	case *kind.MaxProperties:
		return mistake(at, "has %d entries; the maximum is %d. %s", k.Got, k.Want, about.Description)
	case *kind.UniqueItems:
		return mistake(at, "entries %d and %d are equal", k.Duplicates[0]+1, k.Duplicates[1]+1)
	default:
		return mistake(at, "%v. %s", failed, about.Description)
	}
}

// schemaAt returns the schema of the value at a path.
func schemaAt(s *jsonschema.Schema, path []string) *jsonschema.Schema {
	for _, step := range path {
		next := s.Properties[step]
		if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && next == nil {
			next = additional
		}
		if next == nil {
			next = s.Items2020
		}
		if next == nil {
			return s // of an item: what is said about the list
		}
		if next.Ref != nil {
			next = next.Ref
		}
		if next.Description == "" && len(next.Properties) == 0 {
			described := *next
			described.Description = s.Description
			next = &described
		}
		s = next
	}
	return s
}

func a(noun string) string {
	switch noun[0] {
	case 'a', 'e', 'i', 'o', 'u':
		return "an " + noun
	default:
		return "a " + noun
	}
}

func list(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
