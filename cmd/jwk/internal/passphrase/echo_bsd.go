//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package passphrase

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETAF // discards what was typed before
)
