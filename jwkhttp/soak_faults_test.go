package jwkhttp_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed1f6cf2d3/jwk"
)

// A fault is a way in which a provider fails. A nil answer is a good answer that comes slowly.
type fault struct {
	name   string
	answer func(*rotor, *http.Request, *version) (*http.Response, error)
}

// faults has the answers that must not change the set of a client. Those that look like a set have a
// key of a stranger under a kid that the provider uses.
var faults = [...]fault{
	{"outage", status(http.StatusServiceUnavailable)},
	{"slow", nil},
	{"status 503", status(http.StatusServiceUnavailable)},
	{"status 429", status(http.StatusTooManyRequests)},
	{"status 404", status(http.StatusNotFound)},
	{"status 204", status(http.StatusNoContent)},
	{"no connection", func(*rotor, *http.Request, *version) (*http.Response, error) {
		return nil, errors.New("connection refused")
	}},
	{"no answer", func(_ *rotor, q *http.Request, _ *version) (*http.Response, error) {
		<-q.Context().Done()
		return nil, q.Context().Err()
	}},
	{"panic", func(*rotor, *http.Request, *version) (*http.Response, error) { panic("the transport is broken") }},
	{"the connection ends in the body", func(_ *rotor, _ *http.Request, v *version) (*http.Response, error) {
		response := respondWith(http.StatusOK, "application/json", "")
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(v.body), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return response, nil
	}},
	{"half of a body", body("application/json", func(r *rotor, v *version) string { return v.body[:len(v.body)/2] })},
	{"noise", body("application/json", func(r *rotor, v *version) string {
		noise := make([]byte, 1+r.draw(0, 4096))
		for i := range noise {
			noise[i] = byte(r.draw(0, 255))
		}
		return string(noise)
	})},
	{"an HTML page", body("text/html; charset=utf-8", func(r *rotor, v *version) string { return r.bait })},
	{"an empty set", body("application/json", func(r *rotor, v *version) string { return `{"keys":[]}` })},
	{"a set without a usable key", body("application/json", func(r *rotor, v *version) string {
		return `{"keys":[{"kty":"unknown","kid":"k0"}]}`
	})},
	{"a private key", body("application/json", func(r *rotor, v *version) string { return r.privateBait })},
	{"a symmetric key", body("application/json", func(r *rotor, v *version) string { return r.symmetricBait })},
	{"a body over 1 MiB", body("application/json", func(r *rotor, v *version) string { return r.bait + r.padding })},
}

// status answers with a status.
func status(code int) func(*rotor, *http.Request, *version) (*http.Response, error) {
	return func(r *rotor, _ *http.Request, v *version) (*http.Response, error) {
		response := respondWith(code, "application/json", r.bait)
		response.Header.Set("Retry-After", fmt.Sprint(int(r.draw(0, 1000))))
		return response, nil
	}
}

// body answers with status 200 and a body.
func body(contentType string, f func(*rotor, *version) string) func(*rotor, *http.Request, *version) (*http.Response, error) {
	return func(r *rotor, _ *http.Request, v *version) (*http.Response, error) {
		return respondWith(http.StatusOK, contentType, f(r, v)), nil
	}
}

// respondWith returns an answer.
func respondWith(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// soakKeys are the keys of a rotor, and what its faults send.
type soakKeys struct {
	keys    []*jwk.Key
	numbers map[string]int // of the keys, by kid; a kid always names the same key

	bait, privateBait, symmetricBait string // sets with a key of a stranger
	padding                          string
}

func newSoakKeys(t *testing.T) *soakKeys {
	s := &soakKeys{keys: make([]*jwk.Key, 16), numbers: make(map[string]int), padding: strings.Repeat(" ", 1<<20)}
	for i := range s.keys {
		s.keys[i] = publicKey(t, soakKey(t, byte(i), "k"+strconv.Itoa(i)))
		s.numbers[s.keys[i].KeyID()] = i
	}
	private := soakKey(t, 255, "k0")
	symmetric, err := jwk.New(make([]byte, 32), &jwk.Attributes{KeyID: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	bait, err := json.Marshal(jwk.NewSet(publicKey(t, private)))
	if err != nil {
		t.Fatal(err)
	}
	s.bait = string(bait)
	for _, b := range []struct {
		to  *string
		key *jwk.Key
	}{{&s.privateBait, private}, {&s.symmetricBait, symmetric}} {
		text, err := jwk.NewSet(publicKey(t, private), b.key).MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		*b.to = string(text)
	}
	return s
}

// soakKey returns a private key that depends only on a number.
func soakKey(t *testing.T, number byte, kid string) *jwk.Key {
	keySeed := make([]byte, ed25519.SeedSize)
	keySeed[0] = number
	k, err := jwk.New(ed25519.NewKeyFromSeed(keySeed), &jwk.Attributes{KeyID: kid})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publicKey(t *testing.T, k *jwk.Key) *jwk.Key {
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}
