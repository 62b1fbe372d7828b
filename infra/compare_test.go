//go:build deploy

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

// deployment is a template with what moto made of it.
type deployment struct {
	*moto
	template
	// physical are the physical IDs of the resources, by logical ID. Those of types that moto does not create are missing.
	physical map[string]string
}

func (m *moto) deployment(t *testing.T, tmpl template) *deployment {
	t.Helper()
	d := &deployment{m, tmpl, make(map[string]string)}
	in := &cloudformation.DescribeStackResourcesInput{StackName: aws.String(stackName)}
	for _, r := range ask(t, cloudformation.NewFromConfig(m.sdk()).DescribeStackResources, in).StackResources {
		if r.LogicalResourceId != nil {
			d.physical[*r.LogicalResourceId] = aws.ToString(r.PhysicalResourceId)
		}
	}
	return d
}

// find asks the resource's own service for it.
func (d *deployment) find(t *testing.T, id string) (want object, got found) {
	t.Helper()
	r := d.Resources[id]
	read := d.readers()[r.Type]
	if read == nil {
		t.Fatalf("%s: moto creates %s now: add a reader for it, and take it off the list", id, r.Type)
	}
	want = d.resolve(t, r.Properties).(object)
	return want, read(t, d.physical[id], want)
}

// resolve puts physical IDs and ARNs in the place of intrinsic functions, as CloudFormation does.
func (d *deployment) resolve(t *testing.T, v any) any {
	t.Helper()
	switch v := v.(type) {
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = d.resolve(t, v[i])
		}
		return all
	case object:
		if id, ok := v["Ref"].(string); ok {
			return d.ref(t, id)
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			return d.attribute(t, get[0].(string), get[1].(string))
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var parts []string
			for _, part := range d.resolve(t, join[1]).([]any) {
				parts = append(parts, fmt.Sprint(part))
			}
			return strings.Join(parts, join[0].(string))
		}
		all := make(object, len(v))
		for k := range v {
			all[k] = d.resolve(t, v[k])
		}
		return all
	}
	return v
}

func (d *deployment) ref(t *testing.T, id string) string {
	switch id {
	case "AWS::Partition":
		return "aws"
	case "AWS::Region":
		return motoRegion
	case "AWS::AccountId":
		return motoAccount
	}
	if d.Resources[id].Type == "AWS::Lambda::LayerVersion" { // has no physical ID in moto
		return d.attribute(t, id, "Arn")
	}
	return d.physical[id]
}

func (d *deployment) attribute(t *testing.T, id, name string) string {
	want, got := d.find(t, id)
	if name == "Arn" {
		return got.arn
	}
	return want[name].(string)
}

// loss are the properties that moto loses, by type and name, each with what it shows in their place.
type loss map[string]object

// compare reads back each resource that moto made, and compares each of its properties with the template. What moto loses has
// to be lost, so that the list gets shorter when moto gets better.
func (d *deployment) compare(t *testing.T, lost loss) {
	t.Helper()
	unseen := make(map[string]bool)
	for kind, properties := range lost {
		for name := range properties {
			unseen[kind+" "+name] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.physical)) {
		kind := d.Resources[id].Type
		want, got := d.find(t, id)
		have := plainly(t, got.properties).(object)
		for name, value := range want {
			if instead, ok := lost[kind][name]; ok {
				delete(unseen, kind+" "+name)
				if diff := cmp.Diff(plainly(t, instead), have[name]); diff != "" {
					t.Errorf("%s: moto does better with %s of %s than is listed (-listed +moto):\n%s", id, name, kind, diff)
				}
				continue
			}
			if diff := cmp.Diff(plainly(t, value), have[name]); diff != "" {
				t.Errorf("%s: %s of %s (-template +moto):\n%s", id, name, kind, diff)
			}
		}
	}
	for listed := range unseen {
		t.Errorf("the template has no %s any more: take it off the list", listed)
	}
}

// plainly is a value as JSON has it: without the SDK's types and pointers.
func plainly(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(b))
}
