// Command jwk works with JSON Web Keys (RFC 7517) on a terminal: it makes, shows, checks, converts,
// encrypts, fetches and publishes them, and signs and verifies with them.
//
// Run jwk help.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func main() {
	forbidCoreDumps()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes. As with grep and diff, 1 is an answer and 2 means that there is no answer, so that
// a script does not take a missing file for a "no".
const (
	exitYes     = 0
	exitNo      = 1 // there is no match, or the input is not valid
	exitTrouble = 2 // the command line is wrong, or something could not be read or written
)

// A negative is the answer no. Its text says why.
type negative struct{ error }

func (n negative) Unwrap() error { return n.error }

// answerNo returns a negative.
func answerNo(format string, args ...any) error { return negative{fmt.Errorf(format, args...)} }

// A usageError says that the command line is wrong.
type usageError struct{ error }

func wrongUsage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// A trouble is an error that is neither an answer nor a fault of the command line.
type trouble struct{ error }

func (t trouble) Unwrap() error { return t.error }

// run runs one command line and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(verbFirst(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if err == nil {
		return exitYes
	}
	code, usage := classify(err)
	const prefix = "jwk:"
	screen := terminal.ScreenOf(stderr)
	text := screen.Wrap(prefix+" "+terminal.Escape(err.Error()), "")
	fmt.Fprintln(stderr, screen.Red(prefix)+strings.TrimPrefix(text, prefix))
	if usage {
		fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
	}
	return code
}

// classify returns the exit code of an error, and whether the command line is wrong.
func classify(err error) (code int, usage bool) {
	if _, ok := errors.AsType[negative](err); ok {
		return exitNo, false
	}
	if _, ok := errors.AsType[trouble](err); ok {
		return exitTrouble, false
	}
	if _, ok := errors.AsType[*input.AccessError](err); ok {
		return exitTrouble, false
	}
	if _, ok := errors.AsType[*files.Error](err); ok {
		return exitTrouble, false
	}
	if errors.Is(err, jwk.ErrDecrypt) { // a wrong passphrase says nothing about the keys
		return exitTrouble, false
	}
	if _, ok := errors.AsType[*input.Error](err); ok { // the document was read, and is not valid
		return exitNo, false
	}
	_, usage = errors.AsType[usageError](err)
	return exitTrouble, usage
}
