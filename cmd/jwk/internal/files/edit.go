package files

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/signals"
)

// EditOptions say how Edit treats a file.
type EditOptions struct {
	Create bool // a file that does not exist is made

	// Waiting is called, unless it is nil, if another process holds the lock.
	Waiting func()
}

// Edit replaces the content of a file by the result of change. It holds a lock meanwhile, so that
// each of several processes that edit the file at the same time sees the result of the one before.
// If change returns its argument or an error, the file stays untouched.
//
// change also says whether the new content is private. The file then gets the mode 0600.
//
// Edit refuses what Write refuses. A file with another name is refused even if nothing is private,
// because the other name would keep the old content. A signal that ends the process does so after
// the edit, so that neither the lock file nor a temporary file stays.
func Edit(name string, o EditOptions, change func(old []byte) (content []byte, private bool, err error)) error {
	// A lock file is made only beside a file that may be edited.
	if old, err := target(name); err != nil {
		return err
	} else if old == nil && !o.Create {
		return missing(name)
	}
	unlock, err := lock(name+".lock", o.Waiting)
	if err != nil {
		return err
	}
	defer unlock()

	old, err := target(name) // another process may have made or removed it
	if err != nil {
		return err
	}
	if err := checkLinks(name, old); err != nil {
		return err
	}
	var data []byte
	if old != nil {
		if data, _, err = Read(name); err != nil {
			return err
		}
	} else if !o.Create {
		return missing(name)
	}
	content, private, err := change(data)
	if err != nil {
		return err
	}
	if old != nil && bytes.Equal(content, data) {
		return nil
	}
	if private {
		if err := checkFolder(name); err != nil {
			return err
		}
	}
	return replace(name, content, old, WriteOptions{Private: private})
}

// missing returns the error of a file that does not exist, in the words of the system.
func missing(name string) error {
	_, err := os.Stat(name)
	if err == nil {
		err = fs.ErrNotExist // it was made in this moment
	}
	return errorAt(name, err)
}

// maxLocks is the largest number of lock files for which one process waits, one after the other.
// Each stands for another process that has edited the file meanwhile.
const maxLocks = 100_000

// lock waits for a lock and returns the function that gives it back. The file itself cannot be
// locked, because an edit replaces it.
//
// The holder removes the lock file. A process that waited for the removed file must wait for the
// next one, because no other process sees a lock on a removed file.
//
// Signals are held as long as the process has the lock, and end the process while it waits.
func lock(name string, waiting func()) (unlock func(), err error) {
	for range maxLocks {
		// The file is removed after the edit, so it must be a lock file.
		if info, err := os.Lstat(name); err == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
			return nil, refused(name, "the name of the lock file is taken by something else")
		}
		resume := signals.Hold()
		l := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDONLY|noFollow), flock.SetPermissions(0o600))
		free, err := l.TryLock()
		if err == nil && !free {
			resume()
			if waiting != nil {
				waiting()
				waiting = nil // once
			}
			err = l.Lock()
			resume = signals.Hold()
		}
		if err != nil {
			resume()
			return nil, errorAt(name, err)
		}
		locked, err := l.Stat()
		if err != nil {
			err = errors.Join(err, l.Unlock())
			resume()
			return nil, errorAt(name, err)
		}
		if current, err := os.Lstat(name); err == nil && os.SameFile(locked, current) {
			return func() { release(l); resume() }, nil
		}
		err = l.Unlock()
		resume()
		if err != nil {
			return nil, errorAt(name, err)
		}
	}
	return nil, &Error{name, fmt.Errorf("not locked after %d attempts", maxLocks)}
}
