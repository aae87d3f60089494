package jwkhttp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// validators make a request conditional (RFC 9110, Section 13.1).
type validators struct {
	etag         string
	lastModified string
}

// maxValidator is the largest ETag or Last-Modified that is kept, in octets. The client sends it with
// each request.
const maxValidator = 1 << 10

// An answer is what a request brought.
type answer struct {
	status      int
	notModified bool
	body        []byte
	validators  validators
	life        time.Duration // the life that the headers state
	stated      bool          // the headers state a life
	retryAfter  time.Duration // of an answer that is not a success
}

// get sends a GET request. It accepts status 200, and 304 if the request was conditional. The answer
// is not nil, even if the request fails. The error is safe to show.
//
// With revalidate, caches on the way must ask the server whether their copy is still good (RFC 9111,
// Section 5.2.1.4): a copy may be older than the key that is wanted.
func (s *settings) get(ctx context.Context, u *url.URL, v validators, revalidate bool) (*answer, error) {
	a := new(answer)
	own := *u // a RoundTripper may change the URL of its request
	request := &http.Request{Method: http.MethodGet, URL: &own, Host: u.Host, Header: s.header.Clone()}
	if revalidate && request.Header.Get("Cache-Control") == "" {
		request.Header.Set("Cache-Control", "no-cache")
	}
	if v.etag != "" {
		request.Header.Set("If-None-Match", v.etag)
	}
	if v.lastModified != "" {
		request.Header.Set("If-Modified-Since", v.lastModified)
	}
	response, err := s.client.Do(request.WithContext(ctx))
	if err != nil {
		return a, s.shown(err)
	}
	defer response.Body.Close()
	now := time.Now()
	a.status = response.StatusCode
	a.life, a.stated = statedLife(response.Header, now)
	a.validators = validators{validator(response.Header, "Etag"), validator(response.Header, "Last-Modified")}
	switch {
	case a.status == http.StatusNotModified && v != validators{}:
		a.notModified = true
		return a, nil
	case a.status != http.StatusOK:
		a.retryAfter = retryAfter(response.Header, now)
		return a, fmt.Errorf("the answer has status %d, want 200", a.status)
	case isHTML(response.Header.Get("Content-Type")):
		return a, errors.New("the content is an HTML page, want JSON")
	}
	limit := int64(min(s.parser.MaxBytes, math.MaxInt-1)) // limit+1 must not overflow
	a.body, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return a, s.shown(err)
	case int64(len(a.body)) > limit:
		a.body = nil
		return a, fmt.Errorf("the body has more than %d bytes: %w", limit, jwk.ErrPolicy)
	}
	return a, nil
}

// shown returns the error of a request in a form that can be shown.
func (s *settings) shown(err error) error {
	if s.untrusted {
		return withoutAddresses(plainError(err))
	}
	return plainError(err)
}

// validator returns a header that makes the next request conditional, or "" if it is too long.
func validator(h http.Header, name string) string {
	if value := h.Get(name); len(value) <= maxValidator {
		return value
	}
	return ""
}

// isHTML reports whether a Content-Type is an HTML page, as proxies and login pages send it with
// status 200.
func isHTML(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(contentType, ";")
	}
	return strings.EqualFold(strings.TrimSpace(mediaType), "text/html")
}

// parseSet reads a set that may replace the one in use: it must have a usable key.
func (s *settings) parseSet(body []byte) (*jwk.Set, error) {
	set, err := s.parser.ParseSet(body)
	switch {
	case err != nil:
		return nil, err
	case set.Len() > 0:
		return set, nil
	case len(set.Skipped()) > 0:
		return nil, fmt.Errorf("the set has no usable key: %w", set.Skipped()[0].Err)
	}
	return nil, errors.New("the set is empty, want at least one key")
}

// bodyDigest identifies a body. A body that is equal to the last one is not parsed again.
func bodyDigest(body []byte) [sha256.Size]byte { return sha256.Sum256(body) }
