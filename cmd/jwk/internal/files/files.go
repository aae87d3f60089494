// Package files reads and writes files that may hold private keys.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrRefused means that a file was not written, because that could destroy a file or show a
// private key to others.
var ErrRefused = errors.New("not written")

// An Error is an error of a file. Its text begins with the name of the file.
type Error struct {
	Name string
	Err  error
}

func (e *Error) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// errorAt returns an Error. It keeps only the reason of a *fs.PathError, whose text begins with an
// operation and the name.
func errorAt(name string, err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	return &Error{name, err}
}

func refused(name, format string, args ...any) error {
	return &Error{name, fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)}
}

// MaxBytes is the largest size of a file that is read. It is the default of MaxBytes of
// jwk.Parser.
const MaxBytes = 16 << 20 // bytes

// Read returns the content of a file, which may be a pipe, and its mode.
func Read(name string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, errorAt(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errorAt(name, err)
	}
	data, err := ReadAll(name, f)
	return data, info.Mode(), err
}

// ReadAll returns all of a stream.
func ReadAll(name string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, errorAt(name, err)
	}
	if len(data) > MaxBytes {
		return nil, &Error{name, fmt.Errorf("more than %d bytes", MaxBytes)}
	}
	return data, nil
}
