package jwkhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
)

// Discover returns a client for the jwks_uri of an issuer. It reads the metadata of the issuer from
// /.well-known/openid-configuration (OpenID Connect Discovery 1.0, Section 4), or, if the answer has
// another status than 200, from /.well-known/oauth-authorization-server (RFC 8414, Section 3). The
// issuer in the metadata must be equal to issuer, octet by octet (RFC 8414, Section 3.3).
//
// The checks and limits of opts apply to the metadata as they do to the set. A jwks_uri with http is
// refused unless the issuer has http too. Header is sent for the set only if the jwks_uri has the
// scheme, host and port of the issuer, because it may hold a credential. All errors are [ErrFetch].
//
// Discover sends at most two requests, and each takes at most Timeout. It does not try again: a
// service that must start while its provider is down gives the jwks_uri to [NewClient]. Discover does
// not keep the metadata, so call it again if the issuer moves its keys.
func Discover(ctx context.Context, issuer string, opts *ClientOptions) (*Client, error) {
	var o ClientOptions
	if opts != nil {
		o = *opts
	}
	u, err := checkURL(issuer, o.AllowHTTP)
	if err != nil {
		return nil, err
	}
	host := hostOf(u)
	if u.RawQuery != "" || u.ForceQuery {
		return nil, &Error{Host: host, Err: errors.New("the issuer has a query, which no issuer may have")}
	}
	s, err := o.settings()
	if err != nil {
		return nil, &Error{Host: host, Err: err}
	}
	set, err := s.discover(ctx, issuer, u)
	if err != nil {
		return nil, err
	}
	if !sameOrigin(u, set) {
		s.header = requestHeader(nil)
	}
	return newClient(set, s, &o), nil
}

// discover returns the jwks_uri of an issuer.
func (s *settings) discover(ctx context.Context, issuer string, u *url.URL) (*url.URL, error) {
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	var first error
	for _, document := range [...]struct{ name, path string }{
		{"openid-configuration", path + "/.well-known/openid-configuration"},
		{"oauth-authorization-server", "/.well-known/oauth-authorization-server" + path},
	} {
		unescaped, err := url.PathUnescape(document.path)
		if err != nil {
			return nil, &Error{Host: hostOf(u), Err: errors.New("the path of the issuer is malformed")}
		}
		at := *u // not u.Parse, which takes a path that begins with "//" for a host
		at.Path, at.RawPath = unescaped, document.path
		set, status, err := s.metadata(ctx, issuer, &at)
		if err == nil {
			return set, nil
		}
		err = &Error{Host: hostOf(u), Status: status, Err: fmt.Errorf("%s: %w", document.name, err)}
		if status == 0 || status == http.StatusOK {
			return nil, err // there was no answer, or the wrong one
		}
		if first != nil {
			return nil, both(first, err)
		}
		first = err
	}
	return nil, first
}

// metadata reads one metadata document, and returns its jwks_uri.
func (s *settings) metadata(ctx context.Context, issuer string, at *url.URL) (set *url.URL, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	a, err := s.get(ctx, at, validators{}, false)
	if err != nil {
		return nil, a.status, err
	}
	var document struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if json.Unmarshal(a.body, &document) != nil { // its error may quote the body
		return nil, a.status, errors.New("the metadata is not one JSON object with the strings issuer and jwks_uri")
	}
	switch {
	case document.Issuer != issuer:
		return nil, a.status, errors.New("the issuer in the metadata is another one; both must be equal, also in a final slash")
	case document.JWKSURI == "":
		return nil, a.status, errors.New("the metadata has no jwks_uri")
	}
	set, err = checkURL(document.JWKSURI, true)
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, a.status, fmt.Errorf("jwks_uri: %w", e.Err)
	}
	if set.Scheme == "http" && at.Scheme != "http" {
		return nil, a.status, errors.New("jwks_uri: the scheme of the URL is http, want https as in the issuer")
	}
	return set, a.status, nil
}
