//go:build unix

package files

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// signaled is set for the process that gets SIGTERM while it writes: the method that it calls.
const signaled = "JWK_TEST_SIGNALED"

func TestMain(m *testing.M) {
	method := os.Getenv(signaled)
	if method == "" {
		os.Exit(m.Run())
	}
	terminate := func() {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGTERM)
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		<-c
		signal.Stop(c)
	}
	switch private := (WriteOptions{Private: true, Replace: true}); method {
	case "Write":
		testHookWritten = terminate
		_ = Write("f", []byte("new"), private)
	case "Edit":
		_ = Edit("f", EditOptions{}, func([]byte) ([]byte, bool, error) {
			terminate()
			return []byte("new"), true, nil
		})
	case "Edit that fails":
		_ = Edit("f", EditOptions{}, func([]byte) ([]byte, bool, error) {
			terminate()
			return nil, false, errors.New("failed")
		})
	}
}

// A process that a signal ends in the middle of a write leaves neither a copy of a private key nor a
// lock file, and the file is whole.
func TestSignal(t *testing.T) {
	for method, want := range map[string]string{"Write": "new", "Edit": "new", "Edit that fails": "old"} {
		t.Run(method, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, "f"), "old", 0o600)
			cmd := exec.Command(os.Args[0])
			cmd.Dir = folder
			cmd.Env = append(os.Environ(), signaled+"="+method)
			err := cmd.Run()
			if _, ok := errors.AsType[*exec.ExitError](err); !ok {
				t.Fatalf("got %v, want that SIGTERM ends the process", err)
			}
			if got, want := cmd.ProcessState.ExitCode(), 128+int(syscall.SIGTERM); got != want {
				t.Errorf("exit code: got %d, want %d", got, want)
			}
			checkNames(t, folder, "f")
			checkFile(t, filepath.Join(folder, "f"), want)
		})
	}
}

// TestHardLink, D08: a hard link would keep the keys that were taken out of the file, or the key that was replaced.
func TestHardLink(t *testing.T) {
	folder := t.TempDir()
	name, other := filepath.Join(folder, "f"), filepath.Join(folder, "other")
	write(t, name, "old", 0o600)
	if err := os.Link(name, other); err != nil {
		t.Fatal(err)
	}
	const reason = "the file has another name (a hard link), which would keep the old content"
	checkRefused(t, Write(name, []byte("new"), WriteOptions{Private: true, Replace: true}), reason)
	for _, private := range []bool{true, false} {
		err := Edit(name, EditOptions{}, func([]byte) ([]byte, bool, error) {
			t.Error("the file was edited")
			return []byte("new"), private, nil
		})
		checkRefused(t, err, reason)
	}
	checkFile(t, name, "old")
	checkFile(t, other, "old")
	checkNames(t, folder, "f", "other")
	if err := Write(name, []byte("new"), WriteOptions{Replace: true}); err != nil {
		t.Errorf("public content: got %v, want no error", err)
	}
	checkFile(t, name, "new")
}
