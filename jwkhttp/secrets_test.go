package jwkhttp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// Errors, events and logs reach dashboards and bug reports. A token in the URL must not reach them,
// and neither must a secret in an answer that is not a set.
func TestNothingShowsSecrets(t *testing.T) {
	const target = providerURL + "?token=s3cret"
	leaky := &url.Error{Op: "Get", URL: target, Err: errors.New("dial " + target + ": connection refused")}
	for _, test := range []struct {
		name   string
		change func(p *provider)
	}{
		{"F17 status", func(p *provider) { p.fail(403); p.write("s3cret") }},
		{"F17 body is text", func(p *provider) { p.write("s3cret") }},
		{"F17 body is a page", func(p *provider) { p.write("<html>s3cret</html>"); p.set("Content-Type", "text/html") }},
		{"F17 body is an object", func(p *provider) { p.write(`{"s3cret":"s3cret"}`) }},
		{"F17 key is private", func(p *provider) { p.write(`{"keys":[{"kty":"oct","k":"s3cret"}]}`) }},
		{"F17 key is broken", func(p *provider) { p.write(`{"keys":[{"kty":"EC","crv":"P-256","x":"s3cret!","y":"s3cret"}]}`) }},
		{"F17 header", func(p *provider) { p.fail(500); p.set("Retry-After", "s3cret"); p.set("Www-Authenticate", "s3cret") }},
		{"F17 error of the transport", func(p *provider) { p.change(func() { p.err = leaky }) }},
		{"F17 wrapped error", func(p *provider) { p.change(func() { p.err = fmt.Errorf("GET /jwks?token=s3cret: %w", leaky) }) }},
		{"F17 panic", func(p *provider) { p.change(func() { p.hook = func(*http.Request) { panic(target) } }) }},
	} {
		run(t, test.name, func(t *testing.T) {
			var (
				seen   strings.Builder
				events recorder
			)
			p := newProvider(t, key(t, "P-256", "a"))
			c, err := jwkhttp.NewClient(target, &jwkhttp.ClientOptions{
				HTTPClient: &http.Client{Transport: p},
				Header:     http.Header{"Authorization": {"Bearer s3cret"}},
				Logger:     slog.New(slog.NewJSONHandler(&seen, &slog.HandlerOptions{Level: slog.LevelDebug})),
				OnEvent:    events.add,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			test.change(p)
			_, err = find(c, "a")
			checkErrors(t, err, jwkhttp.ErrFetch)
			if e, ok := errors.AsType[*url.Error](err); ok {
				t.Errorf("the chain has a *url.Error: %v", e)
			}
			values := []any{err, c.Status()}
			for _, e := range events.take() {
				values = append(values, e)
			}
			logger := slog.New(slog.NewTextHandler(&seen, nil))
			for _, value := range values {
				text, err := json.Marshal(value)
				if err != nil {
					t.Errorf("json.Marshal: %v", err)
				}
				seen.Write(text)
				fmt.Fprintf(&seen, "%v %+v %#v %s %q", value, value, value, value, value)
				logger.Info("seen", "value", value)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				seen.WriteString(e.Error())
			}
			for _, secret := range []string{"s3cret", "/jwks", "token"} {
				if i := strings.Index(seen.String(), secret); i >= 0 {
					t.Errorf("%s is shown: %.200s", secret, seen.String()[max(0, i-100):])
				}
			}
		})
	}
}

// With UntrustedURL, a stranger may see the errors. The addresses of the service, of its resolver and of the
// names in its network would be a map for an attack.
func TestErrorsOfUntrustedURLsHaveNoAddresses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 1))
			conn.(*net.TCPConn).SetLinger(0) // so that the client gets a reset
			conn.Close()
		}
	}()
	check := func(name string) {
		t.Helper()
		c, err := jwkhttp.NewClient("https://localhost:"+port+"/jwks", &jwkhttp.ClientOptions{
			UntrustedURL:  true,
			AllowPrefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		err = c.Refresh(t.Context())
		checkErrors(t, err, jwkhttp.ErrFetch)
		if _, ok := errors.AsType[*net.OpError](err); !ok {
			t.Errorf("%s: got %v, want an error that is a *net.OpError", name, err)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			text := fmt.Sprintf("%v %+v %q", e, e, e)
			if strings.Contains(text, "127.0.0.1") || strings.Contains(text, "::1") || strings.Contains(text, "->") {
				t.Errorf("%s: the error has an address: %s", name, text)
			}
		}
	}
	check("reset")
	l.Close()
	check("refused")
}
