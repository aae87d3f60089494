package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// verifiers are the libraries that verify tokens, by name.
var verifiers = map[string]func(*input) (verifier, error){
	"jwk": verifyOurs, "keyfunc": verifyKeyfunc, "jwx": verifyJWX, "go-oidc": verifyOIDC,
}

// TestForgedTokens: if it fails, the tables can show the time of a library that does not check
// signatures, or that does not find the key by its kid.
func TestForgedTokens(t *testing.T) {
	in, err := setOfSigners(6, mixed...)()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []kind{rsa2048, ed25519Kind} {
		tokens, err := in.signed(kind)
		if err != nil {
			t.Fatal(err)
		}
		forged, err := forgeries(tokens[0], tokens[1].key)
		if err != nil {
			t.Fatal(err)
		}
		for name, read := range verifiers {
			verify, err := read(in)
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(tokens[0]); err != nil {
				t.Errorf("%s, %s: got %v, want a valid token", name, kind, err)
			}
			for forgery, token := range forged {
				if verify(token) == nil {
					t.Errorf("%s, %s, %s: got a valid token, want an error", name, kind, forgery)
				}
			}
		}
	}
}

// TestVerifyingFindsFaults: if it fails, the check before a timing accepts a library that does not do
// the work.
func TestVerifyingFindsFaults(t *testing.T) {
	in, err := setOfSigners(6, mixed...)()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		verify verifier
		want   string
	}{
		{"refuses all tokens", func(*token) error { return errForged }, errForged.Error()},
		{"ignores the signature", func(*token) error { return nil }, "got a valid token"},
		{"tries every key of the set", func(t *token) error {
			for i := range in.keys {
				other := *t
				other.key = &in.keys[i]
				if verifySignature(&other) == nil {
					return nil
				}
			}
			return errForged
		}, "signature of another key"},
	} {
		_, err := verifying(func(*input) (verifier, error) { return tt.verify, nil }, verifyEdDSA, in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestVerifyChecks reads tokens and keys that do not fit. If it fails, the tables claim checks that a
// library does not make, or leave out checks that cost it time.
func TestVerifyChecks(t *testing.T) {
	in, err := setOfSigners(2, rsa2048)()
	if err != nil {
		t.Fatal(err)
	}
	k := &in.keys[0]
	var good members
	if err := json.Unmarshal([]byte(k.text), &good); err != nil {
		t.Fatal(err)
	}
	without := func(names ...string) members {
		o := good.with("kid", k.kid)
		for _, name := range names {
			delete(o, name)
		}
		return o
	}
	rs256, encrypt := members{"alg": "RS256", "kid": k.kid}, []string{"encrypt"}
	for _, tt := range []struct {
		name   string
		key    members
		header members
		accept []string // the libraries that accept the token
	}{
		{"good", good, rs256, []string{"jwk", "keyfunc", "jwx", "go-oidc"}},
		{"without use", without("use"), rs256, []string{"jwk", "keyfunc", "jwx", "go-oidc"}},
		{"without alg", without("alg"), rs256, []string{"jwk", "keyfunc", "go-oidc"}},
		{"another kid", good.with("kid", "another"), rs256, nil},
		{"use enc", good.with("use", "enc"), rs256, []string{"keyfunc", "go-oidc"}},
		{"use enc, without alg", without("alg").with("use", "enc"), rs256, []string{"keyfunc", "go-oidc"}},
		{"key_ops encrypt", without("use").with("key_ops", encrypt), rs256, []string{"keyfunc", "jwx", "go-oidc"}},
		{"key_ops encrypt, without alg", without("use", "alg").with("key_ops", encrypt), rs256, []string{"keyfunc", "go-oidc"}},
		{"alg PS256 in the key", good.with("alg", "PS256"), rs256, []string{"go-oidc"}},
		{"alg that is not listed", good.with("alg", "PS256"), rs256.with("alg", "PS256"), []string{"jwx", "go-oidc"}},
		{"unknown crit", good, rs256.with("crit", []string{"exp"}).with("exp", 1), []string{"jwk", "keyfunc"}},
	} {
		// The second key keeps the set usable for libraries that skip the first one.
		set := &input{text: []byte(`{"keys":[` + tt.key.json(t) + `,` + in.keys[1].text + `]}`)}
		token := signedWith(t, k, tt.header)
		for name, read := range verifiers {
			verify, err := read(set)
			if err != nil {
				t.Fatalf("%s, %s: %v", tt.name, name, err)
			}
			err = verify(token)
			if want := slices.Contains(tt.accept, name); (err == nil) != want {
				t.Errorf("%s, %s: got accepted %t, want %t: %v", tt.name, name, err == nil, want, err)
			}
		}
	}
}

// signedWith returns a token with any header, signed by an RSA key with RS256 or PS256.
func signedWith(t *testing.T, k *inputKey, header members) *token {
	t.Helper()
	message := encode([]byte(header.json(t))) + "." + encode([]byte("{}"))
	digest := sha256.Sum256([]byte(message))
	var opts crypto.SignerOpts = crypto.SHA256
	if header["alg"] == "PS256" {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	signature, err := k.signer.Sign(rand.Reader, digest[:], opts)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := newToken(message+"."+encode(signature), k)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestCookbookKeyfunc: if it fails, the row of jwk times another function than the documents recommend.
func TestCookbookKeyfunc(t *testing.T) {
	book, err := os.ReadFile("../docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("verifiers.go")
	if err != nil {
		t.Fatal(err)
	}
	body := func(text, name string) string {
		_, rest, _ := strings.Cut(text, "\nfunc "+name+"(")
		body, _, found := strings.Cut(rest, "\n}\n")
		if !found {
			t.Fatalf("got no function %s", name)
		}
		return body
	}
	if got, want := body(string(source), "cookbookKeyfunc"), body(string(book), "keyfunc"); got != want {
		t.Errorf("got func cookbookKeyfunc(%s\nwant func keyfunc(%s", got, want)
	}
}

// TestNotSignature: if it fails, the tables show wrong shares, or shares in tasks without signatures.
func TestNotSignature(t *testing.T) {
	timed := func(name string, samples ...float64) *runner {
		return &runner{library: library{name: name}, samples: samples}
	}
	// The machine is slow in the second and third round. The medians would show 60 %.
	shares := notSignature([]*runner{
		timed("jwk", 40, 400, 100),
		timed("jwx", 60, 60, 60),
		timed(signatureName, 30, 300, 40),
	})
	if len(shares) != 2 || math.Abs(shares["jwk"]-0.25) > 1e-9 || math.Abs(shares["jwx"]-1.0/3) > 1e-9 {
		t.Errorf("got %v, want 0.25 for jwk and 0.33 for jwx", shares)
	}
	if got := notSignature([]*runner{timed("jwk", 40), timed("floor", 30)}); got != nil {
		t.Errorf("without the reference: got %v, want no shares", got)
	}

	rows := []row{{Library: "jwk", Kind: ours, Median: 40}, {Library: signatureName, Kind: reference, Median: 30}}
	r := &results{Tasks: []taskResult{
		{Name: "verify", Unit: nanoseconds, Rows: slices.Clone(rows), NotSignature: map[string]float64{"jwk": 0.25}},
		{Name: "parse", Unit: nanoseconds, Rows: rows},
	}}
	r.judge()
	var b strings.Builder
	if err := writeText(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"times ours  not signature  checks", "1.00        25.0 % ", "0.75        -  "} {
		if got := strings.Count(b.String(), want); got != 1 {
			t.Errorf("got %q %d times, want it once in\n%s", want, got, &b)
		}
	}
}
