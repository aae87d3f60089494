//go:build !(aix || darwin || dragonfly || freebsd || linux || netbsd || openbsd || solaris)

package passphrase

import (
	"os"

	"golang.org/x/term"
)

func hide(*os.File) error { return nil } // readHidden hides

// readHidden returns the line that is typed, and shows nothing of it.
func readHidden(terminal *os.File) ([]byte, error) { return term.ReadPassword(int(terminal.Fd())) }

func isGiven(int) bool { return true }
