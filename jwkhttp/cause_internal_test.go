package jwkhttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

const (
	secretURL = "https://user:pass-secret@keys.example/path-secret?token=query-secret"
	secret    = "secret" // is in each part of secretURL that must not be shown
)

// showsNoSecret tests every way in which err can be printed, and every error below it that a caller
// can reach by Unwrap.
func showsNoSecret(t *testing.T, err error) {
	t.Helper()
	outer := &Error{Host: "keys.example", Err: err}
	for e := error(outer); e != nil; e = errors.Unwrap(e) {
		var b strings.Builder
		fmt.Fprintf(&b, "%v %+v %#v %s %q", e, e, e, e, e)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("", "err", e)
		text, jsonErr := json.Marshal(map[string]any{"err": e})
		if jsonErr != nil {
			t.Errorf("json.Marshal: %v", jsonErr)
		}
		b.Write(text)
		if strings.Contains(b.String(), secret) {
			t.Errorf("%T shows a secret: %s", e, b.String())
		}
		if strings.ContainsFunc(e.Error(), func(r rune) bool { return r < ' ' || r == '\u202e' }) {
			t.Errorf("%T has control characters: %q", e, e)
		}
	}
	if u, ok := errors.AsType[*url.Error](outer); ok {
		t.Errorf("errors.AsType finds a *url.Error: %v", u)
	}
}

// A leaky has the URL in a field, as the error of an instrumented RoundTripper may.
type leaky struct{ URL string }

func (l leaky) Error() string { return "request of " + l.URL + " failed" }

func inURL(err error) error { return &url.Error{Op: "Get", URL: secretURL, Err: err} }

// Logs keep the text of an error for years, and people paste it into tickets. A token in the query
// of the URL or in an answer must not get there.
func TestPlainErrorText(t *testing.T) {
	long := strings.Repeat("long ", 100)
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"url.Error", inURL(io.ErrUnexpectedEOF), "unexpected EOF"},
		{"two url.Errors", inURL(inURL(io.EOF)), "EOF"},
		{"url.Error without a reason", inURL(nil), "the request failed without a reason"},
		{"wrapped url.Error", fmt.Errorf("send: %w", inURL(io.EOF)), `send: Get "...": EOF`},
		{"joined url.Errors", errors.Join(inURL(io.EOF), inURL(context.Canceled)),
			`Get "...": EOF Get "...": context canceled`},
		{"field with the URL", leaky{secretURL}, "request of ... failed"},
		{"pointer with the URL", &leaky{secretURL}, "request of ... failed"},
		{"quoted status line", errors.New(`malformed HTTP response "secret \" secret"`),
			`malformed HTTP response "..."`},
		{"quoted Location", fmt.Errorf("failed to parse Location header %q: %v", secretURL, inURL(errNil)),
			`failed to parse Location header "...": Get "...": nil`},
		{"backquotes", errors.New("bad header `secret\\` here"), "bad header `...` here"},
		{"quote without an end", errors.New(`bad "secret and a secret`), `bad "..."`},
		{"backslash at the end", errors.New(`bad "secret\`), `bad "..."`},
		{"query", errors.New("GET /x?secret failed"), "GET ... failed"},
		{"query only", errors.New("query token=secret failed"), "query ... failed"},
		{"part of a query", errors.New("query &secret failed"), "query ... failed"},
		{"URL without a query", errors.New("GET https://keys.example/secret failed"), "GET ... failed"},
		{"path", errors.New("GET /secret (/secret) failed"), "GET ... ... failed"},
		{"user", errors.New("dial secret:secret@keys.example failed"), "dial ... failed"},
		{"control characters", errors.New("a\nb\x1b[31m\u202ec"), "a b [31m c"},
		{"long", errors.New(long), long[:maxCauseText] + "..."},
		{"very long", errors.New(strings.Repeat(" ", maxScanned) + secret), ""},
		{"cut within a letter", errors.New(strings.Repeat("x", 199) + "äö"), strings.Repeat("x", 199) + "..."},
		{"HTTP version", errors.New("HTTP/1.x transport connection broken"), "HTTP/1.x transport connection broken"},

		{"context", inURL(context.DeadlineExceeded), "context deadline exceeded"},
		{"DNS", inURL(&net.DNSError{Err: "no such host", Name: "keys.example"}),
			"lookup keys.example: no such host"},
		{"refused", inURL(refusedDial()), "dial tcp 192.0.2.1:443: connect: connection refused"},
		{"jwk", &jwk.Error{Path: "/keys/3/x", Err: jwk.ErrInvalid}, "jwk: /keys/3/x: jwk: invalid key"},
		{"x509", inURL(x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}),
			"x509: certificate has expired or is not yet valid: "},
		{"long list of names", inURL(wrongHost(strings.Repeat("c", 2000))),
			("x509: certificate is valid for " + strings.Repeat("c", 2000))[:maxKnownText] + "..."},
		{"certificate error of crypto/tls", inURL(&tls.CertificateVerificationError{
			Err: wrongHost(strings.Repeat("c", 300))}),
			"tls: failed to verify certificate: x509: certificate is valid for " +
				strings.Repeat("c", 300) + ", not keys.example"},
		{"control characters in a name", inURL(wrongHost("a\n\u202eb.example")),
			"x509: certificate is valid for a  b.example, not keys.example"},
		{"guard", inURL(&net.OpError{Op: "dial", Net: "tcp", Addr: refusedAddr, Err: notPublic("private")}),
			"the address of the host is not a public address (private); AllowPrefixes makes exceptions"},
		{"proxy", inURL(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("?secret")}),
			"proxyconnect tcp: ..."},
		{"own error around another", &Error{Host: "a", Err: leaky{secretURL}}, `jwkhttp: "...": request of ... failed`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := plainError(tt.err)
			if got == nil || got.Error() != tt.want {
				t.Errorf("got %v, want %q", got, tt.want)
			}
			showsNoSecret(t, got)
		})
	}
	if err := plainError(nil); err != nil {
		t.Errorf("nil: got %v, want nil", err)
	}
}

var (
	errNil      = errors.New("nil")
	refusedAddr = net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.1:443"))
)

func wrongHost(name string) x509.HostnameError {
	return x509.HostnameError{Host: "keys.example", Certificate: &x509.Certificate{DNSNames: []string{name}}}
}

func refusedDial() *net.OpError {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: refusedAddr,
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// Callers branch on the cause: a certificate that expired is another alarm than a timeout.
func TestPlainErrorChain(t *testing.T) {
	certificate := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	joined := errors.Join(io.EOF, fmt.Errorf("send: %w", inURL(&Error{Err: context.Canceled})))
	for _, err := range []error{inURL(refusedDial()), fmt.Errorf("send %s: %w", secretURL, inURL(refusedDial()))} {
		plain := plainError(err)
		if !errors.Is(plain, syscall.ECONNREFUSED) {
			t.Errorf("%v: not ECONNREFUSED", plain)
		}
		if e, ok := errors.AsType[*net.OpError](plain); !ok || e.Op != "dial" {
			t.Errorf("%v: got %v, want the *net.OpError", plain, e)
		}
		if e, ok := errors.AsType[net.Error](plain); !ok || strings.Contains(e.Error(), secret) {
			t.Errorf("%v: got %v, want a net.Error that is no *url.Error", plain, e)
		}
		if e, ok := errors.AsType[x509.UnknownAuthorityError](plain); ok {
			t.Errorf("%v: got %v, want no certificate error", plain, e)
		}
	}
	if e, ok := errors.AsType[x509.UnknownAuthorityError](plainError(inURL(certificate))); !ok {
		t.Errorf("got %v, want an UnknownAuthorityError", e)
	}
	plain := plainError(joined)
	if !errors.Is(plain, io.EOF) || !errors.Is(plain, context.Canceled) || !errors.Is(plain, ErrFetch) {
		t.Errorf("%v: not io.EOF, context.Canceled and ErrFetch", plain)
	}
	if e, ok := errors.AsType[*Error](plain); !ok {
		t.Errorf("%v: got %v, want the *Error", plain, e)
	}
	if e, ok := errors.AsType[leaky](plainError(leaky{"x"})); !ok || e.URL != "x" {
		t.Errorf("got %v, want the error of the RoundTripper", e)
	}
	if again := plainError(plain); again != plain {
		t.Errorf("got %v for an error that is plain, want the same", again)
	}
}

// With UntrustedURL, a stranger may see the errors of a lookup. They have the address of the resolver, and
// of names that only the network of the service knows.
func TestWithoutAddresses(t *testing.T) {
	local := &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 40_000}
	remote := &net.TCPAddr{IP: net.IPv4(10, 4, 5, 6), Port: 443}
	dns := &net.DNSError{Err: "read udp 10.1.2.3:40000->10.0.0.53:53: i/o timeout", Name: "issuer.example", Server: "10.0.0.53:53", IsTimeout: true}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"no such host", &net.DNSError{Err: "no such host", Name: "issuer.example", Server: "10.0.0.53:53", IsNotFound: true},
			"looking up the host: no such host"},
		{"dial", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Name: "issuer.example", Server: "10.0.0.53:53"}},
			"looking up the host: the resolver failed"},
		{"read", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: syscall.ECONNRESET},
			"read: " + syscall.ECONNRESET.Error()},
		{"refused by the server", &net.OpError{Op: "dial", Net: "tcp", Addr: remote, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
			"dial: connect: " + syscall.ECONNREFUSED.Error()},
		{"resolver does not answer", dns, "looking up the host: the resolver did not answer in time"},
	} {
		got := (&settings{untrusted: true}).shown(inURL(test.err))
		for _, text := range []string{got.Error(), fmt.Sprintf("%+v %#v", got, got)} {
			if strings.Contains(text, "10.") {
				t.Errorf("%s: the error has an address: %s", test.name, text)
			}
		}
		if got.Error() != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if !errors.Is(got, test.err) {
			t.Errorf("%s: got %v, want an error that is also the error of net", test.name, got)
		}
		if trusted := new(settings).shown(inURL(test.err)); trusted != test.err {
			t.Errorf("%s: got %v for a URL that is trusted, want %v, which an operator needs", test.name, trusted, test.err)
		}
	}
}
