package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// failure returns the error of a fetch in the words of this command: an answer no if the server has
// answered, and otherwise a trouble.
func (o *observer) failure(rawURL string, err error) error {
	if u, e := url.Parse(rawURL); e == nil {
		rawURL = u.Redacted()
	}
	answer, body := o.last()
	reason := input.NetworkReason(err)
	if answer != nil && !isBroken(err) {
		return answerNo("%s: %s", rawURL, answerReason(rawURL, answer, body, err, reason))
	}
	return trouble{fmt.Errorf("%s: %s%s", rawURL, reason, input.NetworkAdvice(err))}
}

// isBroken reports whether an answer did not arrive as a whole.
func isBroken(err error) bool {
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, io.ErrUnexpectedEOF)
}

// answerReason returns why the answer of a server is not a usable set.
func answerReason(rawURL string, answer *http.Response, body *input.Body, err error, reason string) string {
	if errors.Is(err, jwk.ErrPrivate) {
		path, why := input.Reason(err, "")
		return fmt.Sprintf("PRIVATE KEY PUBLISHED at %s (%s): everyone can use it, so replace it; jwk inspect %s shows it",
			terminal.ShortWord(path), why, terminal.ShellWord(rawURL, "URL"))
	}
	location := answer.Header.Get("Location")
	_, parsed := errors.AsType[*jwk.Error](err)
	switch {
	case location != "":
		return reason + ": " + terminal.ShortWord(location)
	case answer.StatusCode != http.StatusOK:
		return reason + ", with " + contentOf(answer)
	case !parsed:
		return reason
	}
	// The form of the answer has the command that helps, such as the jwks_uri of metadata.
	r := &input.Reader{Parser: jwk.Parser{Lenient: true, PublicOnly: true}, Passphrase: refusePassphrase}
	d, err := r.Parse("", body.Text.Bytes())
	described, ok := errors.AsType[*input.Error](err)
	switch {
	case err == nil && d.Form != input.Set:
		return fmt.Sprintf("not a set, but a key in the form %s: jwk inspect shows it", d.Form)
	case !ok:
		return reason
	case strings.HasPrefix(described.Reason, "provider metadata"):
		return "not a set: " + described.Reason + ", or jwk fetch --discover with the issuer"
	case described.Path != "":
		return "not a set: " + terminal.ShortWord(described.Path) + ": " + described.Reason
	}
	return "not a set: " + described.Reason
}

func refusePassphrase(string) ([]byte, error) { return nil, errors.New("an answer is not decrypted") }

func contentOf(r *http.Response) string {
	if kind := r.Header.Get("Content-Type"); kind != "" {
		return "content of type " + terminal.ShortWord(kind)
	}
	return "content without a type"
}
