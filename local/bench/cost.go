package main

import (
	"context"
	"errors"
	"fmt"
)

// costTables is how many tables the night has whose orchestration the issue bounds, and costBound that bound in US dollars.
const (
	costTables = 100
	costBound  = 0.01
)

// measureCost runs two nights, and computes what AWS would charge for the second.
func measureCost(ctx context.Context) (_ section, err error) {
	w, err := openWorld(company{tables: costTables, rows: 10})
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if _, err := w.night(ctx); err != nil {
		return section{}, err
	}
	n, err := w.countNight(ctx)
	if err != nil {
		return section{}, err
	}
	s := section{Title: fmt.Sprintf("Cost of a night with %d tables, at the list prices of %s on %s", costTables, pricesRegion, pricesDate)}
	s.Figures = append(s.Figures, figure{
		Name: "orchestration", Value: total(n.orchestration()), Unit: "USD", Bound: atMost(costBound),
		Peer: &peer{fmt.Sprintf("export of %d GB, crawler and queries", exportedGB), total(n.beside())},
	})
	for _, c := range n.orchestration() {
		s.Figures = append(s.Figures, figure{Name: "orchestration, " + c.String(), Value: c.usd(), Unit: "USD"})
	}
	for _, c := range n.beside() {
		s.Figures = append(s.Figures, figure{Name: "beside it, " + c.String(), Value: c.usd(), Unit: "USD"})
	}
	s.Figures = append(s.Figures, memoryFigures(n.reports, w.function)...)
	return s, nil
}
