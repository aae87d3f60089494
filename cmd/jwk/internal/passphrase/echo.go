//go:build aix || darwin || dragonfly || freebsd || linux || netbsd || openbsd || solaris

package passphrase

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// hide makes a terminal show nothing of what is typed, and discards what was typed before: a line of
// commands that was pasted together with this one must not become the passphrase.
func hide(terminal *os.File) error {
	modes, err := unix.IoctlGetTermios(int(terminal.Fd()), getTermios)
	if err != nil {
		return err
	}
	modes.Lflag &^= unix.ECHO
	modes.Lflag |= unix.ICANON | unix.ISIG
	modes.Iflag |= unix.ICRNL
	return unix.IoctlSetTermios(int(terminal.Fd()), setTermios, modes)
}

// readHidden returns the line that is typed, without its end. hide has been called. This is not
// term.ReadPassword, because that function hides again: only after the prompt, and perhaps after a
// signal has restored the terminal. Ctrl-D ends the line too.
func readHidden(terminal *os.File) ([]byte, error) {
	var line []byte
	buf := make([]byte, maxBytes+1) // a terminal gives at most one line at a time
	for len(line) <= maxBytes {
		n, err := terminal.Read(buf)
		line = append(line, buf[:n]...)
		if before, found := bytes.CutSuffix(line, []byte("\n")); found {
			return before, nil
		}
		if err == io.EOF {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return line, nil
}

// isGiven reports whether a descriptor is open because the parent of the process has opened it. The
// runtime of Go opens files of its own, such as the limits of a control group in descriptor 3, and
// their content must not become a passphrase. Go closes its files when it starts a program, and a
// descriptor with this flag cannot have come from a parent.
func isGiven(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}
