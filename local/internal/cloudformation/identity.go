package cloudformation

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// naming describes the names and ARNs of a resource type (CloudFormation template reference, section "Return values" of the type's page).
type naming struct {
	// property is the property that sets the name. If it is absent, CloudFormation generates a name with at most maxLength characters.
	property  string
	maxLength int
	// ref and arn are the values of Ref and of the attribute Arn; they contain {placeholders}. If arn is "", the type has no attribute Arn.
	ref, arn string
}

const (
	arnPrefix = "{region}:{account}:"
	queueURL  = "https://sqs.{region}.amazonaws.com/{account}/{name}"
)

// namings maps resource types to their namings. It contains every type that the template or the local AWS refers to.
var namings = map[string]naming{
	"AWS::Athena::WorkGroup":           {"Name", 128, "{name}", ""},
	"AWS::CloudWatch::Alarm":           {"AlarmName", 255, "{name}", ""},
	"AWS::Events::Rule":                {"Name", 64, "{name}", "arn:aws:events:" + arnPrefix + "rule/{name}"},
	"AWS::Glue::Crawler":               {"Name", 255, "{name}", ""},
	"AWS::Glue::Database":              {"", 255, "{name}", ""},
	"AWS::IAM::ManagedPolicy":          {"ManagedPolicyName", 128, "arn:aws:iam::{account}:policy{path}{name}", ""},
	"AWS::IAM::Role":                   {"RoleName", 64, "{name}", "arn:aws:iam::{account}:role{path}{name}"},
	"AWS::KMS::Key":                    {"", 36, "{uuid}", "arn:aws:kms:" + arnPrefix + "key/{uuid}"},
	"AWS::Lambda::Function":            {"FunctionName", 64, "{name}", "arn:aws:lambda:" + arnPrefix + "function:{name}"},
	"AWS::Lambda::LayerVersion":        {"LayerName", 140, "arn:aws:lambda:" + arnPrefix + "layer:{name}:1", ""},
	"AWS::Logs::LogGroup":              {"LogGroupName", 512, "{name}", "arn:aws:logs:" + arnPrefix + "log-group:{name}:*"},
	"AWS::S3::Bucket":                  {"BucketName", 63, "{name}", "arn:aws:s3:::{name}"},
	"AWS::Scheduler::Schedule":         {"Name", 64, "{name}", "arn:aws:scheduler:" + arnPrefix + "schedule/{group}/{name}"},
	"AWS::SNS::Topic":                  {"TopicName", 256, "arn:aws:sns:" + arnPrefix + "{name}", ""},
	"AWS::SQS::Queue":                  {"QueueName", 80, queueURL, "arn:aws:sqs:" + arnPrefix + "{name}"},
	"AWS::StepFunctions::StateMachine": {"StateMachineName", 80, "arn:aws:states:" + arnPrefix + "stateMachine:{name}", ""},
}

// identify returns the physical ID and the attributes of a resource. The ID is "" for an unknown type.
func (r *resolver) identify(res Resource) (id string, attributes map[string]string) {
	n, known := namings[res.Type]
	if !known {
		return "", nil
	}
	name := r.nameOf(res, n)
	expand := strings.NewReplacer(
		"{region}", r.where.Region, "{account}", r.where.Account, "{name}", name,
		"{uuid}", uuid.NewSHA1(uuid.NameSpaceOID, []byte(r.name+"/"+res.LogicalID)).String(),
		"{path}", cmp.Or(property(res, "Path"), "/"), "{group}", cmp.Or(property(res, "GroupName"), "default"),
	)
	attributes = map[string]string{}
	if n.arn != "" {
		attributes["Arn"] = expand.Replace(n.arn)
	}
	if res.Type == "AWS::SQS::Queue" || res.Type == "AWS::SNS::Topic" {
		attributes[n.property] = name
	}
	return expand.Replace(n.ref), attributes
}

// nameOf returns the name that the properties set, or a name as CloudFormation generates it: STACK-LOGICALID-HASH, shortened if necessary.
func (r *resolver) nameOf(res Resource, n naming) string {
	given := property(res, n.property)
	if input, ok := res.Properties["DatabaseInput"].(map[string]any); ok {
		given, _ = input["Name"].(string)
	}
	if given != "" {
		return given
	}
	sum := sha256.Sum256([]byte(r.name + "/" + res.LogicalID))
	suffix := "-" + base32.StdEncoding.EncodeToString(sum[:])[:12]
	name := r.name + "-" + res.LogicalID
	name = strings.TrimRight(name[:min(len(name), n.maxLength-len(suffix))], "-") + suffix
	if res.Type == "AWS::S3::Bucket" {
		return strings.ToLower(name)
	}
	return name
}

func property(res Resource, name string) string {
	value, _ := res.Properties[name].(string)
	return value
}
