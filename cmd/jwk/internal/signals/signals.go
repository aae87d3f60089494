// Package signals lets a process clean up before a signal ends it.
package signals

import (
	"os"
	"os/signal"
)

// Notify sends the signals that end a process to c, until signal.Stop(c) is called. It leaves out
// the signals that the process ignores, such as SIGHUP under nohup.
func Notify(c chan<- os.Signal) {
	for _, s := range endings {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// Hold keeps signals from ending the process until release is called. If one has come meanwhile,
// release ends the process as the signal would have done.
func Hold() (release func()) {
	c := make(chan os.Signal, 1)
	Notify(c)
	return func() {
		signal.Stop(c)
		select {
		case s := <-c:
			os.Exit(ExitCode(s))
		default:
		}
	}
}
