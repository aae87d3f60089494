package jwkhttp

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	dialTimeout = 3 * time.Second // with the resolution of the name
	tlsTimeout  = 5 * time.Second

	// maxHeaderBytes limits the header of an answer. It counts the headers of all 1xx answers
	// before it too, so that a server cannot send them without end.
	maxHeaderBytes = 64 << 10

	maxRedirects = 3 // for each fetch
)

// newHTTPClient returns the HTTP client of a Client that has no HTTPClient. It has no cookie jar.
// The timeout of the whole fetch is the context's.
//
// The transport decompresses gzip, and a limit on the body must count what comes out of it.
//
// With GOOS=js, a transport that has a dialer of its own does not use the fetch API of the browser,
// so every request fails there. That API follows redirects and connects without the guards, and a
// program that accepts this sets HTTPClient.
func newHTTPClient(o *ClientOptions) *http.Client {
	proxy := http.ProxyFromEnvironment
	if o.UntrustedURL {
		proxy = nil // a proxy would connect without the guard
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            newDialer(o).DialContext,
			TLSHandshakeTimeout:    tlsTimeout,
			TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true, // net/http leaves it out if a dialer or TLS is configured
			MaxResponseHeaderBytes: maxHeaderBytes,

			// A set is fetched every few minutes. An idle connection would only keep
			// goroutines alive.
			DisableKeepAlives: true,
		},
		CheckRedirect: redirectCheck(o.UntrustedURL),
	}
}

// newDialer returns the dialer of newHTTPClient, with the guard if o.UntrustedURL is set.
func newDialer(o *ClientOptions) *net.Dialer {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if o.UntrustedURL {
		g := &guard{allow: o.AllowPrefixes}
		dialer.ControlContext = g.control
	}
	return dialer
}

// redirectCheck returns the CheckRedirect of an [http.Client]. The errors are refusals, which have
// the scheme and the host of the new URL and no other part of it.
func redirectCheck(untrusted bool) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		first := via[0].URL
		switch {
		case untrusted:
			return refusal("redirect to " + originOf(next.URL) +
				" refused: UntrustedURL follows no redirect")
		case !sameOrigin(next.URL, first):
			return refusal("redirect to " + originOf(next.URL) + " refused: it must stay at " +
				originOf(first) + "; give the URL that it leads to")
		case next.URL.User != nil:
			return refusal("redirect to " + originOf(next.URL) +
				" refused: its URL has a user name or a password")
		case len(via) > maxRedirects:
			return refusal("more than " + strconv.Itoa(maxRedirects) + " redirects")
		}
		return nil
	}
}

// originOf returns the scheme and the host of u in quotes, cut to a length that fits an error text,
// because a server may have chosen them.
func originOf(u *url.URL) string {
	const maxOrigin = 300 // octets; a name in the DNS has at most 253
	origin := u.Scheme + "://" + hostOf(u)
	if len(origin) > maxOrigin {
		origin = origin[:maxOrigin] + elided
	}
	return strconv.Quote(origin)
}
