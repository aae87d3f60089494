//go:build !unix

package files

import (
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// hasModes says whether the mode of a file tells who may read and write it.
const hasModes = false

// noFollow does nothing here.
const noFollow = 0

func keepOwner(_ string, _ *os.File, old fs.FileInfo) (fs.FileMode, error) {
	return old.Mode().Perm(), nil
}

// hasOtherName cannot tell whether a file has more than one name.
func hasOtherName(fs.FileInfo) bool { return false }

// release gives a lock back and removes the lock file. Windows does not remove a file that a
// process has open, so that the file of a process that waits stays.
func release(l *flock.Flock) {
	_ = l.Unlock()
	os.Remove(l.Path())
}

func syncFolder(string) {}

// IsExposed reports whether users other than the owner may read a file with this mode.
func IsExposed(fs.FileMode) bool { return false }
