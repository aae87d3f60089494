//go:build unix

package files

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func checkMode(t *testing.T, name string, want fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("mode of %s: got %04o, want %04o", filepath.Base(name), got, want)
	}
}

// umask sets the umask until the test ends.
func umask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

// TestPrivateModes, D09: with umask 000, private files and their temporary files have the mode 0600.
func TestPrivateModes(t *testing.T) {
	umask(t, 0)
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0, 0o600, 0o644, 0o666, 0o777} {
		name := filepath.Join(folder, "f")
		os.Remove(name)
		var old fs.FileInfo
		if mode != 0 {
			write(t, name, "old", mode)
			var err error
			if old, err = os.Lstat(name); err != nil {
				t.Fatal(err)
			}
		}
		temporary, err := writeTemporary(name, []byte("secret"), old, WriteOptions{Private: true})
		if err != nil {
			t.Fatal(err)
		}
		checkMode(t, temporary, 0o600)
		os.Remove(temporary)
		if err := Write(name, []byte("secret"), WriteOptions{Private: true, Replace: true}); err != nil {
			t.Fatal(err)
		}
		checkMode(t, name, 0o600)
		checkFile(t, name, "secret")
	}
	name := filepath.Join(folder, "set")
	write(t, name, "old", 0o644)
	err := Edit(name, EditOptions{}, func(old []byte) ([]byte, bool, error) { return append(old, '!'), true, nil })
	if err != nil {
		t.Fatal(err)
	}
	checkMode(t, name, 0o600)
	err = Edit(filepath.Join(folder, "made"), EditOptions{Create: true}, func([]byte) ([]byte, bool, error) { return []byte("a"), true, nil })
	if err != nil {
		t.Fatal(err)
	}
	checkMode(t, filepath.Join(folder, "made"), 0o600)
}

// TestPublicModes: a public file keeps its mode when it is replaced, and the umask decides about a
// new one.
func TestPublicModes(t *testing.T) {
	umask(t, 0o027)
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	if err := Write(name, []byte("a"), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	checkMode(t, name, 0o640)
	for _, mode := range []fs.FileMode{0o600, 0o644, 0o664, 0o444} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if err := Write(name, []byte("b"), WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
		checkMode(t, name, mode)
	}
}

// device returns the name of a device that a fault of this package cannot harm: root could replace
// /dev/null, and every program of the machine would suffer.
func device(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return os.DevNull
	}
	name := filepath.Join(t.TempDir(), "device")
	cmd := exec.Command("mknod", name, "c", "1", "3")
	if out, err := cmd.CombinedOutput(); err != nil { // root of a container may not make devices
		t.Logf("no device is tested: %v: %s", err, out)
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

// TestNotRegular, Z02 and D08: symbolic links, FIFOs and devices are neither written nor followed.
func TestNotRegular(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "target")
	write(t, target, "old", 0o644)
	link, dangling, fifo := filepath.Join(folder, "link"), filepath.Join(folder, "dangling"), filepath.Join(folder, "fifo")
	for _, err := range []error{
		os.Symlink(target, link), os.Symlink(filepath.Join(folder, "none"), dangling), syscall.Mkfifo(fifo, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	device := device(t)
	for name, want := range map[string]string{
		link: "a symbolic link", dangling: "a symbolic link", fifo: "a pipe, a device or a socket", device: "a pipe, a device or a socket",
	} {
		checkRefused(t, Write(name, []byte("new"), WriteOptions{Private: true, Replace: true}), want)
		checkRefused(t, Write(name, []byte("new"), WriteOptions{}), want)
		err := Edit(name, EditOptions{Create: true}, func([]byte) ([]byte, bool, error) {
			t.Errorf("%s was edited", name)
			return nil, false, errors.New("edited")
		})
		checkRefused(t, err, want)
	}
	checkFile(t, target, "old")
	checkNames(t, folder, "dangling", "fifo", "link", "target")
}

// TestPublicFolder, D08: private content is not written in a folder in which every user may replace
// it. The sticky bit forbids that.
func TestPublicFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "f")
	for _, tc := range []struct {
		mode             fs.FileMode
		private, refused bool
	}{
		{0o777, true, true},
		{0o702, true, true},
		{0o777, false, false},
		{0o777 | fs.ModeSticky, true, false},
		{0o755, true, false},
	} {
		if err := os.Chmod(folder, tc.mode); err != nil {
			t.Fatal(err)
		}
		os.Remove(name)
		create := EditOptions{Create: true}
		edit := func() error {
			return Edit(name, create, func(old []byte) ([]byte, bool, error) { return append(old, 'a'), tc.private, nil })
		}
		for what, got := range map[string]error{"Write": Write(name, nil, WriteOptions{Private: tc.private}), "Edit": edit()} {
			if tc.refused {
				checkRefused(t, got, "a private key in a folder that everyone may change")
			} else if got != nil {
				t.Errorf("%s, mode %v, private %v: got %v, want no error", what, tc.mode, tc.private, got)
			}
		}
		if tc.refused {
			checkNames(t, folder)
		}
	}
}

// owned is a file with an owner that the test chooses.
type owned struct {
	fs.FileInfo
	stat syscall.Stat_t
}

func (o owned) Sys() any { return &o.stat }

// TestOtherOwner, D08: root keeps the owner of a file that it replaces. Others may not replace the
// file of another user, because it would become theirs.
func TestOtherOwner(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	write(t, name, "old", 0o644)
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	const other = 4242
	theirs := owned{info, *info.Sys().(*syscall.Stat_t)}
	theirs.stat.Uid, theirs.stat.Gid = other, other
	err = replace(name, []byte("new"), theirs, WriteOptions{Private: true})
	if os.Geteuid() != 0 {
		checkRefused(t, err, "the file belongs to another user")
		checkFile(t, name, "old")
		checkNames(t, folder, "f")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if info, err = os.Lstat(name); err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != other || stat.Gid != other {
		t.Errorf("owner: got %d:%d, want %d:%d", stat.Uid, stat.Gid, other, other)
	}
	checkMode(t, name, 0o600)
	checkFile(t, name, "new")
	checkNames(t, folder, "f")
}

// TestOtherGroup: a new file does not give the rights of the group of the old file to another group.
func TestOtherGroup(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	write(t, name, "old", 0o664)
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	const other = 4242
	theirs := owned{info, *info.Sys().(*syscall.Stat_t)}
	theirs.stat.Gid = other
	if err := replace(name, []byte("new"), theirs, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if info, err = os.Lstat(name); err != nil {
		t.Fatal(err)
	}
	if info.Sys().(*syscall.Stat_t).Gid == other { // only root, and members of the group
		checkMode(t, name, 0o664)
	} else {
		checkMode(t, name, 0o644)
	}
	checkFile(t, name, "new")
}

// TestLockFile: the lock file of a process that was killed does no harm, and another
// thing with its name is refused.
func TestLockFile(t *testing.T) {
	folder := t.TempDir()
	name, lock := filepath.Join(folder, "f"), filepath.Join(folder, "f.lock")
	write(t, name, "a", 0o644)
	edit := func() error {
		return Edit(name, EditOptions{}, func(old []byte) ([]byte, bool, error) { return append(old, 'b'), false, nil })
	}
	write(t, lock, "", 0o600)
	if err := edit(); err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "ab")
	checkNames(t, folder, "f")

	if err := os.Symlink(filepath.Join(folder, "elsewhere"), lock); err != nil {
		t.Fatal(err)
	}
	const taken = "the name of the lock file is taken by something else"
	checkRefused(t, edit(), taken)
	checkNames(t, folder, "f", "f.lock")
	os.Remove(lock)
	write(t, lock, "a text", 0o600)
	checkRefused(t, edit(), taken)
	checkFile(t, lock, "a text")
	os.Remove(lock)
	if err := syscall.Mkfifo(lock, 0o600); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, edit(), taken)
	checkFile(t, name, "ab")
}

// TestLockFileMode: only the user of an edit can open its lock file. Another user who holds the lock
// would stop all edits.
func TestLockFileMode(t *testing.T) {
	umask(t, 0)
	folder := t.TempDir()
	name := filepath.Join(folder, "f")
	write(t, name, "a", 0o644)
	err := Edit(name, EditOptions{}, func(old []byte) ([]byte, bool, error) {
		checkMode(t, name+".lock", 0o600)
		return append(old, 'b'), false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, name, "ab")
}

// TestReplacedWhileWaiting, Z02: a file that becomes a symbolic link while an edit waits for the lock
// is refused, and a file that is removed is not made again without Create.
func TestReplacedWhileWaiting(t *testing.T) {
	for _, tc := range []struct {
		name    string
		replace func(name, target string) error
		check   func(t *testing.T, err error)
	}{
		{"by a link", func(name, target string) error {
			return errors.Join(os.Remove(name), os.Symlink(target, name))
		}, func(t *testing.T, err error) { checkRefused(t, err, "a symbolic link") }},
		{"by nothing", func(name, _ string) error { return os.Remove(name) }, func(t *testing.T, err error) {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want %v", err, fs.ErrNotExist)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := t.TempDir()
			name, target := filepath.Join(folder, "f"), filepath.Join(folder, "target")
			write(t, name, "a", 0o644)
			write(t, target, "theirs", 0o644)
			unlock, err := lock(name+".lock", nil)
			if err != nil {
				t.Fatal(err)
			}
			o := EditOptions{Waiting: func() {
				if err := tc.replace(name, target); err != nil {
					t.Error(err)
				}
				unlock()
			}}
			tc.check(t, Edit(name, o, func([]byte) ([]byte, bool, error) {
				t.Error("the file was edited")
				return []byte("ours"), false, nil
			}))
			checkFile(t, target, "theirs")
			if _, err := os.Lstat(name + ".lock"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the lock file: got %v, want %v", err, fs.ErrNotExist)
			}
		})
	}
}

func TestIsExposed(t *testing.T) {
	for mode, want := range map[fs.FileMode]bool{
		0o600: false, 0o400: false, 0o700: false, 0o622: false,
		0o644: true, 0o660: true, 0o640: true, 0o604: true,
		0o644 | fs.ModeNamedPipe: false, // such as <(command)
		0:                        false, // standard input
	} {
		if got := IsExposed(mode); got != want {
			t.Errorf("%v: got %v, want %v", mode, got, want)
		}
	}
}
