//go:build unix

package signals

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
)

// signaled is set for the process that holds signals: the number of a signal that it gets meanwhile.
const signaled = "JWK_TEST_SIGNAL"

func TestMain(m *testing.M) {
	number, err := strconv.Atoi(os.Getenv(signaled))
	if err != nil {
		os.Exit(m.Run())
	}
	if os.Getenv("JWK_TEST_IGNORE") != "" {
		signal.Ignore(syscall.SIGHUP)
	}
	release := Hold()
	got := make(chan os.Signal, 1)
	if s := syscall.Signal(number); !signal.Ignored(s) {
		signal.Notify(got, s)
		_ = syscall.Kill(os.Getpid(), s)
		<-got
	} else {
		_ = syscall.Kill(os.Getpid(), s)
	}
	fmt.Print("cleaned up")
	release()
	fmt.Print(", and not ended")
}

// A process that a signal ends must clean up first, and its parent must learn what has ended it.
func TestHold(t *testing.T) {
	for _, test := range []struct {
		signal syscall.Signal
		ignore string
		code   int
		want   string
	}{
		{syscall.SIGINT, "", 130, "cleaned up"},
		{syscall.SIGTERM, "", 143, "cleaned up"},
		{syscall.SIGHUP, "", 129, "cleaned up"},
		{syscall.SIGQUIT, "", 131, "cleaned up"},
		{syscall.SIGHUP, "yes", 0, "cleaned up, and not ended"},
	} {
		t.Run(test.signal.String()+test.ignore, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), signaled+"="+strconv.Itoa(int(test.signal)), "JWK_TEST_IGNORE="+test.ignore)
			out, err := cmd.Output()
			if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != test.code || string(out) != test.want {
				t.Errorf("got exit code %d and %q, want %d and %q", got, out, test.code, test.want)
			}
		})
	}
}
