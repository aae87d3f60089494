package terminal

import (
	"fmt"
	"io"
	"strings"
)

// Progress shows on a terminal how far long work has come, in one line that it writes over. It
// writes nothing to a stream that is not a terminal.
type Progress struct {
	w     io.Writer // nil if nothing is shown
	width int       // of the screen
	last  int       // the length of the line that is shown
}

// NewProgress returns a Progress for standard error.
func NewProgress(stderr io.Writer) *Progress {
	s := ScreenOf(stderr)
	if s.Width == 0 {
		return new(Progress)
	}
	return &Progress{w: stderr, width: s.Width}
}

// Show replaces the line. text is plain ASCII.
func (p *Progress) Show(text string) {
	if p.w == nil {
		return
	}
	text = CutMiddle(text, p.width-1)
	fmt.Fprintf(p.w, "\r%s%s", text, strings.Repeat(" ", max(p.last-len(text), 0)))
	p.last = len(text)
}

// Done removes the line, so that the next text begins where the line began.
func (p *Progress) Done() {
	if p.w == nil || p.last == 0 {
		return
	}
	fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.last))
	p.last = 0
}
