package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"snaplake/workflow"
)

// doctor examines the AWS account that its clients call.
type doctor struct {
	config workflow.Config
	aws    clients
	now    func() time.Time
	// identity is the ARN of the caller, once checkCredentials has read it.
	identity string
	// stack is what is deployed, once readStack has read it.
	stack stack
}

// check examines one part of the account and returns what it found.
type check func(context.Context) []finding

// finding is one line of the report.
type finding struct {
	level   level
	subject subject
	// text states facts, or the problem and, after a semicolon, how to fix it.
	text string
}

type level string

const (
	ok      level = "ok"
	note    level = "note" // works as it is, or cannot be checked yet
	problem level = "PROBLEM"
)

// subject is what a check examined, for example "database shop". Its methods return findings on it.
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

// okUnless returns problems, or one ok finding if there are none.
func (s subject) okUnless(problems []finding, format string, args ...any) []finding {
	if len(problems) > 0 {
		return problems
	}
	return s.ok(format, args...)
}

// examine runs all checks. It stops after checkCredentials if the credentials are invalid or of another account.
func (d *doctor) examine(ctx context.Context) []finding {
	findings := d.checkCredentials(ctx)
	if !healthy(findings) {
		return findings
	}
	findings = append(findings, d.readStack(ctx)...)
	return append(findings, parallel(ctx, d.checks())...)
}

// checks returns the checks that apply now, in the order of the report.
func (d *doctor) checks() []check {
	var checks []check
	for _, source := range d.config.Sources {
		checks = append(checks, func(ctx context.Context) []finding { return d.checkSource(ctx, source) })
	}
	if d.config.Bucket != "" {
		checks = append(checks, d.checkBucket)
	}
	if d.config.Key != "" {
		checks = append(checks, d.checkKey)
	}
	checks = append(checks, d.checkDatabases, d.checkLakeFormation, d.checkCatalogKey, d.checkQuotas)
	if d.stack.deployed {
		checks = append(checks, d.checkRunningCrawlers, d.checkSubscriptions)
	}
	return checks
}

// parallel runs checks at the same time and keeps their order. It drops repeated findings of one check, for example the same missing
// permission twice.
func parallel(ctx context.Context, checks []check) []finding {
	found := make([][]finding, len(checks))
	var group sync.WaitGroup
	for i, run := range checks {
		group.Go(func() { found[i] = slices.Compact(run(ctx)) })
	}
	group.Wait()
	return slices.Concat(found...)
}

// healthy reports whether no finding is a problem.
func healthy(findings []finding) bool {
	return !slices.ContainsFunc(findings, func(f finding) bool { return f.level == problem })
}
