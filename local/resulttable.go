package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"

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

// newScreen returns the properties of a terminal, or the zero value if the file is not a terminal. Characters of ambiguous width, for example
// ○ and α, fill one cell. With RUNEWIDTH_EASTASIAN=1, which other programs know, too, they fill two; so do the characters of a border.
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

// shown returns a value as a table shows it. The result is unambiguous and has no effect on a terminal: a value is written as a quoted string
// with escapes, as in Go, if it contains invisible characters, begins or ends with white space, begins with a quote, or is the text NULL.
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

// isInvisible reports whether a character is a control character, a mark of the text's direction, or unassigned. Emoji and some scripts need
// the joiners, which only change the shape of the characters beside them.
func isInvisible(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }

// lookahead is the number of rows that determine the widths of a table's columns. A wider value in a later row moves the rest of its line.
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
	t.end()
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
	total, label := 1, 0
	for i, c := range t.columns {
		width := max(uniseg.StringWidth(shown(&c.Name)), len(c.Type))
		label = max(label, uniseg.StringWidth(shown(&c.Name)))
		for _, row := range first {
			width = max(width, uniseg.StringWidth(shown(row[i])))
		}
		t.widths = append(t.widths, width)
		total += width + len(" ")*2 + 1
	}
	t.expanded = t.screen.width > 0 && total > t.screen.width
	if t.expanded {
		for _, c := range t.columns {
			t.labels = append(t.labels, padded(shown(&c.Name), shown(&c.Name), label)+t.border(" │ "))
		}
		if len(first) == 0 { // the columns alone
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
	names, types := make([]*string, len(t.columns)), make([]*string, len(t.columns))
	for i := range t.columns {
		names[i], types[i] = &t.columns[i].Name, &t.columns[i].Type
	}
	t.rule("┌┬┐")
	t.line(names)
	t.line(types)
	t.rule("├┼┤")
}

// row writes the row with the given number, which begins at 1.
func (t *tableWriter) row(number int, values []*string) {
	if !t.expanded {
		t.line(values)
		return
	}
	fmt.Fprintln(t.out, t.border(fmt.Sprintf("── row %d ──", number)))
	for i, v := range values {
		fmt.Fprintln(t.out, t.labels[i]+t.styled(v))
	}
}

func (t *tableWriter) end() {
	if !t.expanded {
		t.rule("└┴┘")
	}
}

func (t *tableWriter) line(values []*string) {
	bar := t.border("│")
	for i, v := range values {
		t.out.WriteString(bar + " " + padded(t.styled(v), shown(v), t.widths[i]) + " ")
	}
	t.out.WriteString(bar + "\n")
}

// rule writes a horizontal line. corners holds the characters for its beginning, its crossings and its end.
func (t *tableWriter) rule(corners string) {
	c := strings.Split(corners, "")
	for i, width := range t.widths {
		corner := c[1]
		if i == 0 {
			corner = c[0]
		}
		t.out.WriteString(t.border(corner + strings.Repeat("─", width+2)))
	}
	t.out.WriteString(t.border(c[2]) + "\n")
}

// styled returns a value with the style that marks NULL on a terminal.
func (t *tableWriter) styled(value *string) string {
	if value == nil && t.screen.dim {
		return "\x1b[2mNULL\x1b[0m"
	}
	return shown(value)
}

// padded appends spaces to text, which a terminal shows as visible, up to the given width in cells.
func padded(text, visible string, width int) string {
	return text + strings.Repeat(" ", max(0, width-uniseg.StringWidth(visible)))
}

var asciiBorders = strings.NewReplacer("─", "-", "│", "|", "┌", "+", "┬", "+", "┐", "+", "├", "+", "┼", "+", "┤", "+", "└", "+", "┴", "+", "┘", "+")

func (t *tableWriter) border(text string) string {
	if t.screen.ascii {
		return asciiBorders.Replace(text)
	}
	return text
}
