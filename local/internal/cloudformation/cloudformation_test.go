package cloudformation_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/cloudformation"
)

// lake loads the stack in testdata, whose name is lake.
func lake(t *testing.T) *cloudformation.Stack {
	t.Helper()
	s, err := cloudformation.Load("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const oneStack = `"lake": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/ap-northeast-1", ` +
	`"properties": {"templateFile": "lake.template.json"}}`

// load writes a cloud assembly with these artifacts and this template, and loads it. "" stands for a missing file.
func load(t *testing.T, artifacts, template string) (*cloudformation.Stack, error) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"lake.template.json": template}
	if artifacts != "" {
		files["manifest.json"] = `{"artifacts": {` + artifacts + `}}`
	}
	for name, content := range files {
		if content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cloudformation.Load(dir)
}

func TestLoad_ResolvesTemplate(t *testing.T) {
	s := lake(t)
	wantFunction := map[string]any{
		"FunctionName": "lake-find",
		"MemorySize":   512.0,
		"Role":         "arn:aws:iam::123456789012:role/lake/" + s.Resources["Role"].PhysicalID,
		"Layers":       []any{"arn:aws:lambda:ap-northeast-1:123456789012:layer:config:1"},
		"Environment":  map[string]any{"Variables": map[string]any{"BUCKET": "lake-123456789012", "REGION": "ap-northeast-1"}},
	}
	if diff := cmp.Diff(wantFunction, s.Resources["Function"].Properties); diff != "" {
		t.Error(diff)
	}
	wantPolicies := []any{map[string]any{
		"Resource":  "arn:aws:s3:::lake-123456789012/*",
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}}
	if diff := cmp.Diff(wantPolicies, s.Resources["Role"].Properties["Policies"]); diff != "" {
		t.Error(diff)
	}
	wantOutputs := map[string]string{"Machine": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:lake-pipeline", "Memory": "512"}
	if diff := cmp.Diff(wantOutputs, s.Outputs); diff != "" {
		t.Error(diff)
	}
	strange := cloudformation.Resource{LogicalID: "Strange", Type: "Custom::Strange", Properties: map[string]any{"Of": "lake-123456789012"}}
	if diff := cmp.Diff(strange, s.Resources["Strange"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s.Resources, lake(t).Resources); diff != "" {
		t.Errorf("a second load generated other names: %s", diff)
	}
}

func TestLoad_GeneratesNamesThatServicesAccept(t *testing.T) {
	long := strings.Repeat("Long", 70)
	s, err := load(t, oneStack, strings.ReplaceAll(`{"Resources": {
		"BucketX":   {"Type": "AWS::S3::Bucket"},
		"FunctionX": {"Type": "AWS::Lambda::Function"},
		"KeyX":      {"Type": "AWS::KMS::Key"}
	}}`, "X", long))
	if err != nil {
		t.Fatal(err)
	}
	for logical, rule := range map[string]string{
		"Bucket":   `^lake-bucketlong[a-z]+-[a-z0-9]{12}$`,
		"Function": `^lake-FunctionLong[A-Za-z]+-[A-Z0-9]{12}$`,
		"Key":      `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
	} {
		if id := s.Resources[logical+long].PhysicalID; !regexp.MustCompile(rule).MatchString(id) || len(id) > 64 {
			t.Errorf("%s has the ID %s", logical, id)
		}
	}
}

func TestLoad_ResolvesRefAndGetAtt(t *testing.T) {
	const arns = "ap-northeast-1:123456789012:"
	for _, c := range []struct{ kind, properties, ref, attribute, want string }{
		{"AWS::S3::Bucket", `{"BucketName": "b"}`, "b", "Arn", "arn:aws:s3:::b"},
		{"AWS::IAM::Role", `{"RoleName": "r"}`, "r", "Arn", "arn:aws:iam::123456789012:role/r"},
		{"AWS::IAM::ManagedPolicy", `{"ManagedPolicyName": "p", "Path": "/a/"}`, "arn:aws:iam::123456789012:policy/a/p", "", ""},
		{"AWS::Glue::Crawler", `{"Name": "c"}`, "c", "", ""},
		{"AWS::Glue::Database", `{"DatabaseInput": {"Name": "d"}}`, "d", "", ""},
		{"AWS::Athena::WorkGroup", `{"Name": "w"}`, "w", "", ""},
		{"AWS::Lambda::Function", `{"FunctionName": "f"}`, "f", "Arn", "arn:aws:lambda:" + arns + "function:f"},
		{"AWS::StepFunctions::StateMachine", `{"StateMachineName": "m"}`, "arn:aws:states:" + arns + "stateMachine:m", "", ""},
		{"AWS::Scheduler::Schedule", `{"Name": "s"}`, "s", "Arn", "arn:aws:scheduler:" + arns + "schedule/default/s"},
		{"AWS::Logs::LogGroup", `{"LogGroupName": "/a/l"}`, "/a/l", "Arn", "arn:aws:logs:" + arns + "log-group:/a/l:*"},
		{"AWS::SQS::Queue", `{"QueueName": "q"}`, "https://sqs.ap-northeast-1.amazonaws.com/123456789012/q", "QueueName", "q"},
		{"AWS::SQS::Queue", `{"QueueName": "q"}`, "https://sqs.ap-northeast-1.amazonaws.com/123456789012/q", "Arn", "arn:aws:sqs:" + arns + "q"},
		{"AWS::SNS::Topic", `{"TopicName": "t"}`, "arn:aws:sns:" + arns + "t", "TopicName", "t"},
		{"AWS::Events::Rule", `{"Name": "r"}`, "r", "Arn", "arn:aws:events:" + arns + "rule/r"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			outputs := `"Ref": {"Value": {"Ref": "X"}}`
			want := map[string]string{"Ref": c.ref}
			if c.attribute != "" {
				outputs += `, "Att": {"Value": {"Fn::GetAtt": ["X", "` + c.attribute + `"]}}`
				want["Att"] = c.want
			}
			s, err := load(t, oneStack, `{"Resources": {"X": {"Type": "`+c.kind+`", "Properties": `+c.properties+`}}, "Outputs": {`+outputs+`}}`)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s.Outputs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoad_RejectsUnsupportedTemplate(t *testing.T) {
	output := func(value string) string {
		return `{"Resources": {"A": {"Type": "AWS::SQS::Queue"}, "S": {"Type": "Custom::S"}}, "Outputs": {"O": {"Value": ` + value + `}}}`
	}
	for name, c := range map[string]struct{ template, want string }{
		"unknown type":      {output(`{"Ref": "S"}`), "the local AWS does not know what Ref returns for S (Custom::S)"},
		"unknown attribute": {output(`{"Fn::GetAtt": ["A", "Color"]}`), "does not know the attribute Color of A (AWS::SQS::Queue)"},
		"missing resource":  {output(`{"Ref": "Nobody"}`), "output O: Ref: the template has no resource Nobody"},
		"pseudo parameter":  {output(`{"Ref": "AWS::StackId"}`), "no resource AWS::StackId"},
		"unknown function": {
			output(`{"Fn::ImportValue": "other"}`), "output O: Fn::ImportValue: the local AWS does not support this function",
		},
		"dynamic reference":   {output(`"{{resolve:ssm:name}}"`), "does not support the dynamic reference {{resolve:ssm:name}}"},
		"list for a string":   {output(`["a"]`), "must be a string, not [a]"},
		"GetAtt of a string":  {output(`{"Fn::GetAtt": "A.Arn"}`), "Fn::GetAtt: the argument must be a resource and an attribute"},
		"Join without a list": {output(`{"Fn::Join": ["", "a"]}`), "Fn::Join: the argument must be a delimiter and a list"},
		"Join of a list":      {output(`{"Fn::Join": ["", [["a"]]]}`), "Fn::Join: the value must be a string, not [a]"},
		"conditions":          {`{"Conditions": {"C": {"Fn::Equals": [1, 1]}}}`, "does not support the section Conditions"},
		"mappings":            {`{"Mappings": {"M": {}}}`, "does not support the section Mappings"},
		"macro":               {`{"Transform": "AWS::Serverless-2016-10-31"}`, "does not support the section Transform"},
		"cycle": {
			`{"Resources": {
				"A": {"Type": "AWS::SQS::Queue", "Properties": {"X": {"Ref": "B"}}},
				"B": {"Type": "AWS::SQS::Queue", "Properties": {"X": {"Ref": "A"}}}}}`,
			"resource A: X: Ref: X: Ref: circular dependency: A -> B -> A\nresource B: X: Ref: X: Ref: circular dependency: B -> A -> B",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, oneStack, c.template)
			wantError(t, err, c.want)
		})
	}
}

func TestLoad_RejectsIncompleteAssembly(t *testing.T) {
	for name, c := range map[string]struct{ artifacts, template, want string }{
		"not synthesized": {"", "", "is incomplete: open "},
		"no stack":        {`"tree": {"type": "cdk:tree"}`, "", "expected one stack, found 0"},
		"several stacks": {
			oneStack + "," + strings.Replace(oneStack, "lake", "other", 1), "{}", "expected one stack, found 2: lake, other",
		},
		"broken manifest": {`"a"`, "", "manifest.json: invalid character"},
		"no template":     {oneStack, "", "is incomplete: open "},
		"no account":      {strings.Replace(oneStack, "123456789012", "unknown-account", 1), "{}", "must be aws://ACCOUNT/REGION, not"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.artifacts, c.template)
			wantError(t, err, c.want)
		})
	}
}

func TestDecode_ReadsProperties(t *testing.T) {
	var function struct {
		MemorySize  int
		Environment struct{ Variables map[string]string }
	}
	if err := cloudformation.Decode(lake(t).Resources["Function"], &function); err != nil {
		t.Fatal(err)
	}
	if function.MemorySize != 512 || function.Environment.Variables["REGION"] != "ap-northeast-1" {
		t.Errorf("got %+v", function)
	}
	var wrong struct{ MemorySize string }
	wantError(t, cloudformation.Decode(lake(t).Resources["Function"], &wrong), "decode the properties of Function (AWS::Lambda::Function): ")
}

func TestStack_FindsAssets(t *testing.T) {
	s := lake(t)
	for logical, want := range map[string]string{"Function": "testdata/assembly/asset.code", "Layer": "testdata/assembly/asset.layer"} {
		got, err := s.Asset(s.Resources[logical])
		if err != nil || got != filepath.FromSlash(want) {
			t.Errorf("asset of %s: got %s, %v, want %s", logical, got, err, want)
		}
	}
	_, err := s.Asset(s.Resources["Role"])
	wantError(t, err, "Role (AWS::IAM::Role) has no aws:asset:path metadata")

	lost := s.Resources["Function"]
	lost.Metadata = map[string]any{"aws:asset:path": "asset.lost"}
	_, err = s.Asset(lost)
	wantError(t, err, "asset.lost: no such file or directory")
}

func TestStack_SubstitutesInDefinition(t *testing.T) {
	s := lake(t)
	machine := s.Resources["Machine"]
	got, err := s.Definition(machine)
	if want := `{"FunctionName":"lake-find"}`; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	machine.Properties = map[string]any{"DefinitionString": "${FindFunction}"}
	_, err = s.Definition(machine)
	wantError(t, err, "no DefinitionSubstitutions entry for ${FindFunction}")

	machine.Properties = map[string]any{"DefinitionS3Location": map[string]any{"Bucket": "assets", "Key": "machine.json"}}
	_, err = s.Definition(machine)
	wantError(t, err, "Machine (AWS::StepFunctions::StateMachine) has no DefinitionString")
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want an error that contains %q", err, part)
	}
}
