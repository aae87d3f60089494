package jwk

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// The kinds of error that callers branch on with errors.Is. Every error of this package has one
// of these kinds. Its text says where the input or the call is wrong, and why.
var (
	// ErrSyntax means that the input is not well formed: it is not exactly one JSON
	// text with unique member names in valid UTF-8, a registered member has the wrong
	// JSON type (null too), or the input is not PEM, not a key in DER, or not a JWE in
	// compact or flattened serialization. If another function or a command reads the
	// input, the text names the form of the input and that function or command.
	ErrSyntax = errors.New("jwk: syntax error")

	// ErrInvalid means that a member is missing, malformed or at odds with another
	// one, or has a value that no key may have. It is also the error for an argument or
	// option that is missing, malformed or at odds with another one.
	ErrInvalid = errors.New("jwk: invalid key")

	// ErrUnsupported means that this package, or the program that it exchanges keys
	// with, does not implement the key type, curve, algorithm, Go type or form of a
	// file.
	ErrUnsupported = errors.New("jwk: unsupported")

	// ErrPolicy means that a limit was exceeded, or that an encrypted text asks for
	// something that is not accepted. Most limits are fields of [Parser] and of
	// [DecryptOptions].
	ErrPolicy = errors.New("jwk: refused by policy")

	// ErrPrivate means that private material is needed and absent, is present and
	// refused ([Parser].PublicOnly), or is about to be exposed (MarshalJSON).
	ErrPrivate = errors.New("jwk: private key")

	// ErrNotFound means that no key answers the query. The error is a
	// [*NotFoundError].
	ErrNotFound = errors.New("jwk: no such key")

	// ErrDecrypt means that the passphrase or key is wrong, or that the text was
	// altered. It is also the error if an encrypted key comes without a passphrase, or
	// a key that is not encrypted comes with one.
	ErrDecrypt = errors.New("jwk: decryption failed")
)

// An Error says where a key or a set is wrong, and what was expected there. Its text never
// holds the value of a member that may be secret.
type Error struct {
	// Path is the JSON Pointer (RFC 6901) of the value that is wrong, such as
	// "/keys/3/x". It is empty for the document as a whole. If the input is not JSON,
	// Path is the place that the value would have in the JWK, the set or the JWE.
	Path jsontext.Pointer

	// Offset is the position in bytes of that value, or of that block of PEM, in the
	// document that was parsed. It is zero if no document was parsed.
	//
	// If the document is not valid JSON, Offset is the position of the first byte that
	// is not valid. The text then has the line and column of the same place, as editors
	// show them: both count from 1, and columns count characters.
	Offset int64

	// Err is the reason. errors.Is finds its kind, such as [ErrInvalid].
	Err error
}

// Error returns "jwk: ", the path and the reason.
func (e *Error) Error() string {
	text := "unknown error" // an Error that a caller made
	if e.Err != nil {
		text = e.Err.Error()
	}
	if e.Path == "" {
		return "jwk: " + text
	}
	return "jwk: " + printable(string(e.Path)) + ": " + text
}

// MarshalText returns the result of Error. With it encoding/json, and log/slog where it uses
// encoding/json, write the reason as a string. There is no UnmarshalText.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// A reason is the innermost error: a text, and the kind of the error.
type reason struct {
	kind error
	text string
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.kind }

// errorf returns an Error with no path or offset. Add these with atMember, atOffset and below.
func errorf(kind error, format string, args ...any) *Error {
	return &Error{Err: &reason{kind, fmt.Sprintf(format, args...)}}
}

// atOffset sets the offset of e, and returns e.
func (e *Error) atOffset(offset int) *Error {
	e.Offset = int64(offset)
	return e
}

// below puts prefix in front of the path of e, and returns e.
func (e *Error) below(prefix jsontext.Pointer) *Error {
	e.Path = prefix + e.Path
	return e
}

// kindOfError returns the kind of an error that New or a parser returned.
func kindOfError(err error) error {
	for _, kind := range [...]error{ErrSyntax, ErrUnsupported, ErrPolicy} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return ErrInvalid
}
