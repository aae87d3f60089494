//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptTerminal runs a program with a pseudo-terminal as its standard streams and as its
// controlling terminal. What it writes to the terminal is the standard output of the script. Each
// -expect waits for a text, and the -send after it types a line:
//
//	terminal [-width N] [-in FILE] [-out FILE] [-expect TEXT -send LINE]... PROGRAM ARG...
//
// -in and -out redirect a standard stream. \e in LINE is Ctrl-C.
func scriptTerminal(ts *testscript.TestScript, neg bool, args []string) {
	var (
		size   = pty.Winsize{Rows: 24, Cols: 80}
		in     = ""
		out    = ""
		dialog [][2]string
	)
	for ; len(args) > 1 && args[0][0] == '-'; args = args[2:] {
		switch args[0] {
		case "-width":
			width, err := strconv.ParseUint(args[1], 10, 16)
			ts.Check(err)
			size.Cols = uint16(width)
		case "-in":
			in = args[1]
		case "-out":
			out = args[1]
		case "-expect":
			dialog = append(dialog, [2]string{args[1]})
		case "-send":
			dialog[len(dialog)-1][1] = args[1]
		default:
			ts.Fatalf("terminal: unknown flag %s", args[0])
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, args[0]); isProgram(path) {
			cmd.Path, cmd.Err = path, nil
			break
		}
	}
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "NO_COLOR", "TERM", "GORACE"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if in != "" {
		f, err := os.Open(ts.MkAbs(in))
		ts.Check(err)
		defer f.Close()
		cmd.Stdin = f
	}
	if out != "" {
		f, err := os.Create(ts.MkAbs(out))
		ts.Check(err)
		defer f.Close()
		cmd.Stdout = f
	}
	text, err := talk(cmd, &size, dialog)
	fmt.Fprint(ts.Stdout(), text)
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		ts.Fatalf("terminal: %v in:\n%s", err, text)
	case err != nil && !neg:
		ts.Fatalf("terminal: %v, want success in:\n%s", err, text)
	case err == nil && neg:
		ts.Fatalf("terminal: success, want a failure in:\n%s", text)
	}
}

// usualUmask makes the modes of the files of the scripts the same for every developer.
func usualUmask(t *testing.T) {
	old := syscall.Umask(0o022)
	t.Cleanup(func() { syscall.Umask(old) })
}

// talk runs a program in a terminal and returns what the terminal shows.
func talk(cmd *exec.Cmd, size *pty.Winsize, dialog [][2]string) (string, error) {
	terminal, err := pty.StartWithAttrs(cmd, size, &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2})
	if err != nil {
		return "", err
	}
	defer terminal.Close()
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	var shown bytes.Buffer
	seen := 0 // how much of shown an earlier -expect has found
	buf := make([]byte, 4096)
	for {
		n, err := terminal.Read(buf)
		shown.Write(buf[:n])
		if len(dialog) > 0 {
			if i := bytes.Index(shown.Bytes()[seen:], []byte(dialog[0][0])); i >= 0 {
				seen += i + len(dialog[0][0])
				line := strings.ReplaceAll(dialog[0][1], `\e`, "\x03")
				if line != "\x03" {
					line += "\n"
				}
				if _, err := io.WriteString(terminal, line); err != nil {
					return shown.String(), err
				}
				dialog = dialog[1:]
			}
		}
		if err != nil { // EIO if the program has ended
			break
		}
	}
	err = cmd.Wait()
	if len(dialog) > 0 && err == nil {
		err = fmt.Errorf("the terminal never showed %q", dialog[0][0])
	}
	return strings.ReplaceAll(shown.String(), "\r\n", "\n"), err
}
