package jwk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The kinds of error that callers branch on, with errors.Is. Every error of
// this package is one of them; the texts differ and say where and why.
var (
	// ErrSyntax: the input is not what it should be at all. It is not one JSON text
	// with unique member names in valid UTF-8, or a registered member has the wrong
	// JSON type (null too); not PEM, or not a key in DER; not a JWE in compact or
	// flattened serialization. If another function or a command reads the input, the
	// text names its form and that function or command.
	ErrSyntax = errors.New("jwk: syntax error")

	// ErrInvalid: a member is missing, malformed or at odds with another, or
	// has a value that no key may have. Or an argument or option is so.
	ErrInvalid = errors.New("jwk: invalid key")

	// ErrUnsupported: the key type, curve, algorithm, Go type or form of a file is
	// not one that this package implements, or not one that the other side does.
	ErrUnsupported = errors.New("jwk: unsupported")

	// ErrPolicy: a limit was exceeded, most of them fields of [Parser] and of
	// [DecryptOptions], or an encrypted text asks for what is not accepted.
	ErrPolicy = errors.New("jwk: refused by policy")

	// ErrPrivate: private material is needed and absent, or present and
	// refused ([Parser].PublicOnly), or about to be exposed (MarshalJSON).
	ErrPrivate = errors.New("jwk: private key")

	// ErrNotFound: no key answers; the error is a [*NotFoundError].
	ErrNotFound = errors.New("jwk: no such key")

	// ErrDecrypt: the passphrase or key is wrong, or the text was altered. Or an
	// encrypted key came without a passphrase, or with one a key that is not.
	ErrDecrypt = errors.New("jwk: decryption failed")
)

// An Error says where a key or a set is wrong, and what was expected there.
// Its text never holds the value of a member that may be secret.
type Error struct {
	// Path is the JSON Pointer (RFC 6901) of the value that is wrong, such as
	// "/keys/3/x". It is empty for the document as a whole. Of what is not JSON
	// it is the place in the JWK, the set or the JWE that would say the same.
	Path jsontext.Pointer

	// Offset is the position in bytes of that value, or of that block of PEM, in
	// the document that was parsed. It is zero where none was read. If the document is
	// not valid JSON, Offset is the first byte that is not valid, and the text tells the
	// same place by line and column, as editors do: both count from 1, and columns count
	// characters.
	Offset int64

	// Err tells the reason. errors.Is finds its kind, such as [ErrInvalid].
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

// MarshalText returns what Error returns, so that encoding/json, and log/slog where it
// uses that, write the reason as a string. An Error is not read back.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// A reason is the innermost error: plain words, and the kind they belong to.
type reason struct {
	kind error
	text string
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.kind }

// errorf returns an Error with no path or offset: add these with atMember, atOffset and below.
func errorf(kind error, format string, args ...any) *Error {
	return &Error{Err: &reason{kind, fmt.Sprintf(format, args...)}}
}

// atOffset returns e with the offset at which its place begins.
func (e *Error) atOffset(offset int) *Error {
	e.Offset = int64(offset)
	return e
}

// below returns e with its path below prefix.
func (e *Error) below(prefix jsontext.Pointer) *Error {
	e.Path = prefix + e.Path
	return e
}

// Texts from outside are shown in errors and descriptions cut to this length.
const maxShown = 64 // bytes

// quoted returns s as a Go string literal, cut to maxShown: what a peer chose
// must neither fill a log nor write lines or escape sequences of its own into it.
func quoted[S ~string](s S) string {
	if len(s) > maxShown {
		return strconv.Quote(strings.ToValidUTF8(string(s[:maxShown]), "")) + "..."
	}
	return strconv.Quote(string(s))
}

// Texts of other packages are shown in errors cut to this length.
const maxForeign = 200 // bytes

// textOf returns the text of an error, for a part of another: in one line, without
// escape sequences, and cut to maxForeign. Other packages repeat what a peer sent.
func textOf(err error) string {
	const cut = "..."
	var b []byte
	whole := 0 // as much of b as leaves room for cut
	for _, r := range err.Error() {
		if strconv.IsPrint(r) {
			b = utf8.AppendRune(b, r)
		} else {
			q := strconv.QuoteRuneToASCII(r)
			b = append(b, q[1:len(q)-1]...)
		}
		if len(b) > maxForeign {
			return string(b[:whole]) + cut
		}
		if len(b) <= maxForeign-len(cut) {
			whole = len(b)
		}
	}
	return string(b)
}

// counted returns a number and what is counted.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// oneOf lists what is accepted: "a, b or c".
func oneOf[S ~string](names ...S) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}

// printable returns s as it is if it is one short and plain word, and quoted if not.
func printable(s string) string {
	q := quoted(s)
	if q == `"`+s+`"` && s != "" && !strings.Contains(s, " ") {
		return s
	}
	return q
}
