package jwkhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

const (
	issuer       = "https://issuer.example"
	openIDSuffix = "/.well-known/openid-configuration"
	oauthPrefix  = "/.well-known/oauth-authorization-server"
)

// metadata returns the metadata of an issuer.
func metadata(issuer, jwksURI string) string {
	return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"other":[{}]}`, issuer, jwksURI)
}

// serve makes the provider answer each URL with a text, and any other URL with status 404. A
// text that is a number is a status.
func (p *provider) serve(texts map[string]string) {
	p.change(func() {
		p.answer = func(r *http.Request) (*http.Response, error) {
			text, found := texts[r.URL.String()]
			status := 200
			if !found {
				status = 404
			} else if n, err := fmt.Sscan(text, &status); n == 0 || err != nil {
				status = 200
			}
			return respond(r, status, make(http.Header), strings.NewReader(text)), nil
		}
	})
}

// urls returns the URLs of the requests so far.
func (p *provider) urls() (urls []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		urls = append(urls, r.URL.String())
	}
	return urls
}

// A service configures an issuer and must get its keys, whether the issuer has one document or
// the other.
func TestDiscover(t *testing.T) {
	for _, test := range []struct {
		name, issuer string
		at           []string // the documents that are asked for; the last one is there
		first        string   // the answer to the first of two
	}{
		{"OpenID", issuer, []string{issuer + openIDSuffix}, ""},
		{"OpenID, slash", issuer + "/", []string{issuer + openIDSuffix}, ""},
		{"OpenID, path", issuer + "/a/b", []string{issuer + "/a/b" + openIDSuffix}, ""},
		{"OpenID, escaped path", issuer + "/a%2Fb", []string{issuer + "/a%2Fb" + openIDSuffix}, ""},
		{"OpenID, path that looks like a host", issuer + "//b.example", []string{issuer + "//b.example" + openIDSuffix}, ""},
		{"OpenID, port", issuer + ":8443", []string{issuer + ":8443" + openIDSuffix}, ""},
		{"RFC 8414 after 404", issuer, []string{issuer + openIDSuffix, issuer + oauthPrefix}, "404"},
		{"RFC 8414 after 403", issuer, []string{issuer + openIDSuffix, issuer + oauthPrefix}, "403"},
		{"RFC 8414, slash", issuer + "/", []string{issuer + openIDSuffix, issuer + oauthPrefix}, "404"},
		{"RFC 8414, path", issuer + "/a", []string{issuer + "/a" + openIDSuffix, issuer + oauthPrefix + "/a"}, "404"},
		{"RFC 8414, path and slash", issuer + "/a/", []string{issuer + "/a" + openIDSuffix, issuer + oauthPrefix + "/a"}, "404"},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			texts := map[string]string{
				test.at[len(test.at)-1]:            metadata(test.issuer, issuer+"/keys?v=1"),
				issuer + "/keys?v=1":               string(p.body),
				"https://b.example" + openIDSuffix: metadata(test.issuer, "https://b.example/keys"),
			}
			if test.first != "" {
				texts[test.at[0]] = test.first
			}
			p.serve(texts)
			c, err := jwkhttp.Discover(t.Context(), test.issuer, &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}})
			if got := p.urls(); !slices.Equal(got, test.at) || err != nil {
				t.Fatalf("asked for %v, %v, want %v", got, err, test.at)
			}
			defer c.Close()
			mustFind(t, c, "a")
			if got := p.last().URL.String(); got != issuer+"/keys?v=1" {
				t.Errorf("asked for %s, want the jwks_uri", got)
			}
		})
	}
}

// If another issuer's metadata were accepted, its keys would verify tokens of this one.
func TestDiscoverRefuses(t *testing.T) {
	good := metadata(issuer, issuer+"/keys")
	for _, test := range []struct {
		name, issuer, body string
		requests           int
	}{
		{"issuer with a slash", issuer, metadata(issuer+"/", issuer+"/keys"), 1},
		{"issuer without the slash", issuer + "/", good, 1},
		{"issuer in upper case", issuer, metadata(strings.ToUpper(issuer), issuer+"/keys"), 1},
		{"other issuer", issuer, metadata("https://b.example", issuer+"/keys"), 1},
		{"no issuer", issuer, `{"jwks_uri":"https://issuer.example/keys"}`, 1},
		{"issuer is no string", issuer, `{"issuer":["https://issuer.example"],"jwks_uri":"https://issuer.example/keys"}`, 1},
		{"issuer twice", issuer, `{"issuer":"https://b.example",` + good[1:], 1},
		{"jwks_uri twice", issuer, `{"jwks_uri":"https://b.example/keys",` + good[1:], 1},
		{"names in upper case", issuer, strings.Replace(good, "jwks_uri", "JWKS_URI", 1), 1},
		{"no jwks_uri", issuer, `{"issuer":"https://issuer.example"}`, 1},
		{"jwks_uri is empty", issuer, metadata(issuer, ""), 1},
		{"jwks_uri is relative", issuer, metadata(issuer, "/keys"), 1},
		{"jwks_uri is http", issuer, metadata(issuer, "http://issuer.example/keys"), 1},
		{"jwks_uri is a file", issuer, metadata(issuer, "file:///s3cret"), 1},
		{"jwks_uri has a user", issuer, metadata(issuer, "https://s3cret@issuer.example/keys"), 1},
		{"jwks_uri has a fragment", issuer, metadata(issuer, issuer+"/keys#s3cret"), 1},
		{"no JSON", issuer, "s3cret", 1},
		{"empty", issuer, "", 1},
		{"two documents", issuer, good + good, 1},
		{"too long", issuer, good + strings.Repeat(" ", 1<<20), 1},
		{"status 500 twice", issuer, "500", 2},
		{"issuer is http", "http://issuer.example", good, 0},
		{"issuer has a query", issuer + "?a=s3cret", good, 0},
		{"issuer has an empty query", issuer + "?", good, 0},
		{"issuer has a fragment", issuer + "#s3cret", good, 0},
		{"issuer has a user", "https://s3cret@issuer.example", good, 0},
		{"issuer is empty", "", good, 0},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t)
			p.serve(map[string]string{issuer + openIDSuffix: test.body, issuer + oauthPrefix: test.body})
			c, err := jwkhttp.Discover(t.Context(), test.issuer, &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}})
			checkErrors(t, err, jwkhttp.ErrFetch)
			if c != nil || err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "well-known") {
				t.Errorf("got %v, %v, want an error without the URL and the body", c, err)
			}
			p.checkCount(t, test.requests)
		})
	}
}

// Header often holds a credential for the issuer, and the issuer's metadata must not send it to
// others.
func TestDiscoverKeepsHeaderAtTheOrigin(t *testing.T) {
	for uri, want := range map[string]string{
		issuer + "/keys":                       "Bearer 1",
		issuer + ":443/keys":                   "Bearer 1",
		"https://ISSUER.example/keys":          "Bearer 1",
		"https://keys.issuer.example/keys":     "",
		issuer + ":8443/keys":                  "",
		"https://issuer.example.evil.example/": "",
	} {
		run(t, uri, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.serve(map[string]string{issuer + openIDSuffix: metadata(issuer, uri), uri: string(p.body)})
			opts := &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}, Header: http.Header{"Authorization": {"Bearer 1"}}}
			c, err := jwkhttp.Discover(t.Context(), issuer, opts)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := p.last().Header.Get("Authorization"); got != "Bearer 1" {
				t.Errorf("got Authorization %q for the metadata, want Bearer 1", got)
			}
			mustFind(t, c, "a")
			if got := p.last().Header.Get("Authorization"); got != want {
				t.Errorf("got Authorization %q for the set, want %q", got, want)
			}
			if opts.Header == nil {
				t.Error("Discover changed the options")
			}
		})
	}
}

// AllowHTTP is for loopback and tests. An issuer with https must not lead to http, even then.
func TestDiscoverHTTP(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const plain = "http://issuer.example"
		p := newProvider(t)
		p.serve(map[string]string{
			plain + openIDSuffix:  metadata(plain, plain+"/keys"),
			issuer + openIDSuffix: metadata(issuer, plain+"/keys"),
		})
		opts := &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}, AllowHTTP: true}
		if _, err := jwkhttp.Discover(t.Context(), plain, opts); err != nil {
			t.Errorf("http to http: got %v", err)
		}
		_, err := jwkhttp.Discover(t.Context(), issuer, opts)
		checkErrors(t, err, jwkhttp.ErrFetch)
		// AllowHTTP is set, so the error must not advise it.
		if want := "jwks_uri: the scheme of the URL is http, want https as in the issuer"; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("https to http: got %v, want %q", err, want)
		}
	})
}

// Discover runs while a service starts, so it must end.
func TestDiscoverEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		p.wait(time.Hour)
		opts := &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, test := range []struct {
			ctx  context.Context
			want time.Duration
		}{{t.Context(), 10 * time.Second}, {ctx, 0}} {
			waited := took(func() {
				_, err := jwkhttp.Discover(test.ctx, issuer, opts)
				checkErrors(t, err, context.DeadlineExceeded, jwkhttp.ErrFetch)
			})
			if waited != test.want {
				t.Errorf("took %v, want %v", waited, test.want)
			}
		}
	})
}
