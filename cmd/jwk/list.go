package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// listFlags are the flags of a verb that lists something.
type listFlags struct {
	json  bool
	width int
}

func (f *listFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.json, "json", false, "write JSON for programs instead of a table")
	cmd.Flags().Var(natural{&f.width, "a number of columns"}, "width", "write a table of `N` columns for people, even into a pipe")
}

// A natural is the value of a flag that takes a number of at least 0.
type natural struct {
	n    *int
	want string // what the number is, for the error
}

func (v natural) String() string {
	if v.n == nil {
		return "0" // pflag asks a zero value, to leave defaults out of the help
	}
	return strconv.Itoa(*v.n)
}

func (v natural) Type() string { return "int" }

func (v natural) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("want " + v.want)
	}
	*v.n = n
	return nil
}

// write writes a report to standard output: as JSON, or as tables with an empty line between them.
func (f *listFlags) write(cmd *cobra.Command, report any, tables ...*terminal.Table) error {
	out := cmd.OutOrStdout()
	screen := terminal.ScreenOf(out)
	if f.width > 0 {
		screen.Width = f.width
	}
	text := []byte{}
	if f.json {
		text = asciiJSON(report)
	} else {
		for i, t := range tables {
			if i > 0 {
				text = append(text, '\n')
			}
			text = append(text, t.Text(screen)...)
		}
	}
	if _, err := out.Write(text); err != nil {
		return trouble{err}
	}
	return nil
}

// asciiJSON returns a report for programs. It is ASCII, with escapes for all other characters:
// some terminals take characters such as U+009B for control characters.
func asciiJSON(report any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	must(enc.Encode(report)) // a report is always encodable
	return toASCII(buf.String())
}

// toASCII returns a JSON text with escapes for all characters that are not ASCII.
func toASCII(text string) []byte {
	var ascii []byte
	for _, c := range text {
		if c < 0x7f {
			ascii = utf8.AppendRune(ascii, c)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, c) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	return ascii
}

// weakFlag is the flag of a verb that may accept weak keys.
type weakFlag struct{ allow bool }

func (f *weakFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.allow, "allow-weak", false, "accept RSA keys of less than 2048 bits, which can be broken")
}

func (f *weakFlag) apply(r *input.Reader) {
	if f.allow {
		r.Parser.MinRSABits = 1
	}
}
