package jwkhttp

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const maxURL = 2048 // octets

// checkURL parses the URL of a set. It returns an [*Error] unless the URL
//   - has at most 2,048 octets,
//   - has the scheme https, or http if allowHTTP,
//   - has a host, and no zone of an IPv6 address (RFC 6874) that is not ASCII,
//   - has no user name, password or fragment, not even an empty one, and
//   - has a port between 1 and 65535, or no port and no colon for it.
//
// The error has the host if the URL could be parsed, and no other part of the URL.
func checkURL(raw string, allowHTTP bool) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, &Error{Err: refusal("the URL has " + strconv.Itoa(len(raw)) +
			" octets, want at most " + strconv.Itoa(maxURL))}
	}
	u, err := url.Parse(raw)
	if err != nil {
		// The text of err repeats the URL.
		return nil, &Error{Err: refusal("the URL is malformed; want one such as https://host/path")}
	}
	if reason := urlFault(u, raw, allowHTTP); reason != "" {
		return nil, &Error{Host: hostOf(u), Err: refusal(reason)}
	}
	return u, nil
}

// urlFault returns the reason why checkURL refuses u, which it parsed from raw, or "".
func urlFault(u *url.URL, raw string, allowHTTP bool) string {
	switch {
	case u.Scheme == "http" && !allowHTTP:
		return "the scheme of the URL is http, want https; AllowHTTP accepts http too"
	case u.Scheme != "https" && u.Scheme != "http":
		return "the scheme of the URL is not https; want a URL such as https://host/path"
	case u.Hostname() == "": // also the opaque form, "https:host"
		return `the URL has no host; want "https://" and a host`
	case u.User != nil:
		return "the URL has a user name or a password; send them in a Header of ClientOptions"
	case strings.Contains(raw, "#"): // url.Parse drops an empty fragment
		return "the URL has a fragment, which is not sent to a server; remove it"
	}
	// u.String escapes such a zone, and url.Parse refuses the result.
	if _, zone, _ := strings.Cut(u.Hostname(), "%"); strings.ContainsFunc(zone, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "the zone of the IPv6 address in the URL is not ASCII"
	}
	if strings.HasSuffix(u.Host, ":") {
		return "the port of the URL is empty; remove the colon"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "the port of the URL is not between 1 and 65535"
		}
	}
	return ""
}

// hostOf returns the host of u as Error.Host and Status.Host show it, with the port if u has one.
func hostOf(u *url.URL) string { return u.Host }

// sameOrigin reports whether a and b have the same scheme, host and port. Upper and lower case are
// the same in a host, and a URL without a port has the default port of its scheme.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && portOf(a) == portOf(b) &&
		strings.EqualFold(a.Hostname(), b.Hostname())
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}
