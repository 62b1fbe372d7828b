// Package cloudformation reads the cloud assembly that the CDK synthesized, and resolves its template as CloudFormation does.
//
// It supports what the CDK writes for this project: Ref, Fn::GetAtt and Fn::Join, and the names and ARNs of the stack's resource types.
// For any other feature, it returns an error that names the feature, because a partly resolved template would deploy a different stack.
package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Stack is a stack with a resolved template.
type Stack struct {
	Name string
	environment
	// Resources maps logical IDs to resources.
	Resources map[string]Resource
	Outputs   map[string]string

	// dir is the folder of the cloud assembly.
	dir string
}

// Resource is a resource in the template.
type Resource struct {
	LogicalID string
	// Type is the CloudFormation type, for example AWS::Lambda::Function.
	Type string
	// PhysicalID is what Ref returns: a name for most types, an ARN or a URL for some. It is "" for an unknown type.
	PhysicalID string
	// Attributes holds the values that Fn::GetAtt returns, keyed by the name of the attribute, for example Arn.
	Attributes map[string]string
	// Properties holds the resolved properties: maps, slices, strings, float64 numbers and booleans, as encoding/json decodes them.
	Properties map[string]any
	// Metadata holds the resource's metadata, in which references are not resolved.
	Metadata map[string]any
}

// OfType returns the resources of a type, sorted by logical ID.
func (s *Stack) OfType(name string) []Resource {
	var found []Resource
	for _, r := range s.Resources {
		if r.Type == name {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Resource) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return found
}

// Decode decodes the properties of a resource into a struct by the rules of encoding/json. It ignores properties without a field.
func Decode(r Resource, into any) error {
	b, err := json.Marshal(r.Properties)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		return fmt.Errorf("decode the properties of %s: %w", r, err)
	}
	return nil
}

// DecodeAll is like [Decode], but returns an error that names a property without a field.
func DecodeAll(r Resource, into any) error {
	b, err := json.Marshal(r.Properties)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		err = d.Decode(into)
	}
	if err != nil {
		return fmt.Errorf("%s: unsupported properties: %w", r, err)
	}
	return nil
}

// String describes the resource in messages, for example "ExportFunction (AWS::Lambda::Function)".
func (r Resource) String() string { return r.LogicalID + " (" + r.Type + ")" }

// placeholder matches ${Name} in the definition of a state machine.
var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9_.]+)\}`)

// Definition returns the definition of a state machine in the Amazon States Language, with its DefinitionSubstitutions applied.
func (s *Stack) Definition(r Resource) (string, error) {
	var machine struct {
		DefinitionString        string
		DefinitionSubstitutions map[string]string
	}
	if err := Decode(r, &machine); err != nil {
		return "", err
	}
	if machine.DefinitionString == "" {
		return "", fmt.Errorf("%s has no DefinitionString; the local AWS does not support definitions in other properties", r)
	}
	var errs []error
	text := placeholder.ReplaceAllStringFunc(machine.DefinitionString, func(found string) string {
		value, ok := machine.DefinitionSubstitutions[found[2:len(found)-1]]
		if !ok {
			errs = append(errs, fmt.Errorf("definition of %s: no DefinitionSubstitutions entry for %s", r, found))
		}
		return value
	})
	return text, errors.Join(errs...)
}

// Asset returns the folder with the code of a Lambda function or the content of a layer.
func (s *Stack) Asset(r Resource) (string, error) {
	path, ok := r.Metadata["aws:asset:path"].(string)
	if !ok {
		return "", fmt.Errorf("%s has no aws:asset:path metadata", r)
	}
	dir := filepath.Join(s.dir, path)
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("asset of %s: %w", r, err)
	}
	return dir, nil
}
