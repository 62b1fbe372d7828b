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
	// arns are those that resolve has asked for.
	arns map[string]string
}

func (m *moto) deployment(t *testing.T, tmpl template) *deployment {
	t.Helper()
	d := &deployment{m, tmpl, make(map[string]string), make(map[string]string)}
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
		t.Fatalf("moto makes %s, a %s, and there is no reader for it", id, r.Type)
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
	if name != "Arn" {
		return d.resolve(t, d.Resources[id].Properties[name]).(string) // the name that the template gives it
	}
	if d.arns[id] == "" {
		_, got := d.find(t, id)
		d.arns[id] = got.arn
	}
	return d.arns[id]
}

// loss are the properties that moto loses, by type and name: what it shows in their place, or a function that makes that of what
// the template has.
type loss map[string]object

// compare reads back each resource that moto made, and compares each of its properties with the template. What is listed as
// not made and as lost has to be.
func (d *deployment) compare(t *testing.T, unmade []string, lost loss) {
	t.Helper()
	var missing []string
	listed := make(map[string]bool)
	for kind, properties := range lost {
		for name := range properties {
			listed[kind+" "+name] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		kind := d.Resources[id].Type
		if _, made := d.physical[id]; !made {
			missing = append(missing, kind)
			continue
		}
		want, got := d.find(t, id)
		have := plainly(t, got.properties).(object)
		for name, value := range want {
			instead, isLost := lost[kind][name]
			if isLost {
				delete(listed, kind+" "+name)
				if f, ok := instead.(func(any) any); ok {
					instead = f(value)
				}
				value = instead
			}
			if diff := cmp.Diff(plainly(t, value), have[name]); diff != "" {
				t.Errorf("%s of %s, a %s, listed as lost: %t (-want +moto):\n%s", name, id, kind, isLost, diff)
			}
		}
	}
	slices.Sort(missing)
	if diff := cmp.Diff(slices.Sorted(slices.Values(unmade)), slices.Compact(missing)); diff != "" {
		t.Errorf("types of resources that moto does not make (-listed +seen):\n%s", diff)
	}
	for name := range listed {
		if kind, _, _ := strings.Cut(name, " "); !slices.Contains(unmade, kind) {
			t.Errorf("the template has no %s: take it off the list", name)
		}
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
