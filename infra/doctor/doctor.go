package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/workflow"
)

// doctor checks an AWS account against the configuration.
type doctor struct {
	config workflow.Config
	aws    aws.Config
	now    func() time.Time
	// identity is the ARN of the caller. checkCredentials sets it.
	identity string
	// stack is the deployed stack. readStack sets it.
	stack stack
}

// finding is one line of the report. If the level is "PROBLEM", the text describes the problem and, after a semicolon, how to fix it.
type finding struct {
	level   level
	subject subject
	text    string
}

type level string

const (
	ok      level = "ok"
	note    level = "note" // nothing is broken, or the check is not possible yet
	problem level = "PROBLEM"
)

// subject is what a check examined, for example "database shop". Its methods return findings about the subject.
type subject string

func (s subject) ok(format string, args ...any) []finding {
	return []finding{{ok, s, fmt.Sprintf(format, args...)}}
}

func (s subject) note(format string, args ...any) []finding {
	return []finding{{note, s, fmt.Sprintf(format, args...)}}
}

func (s subject) problem(format string, args ...any) []finding {
	return []finding{{problem, s, fmt.Sprintf(format, args...)}}
}

// okUnless returns the problems. If there are none, it returns a single finding with the level "ok".
func (s subject) okUnless(problems []finding, format string, args ...any) []finding {
	if len(problems) > 0 {
		return problems
	}
	return s.ok(format, args...)
}

// examine runs all checks. It stops after checkCredentials if the credentials are invalid or belong to another account.
func (d *doctor) examine(ctx context.Context) []finding {
	findings := d.checkCredentials(ctx)
	if !healthy(findings) {
		return findings
	}
	findings = append(findings, d.readStack(ctx)...)
	checks := d.applicableChecks()
	found := make([][]finding, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { found[i] = slices.Compact(check(ctx)) }) // a check may repeat a finding, for example a missing permission
	}
	group.Wait()
	return append(findings, slices.Concat(found...)...)
}

// applicableChecks returns the checks that apply to the configuration and the deployed stack, in the order of the report.
func (d *doctor) applicableChecks() []func(context.Context) []finding {
	var checks []func(context.Context) []finding
	for _, source := range d.config.Sources {
		checks = append(checks, func(ctx context.Context) []finding { return d.checkSource(ctx, source) })
	}
	if d.config.Bucket != "" {
		checks = append(checks, d.checkBucket)
	}
	if d.config.Key != "" {
		checks = append(checks, d.checkKey)
	}
	checks = append(checks, d.checkDatabases, d.checkLakeFormation, d.checkCatalogKey, d.checkExportTasks, d.checkCrawlers)
	if d.stack.deployed {
		checks = append(checks, d.checkRunningCrawlers, d.checkSubscriptions)
	}
	return checks
}

// healthy reports whether there are no problems among the findings.
func healthy(findings []finding) bool {
	return !slices.ContainsFunc(findings, func(f finding) bool { return f.level == problem })
}
