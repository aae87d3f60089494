// Package passphrase gets passphrases from people and programs, and never from the command line,
// which other users of the machine can read.
package passphrase

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strconv"
	"sync"

	"golang.org/x/term"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/signals"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// ErrNone means that there is no way to ask for a passphrase.
var ErrNone = errors.New("a passphrase is needed, and there is no terminal to ask for it: use --passphrase-file or --passphrase-fd")

// A Source gets one passphrase. A file or descriptor is read once.
type Source struct {
	File string // the file with the passphrase, or ""
	FD   int    // the descriptor from which the passphrase is read, or -1

	// Warn is called with a fact about File that its owner should know. It must be set if File is.
	Warn func(text string)

	got []byte
}

// maxBytes is the largest size of a passphrase in package jwk.
const maxBytes = 4096 // bytes

// Get returns the passphrase for something, such as `key.pem`, which the prompt names.
func (s *Source) Get(what string) ([]byte, error) {
	return s.get("Passphrase for "+what+": ", "")
}

// New returns a passphrase to encrypt something with. A person must type it twice.
func (s *Source) New(what string) ([]byte, error) {
	return s.get("New passphrase for "+what+": ", "The same passphrase again: ")
}

func (s *Source) get(prompt, again string) (p []byte, err error) {
	switch {
	case s.got != nil:
		return s.got, nil
	case s.File != "" && s.FD >= 0:
		return nil, errors.New("--passphrase-file and --passphrase-fd are both given, want one")
	case s.File != "":
		s.got, err = s.readFile()
		return s.got, err
	case s.FD >= 0:
		name := "file descriptor " + strconv.Itoa(s.FD)
		if !isGiven(s.FD) {
			return nil, errorAt(name, errNotOpen)
		}
		s.got, err = readLine(name, os.NewFile(uintptr(s.FD), name))
		return s.got, err
	}
	p, err = ask(prompt)
	if err != nil || again == "" {
		return p, err
	}
	q, err := ask(again)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(p, q) {
		return nil, errors.New("the two passphrases are different")
	}
	return p, nil
}

// readFile returns the passphrase in the file. It warns only when it knows that the file has one: the
// user may have named another file, whose mode must not change.
func (s *Source) readFile() ([]byte, error) {
	f, err := os.Open(s.File)
	if err != nil {
		return nil, errorAt(s.File, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, errorAt(s.File, err)
	}
	p, err := readLine(s.File, f)
	if err == nil && files.IsExposed(info.Mode()) {
		s.Warn(fmt.Sprintf("%s: other users may read this passphrase: chmod 600 %s", s.File, terminal.ShellWord(s.File, "FILE")))
	}
	return p, err
}

// readLine returns all of a stream without the line break at its end, which editors and echo add.
func readLine(name string, f *os.File) ([]byte, error) {
	defer f.Close()
	if term.IsTerminal(int(f.Fd())) {
		return nil, errorAt(name, errShown)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+3)) // a line break has at most two bytes
	if err != nil {
		return nil, errorAt(name, err)
	}
	data, _ = bytes.CutSuffix(data, []byte("\n"))
	data, _ = bytes.CutSuffix(data, []byte("\r"))
	switch {
	case len(data) == 0:
		return nil, errorAt(name, errors.New("no passphrase in it"))
	case len(data) > maxBytes:
		return nil, errorAt(name, errTooLong)
	case bytes.IndexByte(data, '\n') >= 0:
		return nil, errorAt(name, errors.New("more than one line, want only the passphrase"))
	}
	return data, nil
}

var errTooLong = fmt.Errorf("a passphrase of more than %d bytes", maxBytes)

var errShown = errors.New("a terminal, which would show the passphrase: leave the flag out, and type the passphrase at the prompt")

var errNotOpen = errors.New("not open: give the passphrase with the shell, as in --passphrase-fd 3 3<FILE")

// errorAt returns an error of a file without the operation and the name in a *fs.PathError.
func errorAt(name string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &files.Error{Name: name, Err: err}
}

// ask asks the person at the terminal of the process, even if the standard streams are redirected.
// What is typed is not shown.
func ask(prompt string) ([]byte, error) {
	in, out, err := openTerminal()
	if err != nil {
		return nil, ErrNone
	}
	defer in.Close()
	defer out.Close()
	state, err := term.GetState(int(in.Fd()))
	if err != nil {
		return nil, ErrNone
	}
	restore := sync.OnceFunc(func() { _ = term.Restore(int(in.Fd()), state) })
	defer exitRestored(restore, out)()
	defer restore()
	if err := hide(in); err != nil {
		return nil, ErrNone
	}
	fmt.Fprint(out, terminal.Escape(prompt))
	p, err := readHidden(in)
	fmt.Fprintln(out)
	switch {
	case err == io.EOF || err == nil && len(p) == 0:
		return nil, errors.New("no passphrase was given")
	case err != nil:
		return nil, errorAt("the terminal", err)
	case len(p) > maxBytes:
		return nil, errTooLong
	}
	return p, nil
}

// exitRestored makes signals that end the process restore the terminal first, because the terminal
// hides what is typed. The caller calls stop when it has the passphrase.
func exitRestored(restore func(), out io.Writer) (stop func()) {
	c := make(chan os.Signal, 1)
	signals.Notify(c)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-c:
			restore()
			fmt.Fprintln(out)
			os.Exit(signals.ExitCode(s))
		case <-done:
		}
	}()
	return func() {
		signal.Stop(c)
		close(done)
		select {
		case s := <-c: // it came when the line ended
			restore()
			os.Exit(signals.ExitCode(s))
		default:
		}
	}
}
