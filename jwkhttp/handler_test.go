package jwkhttp_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// handlerKey returns the private key with a name from testdata/keys.json. Its kid is the name.
func handlerKey(t testing.TB, name string) *jwk.Key {
	t.Helper()
	data, err := os.ReadFile("../testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if all[name] == nil {
		t.Fatalf("no key %q", name)
	}
	all[name]["kid"] = name
	text, err := json.Marshal(all[name])
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwk.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// handlerSet returns the set of the private keys with these names.
func handlerSet(t testing.TB, names ...string) *jwk.Set {
	t.Helper()
	var keys []*jwk.Key
	for _, name := range names {
		keys = append(keys, handlerKey(t, name))
	}
	return jwk.NewSet(keys...)
}

// staticHandler returns a Handler for the keys with these names.
func staticHandler(t testing.TB, names ...string) *jwkhttp.Handler {
	t.Helper()
	h, err := jwkhttp.NewStaticHandler(handlerSet(t, names...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// askHandler sends a request. header has names and values in turn; a name may come twice.
func askHandler(h http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/jwks.json", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// wholeBody returns the body of an answer, decompressed. The error says that the answer is not 200,
// or that its ETag or Content-Length does not belong to its body.
func wholeBody(w *httptest.ResponseRecorder) ([]byte, error) {
	body := w.Body.Bytes()
	sum := sha256.Sum256(body)
	if got, want := w.Header().Get("ETag"), `"`+base64.RawURLEncoding.EncodeToString(sum[:])+`"`; w.Code != 200 || got != want {
		return nil, fmt.Errorf("got status %d and ETag %s, want 200 and %s", w.Code, got, want)
	}
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(len(body)); got != want {
		return nil, fmt.Errorf("got Content-Length %s, want %s", got, want)
	}
	if w.Header().Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// checkWhole is wholeBody for answers that must be whole.
func checkWhole(t testing.TB, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	body, err := wholeBody(w)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// memberNames returns the names of all members in a JSON value, at any depth.
func memberNames(value any) []string {
	var names []string
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			names = append(append(names, name), memberNames(inner)...)
		}
	case []any:
		for _, inner := range value {
			names = append(names, memberNames(inner)...)
		}
	}
	return names
}

// TestHandlerPublishesNothingPrivate: if this fails, everyone can sign as this service.
func TestHandlerPublishesNothingPrivate(t *testing.T) {
	private := []string{
		"RSA-2048", "RSA-2048-multi-prime", "P-256", "P-384", "P-521", "secp256k1",
		"Ed25519", "X25519", "Ed448", "X448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
	}
	t.Run("V01 private keys", func(t *testing.T) {
		var dropped []string
		set := handlerSet(t, append([]string{"oct-256"}, private...)...)
		h := jwkhttp.NewHandler(func() *jwk.Set { return set }, &jwkhttp.HandlerOptions{
			OnDropped: func(k *jwk.Key) { dropped = append(dropped, k.KeyID()) },
		})
		for _, encoding := range []string{"identity", "gzip"} {
			body := checkWhole(t, askHandler(h, "GET", "Accept-Encoding", encoding))
			var document any
			if err := json.Unmarshal(body, &document); err != nil {
				t.Fatal(err)
			}
			for _, name := range memberNames(document) {
				if slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "seed"}, name) {
					t.Errorf("%s: the body has a member %s", encoding, name)
				}
			}
			read, err := jwk.ParseSet(body)
			if err != nil {
				t.Fatal(err)
			}
			if !read.Equal(set.Public()) || read.Len() != len(private) {
				t.Errorf("%s: got %v, want %v", encoding, read, set.Public())
			}
		}
		if want := []string{"oct-256"}; !slices.Equal(dropped, want) {
			t.Errorf("OnDropped: got %q, want %q, once for two requests", dropped, want)
		}
	})
	t.Run("V01 static with oct", func(t *testing.T) {
		_, err := jwkhttp.NewStaticHandler(handlerSet(t, "P-256", "oct-256"), nil)
		checkArgument(t, err, jwk.ErrPrivate)
	})
	t.Run("V01 a private half held elsewhere", func(t *testing.T) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		held, err := jwk.New(struct{ crypto.Signer }{private}, nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := jwkhttp.NewStaticHandler(jwk.NewSet(held), nil)
		if err != nil {
			t.Fatal(err)
		}
		read, err := jwk.ParseSet(checkWhole(t, askHandler(h, "GET")))
		if err != nil || read.Len() != 1 || read.At(0).IsPrivate() || read.At(0).Thumbprint() != held.Thumbprint() {
			t.Errorf("got %v, %v, want the public half of %v", read, err, held)
		}
	})
	t.Run("V01 other members and skipped entries", func(t *testing.T) {
		public, err := handlerSet(t, "Ed25519").Public().At(0).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		key := strings.Replace(string(public), "{", `{"note":{"kty":"oct","k":"c2VjcmV0"},`, 1)
		set, err := jwk.ParseSet([]byte(`{"vault":"secret","keys":[` + key + `,{"kty":"new","hush":"secret"},7]}`))
		if err != nil {
			t.Fatal(err)
		}
		if set.Len() != 1 || len(set.Skipped()) != 2 {
			t.Fatalf("got %v, want a key and two skipped entries", set)
		}
		h, err := jwkhttp.NewStaticHandler(set, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body := checkWhole(t, askHandler(h, "GET")); !bytes.Equal(body, []byte(`{"keys":[`+string(public)+`]}`)) {
			t.Errorf("got %s, want only the key without its note", body)
		}
	})
}

// checkArgument checks an error of NewStaticHandler.
func checkArgument(t testing.TB, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.HasPrefix(fmt.Sprint(err), "jwkhttp: ") {
		t.Errorf("got %v, want an error of jwkhttp that is %v", err, kind)
	}
}

// TestHandlerRefusesArguments: if this fails, a mistake in the setup shows at the first request, or
// never.
func TestHandlerRefusesArguments(t *testing.T) {
	set := handlerSet(t, "P-256")
	skipped, err := jwk.ParseSet([]byte(`{"keys":[{"kty":"new"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	negative := &jwkhttp.HandlerOptions{MaxAge: -time.Second}
	for name, c := range map[string]struct {
		set  *jwk.Set
		opts *jwkhttp.HandlerOptions
	}{
		"nil":             {nil, nil},
		"zero":            {new(jwk.Set), nil},
		"only skipped":    {skipped, nil},
		"negative MaxAge": {set, negative},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := jwkhttp.NewStaticHandler(c.set, c.opts)
			checkArgument(t, err, jwk.ErrInvalid)
			if h != nil {
				t.Error("got a Handler with the error")
			}
		})
	}
	t.Run("NewHandler panics", func(t *testing.T) {
		checkPanic(t, "MaxAge of -1s", func() { jwkhttp.NewHandler(func() *jwk.Set { return set }, negative) })
		checkPanic(t, "nil source", func() { jwkhttp.NewHandler(nil, nil) })
		checkPanic(t, "not made by NewHandler", func() { askHandler(new(jwkhttp.Handler), "GET") })
	})
}

// checkPanic checks that f panics with a text of this package that has a part.
func checkPanic(t testing.TB, part string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "jwkhttp: ") || !strings.Contains(text, part) {
			t.Errorf("got panic %q, want jwkhttp: and %q", text, part)
		}
	}()
	f()
}

// TestStaticHandlerKeepsItsSet: if this fails, the keys that a service publishes change because an
// unrelated part of it unmarshals into the same variable.
func TestStaticHandlerKeepsItsSet(t *testing.T) {
	set := *handlerSet(t, "P-256")
	h, err := jwkhttp.NewStaticHandler(&set, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := checkWhole(t, askHandler(h, "GET"))
	if err := json.Unmarshal([]byte(`{"keys":[]}`), &set); err != nil {
		t.Fatal(err)
	}
	if after := checkWhole(t, askHandler(h, "GET")); !bytes.Equal(before, after) {
		t.Errorf("got %s, want %s", after, before)
	}
}
