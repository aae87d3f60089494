// Package terminal writes for people: it finds out whether a stream is a terminal and how wide it
// is, quotes texts from outside, and lays out tables.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A Screen describes where a text goes.
type Screen struct {
	Width int  // the number of columns, or 0 if the text goes to a program
	Color bool // whether escape sequences for colour may be written
}

// defaultWidth is assumed for a terminal that does not tell its width.
const defaultWidth = 80 // columns

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ScreenOf returns the screen of a stream. There is no colour if NO_COLOR is set (no-color.org),
// or if TERM says that the terminal has no colour.
func ScreenOf(w io.Writer) Screen {
	if !IsTerminal(w) {
		return Screen{}
	}
	s := Screen{Width: defaultWidth}
	if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && width > 0 {
		s.Width = width
	}
	kind := os.Getenv("TERM")
	s.Color = os.Getenv("NO_COLOR") == "" && kind != "" && kind != "dumb"
	return s
}

// Bold returns a text in bold, if the screen has colour.
func (s Screen) Bold(text string) string { return s.sequence("\x1b[1m", text) }

// Red returns a text in red, if the screen has colour. Red can be read on a light and on a dark
// background.
func (s Screen) Red(text string) string { return s.sequence("\x1b[31m", text) }

func (s Screen) sequence(begin, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return begin + text + "\x1b[0m"
}
