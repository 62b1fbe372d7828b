package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"snaplake/workflow"
)

// checkSchema reports values and keys that violate pipeline.schema.json. Editors use the same schema.
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
	const name = "snaplake:///pipeline.schema.json" // the library resolves a relative name against the current folder
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

// explain converts the leaves of the validation error tree to mistakes, and rejects the invalid values.
func (d *document) explain(schema *jsonschema.Schema, failed *jsonschema.ValidationError) (found Mistakes) {
	at := failed.InstanceLocation
	in, description := schemaAt(schema, at)
	switch k := failed.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			keys := slices.Sorted(maps.Keys(in.Properties))
			text := "unknown key" + didYouMean(keys, key) + "; allowed keys are " + strings.Join(keys, ", ")
			if key == "exclude" || key == "mask" {
				text = `no longer exists; use columns, for example columns: {users.email: sha256, "*.*password*": drop}`
			}
			path := append(slices.Clone(at), key)
			d.reject(path) // encoding/json would accept a known key in another case
			found = append(found, d.mistake(text, path...))
		}
		return found
	case *kind.PropertyNames: // the library reports a wrong location, but only source names are restricted
		return Mistakes{d.mistake("a source name must begin with a letter and contain up to 30 lower-case letters, digits and single underscores",
			"sources", k.Property)}
	case *kind.Required:
		return Mistakes{d.mistake("missing keys: "+strings.Join(k.Missing, ", "), at...)}
	case *kind.MinItems, *kind.UniqueItems: // the elements can still be checked
	default:
		if len(failed.Causes) == 0 {
			d.reject(at)
		}
	}
	for _, cause := range failed.Causes {
		found = append(found, d.explain(schema, cause)...)
	}
	if len(failed.Causes) == 0 {
		found = Mistakes{d.mistake(problem(failed)+". "+description, at...)}
	}
	return found
}

// problem describes why a value is not allowed.
func problem(failed *jsonschema.ValidationError) string {
	switch k := failed.ErrorKind.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be of type %s, not %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Enum:
		return "must be one of " + strings.Trim(strings.ReplaceAll(fmt.Sprint(k.Want), " ", ", "), "[]")
	case *kind.Pattern:
		return fmt.Sprintf("%q does not match %s", k.Got, k.Want)
	case *kind.Minimum:
		return "must be at least " + k.Want.RatString()
	case *kind.Maximum:
		return "must be at most " + k.Want.RatString()
	case *kind.MinLength:
		return fmt.Sprintf("is too short; the minimum length is %d", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("is too long; the maximum length is %d", k.Want)
	case *kind.MinItems, *kind.MinProperties:
		return "must not be empty"
	case *kind.MaxProperties:
		return fmt.Sprintf("has %d entries; the maximum is %d", k.Got, k.Want)
	case *kind.UniqueItems:
		return fmt.Sprintf("the entries [%d] and [%d] are equal", k.Duplicates[0], k.Duplicates[1])
	default:
		return failed.Error()
	}
}

// schemaAt returns the schema of the value at a path, and the description that is nearest to the end of the path.
func schemaAt(s *jsonschema.Schema, path []string) (in *jsonschema.Schema, description string) {
	for _, step := range path {
		additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
		next := cmp.Or(s.Properties[step], additional, s.Items2020)
		if next == nil {
			break
		}
		s = cmp.Or(next.Ref, next)
		description = cmp.Or(s.Description, description)
	}
	return s, description
}
