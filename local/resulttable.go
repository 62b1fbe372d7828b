package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/term"

	"snaplake/local/internal/athenaclient"
)

// screen describes where a table is written. The zero value stands for a file or a pipe.
type screen struct {
	// width is the number of cells in a line of the terminal, or 0 if lines can have any length.
	width int
	// dim is true if the terminal can show text dimmed.
	dim bool
	// ascii is true if borders are drawn with ASCII characters.
	ascii bool
}

// newScreen returns the properties of a terminal. For a file or a pipe, only the borders depend on the environment. Characters of ambiguous
// width, for example ○ and α, fill one cell, as in most terminals. With RUNEWIDTH_EASTASIAN=1, which other programs also read, they fill two
// cells, and so would the characters of a border.
func newScreen(out *os.File) screen {
	var s screen
	if os.Getenv("RUNEWIDTH_EASTASIAN") == "1" {
		uniseg.EastAsianAmbiguousWidth, s.ascii = 2, true
	}
	if !term.IsTerminal(int(out.Fd())) {
		return s
	}
	s.width, s.dim = 80, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.width = n
	} else if n, _, err := term.GetSize(int(out.Fd())); err == nil && n > 0 {
		s.width = n
	}
	return s
}

// shown returns a value as a table shows it: unambiguously, and without an effect on the terminal. A value is quoted and escaped as in Go
// if it contains invisible characters, begins or ends with white space, begins with a quote, or is the text NULL.
func shown(value *string) string {
	if value == nil {
		return "NULL"
	}
	v := *value
	if v == "NULL" || strings.HasPrefix(v, `"`) || strings.TrimSpace(v) != v || strings.ContainsFunc(v, isInvisible) {
		return strconv.QuoteToGraphic(v)
	}
	return v
}

// isInvisible reports whether a character is a control character, changes the direction of the text, or is unassigned. The joiners are
// allowed, because emoji and some scripts need them, and they only change the shape of the characters beside them.
func isInvisible(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }

// cells returns the width of a text on a terminal.
func cells(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(text)
		}
	}
	return len(text)
}

// lookahead is the number of rows that determine the widths of a table's columns. A wider value in a later row shifts the rest of its line.
const lookahead = 1000

// writeTable writes a result as a table, and returns the number of rows. If the table is wider than the screen, each row is written with a
// line for each column. No value is shortened.
func writeTable(out *bufio.Writer, s athenaclient.Stream, on screen) (rows int, err error) {
	t := tableWriter{out: out, screen: on, columns: s.Columns}
	var first [][]*string
	for row, err := range s.Rows {
		if err != nil {
			return rows, err
		}
		rows++
		if rows > lookahead {
			t.row(rows, row)
			continue
		}
		if first = append(first, row); rows == lookahead {
			t.begin(first)
			first = nil
		}
	}
	if rows < lookahead {
		t.begin(first)
	}
	if !t.expanded {
		t.rule("└", "┴", "┘")
	}
	return rows, nil
}

type tableWriter struct {
	out     *bufio.Writer
	screen  screen
	columns []athenaclient.Column
	widths  []int // of the columns, in cells
	// expanded is true if each row has a line for each column. labels are the beginnings of these lines.
	expanded bool
	labels   []string
}

// begin chooses the form of the table and writes its header and the first rows.
func (t *tableWriter) begin(first [][]*string) {
	total, label := 1, 0 // the right border
	for i, c := range t.columns {
		name := cells(shown(&c.Name))
		label = max(label, name)
		width := max(name, len(c.Type))
		for _, row := range first {
			width = max(width, cells(shown(row[i])))
		}
		t.widths = append(t.widths, width)
		total += width + 3 // the left border and two spaces
	}
	t.expanded = t.screen.width > 0 && total > t.screen.width
	if t.expanded {
		for _, c := range t.columns {
			t.labels = append(t.labels, t.cell(&c.Name, label)+t.border(" │ "))
		}
		if len(first) == 0 { // print only the columns
			for i, c := range t.columns {
				fmt.Fprintln(t.out, t.labels[i]+c.Type)
			}
		}
	} else {
		t.header()
	}
	for i, row := range first {
		t.row(i+1, row)
	}
}

func (t *tableWriter) header() {
	var names, types []*string
	for _, c := range t.columns {
		names, types = append(names, &c.Name), append(types, &c.Type)
	}
	t.rule("┌", "┬", "┐")
	t.line(names)
	t.line(types)
	t.rule("├", "┼", "┤")
}

// row writes the row with the given number, which begins at 1.
func (t *tableWriter) row(number int, values []*string) {
	if !t.expanded {
		t.line(values)
		return
	}
	fmt.Fprintln(t.out, t.border(fmt.Sprintf("── row %d ──", number)))
	for i, v := range values {
		fmt.Fprintln(t.out, t.labels[i]+t.cell(v, 0))
	}
}

func (t *tableWriter) line(values []*string) {
	bar := t.border("│")
	for i, v := range values {
		t.out.WriteString(bar + " " + t.cell(v, t.widths[i]) + " ")
	}
	t.out.WriteString(bar + "\n")
}

// rule writes a horizontal line.
func (t *tableWriter) rule(left, crossing, right string) {
	var lines []string
	for _, width := range t.widths {
		lines = append(lines, strings.Repeat("─", width+2))
	}
	fmt.Fprintln(t.out, t.border(left+strings.Join(lines, crossing)+right))
}

// cell returns a value followed by spaces, up to the given width in cells. On a terminal, NULL is dimmed.
func (t *tableWriter) cell(value *string, width int) string {
	text := shown(value)
	spaces := strings.Repeat(" ", max(0, width-cells(text)))
	if value == nil && t.screen.dim {
		text = "\x1b[2mNULL\x1b[0m"
	}
	return text + spaces
}

// asciiBorder replaces the characters of a border with ASCII characters.
var asciiBorder = strings.NewReplacer(
	"─", "-", "│", "|", "┌", "+", "┬", "+", "┐", "+", "├", "+", "┼", "+", "┤", "+", "└", "+", "┴", "+", "┘", "+",
)

// border returns the characters of a border as the screen can draw them.
func (t *tableWriter) border(text string) string {
	if t.screen.ascii {
		return asciiBorder.Replace(text)
	}
	return text
}
