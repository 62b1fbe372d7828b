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

// lake loads the stack in testdata.
func lake(t *testing.T) *cloudformation.Stack {
	t.Helper()
	s, err := cloudformation.Load("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// assembly writes a cloud assembly with one stack, lake, of this template.
func assembly(t *testing.T, template string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "manifest.json", `{"artifacts": {"lake": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/ap-northeast-1", "properties": {"templateFile": "lake.template.json"}}}}`)
	write(t, dir, "lake.template.json", template)
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestResolvesProperties(t *testing.T) {
	s := lake(t)
	r := s.Resources["Function"]
	role, layer := s.Resources["Role"].PhysicalID, s.Resources["Layer"].PhysicalID
	want := map[string]any{
		"Code":       map[string]any{"S3Bucket": "cdk-assets-123456789012-ap-northeast-1", "S3Key": "code.zip"},
		"MemorySize": 512.0,
		"Role":       "arn:aws:iam::123456789012:role/lake/" + role,
		"Layers":     []any{layer},
		"Environment": map[string]any{"Variables": map[string]any{
			"BUCKET":  "lake-123456789012",
			"SUB":     "${Kept} night arn:aws:s3:::lake-123456789012 aws",
			"ZONE":    "b",
			"ACCOUNT": "123456789012",
			"STAGE":   "dark",
		}},
	}
	if diff := cmp.Diff(want, r.Properties); diff != "" {
		t.Error(diff)
	}
	wantPolicies := []any{map[string]any{
		"Resource":  "arn:aws:s3:::lake-123456789012/*",
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}}
	if diff := cmp.Diff(wantPolicies, s.Resources["Role"].Properties["Policies"]); diff != "" {
		t.Error(diff)
	}
}

func TestLeavesOutWhatItsConditionExcludes(t *testing.T) {
	s := lake(t)
	var buckets []string
	for _, r := range s.OfType("AWS::S3::Bucket") {
		buckets = append(buckets, r.LogicalID)
	}
	if diff := cmp.Diff([]string{"Bucket", "Results"}, buckets); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{"Machine": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:lake-pipeline"}
	if diff := cmp.Diff(want, s.Outputs); diff != "" {
		t.Error(diff)
	}
}

func TestMakesNamesThatTheServicesTake(t *testing.T) {
	long := strings.Repeat("Long", 70)
	s, err := cloudformation.Load(assembly(t, strings.ReplaceAll(`{"Resources": {
		"BucketX":   {"Type": "AWS::S3::Bucket"},
		"RoleX":     {"Type": "AWS::IAM::Role"},
		"FunctionX": {"Type": "AWS::Lambda::Function"},
		"MachineX":  {"Type": "AWS::StepFunctions::StateMachine"},
		"DatabaseX": {"Type": "AWS::Glue::Database"},
		"KeyX":      {"Type": "AWS::KMS::Key"}
	}}`, "X", long)))
	if err != nil {
		t.Fatal(err)
	}
	for logical, rule := range map[string]string{
		"Bucket":   `^lake-bucketlong[a-z]+-[a-z0-9]{12}$`,
		"Role":     `^lake-RoleLong[A-Za-z]+-[A-Z0-9]{12}$`,
		"Function": `^lake-FunctionLong[A-Za-z]+-[A-Z0-9]{12}$`,
		"Machine":  `^arn:aws:states:ap-northeast-1:123456789012:stateMachine:lake-MachineLong[A-Za-z]+-[A-Z0-9]{12}$`,
		"Database": `^lake_databaselong[a-z]+_[a-z0-9]{12}$`,
		"Key":      `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
	} {
		id := s.Resources[logical+long].PhysicalID
		if !regexp.MustCompile(rule).MatchString(id) {
			t.Errorf("%s is called %s", logical, id)
		}
	}
	for logical, want := range map[string]int{"Bucket": 63, "Role": 64, "Function": 64, "Database": 255} {
		if got := len(s.Resources[logical+long].PhysicalID); got != want {
			t.Errorf("the name of %s has %d characters, want the longest, %d", logical, got, want)
		}
	}
}

func TestKnowsWhatRefAndGetAttGive(t *testing.T) {
	const arns = "ap-northeast-1:123456789012:"
	for _, c := range []struct{ kind, properties, attribute, ref, want string }{
		{"AWS::S3::Bucket", `{"BucketName": "b"}`, "RegionalDomainName", "b", "b.s3.ap-northeast-1.amazonaws.com"},
		{"AWS::S3::BucketPolicy", `{"Bucket": "b"}`, "", "b", ""},
		{"AWS::KMS::Alias", `{"AliasName": "alias/k"}`, "", "alias/k", ""},
		{"AWS::IAM::Role", `{"RoleName": "r"}`, "Arn", "r", "arn:aws:iam::123456789012:role/r"},
		{"AWS::IAM::ManagedPolicy", `{"ManagedPolicyName": "p", "Path": "/a/"}`, "PolicyArn", "arn:aws:iam::123456789012:policy/a/p", "arn:aws:iam::123456789012:policy/a/p"},
		{"AWS::Glue::Crawler", `{"Name": "c"}`, "", "c", ""},
		{"AWS::Athena::WorkGroup", `{"Name": "w"}`, "", "w", ""},
		{"AWS::Lambda::Function", `{"FunctionName": "f"}`, "Arn", "f", "arn:aws:lambda:" + arns + "function:f"},
		{"AWS::Lambda::LayerVersion", `{"LayerName": "l"}`, "LayerVersionArn", "arn:aws:lambda:" + arns + "layer:l:1", "arn:aws:lambda:" + arns + "layer:l:1"},
		{"AWS::StepFunctions::StateMachine", `{"StateMachineName": "m"}`, "Name", "arn:aws:states:" + arns + "stateMachine:m", "m"},
		{"AWS::Scheduler::ScheduleGroup", `{"Name": "g"}`, "Arn", "g", "arn:aws:scheduler:" + arns + "schedule-group/g"},
		{"AWS::Scheduler::Schedule", `{"Name": "s"}`, "Arn", "s", "arn:aws:scheduler:" + arns + "schedule/default/s"},
		{"AWS::Logs::LogGroup", `{"LogGroupName": "/a/l"}`, "Arn", "/a/l", "arn:aws:logs:" + arns + "log-group:/a/l:*"},
		{"AWS::SQS::Queue", `{"QueueName": "q"}`, "Arn", "https://sqs.ap-northeast-1.amazonaws.com/123456789012/q", "arn:aws:sqs:" + arns + "q"},
		{"AWS::SNS::Topic", `{"TopicName": "t"}`, "TopicName", "arn:aws:sns:" + arns + "t", "t"},
		{"AWS::Events::Rule", `{"Name": "r"}`, "Arn", "r", "arn:aws:events:" + arns + "rule/r"},
		{"AWS::CloudWatch::Alarm", `{"AlarmName": "a"}`, "Arn", "a", "arn:aws:cloudwatch:" + arns + "alarm:a"},
		{"AWS::CloudWatch::Dashboard", `{"DashboardName": "d"}`, "", "d", ""},
	} {
		t.Run(c.kind, func(t *testing.T) {
			outputs := `"Ref": {"Value": {"Ref": "X"}}`
			want := map[string]string{"Ref": c.ref}
			if c.attribute != "" {
				outputs += `, "Att": {"Value": {"Fn::GetAtt": "X.` + c.attribute + `"}}`
				want["Att"] = c.want
			}
			s, err := cloudformation.Load(assembly(t, `{"Resources": {"X": {"Type": "`+c.kind+`", "Properties": `+c.properties+`}}, "Outputs": {`+outputs+`}}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s.Outputs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesStayTheSame(t *testing.T) {
	if diff := cmp.Diff(lake(t).Resources, lake(t).Resources); diff != "" {
		t.Error(diff)
	}
}

func TestDecodesPropertiesIntoAStruct(t *testing.T) {
	var function struct {
		MemorySize  int
		Environment struct{ Variables map[string]string }
	}
	if err := cloudformation.Decode(lake(t).Resources["Function"], &function); err != nil {
		t.Fatal(err)
	}
	if function.MemorySize != 512 || function.Environment.Variables["ZONE"] != "b" {
		t.Errorf("got %+v", function)
	}
	var wrong struct{ MemorySize string }
	err := cloudformation.Decode(lake(t).Resources["Function"], &wrong)
	wantError(t, err, "decode the properties of Function (AWS::Lambda::Function): json: cannot unmarshal number into Go struct field .MemorySize of type string")
}

func TestFindsAssets(t *testing.T) {
	s := lake(t)
	for logical, want := range map[string]string{"Function": "testdata/assembly/asset.code", "Layer": "testdata/assembly/asset.layer"} {
		got, err := s.Asset(s.Resources[logical])
		if err != nil {
			t.Fatal(err)
		}
		if got != filepath.FromSlash(want) {
			t.Errorf("the asset of %s is %s, want %s", logical, got, want)
		}
	}
	_, err := s.Asset(s.Resources["Role"])
	wantError(t, err, "asset of Role (AWS::IAM::Role): it has neither the metadata aws:asset:path nor Code.S3Key or Content.S3Key")

	lost := s.Resources["Function"]
	lost.Metadata = map[string]any{"aws:asset:path": "asset.lost"}
	_, err = s.Asset(lost)
	wantError(t, err, "asset of Function (AWS::Lambda::Function): stat testdata/assembly/asset.lost: no such file or directory; run make synth")

	lost.Metadata = nil
	_, err = s.Asset(lost)
	wantError(t, err, "asset of Function (AWS::Lambda::Function): no asset of testdata/assembly would be uploaded as code.zip")
}

func TestSubstitutesInTheDefinition(t *testing.T) {
	s := lake(t)
	function := s.Resources["Function"].PhysicalID
	for logical, want := range map[string]string{
		"Inline":  `{"FunctionName":"` + function + `"}`,
		"Machine": `{ "StartAt": "Find", "States": { "Find": { "Type": "Task", "Parameters": { "FunctionName": "` + function + `" }, "End": true } } }` + "\n",
	} {
		got, err := s.Definition(s.Resources[logical])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", logical, diff)
		}
	}
	forgotten := s.Resources["Inline"]
	forgotten.Properties = map[string]any{"DefinitionString": "${FindFunction}"}
	_, err := s.Definition(forgotten)
	wantError(t, err, "definition of Inline (AWS::StepFunctions::StateMachine): DefinitionSubstitutions has no text for ${FindFunction}: there is no value")
	forgotten.Properties = nil
	_, err = s.Definition(forgotten)
	wantError(t, err, "definition of Inline (AWS::StepFunctions::StateMachine): there is none of DefinitionString, Definition and DefinitionS3Location")
}

func TestATypeThatIsNotKnownMayBeThere(t *testing.T) {
	r := lake(t).Resources["Strange"]
	if diff := cmp.Diff(cloudformation.Resource{
		LogicalID: "Strange", Type: "Custom::Strange", Properties: map[string]any{"Of": "lake-123456789012"},
	}, r); diff != "" {
		t.Error(diff)
	}
}

func TestRefusesTemplates(t *testing.T) {
	for name, c := range map[string]struct{ template, want string }{
		"a Ref of an unknown type": {
			`{"Resources": {"A": {"Type": "Custom::Strange"}, "B": {"Type": "AWS::SQS::Queue", "Properties": {"X": [{"Ref": "A"}]}}}}`,
			"resource B: properties: X: 0: Ref: the local AWS does not know what a Ref of A (Custom::Strange) gives",
		},
		"an unknown attribute": {
			`{"Resources": {"A": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Color"]}}}}`,
			"output O: Fn::GetAtt: the local AWS does not know the attribute Color of A (AWS::SQS::Queue)",
		},
		"a Ref of nothing": {
			`{"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Nobody"}}}}}`,
			"resource A: properties: QueueName: Ref: there is no resource Nobody in the template",
		},
		"a Ref of what its condition excludes": {
			`{"Conditions": {"No": {"Fn::Equals": [1, 2]}}, "Resources": {"A": {"Type": "AWS::SQS::Queue", "Condition": "No"}, "B": {"Type": "AWS::SQS::Queue", "DependsOn": "A"}}}`,
			"resource B: DependsOn: the resource A is not created: its condition No is false",
		},
		"a cycle": {
			`{"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"X": {"Ref": "B"}}}, "B": {"Type": "AWS::SQS::Queue", "DependsOn": "A"}}}`,
			"resource A: properties: X: Ref: DependsOn: circular dependency: A -> B -> A\nresource B: DependsOn: properties: X: Ref: circular dependency: B -> A -> B",
		},
		"a cycle of conditions": {
			`{"Conditions": {"X": {"Condition": "Y"}, "Y": {"Fn::Not": [{"Condition": "X"}]}}, "Resources": {"A": {"Type": "AWS::SQS::Queue", "Condition": "X"}}}`,
			"resource A: condition X: condition Y: circular dependency: condition X -> condition Y -> condition X",
		},
		"a function that is not known": {
			`{"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"X": {"Fn::ImportValue": "other"}}}}}`,
			"resource A: properties: X: Fn::ImportValue: the local AWS does not have this function",
		},
		"a dynamic reference": {
			`{"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"X": "{{resolve:ssm:name}}"}}}}`,
			"resource A: properties: X: the local AWS does not resolve the dynamic reference {{resolve:ssm:name}}",
		},
		"a parameter of the Systems Manager": {
			`{"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/p"}}, "Outputs": {"O": {"Value": {"Ref": "P"}}}}`,
			"output O: Ref: the parameter P lies in the Systems Manager, which the local AWS does not have",
		},
		"a parameter without a value": {
			`{"Parameters": {"P": {"Type": "String"}}, "Outputs": {"O": {"Value": {"Ref": "P"}}}}`,
			"output O: Ref: the parameter P has no default",
		},
		"an unknown variable in a Sub": {
			`{"Outputs": {"O": {"Value": {"Fn::Sub": "a ${B} c"}}}}`,
			"output O: Fn::Sub: ${B}: Ref: there is no resource B in the template",
		},
		"a Select beyond the list": {
			`{"Outputs": {"O": {"Value": {"Fn::Select": [2, ["a", "b"]]}}}}`,
			"output O: Fn::Select: there is no item 2 in a list of 2",
		},
		"a map that is not there": {
			`{"Outputs": {"O": {"Value": {"Fn::FindInMap": ["M", "a", "b"]}}}}`,
			"output O: Fn::FindInMap: there is no M.a.b in Mappings",
		},
		"a list where a text is wanted": {
			`{"Outputs": {"O": {"Value": {"Fn::Split": [",", "a,b"]}}}}`,
			"output O: a string is wanted, not [a b]",
		},
		"a condition that is not there": {
			`{"Outputs": {"O": {"Value": {"Fn::If": ["No", 1, 2]}}}}`,
			"output O: Fn::If: there is no condition No in the template",
		},
		"a condition that is none": {
			`{"Conditions": {"C": {"Fn::Sub": "true"}}, "Outputs": {"O": {"Condition": "C", "Value": "1"}}}`,
			"output O: condition C: Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition is wanted, not map[Fn::Sub:true]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := assembly(t, c.template)
			_, err := cloudformation.Load(dir)
			wantError(t, err, "template "+filepath.Join(dir, "lake.template.json")+": "+c.want)
		})
	}
}

func TestRefusesAnAssembly(t *testing.T) {
	const stack = `{"type": "aws:cloudformation:stack", "environment": "aws://123456789012/ap-northeast-1", "properties": {"templateFile": "t.json"}}`
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"not synthesized":   {nil, "cloud assembly DIR: not synthesized yet; run make synth"},
		"no stack":          {map[string]string{"manifest.json": `{"artifacts": {}}`}, "cloud assembly DIR: there is no stack in it; run make synth"},
		"several stacks":    {map[string]string{"manifest.json": `{"artifacts": {"a": ` + stack + `, "b": ` + stack + `}}`}, "cloud assembly DIR: there are several stacks in it, a, b; there must be one"},
		"a broken manifest": {map[string]string{"manifest.json": `{`}, "cloud assembly DIR: read DIR/manifest.json: unexpected end of JSON input"},
		"no template":       {map[string]string{"manifest.json": `{"artifacts": {"a": ` + stack + `}}`}, "cloud assembly DIR: template of a: open DIR/t.json: no such file or directory"},
		"a broken template": {map[string]string{"manifest.json": `{"artifacts": {"a": ` + stack + `}}`, "t.json": `[]`}, "cloud assembly DIR: template of a: read DIR/t.json: json: cannot unmarshal array into Go value of type cloudformation.template"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				write(t, dir, file, content)
			}
			_, err := cloudformation.Load(dir)
			wantError(t, err, strings.ReplaceAll(c.want, "DIR", dir))
		})
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
