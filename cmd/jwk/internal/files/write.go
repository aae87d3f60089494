package files

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/signals"
)

// WriteOptions say how a file is written.
type WriteOptions struct {
	Private bool // the content is secret: only the owner of the file may read it
	Replace bool // an existing file is replaced
}

// Write writes a file so that it is there as a whole or not at all: it writes a temporary file
// beside it and gives that file its name.
//
// It refuses
//   - an existing file, unless Replace is set;
//   - a symbolic link, because the file that it leads to would be written, and everything else that
//     is not a regular file;
//   - private content in a folder in which everyone may rename files;
//   - private content for a file with another name, which would keep the old content.
//
// A signal that ends the process does so after the write, so that no temporary file stays.
//
// A private file has the mode 0600 from its beginning. Another file has the mode of the file that it
// replaces, or a mode that the umask gives it.
func Write(name string, data []byte, o WriteOptions) error {
	old, err := check(name, o)
	if err != nil {
		return err
	}
	release := signals.Hold()
	defer release()
	return replace(name, data, old, o)
}

// Check returns the error with which Write refuses a file as it is now, so that long work is not
// done in vain.
func Check(name string, o WriteOptions) error {
	_, err := check(name, o)
	return err
}

// check returns what is known about the file to be written, or nil if it does not exist.
func check(name string, o WriteOptions) (fs.FileInfo, error) {
	old, err := target(name)
	if err != nil {
		return nil, err
	}
	if old != nil && !o.Replace {
		return nil, refused(name, "the file exists; --force replaces it")
	}
	folder, err := os.Stat(filepath.Dir(name))
	if err != nil {
		return nil, errorAt(name, err)
	}
	if !folder.IsDir() {
		return nil, errorAt(name, syscall.ENOTDIR)
	}
	if o.Private {
		if err := checkFolder(name); err != nil {
			return nil, err
		}
		if err := checkLinks(name, old); err != nil {
			return nil, err
		}
	}
	return old, nil
}

// checkLinks refuses a file with another name. The new file gets one name, and the old content
// stays under the other.
func checkLinks(name string, old fs.FileInfo) error {
	if old != nil && hasOtherName(old) {
		return refused(name, "the file has another name (a hard link), which would keep the old content")
	}
	return nil
}

// target returns what is known about the file to be written, or nil if it does not exist.
func target(name string) (fs.FileInfo, error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, errorAt(name, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, refused(name, "a symbolic link; give the name of the file that it leads to")
	case info.IsDir():
		return nil, refused(name, "a directory, want the name of a file")
	case !info.Mode().IsRegular():
		return nil, refused(name, "a pipe, a device or a socket, want a regular file or standard output")
	}
	return info, nil
}

// checkFolder refuses a folder in which another user could put a file of their own in the place of a
// private key.
func checkFolder(name string) error {
	folder := filepath.Dir(name)
	info, err := os.Stat(folder)
	if err != nil {
		return errorAt(name, err)
	}
	if hasModes && info.Mode()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return refused(name, "a private key in a folder that everyone may change: chmod o-w %s", folder)
	}
	return nil
}

// testHookWritten is called when the temporary file has the content.
var testHookWritten = func() {}

// replace writes a file in the place of old, or a new file if old is nil.
func replace(name string, data []byte, old fs.FileInfo, o WriteOptions) error {
	temporary, err := writeTemporary(name, data, old, o)
	if err != nil {
		return err
	}
	defer os.Remove(temporary) // fails if it was renamed
	testHookWritten()
	if old != nil || o.Replace {
		err = os.Rename(temporary, name)
	} else if err = os.Link(temporary, name); errors.Is(err, fs.ErrExist) { // unlike Rename, Link replaces no file
		return refused(name, "the file exists; --force replaces it")
	} else if err != nil { // the file system has no links
		err = os.Rename(temporary, name)
	}
	if err != nil {
		return errorAt(name, err)
	}
	syncFolder(filepath.Dir(name))
	return nil
}

// writeTemporary writes a file beside name, with the mode and the owner that the file at name is to
// have, and returns its name.
func writeTemporary(name string, data []byte, old fs.FileInfo, o WriteOptions) (temporary string, err error) {
	mode := fs.FileMode(0o666) // less the umask
	if o.Private {
		mode = 0o600
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(name), ".jwk-"+rand.Text()+".tmp"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", errorAt(name, err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = errorAt(name, e)
		}
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if old != nil {
		mode, err := keepOwner(name, f, old)
		if err != nil {
			return "", err
		}
		if !o.Private {
			if err := f.Chmod(mode); err != nil {
				return "", errorAt(name, err)
			}
		}
	}
	if _, err := f.Write(data); err != nil {
		return "", errorAt(name, err)
	}
	return f.Name(), errorAt(name, f.Sync())
}
