package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/workflow"
)

// lakeCopy is a local AWS with the synthesized stack and a copy of the last run's data lake.
type lakeCopy struct {
	stack  *cloudformation.Stack
	config workflow.Config
	work   *workFolder
	aws    *cloud.Cloud
	saved  cloud.Saved
}

func openCopy(dir string) (_ *lakeCopy, err error) {
	l := &lakeCopy{}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if l.stack, l.config, err = readStack(); err != nil {
		return nil, err
	}
	if l.work, err = openWork(dir); err != nil {
		return nil, err
	}
	if err := cloud.CopyBucket(l.work.path(lakeFolder), l.work.path(nextFolder)); err != nil {
		return nil, err
	}
	l.aws, l.saved, err = cloud.Reopen(cloud.Options{
		Stack: l.stack, Config: l.config, Functions: functionsFolder, Dir: l.work.path(nextFolder), Logs: l.work.path(logFolder),
	})
	return l, err
}

// close stops the local AWS and discards unpublished changes.
func (l *lakeCopy) close() error {
	var errs []error
	if l.aws != nil {
		errs = append(errs, l.aws.Close())
	}
	if l.work != nil {
		errs = append(errs, l.work.close())
	}
	return errors.Join(errs...)
}

// publish replaces the last run's data lake with the copy.
func (l *lakeCopy) publish() error {
	if err := l.aws.Save(l.work.path(nextFolder), l.saved.Database); err != nil {
		return err
	}
	return l.work.publish()
}

// invoke invokes a function with the operator's permissions and decodes the result into out. If the function fails, invoke returns the
// function's error.
func (l *lakeCopy) invoke(ctx context.Context, function string, in workflow.Request, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := l.aws.Lambda.Invoke(ctx, l.config.Name+"-"+function, payload)
	if err != nil {
		return fmt.Errorf("invoke %s: %w", function, err)
	}
	if answer.FunctionError != "" {
		var failed struct{ ErrorType string }
		if err := json.Unmarshal(answer.Payload, &failed); err != nil {
			return fmt.Errorf("%s failed with %s", function, answer.Payload)
		}
		return errors.New(reason(failed.ErrorType, string(answer.Payload)))
	}
	return json.Unmarshal(answer.Payload, out)
}
