//go:build !unix

package signals

import (
	"os"
	"syscall"
)

// endings are the signals that end a process.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM}

// ExitCode returns the exit code that shells report for Ctrl-C.
func ExitCode(os.Signal) int { return 130 }
