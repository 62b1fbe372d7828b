// Package cloudformation reads what the CDK synthesized and resolves it as CloudFormation would when it deploys the stack: the
// intrinsic functions, the conditions, and the names of the resources. It deploys nothing.
package cloudformation

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Stack is a stack whose template is resolved.
type Stack struct {
	Name string
	environment
	// Resources by logical ID. One whose condition is false is not there.
	Resources map[string]Resource
	Outputs   map[string]string

	assets assets
}

// Resource is one resource of the template.
type Resource struct {
	LogicalID string
	// Type is CloudFormation's: AWS::Lambda::Function.
	Type string
	// PhysicalID is what Ref gives: a name for most types, an ARN or a URL for some. It is "" for a type that is not known here.
	PhysicalID string
	// Attributes are what Fn::GetAtt gives, by their names: Arn.
	Attributes map[string]string
	// Properties are fully resolved: maps, slices, strings, float64 numbers and booleans, as encoding/json decodes them.
	Properties map[string]any
	// Metadata is as in the template.
	Metadata map[string]any
}

// OfType returns the resources of a type, in the order of their logical IDs.
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

// Decode puts the properties of a resource into a struct, by the rules of encoding/json. Properties that the struct does not
// have are left out.
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

// String names the resource for people: "ExportFunction (AWS::Lambda::Function)".
func (r Resource) String() string { return r.LogicalID + " (" + r.Type + ")" }

// placeholder is a ${Name} in a state machine's definition.
var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9_.]+)\}`)

// Definition is the Amazon States Language of an AWS::StepFunctions::StateMachine, out of whichever property holds it, with the
// DefinitionSubstitutions made. A placeholder without a substitution is an error.
func (s *Stack) Definition(r Resource) (string, error) {
	var machine struct {
		DefinitionString        string
		Definition              json.RawMessage
		DefinitionS3Location    *struct{ Bucket, Key string }
		DefinitionSubstitutions map[string]any
	}
	if err := Decode(r, &machine); err != nil {
		return "", err
	}
	text := machine.DefinitionString
	switch {
	case text != "":
	case machine.Definition != nil:
		text = string(machine.Definition)
	case machine.DefinitionS3Location != nil:
		file, err := s.assets.file(machine.DefinitionS3Location.Key)
		if err != nil {
			return "", fmt.Errorf("definition of %s: %w", r, err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("definition of %s: %w", r, err)
		}
		text = string(b)
	default:
		return "", fmt.Errorf("definition of %s: there is none of DefinitionString, Definition and DefinitionS3Location", r)
	}
	var errs []error
	text = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		value, err := textOf(machine.DefinitionSubstitutions[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("definition of %s: DefinitionSubstitutions has no text for ${%s}: %w", r, name, err))
		}
		return value
	})
	return text, errors.Join(errs...)
}

// Asset is the folder of the code of a Lambda function, or of the content of a layer.
func (s *Stack) Asset(r Resource) (string, error) {
	if path, ok := r.Metadata["aws:asset:path"].(string); ok {
		dir, err := s.assets.find(path)
		if err != nil {
			return "", fmt.Errorf("asset of %s: %w", r, err)
		}
		return dir, nil
	}
	var in struct{ Code, Content struct{ S3Key string } }
	if err := Decode(r, &in); err != nil {
		return "", err
	}
	key := in.Code.S3Key + in.Content.S3Key
	if key == "" {
		return "", fmt.Errorf("asset of %s: it has neither the metadata aws:asset:path nor Code.S3Key or Content.S3Key", r)
	}
	file, err := s.assets.file(key)
	if err != nil {
		return "", fmt.Errorf("asset of %s: %w", r, err)
	}
	return file, nil
}

// assets are the files that the CDK would upload.
type assets struct {
	// dir is the cloud assembly.
	dir string
	// paths are relative to dir, by the object key that they would be uploaded to.
	paths map[string]string
}

// file is what would be uploaded under a key: a folder when it would be zipped.
func (a assets) file(key string) (string, error) {
	path, ok := a.paths[key]
	if !ok {
		return "", fmt.Errorf("no asset of %s would be uploaded as %s", a.dir, key)
	}
	return a.find(path)
}

// find makes a path of the assembly one that can be opened.
func (a assets) find(path string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.dir, path)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w; run make synth", err)
	}
	return path, nil
}
