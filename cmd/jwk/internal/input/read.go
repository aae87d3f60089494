package input

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/passphrase"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A Reader reads documents. Its fields are the flags that change how.
type Reader struct {
	Stdin  io.Reader
	From   Form       // the form of the text; "" recognizes it
	Parser jwk.Parser // reads keys; its limits are for a file

	// Passphrase is asked for the passphrase of an encrypted document. what names the document.
	Passphrase    func(what string) ([]byte, error)
	MaxIterations int      // of PBKDF2; 0 means the default of package jwk
	Key           *jwk.Key // decrypts a JWE; nil means that a passphrase does

	AllowHTTP bool           // accepts http URLs of other machines
	RootCAs   *x509.CertPool // the authorities that certify servers; nil means the authorities of the system

	// Warn is called with a fact about a document that its owner should know.
	Warn func(text string)
}

const maxBytes = files.MaxBytes

// An AccessError says that a document could not be got, so that nothing is known about its content.
type AccessError struct{ Err error }

func (e *AccessError) Error() string { return phrases.Replace(e.Err.Error()) }
func (e *AccessError) Unwrap() error { return e.Err }

// Read reads a file, a URL, or standard input if arg is "-".
func (r *Reader) Read(ctx context.Context, arg string) (*Document, error) {
	if IsURL(arg) {
		return r.fetch(ctx, arg)
	}
	data, mode, err := r.bytes(arg)
	if err != nil {
		return nil, &AccessError{err}
	}
	d, err := r.parse(&Document{Name: Place(arg), Form: r.From, Text: data, isFile: arg != "-"})
	if err != nil {
		return nil, err
	}
	if files.IsExposed(mode) && !d.Encrypted && d.hasPrivate() {
		r.Warn(fmt.Sprintf("%s: other users may read this private key: chmod 600 %s", arg, terminal.ShellWord(arg, "FILE")))
	}
	return d, nil
}

func (r *Reader) bytes(arg string) ([]byte, fs.FileMode, error) {
	if arg == "-" {
		data, err := files.ReadAll(Place(arg), r.Stdin)
		return data, 0, err
	}
	return files.Read(arg)
}

func (d *Document) hasPrivate() bool {
	for k := range d.Keys.All() {
		if k.IsPrivate() {
			return true
		}
	}
	return false
}

// Place names a file in messages.
func Place(arg string) string {
	if arg == "-" {
		return "standard input"
	}
	return arg
}

func (r *Reader) passphrase(what string) ([]byte, error) {
	p, err := r.Passphrase(what)
	if errors.Is(err, passphrase.ErrNone) {
		err = fmt.Errorf("%s: %w", what, err)
	}
	if err != nil {
		return nil, &AccessError{err}
	}
	return p, nil
}
