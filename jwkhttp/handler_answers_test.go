package jwkhttp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// TestHandlerAnswers: if this fails, a cache or a browser treats the set in another way than the
// documentation says.
func TestHandlerAnswers(t *testing.T) {
	set := handlerSet(t, "Ed25519")
	handler := func(opts *jwkhttp.HandlerOptions) http.Handler {
		return jwkhttp.NewHandler(func() *jwk.Set { return set }, opts)
	}
	noSet := jwkhttp.NewHandler(func() *jwk.Set { return nil }, nil)
	octOnly := handlerSet(t, "oct-256")
	noKey := jwkhttp.NewHandler(func() *jwk.Set { return octOnly }, nil)
	noKeys := jwkhttp.NewHandler(func() *jwk.Set { return new(jwk.Set) }, nil)

	common := map[string]string{
		"X-Content-Type-Options":      "nosniff",
		"Content-Security-Policy":     "default-src 'none'",
		"Access-Control-Allow-Origin": "*",
	}
	with := func(pairs ...string) map[string]string {
		m := maps.Clone(common)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
			if pairs[i+1] == "" {
				delete(m, pairs[i])
			}
		}
		return m
	}
	good := askHandler(handler(nil), "GET")
	body := string(checkWhole(t, good))
	etag := good.Header().Get("ETag")
	whole := func(control string) map[string]string {
		return with("Content-Type", "application/json", "Content-Length", fmt.Sprint(len(body)), "Etag", etag,
			"Vary", "Accept, Accept-Encoding", "Cache-Control", control)
	}
	const tenMinutes = "public, max-age=600, must-revalidate"
	noCORS := whole(tenMinutes)
	delete(noCORS, "Access-Control-Allow-Origin")
	notModified := whole(tenMinutes)
	delete(notModified, "Content-Type")
	delete(notModified, "Content-Length")
	refused := with("Allow", "GET, HEAD, OPTIONS", "Content-Type", "text/plain; charset=utf-8")
	absent := with("Retry-After", "5", "Cache-Control", "no-store", "Content-Type", "text/plain; charset=utf-8")

	for _, c := range []struct {
		name    string
		handler http.Handler
		method  string
		header  []string
		status  int
		want    map[string]string
		body    string
	}{
		{"V02 GET", handler(nil), "GET", nil, 200, whole(tenMinutes), body},
		{"V02 HEAD", handler(nil), "HEAD", nil, 200, whole(tenMinutes), ""},
		{"V02 MaxAge", handler(&jwkhttp.HandlerOptions{MaxAge: 90*time.Second + 999*time.Millisecond}), "GET", nil, 200,
			whole("public, max-age=90, must-revalidate"), body},
		{"V02 NoCORS", handler(&jwkhttp.HandlerOptions{NoCORS: true}), "GET", nil, 200, noCORS, body},
		{"V02 not modified", handler(nil), "GET", []string{"If-None-Match", etag}, 304, notModified, ""},
		{"V02 HEAD not modified", handler(nil), "HEAD", []string{"If-None-Match", etag}, 304, notModified, ""},
		{"V02 a range", handler(nil), "GET", []string{"Range", "bytes=0-9"}, 200, whole(tenMinutes), body},
		{"V02 OPTIONS", handler(nil), "OPTIONS", nil, 204, with("Allow", "GET, HEAD, OPTIONS",
			"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS", "Access-Control-Allow-Headers", "*",
			"Access-Control-Max-Age", "86400"), ""},
		{"V02 OPTIONS NoCORS", handler(&jwkhttp.HandlerOptions{NoCORS: true}), "OPTIONS", nil, 204,
			with("Allow", "GET, HEAD, OPTIONS", "Access-Control-Allow-Origin", ""), ""},
		{"V02 OPTIONS without a set", noSet, "OPTIONS", nil, 204, with("Allow", "GET, HEAD, OPTIONS",
			"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS", "Access-Control-Allow-Headers", "*",
			"Access-Control-Max-Age", "86400"), ""},
		{"V02 POST", handler(nil), "POST", nil, 405, refused, "method not allowed: use GET\n"},
		{"V02 PUT", handler(nil), "PUT", []string{"If-None-Match", "*"}, 405, refused, "method not allowed: use GET\n"},
		{"V02 TRACE", handler(nil), "TRACE", nil, 405, refused, "method not allowed: use GET\n"},
		{"V02 get in lower case", handler(nil), "get", nil, 405, refused, "method not allowed: use GET\n"},
		{"V02 no set", noSet, "GET", []string{"If-None-Match", "*"}, 503, absent, "there is no key set yet\n"},
		{"V02 no set, HEAD", noSet, "HEAD", nil, 503, absent, ""},
		{"V02 no key to publish", noKey, "GET", nil, 503, absent, "the key set has no key that can be published\n"},
		{"V02 empty set", noKeys, "GET", nil, 503, absent, "the key set has no key that can be published\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := askHandler(c.handler, c.method, c.header...)
			if w.Code != c.status || w.Body.String() != c.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, c.status, c.body)
			}
			got := map[string]string{}
			for name, values := range w.Header() {
				got[name] = strings.Join(values, " | ")
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

// TestHandlerBehindOtherCode: if this fails, the Handler breaks what middleware does, or middleware
// changes the answers to other requests.
func TestHandlerBehindOtherCode(t *testing.T) {
	h := staticHandler(t, "RSA-2048", "RSA-3072", "ML-DSA-44")
	before := http.Header{
		"Vary":                        {"Origin"},
		"Content-Security-Policy":     {"frame-ancestors 'none'"},
		"Access-Control-Allow-Origin": {"https://app.example"},
		"Cache-Control":               {"no-store"},
		"Set-Cookie":                  {"session=1"},
		"X-Request-Id":                {"7"},
	}
	serve := func(before http.Header, accept string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		maps.Copy(w.Header(), before)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		h.ServeHTTP(w, r)
		return w
	}
	t.Run("fields set before", func(t *testing.T) {
		got := serve(before, "identity").Header()
		for name, want := range map[string][]string{
			"Vary":                        {"Origin", "Accept, Accept-Encoding"},
			"Content-Security-Policy":     {"frame-ancestors 'none'", "default-src 'none'"},
			"Access-Control-Allow-Origin": {"https://app.example"},
			"Cache-Control":               {"public, max-age=600, must-revalidate"},
			"Set-Cookie":                  nil,
			"X-Request-Id":                {"7"},
		} {
			if !slices.Equal(got[name], want) {
				t.Errorf("%s: got %q, want %q", name, got[name], want)
			}
		}
	})
	t.Run("Vary of everything", func(t *testing.T) {
		if got := serve(http.Header{"Vary": {"*"}}, "").Header()["Vary"]; !slices.Equal(got, []string{"*"}) {
			t.Errorf("got %q, want *", got)
		}
	})
	t.Run("compression by middleware", func(t *testing.T) {
		w := serve(http.Header{"Content-Encoding": {"gzip"}}, "gzip")
		if !json.Valid(w.Body.Bytes()) || w.Header()["Content-Length"] != nil {
			t.Error("got a compressed body or a Content-Length, want the plain body for the middleware to compress")
		}
	})
	t.Run("fields changed afterwards", func(t *testing.T) {
		for range 2 { // the second answer shows what the first one changed
			w := serve(nil, "identity")
			checkWhole(t, w)
			for name, values := range w.Header() {
				values[0] = "changed"
				w.Header()[name] = append(values, "added")
			}
			for name, values := range w.Header() {
				if !slices.Equal(values, []string{"changed", "added"}) {
					t.Errorf("%s: got %q, want the values of this field only", name, values)
				}
			}
		}
	})
}

// TestHandlerOnServer: if this fails, the Handler works in tests and not behind a router, or not with
// the client of Go.
func TestHandlerOnServer(t *testing.T) {
	set := handlerSet(t, "RSA-2048", "RSA-3072", "ML-DSA-44")
	h, err := jwkhttp.NewStaticHandler(set, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := set.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/tenants/{tenant}/jwks", h)
	mux.Handle("/stripped/", http.StripPrefix("/stripped", h))
	server := httptest.NewServer(mux)
	defer server.Close()
	do := func(method, path, etag string) (*http.Response, []byte) {
		r, err := http.NewRequest(method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, body
	}
	for _, path := range []string{"/tenants/a/jwks", "/stripped/", "/stripped/jwks.json?v=1"} {
		whole, body := do("GET", path, "")
		if whole.StatusCode != 200 || !whole.Uncompressed || !bytes.Equal(body, want) {
			t.Errorf("%s: got %s, compressed %v, %q; want 200, compressed, %q", path, whole.Status, whole.Uncompressed, body, want)
		}
		if again, body := do("GET", path, whole.Header.Get("ETag")); again.StatusCode != 304 || len(body) > 0 {
			t.Errorf("%s with the ETag: got %s and %d bytes, want 304 without a body", path, again.Status, len(body))
		}
		if head, body := do("HEAD", path, ""); head.StatusCode != 200 || head.ContentLength <= 0 || len(body) > 0 {
			t.Errorf("HEAD %s: got %s of length %d, want 200 and the length of GET", path, head.Status, head.ContentLength)
		}
	}
}
