//go:build unix

package signals

import (
	"os"
	"syscall"
)

// endings are the signals that end a process.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// ExitCode returns the exit code that shells report for a process that a signal has ended.
func ExitCode(s os.Signal) int { return 128 + int(s.(syscall.Signal)) }
