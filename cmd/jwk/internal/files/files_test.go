package files

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// write makes a file with a mode that the umask does not change.
func write(t *testing.T, name, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

// checkFile checks the content of a file.
func checkFile(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v, want %q", filepath.Base(name), got, err, want)
	}
}

// checkNames checks which files are in a folder: no temporary file and no lock file may stay.
func checkNames(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("files: got %q, want %q", got, want)
	}
}

// checkRefused checks that an error is a refusal and says why.
func checkRefused(t *testing.T, err error, want string) {
	t.Helper()
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a refusal with %q", err, want)
	}
	if e, ok := errors.AsType[*Error](err); !ok || !strings.HasPrefix(err.Error(), e.Name+": ") {
		t.Errorf("got %v, want an Error with the name of a file", err)
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	if err := Write(name, []byte("new"), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "new")

	// Z02: an existing file is refused, also if it is empty.
	checkRefused(t, Write(name, []byte("newer"), WriteOptions{}), "the file exists; --force replaces it")
	checkFile(t, name, "new")
	empty := filepath.Join(folder, "g")
	write(t, empty, "", 0o644)
	checkRefused(t, Write(empty, []byte("newer"), WriteOptions{Private: true}), "the file exists")

	if err := Write(name, []byte("newest"), WriteOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "newest")
	other := filepath.Join(folder, "h")
	if err := Write(other, nil, WriteOptions{Replace: true}); err != nil { // Replace makes a new file too
		t.Fatal(err)
	}
	checkFile(t, other, "")
	checkNames(t, folder, "f", "g", "h")
}

// TestWriteRace: a file that another process makes after the first look is not replaced.
func TestWriteRace(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	write(t, name, "theirs", 0o644)
	checkRefused(t, replace(name, []byte("ours"), nil, WriteOptions{}), "the file exists")
	checkFile(t, name, "theirs")
	checkNames(t, folder, "f")
}

func TestWriteErrors(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "f"), "old", 0o644)
	for _, tc := range []struct{ name, file string }{
		{"no folder", filepath.Join(folder, "none", "f")},
		{"a file as the folder", filepath.Join(folder, "f", "g")},
		{"a long name", filepath.Join(folder, strings.Repeat("a", 300))},
		{"a zero byte", filepath.Join(folder, "a\x00b")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, private := range []bool{false, true} {
				err := Write(tc.file, []byte("new"), WriteOptions{Private: private, Replace: true})
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Errorf("got %v, want an Error", err)
				}
			}
			checkNames(t, folder, "f")
		})
	}
	checkRefused(t, Write(folder, nil, WriteOptions{Replace: true}), "a directory")
}

// TestLongName: a name that the file system allows is allowed, because the name of the temporary
// file does not have it in it.
func TestLongName(t *testing.T) {
	name := filepath.Join(t.TempDir(), strings.Repeat("a", 255))
	if err := Write(name, []byte("new"), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "new")
}

func TestReadAll(t *testing.T) {
	most := bytes.Repeat([]byte("a"), MaxBytes)
	if got, err := ReadAll("x", bytes.NewReader(most)); err != nil || len(got) != MaxBytes {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, MaxBytes)
	}
	_, err := ReadAll("x", bytes.NewReader(append(most, 'a')))
	if err == nil || err.Error() != "x: more than 16777216 bytes" {
		t.Errorf("got %v, want an error about the size", err)
	}
}

func TestEdit(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	appendText := func(text string, private bool) func([]byte) ([]byte, bool, error) {
		return func(old []byte) ([]byte, bool, error) { return append(old, text...), private, nil }
	}
	if err := Edit(name, EditOptions{}, appendText("a", false)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: got %v, want %v", err, fs.ErrNotExist)
	}
	checkNames(t, folder)
	if err := Edit(name, EditOptions{Create: true}, appendText("a", false)); err != nil {
		t.Fatal(err)
	}
	if err := Edit(name, EditOptions{}, appendText("b", false)); err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "ab")
	checkNames(t, folder, "f")

	// A change that fails, or that changes nothing, leaves the same file.
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("no")
	err = Edit(name, EditOptions{Create: true}, func([]byte) ([]byte, bool, error) { return []byte("c"), true, failure })
	if !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
	if err := Edit(name, EditOptions{}, appendText("", true)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || before.Mode() != after.Mode() {
		t.Errorf("got another file or mode %v, want the same file with %v", after.Mode(), before.Mode())
	}
	checkFile(t, name, "ab")
	checkNames(t, folder, "f")

	// An empty file is made too: it differs from a file that does not exist.
	empty := filepath.Join(folder, "g")
	if err := Edit(empty, EditOptions{Create: true}, appendText("", false)); err != nil {
		t.Fatal(err)
	}
	checkFile(t, empty, "")

	checkRefused(t, Edit(folder, EditOptions{Create: true}, appendText("a", false)), "a directory")
	// The edit makes no lock file in a folder that does not exist, and no folder.
	err = Edit(filepath.Join(folder, "none", "f"), EditOptions{Create: true}, appendText("a", false))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: got %v, want %v", err, fs.ErrNotExist)
	}
}

// TestWaiting: an edit says that it waits for a lock, and waits until it gets the lock.
func TestWaiting(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	write(t, name, "a", 0o644)
	unlock, err := lock(name+".lock", func() { t.Error("the first lock waits, want it free") })
	if err != nil {
		t.Fatal(err)
	}
	held := true
	err = Edit(name, EditOptions{Waiting: func() { held = false; unlock() }}, func(old []byte) ([]byte, bool, error) {
		if held {
			t.Error("the file is edited while another has the lock")
		}
		return append(old, 'b'), false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "ab")
	checkNames(t, folder, "f")
}

// TestEditParallel: no edit is lost if several processes edit at the same time.
func TestEditParallel(t *testing.T) {
	const workers, edits = 8, 25
	folder := t.TempDir()
	name := filepath.Join(folder, "counter")
	var group sync.WaitGroup
	failures := make(chan error, workers*edits)
	for range workers {
		group.Go(func() {
			for range edits {
				failures <- Edit(name, EditOptions{Create: true}, func(old []byte) ([]byte, bool, error) {
					n := 0
					if len(old) > 0 {
						var err error
						if n, err = strconv.Atoi(string(old)); err != nil {
							return nil, false, err
						}
					}
					return strconv.AppendInt(nil, int64(n+1), 10), n%2 == 0, nil
				})
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
	checkFile(t, name, strconv.Itoa(workers*edits))
	checkNames(t, folder, "counter")
}
