package main

import (
	"testing"
	"time"
)

func TestOneSlowStatementDoesNotSlowDownTheOthers(t *testing.T) {
	var p pace
	p.learn(time.Second, 2)
	p.learn(time.Minute, 9)
	if first, _ := p.looks(); first > 1200*time.Millisecond {
		t.Errorf("the next is looked at after %v", first)
	}
}

func TestStatementsThatBecomeQuickerAreLookedAtSooner(t *testing.T) {
	var p pace
	p.learn(10*time.Second, 3)
	for range 12 {
		first, _ := p.looks()
		p.learn(first, 1) // is over at the first look
	}
	if first, _ := p.looks(); first > time.Second {
		t.Errorf("the next is looked at after %v", first)
	}
}
