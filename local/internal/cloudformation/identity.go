package cloudformation

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// identity is what a deployed resource is known by.
type identity struct {
	// ref is the physical ID, or "" for a type that is not known.
	ref string
	// attributes are what Fn::GetAtt gives, by their names.
	attributes map[string]string
}

// identify says what a resource of a known type would be called, as the section "Return values" of the type's page in the
// CloudFormation template reference has it.
func (r *resolver) identify(res Resource) identity {
	named := func(property string, longest int) string { return r.nameOf(res, property, longest) }
	switch res.Type {
	case "AWS::S3::Bucket":
		return r.bucket(strings.ToLower(named("BucketName", 63)))
	case "AWS::S3::BucketPolicy":
		return identity{ref: property(res, "Bucket")}
	case "AWS::KMS::Key":
		id := uuid(r.name + "/" + res.LogicalID)
		return identity{id, map[string]string{"Arn": r.arn("kms", "key/"+id), "KeyId": id}}
	case "AWS::KMS::Alias":
		return identity{ref: property(res, "AliasName")}
	case "AWS::IAM::Role":
		name := named("RoleName", 64)
		return identity{name, map[string]string{"Arn": r.iamARN("role", res, name), "RoleId": "AROA" + hash(r.name + "/" + res.LogicalID)[:17]}}
	case "AWS::IAM::ManagedPolicy":
		arn := r.iamARN("policy", res, named("ManagedPolicyName", 128))
		return identity{arn, map[string]string{"PolicyArn": arn}}
	case "AWS::Glue::Database":
		return identity{ref: r.database(res)}
	case "AWS::Glue::Crawler":
		return identity{ref: named("Name", 255)}
	case "AWS::Athena::WorkGroup":
		return identity{ref: named("Name", 128)}
	case "AWS::Lambda::Function":
		name := named("FunctionName", 64)
		return identity{name, map[string]string{"Arn": r.arn("lambda", "function:"+name)}}
	case "AWS::Lambda::LayerVersion":
		arn := r.arn("lambda", "layer:"+named("LayerName", 140)+":1")
		return identity{arn, map[string]string{"LayerVersionArn": arn}}
	case "AWS::StepFunctions::StateMachine":
		name := named("StateMachineName", 80)
		arn := r.arn("states", "stateMachine:"+name)
		return identity{arn, map[string]string{"Arn": arn, "Name": name}}
	case "AWS::Scheduler::ScheduleGroup":
		name := named("Name", 64)
		return identity{name, map[string]string{"Arn": r.arn("scheduler", "schedule-group/"+name)}}
	case "AWS::Scheduler::Schedule":
		group := property(res, "GroupName")
		if group == "" {
			group = "default"
		}
		name := named("Name", 64)
		return identity{name, map[string]string{"Arn": r.arn("scheduler", "schedule/"+group+"/"+name)}}
	case "AWS::Logs::LogGroup":
		name := named("LogGroupName", 512)
		return identity{name, map[string]string{"Arn": r.arn("logs", "log-group:"+name+":*")}}
	case "AWS::SQS::Queue":
		name := named("QueueName", 80)
		url := "https://sqs." + r.where.Region + ".amazonaws.com/" + r.where.Account + "/" + name
		return identity{url, map[string]string{"Arn": r.arn("sqs", name), "QueueName": name, "QueueUrl": url}}
	case "AWS::SNS::Topic":
		name := named("TopicName", 256)
		arn := r.arn("sns", name)
		return identity{arn, map[string]string{"TopicArn": arn, "TopicName": name}}
	case "AWS::Events::Rule":
		name := named("Name", 64)
		return identity{name, map[string]string{"Arn": r.arn("events", "rule/"+name)}}
	case "AWS::CloudWatch::Alarm":
		name := named("AlarmName", 255)
		return identity{name, map[string]string{"Arn": r.arn("cloudwatch", "alarm:"+name)}}
	case "AWS::CloudWatch::Dashboard":
		return identity{ref: named("DashboardName", 255)}
	case "AWS::IAM::Policy", "AWS::Lambda::Permission", "AWS::CDK::Metadata":
		return identity{ref: named("", 255)}
	default:
		return identity{}
	}
}

func (r *resolver) bucket(name string) identity {
	return identity{name, map[string]string{
		"Arn":                "arn:aws:s3:::" + name,
		"DomainName":         name + ".s3.amazonaws.com",
		"RegionalDomainName": name + ".s3." + r.where.Region + ".amazonaws.com",
	}}
}

// database is a Glue database's name. Athena takes no hyphen and no capital in it.
func (r *resolver) database(res Resource) string {
	if input, ok := res.Properties["DatabaseInput"].(map[string]any); ok {
		if name, _ := input["Name"].(string); name != "" {
			return name
		}
	}
	return strings.ReplaceAll(strings.ToLower(r.nameOf(res, "", 255)), "-", "_")
}

// nameOf is the name that a property gives, or one that CloudFormation would make: STACK-LOGICALID-HASH, the middle cut to fit.
func (r *resolver) nameOf(res Resource, property string, longest int) string {
	if name, _ := res.Properties[property].(string); name != "" {
		return name
	}
	suffix := "-" + hash(r.name + "/" + res.LogicalID)[:12]
	name := r.name + "-" + res.LogicalID
	if room := longest - len(suffix); len(name) > room {
		name = strings.TrimRight(name[:room], "-")
	}
	return name + suffix
}

func property(res Resource, name string) string {
	value, _ := res.Properties[name].(string)
	return value
}

func (r *resolver) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + r.where.Region + ":" + r.where.Account + ":" + resource
}

// iamARN is that of a role or a policy: IAM has no Regions, and has paths.
func (r *resolver) iamARN(kind string, res Resource, name string) string {
	path := property(res, "Path")
	if path == "" {
		path = "/"
	}
	return "arn:aws:iam::" + r.where.Account + ":" + kind + path + name
}

// hash is letters and digits that stay the same from one synthesis to the next.
func hash(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base32.StdEncoding.EncodeToString(sum[:])
}

// uuid is a hash in the form of a UUID.
func uuid(of string) string {
	sum := sha256.Sum256([]byte(of))
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
