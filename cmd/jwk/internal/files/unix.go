//go:build unix

package files

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/gofrs/flock"
)

// hasModes says whether the mode of a file tells who may read and write it.
const hasModes = true

// noFollow makes it an error to open a symbolic link.
const noFollow = syscall.O_NOFOLLOW

// keepOwner gives a new file the owner and the group of the file that it replaces, and returns the
// mode of that file. Only root can give files to another user. For others it fails, so that the
// owner of a file does not change unnoticed.
//
// A user may own a file of a group without being in the group. The new file then has another group,
// and the mode gives that group only what all users may do.
func keepOwner(name string, f *os.File, old fs.FileInfo) (fs.FileMode, error) {
	mode := old.Mode().Perm()
	info, err := f.Stat()
	if err != nil {
		return 0, errorAt(name, err)
	}
	is, ok := info.Sys().(*syscall.Stat_t)
	was, ok2 := old.Sys().(*syscall.Stat_t)
	switch {
	case !ok || !ok2 || is.Uid == was.Uid && is.Gid == was.Gid:
	case f.Chown(int(was.Uid), int(was.Gid)) == nil:
	case is.Uid != was.Uid:
		return 0, refused(name, "the file belongs to another user, and would become yours")
	default:
		mode = mode&^0o070 | mode&0o007<<3
	}
	return mode, nil
}

// hasOtherName reports whether a file has more than one name.
func hasOtherName(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

// release removes a lock file and gives the lock back, in this order: a process that gets the lock
// then sees that the file is gone.
func release(l *flock.Flock) {
	os.Remove(l.Path())
	_ = l.Unlock()
}

// syncFolder makes a new name last through a crash of the machine. Some file systems cannot do it;
// the file is whole nevertheless.
func syncFolder(folder string) {
	if f, err := os.Open(folder); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

// IsExposed reports whether users other than the owner may read a file with this mode.
func IsExposed(mode fs.FileMode) bool { return mode.IsRegular() && mode&0o044 != 0 }
