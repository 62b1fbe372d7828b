package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"snaplake/workflow"
)

// doctor examines the account that its clients speak to.
type doctor struct {
	config workflow.Config
	aws    clients
	now    func() time.Time
	// identity is the ARN of whose credentials these are, once it is known.
	identity string
	// stack is what is deployed, once it is known.
	stack stack
}

// check looks at one part of the deployment and says what it found, a line each.
type check func(context.Context) []line

// line is one finding.
type line struct {
	kind kind
	// part is what was looked at: "database shop".
	part string
	// text is facts, or what is wrong, and after a semicolon how to mend it.
	text string
}

type kind string

const (
	ok    kind = "ok"
	note  kind = "note" // works as it is, or cannot be checked yet
	fault kind = "FAULT"
)

func (k kind) says(part, format string, args ...any) line {
	return line{k, part, fmt.Sprintf(format, args...)}
}

// examine runs all checks. With credentials of another account, or of nobody, there is nothing that the others could look at.
func (d *doctor) examine(ctx context.Context) []line {
	lines := d.checkCredentials(ctx)
	if !well(lines) {
		return lines
	}
	lines = append(lines, d.readStack(ctx)...)
	return append(lines, sideBySide(ctx, d.checks())...)
}

// checks are all that can be made at this time, in the order in which they are printed.
func (d *doctor) checks() []check {
	checks := []check{d.checkBootstrap}
	for _, source := range d.config.Sources {
		checks = append(checks, func(ctx context.Context) []line { return d.checkSource(ctx, source) })
	}
	if d.bucket() != "" {
		checks = append(checks, d.checkBucket)
	}
	if d.key() != "" {
		checks = append(checks, d.checkKey)
	}
	checks = append(checks, d.checkDatabases, d.checkLakeFormation, d.checkCatalogKey, d.checkQuotas)
	if d.stack.deployed {
		checks = append(checks, d.checkFunctions, d.checkStateMachine, d.checkCrawlers, d.checkWorkGroups, d.checkSchedules, d.checkMail)
	}
	return checks
}

// sideBySide runs checks at the same time and keeps their order. What one of them says twice, as that a permission is missing, is
// told once.
func sideBySide(ctx context.Context, checks []check) []line {
	found := make([][]line, len(checks))
	var group sync.WaitGroup
	for i, look := range checks {
		group.Go(func() { found[i] = slices.Compact(look(ctx)) })
	}
	group.Wait()
	return slices.Concat(found...)
}

// well tells whether nothing is wrong.
func well(lines []line) bool {
	return !slices.ContainsFunc(lines, func(l line) bool { return l.kind == fault })
}

// orElse is the faults, or when there are none that all is well.
func orElse(faults []line, part, format string, args ...any) []line {
	if len(faults) > 0 {
		return faults
	}
	return []line{ok.says(part, format, args...)}
}
