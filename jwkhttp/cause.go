package jwkhttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/seed1f6cf2d3/jwk"
)

const (
	maxScanned   = 4096 // octets of a text that elide reads
	maxCauseText = 200  // octets of a text that elide returns, before the mark of elision

	// maxKnownText is for errors of crypto/x509, which list the names in a certificate.
	maxKnownText = 1000 // octets

	elided = "..." // replaces what an error text must not show
)

// A refusal is an error of this package about a URL, an address or a redirect. Its text has no part
// of a URL except the scheme and the host.
type refusal string

func (r refusal) Error() string { return string(r) }

// A cause is an error of another package with a text that can be shown. errors.Is and errors.As
// find what it wraps. It has no Unwrap, because the texts below it may have the query of the URL
// or parts of an answer.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }

// Is reports whether the error or one that it wraps is target.
func (c *cause) Is(target error) bool { return errors.Is(c.err, target) }

// As finds the first error that can be assigned to *target. It never finds a *url.Error.
func (c *cause) As(target any) bool { return asExceptURL(c.err, target) }

// GoString keeps %#v from printing the error that c wraps.
func (c *cause) GoString() string { return strconv.Quote(c.text) }

// plainError returns the cause of a failed request in a form that can be shown. It removes each
// *url.Error. Errors of this package and of [jwk] stay the same, and so do the errors of net,
// crypto/tls, crypto/x509, context and io whose text is safe. Every other error becomes a cause,
// and elide removes URLs and parts of the answer from its text.
//
// An error of the guard becomes a cause with the text of the guard. The *net.OpError around it
// prints the address, and a stranger who chose the URL may see the text.
func plainError(err error) error {
	if err == nil {
		return nil
	}
	for u, ok := err.(*url.Error); ok; u, ok = err.(*url.Error) {
		err = u.Err
	}
	if err == nil { // a *url.Error that a RoundTripper made
		return refusal("the request failed without a reason")
	}
	known := isKnown(err)
	text := err.Error()
	if known && len(text) <= maxKnownText && isPrintable(text) {
		return err
	}
	if r, ok := errors.AsType[refusal](err); ok {
		return &cause{string(r), err}
	}
	if known {
		return &cause{cut(printable(text), maxKnownText), err}
	}
	return &cause{elide(text), err}
}

// withoutAddresses returns err without the addresses of this machine and of its resolver, which errors
// of net have. With UntrustedURL, the person who chose the URL may see the text.
func withoutAddresses(err error) error {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return &cause{"looking up the host: " + lookupReason(e), err}
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		if _, refused := errors.AsType[refusal](err); !refused {
			return &cause{e.Op + ": " + elide(plainError(e.Err).Error()), err}
		}
	}
	return err
}

// lookupReason returns why a lookup failed. The Err of a *net.DNSError may have the addresses of this
// machine and of its resolver, as in "read udp 10.0.0.2:4321->10.0.0.3:53: i/o timeout".
func lookupReason(e *net.DNSError) string {
	switch {
	case e.IsNotFound:
		return "no such host"
	case e.IsTimeout:
		return "the resolver did not answer in time"
	}
	return "the resolver failed"
}

// isKnown reports whether the text of err is safe: it has no part of a URL except the host, and
// nothing that the server sent except the names in a certificate.
func isKnown(err error) bool {
	switch e := err.(type) {
	case refusal, *cause, *jwk.Error, *net.DNSError, syscall.Errno, *os.SyscallError,
		x509.UnknownAuthorityError, x509.HostnameError, x509.CertificateInvalidError:
		return true
	case *Error:
		return e.Err == nil || isKnown(e.Err)
	case *tls.CertificateVerificationError:
		return isKnown(e.Err)
	case *net.OpError:
		_, refused := e.Err.(refusal)
		return !refused && isKnown(e.Err)
	}
	switch err {
	case context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF:
		return true
	}
	return false
}

// asExceptURL is [errors.As], except that it passes over each *url.Error.
func asExceptURL(err error, target any) bool {
	if err == nil {
		return false
	}
	if _, ok := err.(*url.Error); !ok {
		to := reflect.ValueOf(target).Elem() // errors.As has checked that it is a pointer
		if reflect.TypeOf(err).AssignableTo(to.Type()) {
			to.Set(reflect.ValueOf(err))
			return true
		}
		if e, ok := err.(interface{ As(any) bool }); ok && e.As(target) {
			return true
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return asExceptURL(e.Unwrap(), target)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if asExceptURL(err, target) {
				return true
			}
		}
	}
	return false
}

// elide returns text with "..." in place of each quoted string and of each word that may be a URL
// or a part of one. It cuts the result to 200 octets. The errors of net/http quote parts of the
// answer.
func elide(text string) string {
	if len(text) > maxScanned {
		text = text[:maxScanned]
	}
	words := strings.Fields(printable(elideQuoted(text)))
	for i, word := range words {
		if isURLPart(word) {
			words[i] = elided
		}
	}
	return cut(strings.Join(words, " "), maxCauseText)
}

// elideQuoted returns text with "..." in place of each string in double quotes or backquotes. In
// double quotes, a backslash takes the octet after it. A quote that does not end goes to the end.
func elideQuoted(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		quote := text[i]
		b.WriteByte(quote)
		if quote != '"' && quote != '`' {
			continue
		}
		for i++; i < len(text) && text[i] != quote; i++ {
			if quote == '"' && text[i] == '\\' {
				i++
			}
		}
		b.WriteString(elided)
		b.WriteByte(quote)
	}
	return b.String()
}

// isURLPart reports whether word may be a URL, or a path, a query or a user name and host.
func isURLPart(word string) bool {
	return strings.Contains(word, "://") || strings.ContainsAny(word, "?&=@") ||
		strings.HasPrefix(strings.TrimLeft(word, "('[<"), "/")
}

// printable returns text with a space in place of each rune that a terminal or a log may interpret.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return ' '
	}, text)
}

func isPrintable(text string) bool { return printable(text) == text }

// cut returns text, or its first limit octets and the mark of elision if it is longer.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + elided
}
