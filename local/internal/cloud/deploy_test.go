package cloud

import (
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
)

func stackOf(resources ...cloudformation.Resource) *cloudformation.Stack {
	s := &cloudformation.Stack{Name: "snaplake", Resources: map[string]cloudformation.Resource{}}
	for _, r := range resources {
		s.Resources[r.LogicalID] = r
	}
	return s
}

func TestOpen_NamesUnsupportedResources(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		resource cloudformation.Resource
		want     string
	}{
		"unsupported resource type": {
			cloudformation.Resource{LogicalID: "Table", Type: "AWS::DynamoDB::Table"},
			"the local AWS does not support Table (AWS::DynamoDB::Table)",
		},
		"function without a binary": {
			cloudformation.Resource{LogicalID: "Prune", Type: "AWS::Lambda::Function", Properties: map[string]any{"Handler": "prune"}},
			"deploy Prune (AWS::Lambda::Function): " + dir + "/prune is not built; to build it, run \"make run\"",
		},
		"incomplete stack": {
			cloudformation.Resource{LogicalID: "Key", Type: "AWS::KMS::Key"},
			"the stack has 0 buckets, 0 state machines, 0 queues and 0 workgroups; expected 1, 1, 1 and 2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Open(Options{Stack: stackOf(test.resource), Functions: dir, Dir: t.TempDir(), Logs: t.TempDir(),
				Clock: clock.NewScaled(time.Now(), 1)})
			if err == nil {
				t.Fatal(c.Close())
			}
			if got := strings.TrimSpace(err.Error()); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestConfiguration_RequiresLayer(t *testing.T) {
	_, err := Configuration(stackOf())
	if want := "stack snaplake has 0 layers; expected one layer, which contains the configuration"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
