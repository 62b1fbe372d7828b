package cloud

import (
	"context"
	"fmt"

	"snaplake/local/internal/iam"
)

// deploy creates the resources in the services, in the order of their dependencies.
func (c *Cloud) deploy(d deployment) error {
	if len(d.buckets) != 1 || len(d.machines) != 1 || len(d.queues) != 1 || len(d.workGroups) != 2 {
		return fmt.Errorf("the stack has %d buckets, %d state machines, %d queues and %d workgroups; expected 1, 1, 1 and 2",
			len(d.buckets), len(d.machines), len(d.queues), len(d.workGroups))
	}
	for _, step := range []func(deployment) error{
		c.createStorage, c.checkLogGroups, c.createCatalog, c.createMessages, c.createFunctions, c.createMachine, c.createTriggers,
	} {
		if err := step(d); err != nil {
			return err
		}
	}
	if d.analysts != "" {
		c.Analyst = newKey()
		c.router.sessions.byKey.Store(c.Analyst.AccessKeyID, session{caller: iam.Caller{Role: d.analysts, Session: "redash"}})
	}
	return nil
}

func (c *Cloud) createStorage(d deployment) error {
	c.Bucket = d.buckets[0].name
	if err := c.Store.CreateBucket(c.Bucket, d.buckets[0].key); err != nil {
		return err
	}
	for _, p := range d.policies {
		c.Store.SetPolicy(p.Bucket, string(p.PolicyDocument))
	}
	return nil
}

// checkLogGroups checks that the policy of each log group's KMS key allows CloudWatch Logs to use the key (CloudWatch Logs guide, "Encrypt
// log data in CloudWatch Logs using AWS Key Management Service"). The policies of keys outside the stack are not known.
func (c *Cloud) checkLogGroups(d deployment) error {
	for _, group := range d.logGroups {
		if group.KmsKeyID == "" || group.KmsKeyID == d.existingKey {
			continue
		}
		arn := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", c.Region, c.Account, group.LogGroupName)
		for _, action := range []string{
			"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
		} {
			err := c.guard.CheckService("logs."+c.Region+".amazonaws.com", iam.Call{
				Action: action, Resource: group.KmsKeyID, Keys: map[string]string{"kms:EncryptionContext:aws:logs:arn": arn},
			})
			if err != nil {
				return fmt.Errorf("create log group %s: The specified KMS key does not exist or is not allowed to be used with Arn '%s': %w",
					group.LogGroupName, arn, err)
			}
		}
	}
	return nil
}

func (c *Cloud) createCatalog(d deployment) error {
	c.workGroups = d.workGroups
	// On AWS, CloudFormation uses this CDK role to deploy the stack.
	deployer := fmt.Sprintf("arn:aws:iam::%s:role/cdk-hnb659fds-cfn-exec-role-%[1]s-%s", c.Account, c.Region)
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: deployer, Session: "AWSCloudFormation"})
	for _, database := range d.catalog {
		if err := c.Glue.DeployDatabase(ctx, database); err != nil {
			return fmt.Errorf("create database %s: %w", database.Name, err)
		}
	}
	for _, crawler := range d.crawlers {
		if err := c.Glue.CreateCrawler(crawler); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cloud) createMessages(d deployment) error {
	c.DeadLetters = c.Events.CreateQueue(d.queues[0])
	for _, name := range d.topics {
		c.SNS.CreateTopic(name)
	}
	for _, a := range d.alarms {
		for _, topic := range a.AlarmActions {
			// Without this permission, AWS still creates the alarm, but the alarm notifies no one. Tests inspect the recorded check.
			_ = c.guard.CheckService("cloudwatch.amazonaws.com", iam.Call{Action: "sns:Publish", Resource: topic, Keys: map[string]string{
				"aws:SourceAccount": c.Account, "aws:SourceArn": fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", c.Region, c.Account, a.AlarmName),
			}})
		}
	}
	for _, s := range d.subscriptions {
		if err := c.SNS.Subscribe(s.TopicARN, s.Protocol, s.Endpoint); err != nil {
			return fmt.Errorf("subscribe %s: %w", s.Endpoint, err)
		}
	}
	return nil
}

func (c *Cloud) createFunctions(d deployment) error {
	for _, f := range d.functions {
		if err := c.Lambda.Create(f); err != nil {
			return fmt.Errorf("create function %s: %w", f.Name, err)
		}
		c.router.sessions.byKey.Store(f.Role.AccessKeyID, session{caller: iam.Caller{Role: f.RoleARN, Session: f.Name}})
	}
	return nil
}

func (c *Cloud) createMachine(d deployment) (err error) {
	if c.StateMachineARN, err = c.StepFunctions.CreateStateMachine(d.machines[0]); err != nil {
		return fmt.Errorf("create the state machine: %w", err)
	}
	return nil
}

// createTriggers creates the EventBridge rules and schedules.
func (c *Cloud) createTriggers(d deployment) error {
	for _, rule := range d.rules {
		if err := c.Events.PutRule(rule); err != nil {
			return err
		}
	}
	for _, schedule := range d.schedules {
		if err := c.Events.CreateSchedule(schedule); err != nil {
			return err
		}
	}
	return nil
}
