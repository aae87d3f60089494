//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package passphrase

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// asked is set for the process that asks in a terminal: it has the name of the method.
const asked = "JWK_TEST_ASK"

// working is set for a process that works on after it has the passphrase, until its standard input
// ends.
const working = "JWK_TEST_WORK"

func TestMain(m *testing.M) {
	s := &Source{FD: -1}
	ask, ok := map[string]func(string) ([]byte, error){"Get": s.Get, "New": s.New}[os.Getenv(asked)]
	if !ok {
		os.Exit(m.Run())
	}
	if os.Getenv("JWK_TEST_NOHUP") != "" {
		signal.Ignore(syscall.SIGHUP)
	}
	p, err := ask("key\x1b[31m.pem")
	fmt.Printf("%q %v", p, err)
	if os.Getenv(working) != "" {
		fmt.Fprintln(os.Stderr, "(working)")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// A dialog is a process that asks in a pseudo-terminal.
type dialog struct {
	t      *testing.T
	cmd    *exec.Cmd
	keys   *os.File // the side of the person
	screen *os.File // the side of the process
	modes  unix.Termios
	shown  bytes.Buffer // what the terminal has shown
	result bytes.Buffer // what the process has written to its standard output
}

// startDialog starts a process that asks. Each of changes changes how it is started.
func startDialog(t *testing.T, method string, changes ...func(cmd *exec.Cmd, screen *os.File)) *dialog {
	t.Helper()
	d := &dialog{t: t}
	var err error
	if d.keys, d.screen, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.keys.Close(); d.screen.Close() })
	d.modes = d.termios()
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env = append(os.Environ(), asked+"="+method)
	d.cmd.Stdin = strings.NewReader("the key\n") // the terminal is asked, and not standard input
	d.cmd.Stdout = &d.result
	d.cmd.ExtraFiles = []*os.File{d.screen} // descriptor 3
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	for _, change := range changes {
		change(d.cmd, d.screen)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hang := time.AfterFunc(time.Minute, func() { _ = d.cmd.Process.Kill() })
	t.Cleanup(func() { hang.Stop() })
	return d
}

func (d *dialog) termios() unix.Termios {
	d.t.Helper()
	modes, err := unix.IoctlGetTermios(int(d.screen.Fd()), getTermios)
	if err != nil {
		d.t.Fatal(err)
	}
	return *modes
}

// expect waits until the terminal shows a text.
func (d *dialog) expect(text string) {
	d.t.Helper()
	buf := make([]byte, 1024)
	for !strings.Contains(d.shown.String(), text) {
		n, err := d.keys.Read(buf)
		d.shown.Write(buf[:n])
		if err != nil {
			d.t.Fatalf("%v, want %q on the screen:\n%q", err, text, d.shown.String())
		}
	}
}

func (d *dialog) send(text string) {
	d.t.Helper()
	if _, err := d.keys.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
}

// end waits for the end of the process, checks that the terminal is as before and has not shown a
// secret, and returns the exit code.
func (d *dialog) end() int {
	d.t.Helper()
	err := d.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		d.t.Fatal(err)
	}
	if got := d.termios(); got != d.modes {
		d.t.Errorf("modes of the terminal: got %+v, want %+v as before", got, d.modes)
	}
	if _, err := d.screen.WriteString("(end)"); err != nil {
		d.t.Fatal(err)
	}
	d.expect("(end)")
	if strings.Contains(d.shown.String(), "secret") {
		d.t.Errorf("the terminal shows what was typed: %q", d.shown.String())
	}
	return d.cmd.ProcessState.ExitCode()
}

const prompt, promptNew, promptAgain = "Passphrase for ", "New passphrase for ", "The same passphrase again: "

// The person must see what is asked for, without control characters of a file's name, and must not
// see the passphrase.
func TestPrompt(t *testing.T) {
	for _, test := range []struct {
		name, method string
		prompts      []string
		typed        []string
		want         string
	}{
		{"a passphrase", "Get", []string{prompt}, []string{"secret word\n"}, `"secret word" <nil>`},
		{"a correction", "Get", []string{prompt}, []string{"secretx\x7f\n"}, `"secret" <nil>`},
		{"no passphrase", "Get", []string{prompt}, []string{"\n"}, `"" no passphrase was given`},
		{"Ctrl-D", "Get", []string{prompt}, []string{"\x04"}, `"" no passphrase was given`},
		{"Ctrl-D after a part", "Get", []string{prompt}, []string{"secret\x04\x04"}, `"secret" <nil>`},
		{"Ctrl-D and not again", "New", []string{promptNew, promptAgain}, []string{"secret\n", "\x04"}, `"" no passphrase was given`},
		{"a new one", "New", []string{promptNew, promptAgain}, []string{"secret\n", "secret\n"}, `"secret" <nil>`},
		{"two new ones", "New", []string{promptNew, promptAgain}, []string{"secret\n", "secret \n"}, `"" the two passphrases are different`},
		{"no new one", "New", []string{promptNew}, []string{"\n"}, `"" no passphrase was given`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := startDialog(t, test.method)
			for i, prompt := range test.prompts {
				d.expect(prompt)
				d.send(test.typed[i])
			}
			if code := d.end(); code != 0 {
				t.Errorf("exit code: got %d, want 0", code)
			}
			if got := d.result.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if strings.Contains(d.shown.String(), "\x1b") {
				t.Errorf("the prompt has control characters: %q", d.shown.String())
			}
		})
	}
}

// A person who gives up must get back a terminal that shows what is typed.
func TestPromptInterrupted(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*dialog)
		code int
	}{
		{"Ctrl-C", func(d *dialog) { d.send("sec\x03") }, 130},
		{"SIGTERM", func(d *dialog) { _ = d.cmd.Process.Signal(syscall.SIGTERM) }, 143},
		{"SIGHUP", func(d *dialog) { _ = d.cmd.Process.Signal(syscall.SIGHUP) }, 129},
		{"SIGQUIT", func(d *dialog) { d.send("\x1c") }, 131},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := startDialog(t, "Get")
			d.expect(prompt)
			if d.termios().Lflag&unix.ECHO != 0 {
				t.Error("the terminal shows what is typed, want that it hides it")
			}
			test.end(d)
			if code := d.end(); code != test.code {
				t.Errorf("exit code: got %d, want %d", code, test.code)
			}
		})
	}
}

// A terminal that hangs up, such as a window that is closed, must end the prompt. The process
// ignores SIGHUP, as under nohup.
func TestPromptHangsUp(t *testing.T) {
	t.Setenv("JWK_TEST_NOHUP", "yes")
	d := startDialog(t, "Get")
	d.expect(prompt)
	d.screen.Close()
	d.keys.Close()
	if err := d.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := d.result.String(); got != `"" no passphrase was given` && !strings.HasPrefix(got, `"" the terminal: `) {
		t.Errorf("got %s, want no passphrase", got)
	}
}

// A passphrase from a descriptor is read as it is typed, and a terminal would show it.
func TestDescriptorOfTerminal(t *testing.T) {
	keys, screen, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	defer screen.Close()
	fd, err := syscall.Dup(int(screen.Fd())) // without the flag that says that Go has opened it
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Source{{FD: fd}, {File: screen.Name(), FD: -1}} {
		_, err := s.Get("key.pem")
		checkFileError(t, err, "", "a terminal, which would show the passphrase")
	}
}

// After the prompt, Ctrl-C must end the process again, although the prompt has caught signals.
func TestInterruptedAfterPrompt(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	t.Setenv(working, "1")
	d := startDialog(t, "Get", func(cmd *exec.Cmd, screen *os.File) { cmd.Stdin, cmd.Stderr = r, screen })
	d.expect(prompt)
	d.send("secret\n")
	d.expect("(working)")
	d.send("\x03")
	_ = d.end()
	if status, ok := d.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
		t.Errorf("got %v, want the end by SIGINT", d.cmd.ProcessState)
	}
}

// A program that runs jwk without a terminal must get an error, and not wait forever.
func TestNoTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asked+"=Get")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	got, err := cmd.Output()
	if want := `"" ` + ErrNone.Error(); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// A descriptor that the parent has not opened may be a file of the Go runtime. Its content must not
// become a passphrase.
func TestDescriptorOfTheRuntime(t *testing.T) {
	r, w, err := os.Pipe() // Go closes it when it starts a program, like its own files
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("max 100000\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for _, fd := range []int{int(r.Fd()), 1 << 20} {
		p, err := (&Source{FD: fd}).Get("key.pem")
		checkFileError(t, err, "file descriptor", "not open")
		if p != nil {
			t.Errorf("got the passphrase %q, want no passphrase", p)
		}
	}
}
