package jwkhttp

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// The URL decides whom a service trusts. Each row is wrong in one way only.
func TestCheckURL(t *testing.T) {
	tests := []struct {
		name, raw string
		allowHTTP bool
		host      string // of the URL or of the error
		want      string // part of the error, or "" if the URL is accepted
	}{
		{"https", "https://keys.example/jwks?x=1", false, "keys.example", ""},
		{"upper case", "HTTPS://Keys.Example/jwks", false, "Keys.Example", ""},
		{"without a path", "https://keys.example", false, "keys.example", ""},
		{"port", "https://keys.example:8443/", false, "keys.example:8443", ""},
		{"port 1", "https://keys.example:1/", false, "keys.example:1", ""},
		{"port 65535", "https://keys.example:65535/", false, "keys.example:65535", ""},
		{"IPv4", "https://192.0.2.1/", false, "192.0.2.1", ""},
		{"IPv6", "https://[2001:db8::1]:8443/", false, "[2001:db8::1]:8443", ""},
		{"IPv6 with a zone", "https://[fe80::1%25eth0]:8443/", false, "[fe80::1%eth0]:8443", ""},
		{"host that is not ASCII", "https://b\u00fccher.example/", false, "b\u00fccher.example", ""},
		{"escaped number sign", "https://keys.example/%23", false, "keys.example", ""},
		{"at sign in the path", "https://keys.example/@x", false, "keys.example", ""},
		{"longest", "https://keys.example/" + strings.Repeat("a", maxURL-21), false, "keys.example", ""},
		{"http with AllowHTTP", "http://keys.example/", true, "keys.example", ""},
		{"https with AllowHTTP", "https://keys.example/", true, "keys.example", ""},

		{"F01 http", "http://secret.example/", false, "secret.example", "http, want https; AllowHTTP"},
		{"F01 file", "file:///secret", false, "", "not https"},
		{"F01 file with AllowHTTP", "file:///secret", true, "", "not https"},
		{"F01 data", "data:application/json,secret", false, "", "not https"},
		{"F01 ftp", "ftp://keys.example/secret", false, "keys.example", "not https"},
		{"F01 ftp with AllowHTTP", "ftp://keys.example/secret", true, "keys.example", "not https"},
		{"F01 no host", "https:///secret", false, "", "no host"},
		{"F01 no scheme", "//keys.example/secret", false, "keys.example", "not https"},
		{"F01 user and password", "https://user:secret@keys.example/", false, "keys.example", "user name"},
		{"F01 user", "https://secret@keys.example/", false, "keys.example", "user name"},
		{"F01 empty user", "https://@keys.example/", false, "keys.example", "user name"},

		{"empty", "", false, "", "not https"},
		{"path only", "/secret", false, "", "not https"},
		{"host only", "keys.example/secret", false, "", "not https"},
		{"opaque", "https:secret", false, "", "no host"},
		{"port without a host", "https://:443/secret", false, ":443", "no host"},
		{"fragment", "https://keys.example/#secret", false, "keys.example", "fragment"},
		{"empty fragment", "https://keys.example/secret#", false, "keys.example", "fragment"},
		{"zone that is not ASCII", "https://[fe80::1%25\u00fc]/secret", false, "[fe80::1%\u00fc]", "not ASCII"},
		{"zone that is not UTF-8", "https://[fe80::1%25\xb4]/secret", false, "[fe80::1%\xb4]", "not ASCII"},
		{"port 0", "https://keys.example:0/secret", false, "keys.example:0", "65535"},
		{"port 65536", "https://keys.example:65536/secret", false, "keys.example:65536", "65535"},
		{"empty port", "https://keys.example:/secret", false, "keys.example:", "port of the URL is empty"},
		{"port is a name", "https://keys.example:secret/", false, "", "malformed"},
		{"negative port", "https://keys.example:-1/secret", false, "", "malformed"},
		{"space", "https://keys.example /secret", false, "", "malformed"},
		{"space before", " https://keys.example/secret", false, "", "malformed"},
		{"newline", "https://keys.example/secret\n", false, "", "malformed"},
		{"bad escape", "https://keys.example/%zzsecret", false, "", "malformed"},
		{"too long", "https://keys.example/" + strings.Repeat("a", maxURL-20), false, "", "2049 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := checkURL(tt.raw, tt.allowHTTP)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("got error %v, want nil", err)
				}
				if got := hostOf(u); got != tt.host {
					t.Errorf("host: got %q, want %q", got, tt.host)
				}
				return
			}
			e, ok := err.(*Error)
			if !ok || u != nil || !errors.Is(err, ErrFetch) {
				t.Fatalf("got %v and error %v, want no URL and an *Error", u, err)
			}
			if !strings.Contains(e.Error(), tt.want) {
				t.Errorf("got error %q, want %q", e, tt.want)
			}
			if e.Host != tt.host || strings.Contains(e.Err.Error(), "secret") {
				t.Errorf("got host %q and reason %q, want host %q and no part of the URL", e.Host, e.Err, tt.host)
			}
		})
	}
}

// If sameOrigin took another server for the same one, that server would choose the keys.
func TestSameOrigin(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"https://a.example/x", "https://a.example/y?z", true},
		{"https://a.example", "https://A.EXAMPLE", true},
		{"https://a.example", "https://a.example:443", true},
		{"http://a.example:80", "http://a.example", true},
		{"https://[2001:db8::1]:443", "https://[2001:DB8::1]", true},
		{"https://a.example", "http://a.example", false},
		{"https://a.example:443", "http://a.example:443", false},
		{"https://a.example", "https://a.example:80", false},
		{"https://a.example:8443", "https://a.example", false},
		{"https://a.example", "https://b.example", false},
		{"https://a.example", "https://a.example.b.example", false},
		{"https://a.example", "https://a.example.", false},
	}
	for _, tt := range tests {
		a, b := mustURL(t, tt.a), mustURL(t, tt.b)
		if got := sameOrigin(a, b); got != tt.want {
			t.Errorf("%s, %s: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := sameOrigin(b, a); got != tt.want {
			t.Errorf("%s, %s: got %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// FuzzCheckURL tests that an accepted URL is safe to request, and that its text is the same URL.
func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{
		"https://keys.example/jwks?x=1", "HTTPS://Keys.Example:8443", "https://[2001:db8::1]/%23",
		"http://keys.example/", "file:///x", "data:,x", "https:///x", "//h", "https://u:p@h/",
		"https://@h", "https://h#", "https://h:0", "https://h:/", "https:h", "https://[fe80::1%25a]/", "https://[fe80::1%25\xb4]/",
		"https://h/?#", "https://h%20/", "", "\x00", "https://h?a=%zz",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := checkURL(raw, false)
		if err != nil {
			if e, ok := err.(*Error); !ok || u != nil || e.Err == nil {
				t.Fatalf("%q: got %v and %v, want an *Error with a reason", raw, u, err)
			}
			return
		}
		if u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Hostname() == "" || u.Opaque != "" {
			t.Fatalf("%q: accepted %#v", raw, u)
		}
		if len(u.String()) > maxURL {
			return // String escapes some octets
		}
		again, err := checkURL(u.String(), false)
		if err != nil || again.String() != u.String() || again.Host != u.Host {
			t.Fatalf("%q: %q is %v, %v when it is parsed again", raw, u, again, err)
		}
	})
}
