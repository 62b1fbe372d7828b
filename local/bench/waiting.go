package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Each export ends at this many moments, so far apart, of which the worst counts. The first is the worst for every fixed poll: it
// is just after a look of each.
const (
	ends      = 20
	endsApart = 15 * time.Second
)

// cronGap is what is left between two cron jobs, of which the second takes for granted that the export is over.
const cronGap = 4 * time.Hour

// measureWaiting measures what is lost between COMPLETE and the next step, and how many looks it takes.
func measureWaiting(ctx context.Context) (_ section, err error) {
	w, err := openWaiting()
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	s := section{Title: fmt.Sprintf("Waiting for an export: the worst of %d ends of each, on the virtual clock", ends)}
	for _, shape := range waitingShapes() {
		figures, err := w.figures(ctx, shape)
		if err != nil {
			return section{}, fmt.Errorf("%s: %w", shape.name, err)
		}
		s.Figures = append(s.Figures, figures...)
	}
	return s, nil
}

// figures are those of one shape.
func (w *waiting) figures(ctx context.Context, shape waitingShape) ([]figure, error) {
	var worst waited
	for n := range ends {
		got, err := w.watch(ctx, shape, time.Duration(n+1)*endsApart, 0)
		if err != nil {
			return nil, err
		}
		worst = waited{max(worst.lost, got.lost), max(worst.looks, got.looks), max(worst.transitions, got.transitions)}
	}
	lost := figure{
		Name: shape.name + ": from COMPLETE to the next step", Value: worst.lost.Seconds(), Unit: "s",
		Bound: atMost(max(shape.takes().Seconds()/50, 30)),
	}
	looks := figure{Name: shape.name + ": looks", Value: float64(worst.looks)}
	if shape.looks > 0 {
		looks.Bound = atMost(float64(shape.looks))
	}
	if !shape.compared {
		return []figure{lost, looks}, nil
	}
	transitions := figure{Name: shape.name + ": transitions", Value: float64(worst.transitions)}
	return w.besidePolls(ctx, shape, lost, looks, transitions)
}

// besidePolls compares with looks that are always as far apart, and the time that is lost also with cron jobs.
func (w *waiting) besidePolls(ctx context.Context, shape waitingShape, lost, looks, transitions figure) ([]figure, error) {
	var ofLost, ofLooks, ofTransitions []figure
	for _, minutes := range []time.Duration{1, 5, 30} {
		got, err := w.watch(ctx, shape, endsApart, minutes*time.Minute)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("a look every %d min", minutes)
		ofLost = append(ofLost, beside(lost, name, got.lost.Seconds()))
		ofLooks = append(ofLooks, beside(looks, name, float64(got.looks)))
		ofTransitions = append(ofTransitions, beside(transitions, name, float64(got.transitions)))
	}
	ofLost = append(ofLost, besideCron(lost, shape))
	return slices.Concat(ofLost, ofLooks, ofTransitions), nil
}

func beside(f figure, name string, value float64) figure {
	f.Peer = &peer{name, value}
	return f
}

// besideCron compares with the gap between two cron jobs; for an export that takes longer it is how much too early it ends.
func besideCron(lost figure, shape waitingShape) figure {
	if early := shape.takes() - cronGap; early > 0 {
		return figure{Name: shape.name + ": 4 h between two cron jobs read an incomplete export, too early by", Value: early.Seconds(), Unit: "s"}
	}
	return beside(lost, "4 h between two cron jobs", (cronGap - shape.takes()).Seconds())
}
