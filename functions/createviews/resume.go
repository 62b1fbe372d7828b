package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// views is the answer when none is made yet.
func (b basis) views() workflow.Views {
	return workflow.Views{
		Database: b.source.Database(), Status: workflow.Published, StartedAt: b.startedAt(),
		Warnings: []string{}, Changed: []string{},
	}
}

// startedAt is when CreateViews was entered, or redriven.
func (b basis) startedAt() time.Time {
	if at := b.request.Redrive.At; at.After(b.request.Execution.EnteredAt) {
		return at
	}
	return b.request.Execution.EnteredAt
}

// isGoneOnWith tells whether the first views of this very plan are made. When the configuration was changed since, the plan is another
// one, and all of it is made.
func (p *plan) isGoneOnWith() bool {
	last := p.request.Record.Views
	return last != nil && last.Status == workflow.Publishing && last.Digest == p.digest()
}

// digest is the SHA-256, in hexadecimal digits, of all statements in their order. Those of the freshness are left out, since they hold
// numbers of rows that only Athena knows; the tables that they tell of are in the others.
func (p *plan) digest() string {
	sum := sha256.New()
	for _, wave := range p.waves {
		for _, v := range wave {
			text := v.name
			if v.kind != lake.OfFreshness {
				text = v.statement(p.source.Database())
			}
			_, _ = io.WriteString(sum, text+"\x00") // a hash takes all
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
