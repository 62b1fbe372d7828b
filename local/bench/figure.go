package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// section is what one benchmark has measured.
type section struct {
	// Name is the benchmark's.
	Name string `json:"name"`
	// Title heads its part of the table.
	Title string `json:"title"`
	// Seconds are how long it took to measure.
	Seconds float64  `json:"seconds"`
	Figures []figure `json:"figures"`
}

// figure is one line of the table.
type figure struct {
	// Name says what was measured.
	Name string `json:"name"`
	// Value is in Unit: "ms", "MB", "rows/s", "USD"; "" is a number of things.
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Bound is what the figure must keep to; nil is nothing.
	Bound *bound `json:"bound,omitempty"`
	// Peer is what the figure is compared with, measured in the same run; nil is nothing.
	Peer *peer `json:"peer,omitempty"`
	// Why says why a bound that is missed cannot be kept, with the proof. It is no failure then.
	Why string `json:"why,omitempty"`
}

// peer is another way to do the same, in the figure's unit.
type peer struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// bound is a limit, which the value may reach.
type bound struct {
	Limit float64 `json:"limit"`
	// AtLeast is true when more is better.
	AtLeast bool `json:"atLeast,omitempty"`
	// OfRatio is true when it bounds the value divided by the peer's.
	OfRatio bool `json:"ofRatio,omitempty"`
}

// atMost bounds a value.
func atMost(limit float64) *bound { return &bound{Limit: limit} }

// atMostOfPeer bounds the ratio to the peer.
func atMostOfPeer(limit float64) *bound { return &bound{Limit: limit, OfRatio: true} }

// atLeastOfPeer bounds the ratio to the peer from below.
func atLeastOfPeer(limit float64) *bound { return &bound{Limit: limit, OfRatio: true, AtLeast: true} }

// ratio is the value divided by the peer's; not a number without one.
func (f figure) ratio() float64 {
	if f.Peer == nil {
		return math.NaN()
	}
	return f.Value / f.Peer.Value
}

// keeps tells whether the figure keeps to its bound.
func (f figure) keeps() bool {
	if f.Bound == nil {
		return true
	}
	value := f.Value
	if f.Bound.OfRatio {
		value = f.ratio()
	}
	if f.Bound.AtLeast {
		return value >= f.Bound.Limit
	}
	return value <= f.Bound.Limit
}

// cells are those of the table: figure, measured, bound, peer, ratio.
func (f figure) cells() []string {
	cells := []string{f.Name, quantity(f.Value, f.Unit), f.boundText(), "", ""}
	if f.Peer != nil {
		cells[3] = quantity(f.Peer.Value, f.Unit) + ", " + f.Peer.Name
		cells[4] = number(f.ratio())
	}
	if !f.keeps() {
		cells[1] += " (missed)"
	}
	return cells
}

func (f figure) boundText() string {
	b := f.Bound
	if b == nil {
		return ""
	}
	sign, limit := "≤ ", quantity(b.Limit, f.Unit)
	if b.AtLeast {
		sign = "≥ "
	}
	if b.OfRatio {
		limit = number(b.Limit) + " of the peer"
	}
	return sign + limit
}

func quantity(value float64, unit string) string {
	return strings.TrimSpace(number(value) + " " + unit)
}

// number has three significant digits, or all of those before the point, in groups of three.
func number(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return whole + "." + fraction
	}
	return whole
}

var heads = []string{"figure", "measured", "bound", "peer", "ratio"}

// print writes the section's part of the table for a terminal.
func (s section) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintf(out, "\n%s (%.1f s)\n", s.Title, s.Seconds)
	for _, cells := range append([][]string{heads}, s.rows()...) {
		_, e := fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
		err = errors.Join(err, e)
	}
	return errors.Join(err, w.Flush())
}

func (s section) rows() [][]string {
	rows := make([][]string, len(s.Figures))
	for i, f := range s.Figures {
		rows[i] = f.cells()
	}
	return rows
}
