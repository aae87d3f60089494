//go:build aix || linux || solaris

package passphrase

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETSF // discards what was typed before
)
