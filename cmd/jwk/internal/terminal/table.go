package terminal

import (
	"bytes"
	"slices"
	"strings"
)

// A Table is a list of rows under a row of names.
//
// For a program, each row is one line with all its cells, separated by tabs. On a screen, a table
// fits the width: columns without a text are left out, and what has no room is wrapped, moved to a
// line below its row, or cut in the middle.
type Table struct {
	Columns []Column
	Rows    [][]string // a cell for each column; "" is absent; cells are plain ASCII
}

// A Column is a column of a Table.
type Column struct {
	Name string

	// Below says when the column moves to lines below its row, if there is no room: First,
	// Last, or, if it is zero, never. If there are several such columns, the
	// rightmost moves first.
	Below Turn

	// Cut says that long cells are cut in the middle, if there is no room.
	Cut bool

	// Wrap says that the cells are sentences, which continue on the next line. Only the last
	// column can have it.
	Wrap bool
}

// A Turn says when a column gives up its room.
type Turn int

// The turns.
const (
	First Turn = iota + 1 // before cells are cut
	Last                  // after cells were cut
)

const (
	gap     = 2  // columns between two cells
	indent  = 7  // columns before a line below a row: the width of INDEX and a gap
	tight   = 2  // the same if the line is too long with indent
	wideCut = 40 // a cell that was cut to this width loses little, so nothing moves if that is enough
	goodCut = 24 // a cell that was cut to this width still tells kids apart
	minCut  = 12 // a cell is not cut to fewer columns

	goodWrap = 48 // a sentence keeps this width until long cells are cut
	minWrap  = 24 // a sentence in fewer columns is hard to read

	elided = "..."
)

// Text returns the table for a screen.
func (t *Table) Text(s Screen) []byte {
	if s.Width == 0 {
		return t.tabs()
	}
	l := t.layout(s.Width)
	var buf bytes.Buffer
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	l.line(&buf, names, s.Bold)
	for _, row := range t.Rows {
		l.line(&buf, row, func(text string) string { return text })
		l.below(&buf, names, row)
	}
	return buf.Bytes()
}

// tabs returns the table for a program. No cell has a tab or a line break, because all are plain
// ASCII.
func (t *Table) tabs() []byte {
	var buf bytes.Buffer
	for i, c := range t.Columns {
		if i > 0 {
			buf.WriteByte('\t')
		}
		buf.WriteString(c.Name)
	}
	buf.WriteByte('\n')
	for _, row := range t.Rows {
		for i, cell := range row {
			if i > 0 {
				buf.WriteByte('\t')
			}
			buf.WriteString(orAbsent(cell))
		}
		buf.WriteByte('\n')
	}
	return buf.Bytes()
}

func orAbsent(cell string) string {
	if cell == "" {
		return Absent
	}
	return cell
}

// A layout says where the cells of a table go.
type layout struct {
	columns []Column
	screen  int   // the width of the screen
	widths  []int // of each column; 0 if it is left out or moved
	moved   []int // the columns that are below the rows, from left to right
	indent  int   // columns before a line below a row
}

func (t *Table) layout(screen int) *layout {
	l := &layout{columns: t.Columns, screen: screen, widths: make([]int, len(t.Columns))}
	for _, row := range t.Rows {
		for i, cell := range row {
			l.widths[i] = max(l.widths[i], len(cell))
		}
	}
	for i, width := range l.widths {
		if width > 0 {
			l.widths[i] = max(width, len(t.Columns[i].Name), len(Absent))
		}
	}
	l.narrow()
	l.indent = indent
	for _, row := range t.Rows {
		for _, i := range l.moved {
			if indent+len(t.Columns[i].Name)+1+len(row[i]) > screen {
				l.indent = tight
			}
		}
	}
	return l
}

// total returns the width of a line.
func (l *layout) total() int {
	total := -gap
	for _, width := range l.widths {
		if width > 0 {
			total += width + gap
		}
	}
	return total
}

// narrow makes the lines fit the screen.
func (l *layout) narrow() {
	excess := func() int { return l.total() - l.screen }
	spare := func(flag func(Column) bool, least int) int {
		sum := 0
		for i, c := range l.columns {
			if flag(c) {
				sum += max(l.widths[i]-least, 0)
			}
		}
		return sum
	}
	shrink := func(flag func(Column) bool, least int) {
		for i, c := range l.columns {
			if over := excess(); over > 0 && flag(c) && l.widths[i] > 0 {
				l.widths[i] = max(l.widths[i]-over, min(least, l.widths[i]))
			}
		}
	}
	move := func(turn Turn) {
		for i := len(l.columns) - 1; i >= 0 && excess() > 0; i-- {
			if l.columns[i].Below == turn && l.widths[i] > 0 {
				l.widths[i] = 0
				l.moved = append(l.moved, i)
			}
		}
	}
	isWrap := func(c Column) bool { return c.Wrap }
	isCut := func(c Column) bool { return c.Cut }
	wrapped := spare(isWrap, goodWrap)
	if over := excess(); over > wrapped && over <= wrapped+spare(isCut, wideCut) {
		shrink(isCut, wideCut)
	}
	shrink(isWrap, goodWrap)
	move(First)
	shrink(isCut, goodCut)
	shrink(isWrap, minWrap)
	move(Last)
	shrink(isCut, minCut)
	shrink(isWrap, minCut)
	slices.Sort(l.moved)
}

// line writes the line of a row.
func (l *layout) line(buf *bytes.Buffer, row []string, style func(string) string) {
	pad := 0   // the blanks before the next cell
	start := 0 // the column of the next cell
	for i, width := range l.widths {
		if width == 0 {
			continue
		}
		cell := orAbsent(row[i])
		c := l.columns[i]
		buf.WriteString(strings.Repeat(" ", pad))
		var more []string
		switch {
		case c.Wrap:
			lines := wrap(cell, width)
			cell, more = lines[0], lines[1:]
		case c.Cut:
			cell = CutMiddle(cell, width)
		}
		buf.WriteString(style(cell))
		for _, text := range more {
			buf.WriteString("\n" + strings.Repeat(" ", start) + style(text))
		}
		pad = max(width-len(cell), 0) + gap
		start += width + gap
	}
	buf.WriteByte('\n')
}

// below writes the lines below a row. On a narrow screen a name has a line of its own.
func (l *layout) below(buf *bytes.Buffer, names, row []string) {
	blanks := strings.Repeat(" ", l.indent)
	for _, i := range l.moved {
		if row[i] == "" {
			continue
		}
		name := strings.ToLower(names[i]) + " "
		room := l.screen - l.indent - len(name)
		if room < min(minCut, len(row[i])) {
			buf.WriteString(blanks + strings.TrimSpace(name) + "\n")
			name, room = "", l.screen-l.indent
		}
		for _, text := range wrap(row[i], room) {
			buf.WriteString(blanks + name + text + "\n")
			name = strings.Repeat(" ", len(name))
		}
	}
}

// CutMiddle returns a text of at most width characters: the beginning and the end of s, with "..."
// between them if s is longer. s is plain ASCII.
func CutMiddle(s string, width int) string {
	switch {
	case len(s) <= width:
		return s
	case width <= len(elided): // no room for both
		return s[:max(width, 0)]
	}
	end := (width - len(elided)) / 2
	return s[:width-len(elided)-end] + elided + s[len(s)-end:]
}

// Wrap returns a text for a screen, in lines that fit its width. The lines after the first begin
// with prefix. For a program it is one line.
func (s Screen) Wrap(text, prefix string) string {
	if s.Width == 0 {
		return text
	}
	return strings.Join(wrap(text, max(s.Width-len(prefix), minWrap)), "\n"+prefix)
}

// wrap returns a text in lines of at most width characters. It breaks lines at blanks and after
// commas, and a word that is longer than a line anywhere. A line has at least one character.
func wrap(text string, width int) []string {
	width = max(width, 1)
	var lines []string
	for len(text) > width {
		end := strings.LastIndexByte(text[:width+1], ' ')
		if end <= 0 {
			end = strings.LastIndexByte(text[:width], ',') + 1
		}
		if end <= 0 {
			end = width
		}
		lines = append(lines, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
	return append(lines, text)
}
