package jwk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed1f6cf2d3/jwk"
)

// TestFindAll checks that FindAll returns the same keys as Select, in a slice that belongs to the
// caller, and the same error as Find.
func TestFindAll(t *testing.T) {
	for _, n := range []int{3, 300} { // without and with an index
		s := parsedSet(t, new(jwk.Parser), setOf(append(mixedEntries(t, n), string(public(t, "P-256").with("kid", "key-1").json(t)))...))
		for _, q := range []jwk.Query{
			{}, {KeyID: "key-0"}, {KeyID: "key-1"}, {KeyID: "key-1", Algorithm: jwk.ES256}, {Algorithm: jwk.RS256}, {KeyID: "key-x"}, {Private: true}, {KeyID: "key-0", Algorithm: jwk.HS256},
		} {
			want := slices.Collect(s.Select(q))
			got, err := s.FindAll(t.Context(), q)
			first, findErr := s.Find(t.Context(), q)
			if !slices.Equal(got, want) || (err == nil) != (len(want) > 0) || cap(got) != len(got) {
				t.Errorf("%d keys, %v: got %d keys with room for %d, %v; want %d", n, q, len(got), cap(got), err, len(want))
			}
			if len(want) > 0 && first != got[0] {
				t.Errorf("%d keys, %v: Find: got %v, want the first of FindAll", n, q, first)
			}
			if len(want) == 0 && err.Error() != findErr.Error() {
				t.Errorf("%d keys, %v: got %v, want %v", n, q, err, findErr)
			}
		}
		all, err := s.FindAll(t.Context(), jwk.Query{})
		if err != nil {
			t.Fatal(err)
		}
		all[0] = nil
		if s.At(0) == nil {
			t.Errorf("%d keys: FindAll returned the slice of the set, want the caller's own", n)
		}
	}
}

// verifyAs verifies a payload that signer signs, with what FindJOSEVerifier finds for a header.
func verifyAs(t *testing.T, from jwk.Source, header jose.Header, signer *jwk.Key) (jose.OpaqueVerifier, error) {
	t.Helper()
	alg := jose.SignatureAlgorithm(header.Algorithm)
	payload := []byte("payload")
	signature, err := joseSigner(t, signer, jwk.Algorithm(alg)).SignPayload(payload, alg)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jwk.FindJOSEVerifier(t.Context(), from, header)
	if err != nil {
		return nil, err
	}
	return v, v.VerifyPayload(payload, signature, alg)
}

// TestFindJOSEVerifierCandidates checks that the verifier tries every key that the source finds, at
// most MaxCandidates, and no other key. Without a limit a forged token could cost thousands of
// verifications.
func TestFindJOSEVerifierCandidates(t *testing.T) {
	var signers, keys []*jwk.Key
	for range jwk.MaxCandidates + 1 {
		k, err := jwk.Generate(jwk.ES256, nil)
		if err != nil {
			t.Fatal(err)
		}
		if k, err = k.WithAttributes(jwk.Attributes{}); err != nil {
			t.Fatal(err)
		}
		signers, keys = append(signers, k), append(keys, publicOf(t, k))
	}
	withKid := func(kid string, k *jwk.Key) *jwk.Key {
		k, err := k.WithAttributes(jwk.Attributes{KeyID: kid})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	// Keys of other types and curves, and keys for another purpose.
	others := []*jwk.Key{public(t, "RSA-2048").key(t), public(t, "P-384").key(t), public(t, "Ed25519").key(t), fixture(t, "oct-256").key(t),
		public(t, "P-256").with("use", "enc").key(t), public(t, "P-256").with("alg", "ECDH-ES").key(t), public(t, "P-256").with("key_ops", []string{"deriveKey"}).key(t)}
	forger := fixture(t, "P-256").key(t)
	es256, kid := jose.Header{Algorithm: "ES256"}, jose.Header{Algorithm: "ES256", KeyID: "a"}
	repeated := jwk.NewSet(withKid("a", keys[0]), withKid("b", keys[1]), withKid("a", keys[2]))
	for _, tt := range []struct {
		name   string
		from   jwk.Source
		header jose.Header
		signer *jwk.Key
		tried  string // the String of the verifier
		err    error
	}{
		{"two without kid, the second", jwk.NewSet(keys[:2]...), es256, signers[1], "2 keys tried", nil},
		{"two without kid, neither", jwk.NewSet(keys[:2]...), es256, signers[2], "2 keys tried", jose.ErrCryptoFailure},
		{"other keys before", jwk.NewSet(append(slices.Clone(others), keys[:2]...)...), es256, signers[1], "2 keys tried", nil},
		{"other keys only", jwk.NewSet(others...), es256, forger, "", jwk.ErrNotFound},
		{"one without kid", jwk.NewSet(append(slices.Clone(others), keys[0])...), es256, signers[0], "1 key tried", nil},
		{"a kid twice, the second", repeated, kid, signers[2], "2 keys tried", nil},
		{"a kid twice, the key of another kid", repeated, kid, signers[1], "2 keys tried", jose.ErrCryptoFailure},
		{"a kid once", repeated, jose.Header{Algorithm: "ES256", KeyID: "b"}, signers[1], "1 key tried", nil},
		{"no such kid", repeated, jose.Header{Algorithm: "ES256", KeyID: "c"}, signers[1], "", jwk.ErrNotFound},
		{"16 keys, the last", jwk.NewSet(keys[:16]...), es256, signers[15], "16 keys tried", nil},
		{"17 keys, the 16th", jwk.NewSet(keys...), es256, signers[15], "16 of 17 keys tried", nil},
		{"17 keys, the 17th", jwk.NewSet(keys...), es256, signers[16], "16 of 17 keys tried", jose.ErrCryptoFailure},
		{"forged", jwk.NewSet(keys...), es256, forger, "16 of 17 keys tried", jose.ErrCryptoFailure},
		{"a source with keys that do not fit", finder{keys: append(slices.Clone(others), keys[0], nil)}, es256, signers[0], "1 of 9 keys tried", nil},
		{"the same, forged", finder{keys: append(slices.Clone(others), keys[0], nil)}, es256, forger, "1 of 9 keys tried", jose.ErrCryptoFailure},
		{"a source with no key that fits", finder{keys: others}, es256, forger, "", jwk.ErrInvalid},
		{"HS256 beside public keys", jwk.NewSet(append(slices.Clone(others), keys...)...), jose.Header{Algorithm: "HS256"}, fixture(t, "oct-256").key(t), "1 key tried", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := verifyAs(t, tt.from, tt.header, tt.signer)
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			if v == nil {
				if tt.tried != "" {
					t.Errorf("got no verifier, want %s", tt.tried)
				}
				return
			}
			if got := fmt.Sprint(v); got != tt.tried {
				t.Errorf("got %q, want %q", got, tt.tried)
			}
			if err != nil && tt.tried != "1 key tried" && !strings.HasSuffix(err.Error(), ": "+tt.tried) {
				t.Errorf("got %q, want it to say %s", err, tt.tried)
			}
			if err := v.VerifyPayload(nil, nil, "ES384"); !errors.Is(err, jose.ErrUnsupportedAlgorithm) {
				t.Errorf("ES384: got %v, want %v", err, jose.ErrUnsupportedAlgorithm)
			}
		})
	}
}

// TestFindJOSEVerifierOfTokens checks that go-jose verifies a token with one of several keys, and
// refuses a token that none of them signed.
func TestFindJOSEVerifierOfTokens(t *testing.T) {
	signer := fixture(t, "Ed25519").key(t)
	opaque := joseSigner(t, signer, jwk.EdDSA)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: opaque}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(s).Claims(jwt.Claims{Subject: "alice"}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	other, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		keys []*jwk.Key
		want error
	}{
		{[]*jwk.Key{other, signer}, nil},
		{[]*jwk.Key{other, public(t, "Ed448").key(t)}, jose.ErrCryptoFailure},
	} {
		token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.EdDSA})
		if err != nil {
			t.Fatal(err)
		}
		v, err := jwk.FindJOSEVerifier(t.Context(), jwk.NewSet(tt.keys...).Public(), token.Headers[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Claims(v); !errors.Is(err, tt.want) {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
}

func publicOf(t testing.TB, k *jwk.Key) *jwk.Key {
	t.Helper()
	p, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestQueryPrints checks that a query is printed as in errors, with every verb and in logs.
func TestQueryPrints(t *testing.T) {
	q := jwk.Query{KeyID: "a b\x1b", Algorithm: jwk.RS256, Ops: jwk.OpVerify, Private: true}
	const want = `kid "a b\x1b", key_ops verify, alg RS256, private`
	if got := q.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := fmt.Sprintf("%v %s", q, &q); got != want+" "+want {
		t.Errorf("fmt: got %s, want %s twice", got, want)
	}
	if got := q.LogValue().String(); got != want {
		t.Errorf("slog: got %s, want %s", got, want)
	}
	if got := (jwk.Query{}).String(); got != "any use" {
		t.Errorf("zero: got %s, want any use", got)
	}
}

// skippedSet returns a set of one good key without a kid, and entries that are skipped.
func skippedSet(t testing.TB, entries ...string) *jwk.Set {
	t.Helper()
	return parsedSet(t, new(jwk.Parser), setOf(append([]string{string(public(t, "P-256").json(t))}, entries...)...))
}

// TestNotFoundSkipped checks that the error names the skipped entries that the query could have
// meant, with the reasons. Otherwise users look for a key that the set seems to have.
func TestNotFoundSkipped(t *testing.T) {
	weak := func(kid string) string {
		return `{"kty":"RSA","kid":"` + kid + `","n":"` + strings.Repeat("_", 170) + `8","e":"AQAB"}`
	}
	const old = `{"kty":"X","kid":"w"}`
	many := []string{old, old, old, old, old, old}
	var others []string
	for i := range 20 {
		others = append(others, fmt.Sprintf(`{"kty":"X","kid":"%d"}`, i))
	}
	pem, err := jwk.ParsePEM([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + string(must[[]byte](t)(public(t, "P-256").key(t).MarshalPEM()))))
	if err != nil {
		t.Fatal(err)
	}
	rs256 := jwk.Query{KeyID: "w", Algorithm: jwk.RS256}
	for _, tt := range []struct {
		name    string
		s       *jwk.Set
		q       jwk.Query
		skipped []int // indexes of the entries that the error names
		want    string
	}{
		{"its kid", skippedSet(t, weak("w")), rs256, []int{1}, `jwk: no key for kid w, alg RS256: entry 1 has that kid, but was skipped: /n: 1024 bits, want at least 2048`},
		{"another kid", skippedSet(t, weak("v")), rs256, nil, `jwk: no key for kid w, alg RS256: no key has that kid`},
		{"a key and an entry of that kid", parsedSet(t, new(jwk.Parser), setOf(weak("w"), string(public(t, "P-256").with("kid", "w").json(t)))), rs256, []int{0},
			`jwk: no key for kid w, alg RS256: kid w: P-256 keys are not for that; entry 0 has that kid, but was skipped: /n: 1024 bits, want at least 2048`},
		{"four of six", skippedSet(t, many...), jwk.Query{KeyID: "w"}, []int{1, 2, 3, 4},
			`jwk: no key for kid w: entry 1 has that kid, but was skipped: /kty: key type "X", want RSA, EC, OKP, oct or AKP; ` +
				`entry 2 has that kid, but was skipped: /kty: key type "X", want RSA, EC, OKP, oct or AKP; ` +
				`entry 3 has that kid, but was skipped: /kty: key type "X", want RSA, EC, OKP, oct or AKP; ` +
				`entry 4 has that kid, but was skipped: /kty: key type "X", want RSA, EC, OKP, oct or AKP`},
		{"among many", skippedSet(t, append(others, weak("w"))...), rs256, []int{21}, `jwk: no key for kid w, alg RS256: entry 21 has that kid, but was skipped: /n: 1024 bits, want at least 2048`},
		{"among many, the first four", skippedSet(t, append(others, many...)...), jwk.Query{KeyID: "w"}, []int{21, 22, 23, 24}, ""},
		{"not among many", skippedSet(t, others...), rs256, nil, `jwk: no key for kid w, alg RS256: no key has that kid`},
		{"no kid asked", skippedSet(t, weak("w")), jwk.Query{Algorithm: jwk.RS256}, []int{1},
			`jwk: no key for alg RS256: a key without kid: P-256 keys are not for that; entry 1 was skipped: /n: 1024 bits, want at least 2048`},
		{"no kid asked, four of many", skippedSet(t, others...), jwk.Query{Algorithm: jwk.RS256}, []int{1, 2, 3, 4}, ""},
		{"no kid asked, no keys", parsedSet(t, new(jwk.Parser), setOf(weak("w"))), jwk.Query{Algorithm: jwk.RS256}, []int{0},
			`jwk: no key for alg RS256: there are no keys; entry 0 was skipped: /n: 1024 bits, want at least 2048`},
		{"an entry that is no object", parsedSet(t, new(jwk.Parser), `{"keys":[null]}`), jwk.Query{}, []int{0},
			`jwk: no key for any use: there are no keys; entry 0 was skipped: null, want an object`},
		{"a block of PEM", pem, jwk.Query{Algorithm: jwk.RS256}, []int{0}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // without and with an index
				_, err := tt.s.Find(t.Context(), tt.q)
				e := checkNotFound(t, err)
				var got []int
				for _, s := range e.Skipped {
					got = append(got, s.Index)
					if s.JSON != nil || s.PEM != nil || s.Err == nil {
						t.Errorf("got %v with JSON %s and PEM %s, want no text", s, s.JSON, s.PEM)
					}
				}
				if !slices.Equal(got, tt.skipped) {
					t.Errorf("got skipped %v, want %v", got, tt.skipped)
				}
				if tt.want != "" && e.Error() != tt.want {
					t.Errorf("got  %s\nwant %s", e, tt.want)
				}
				if tt.name == "a block of PEM" && !strings.Contains(e.Error(), "; block 1 was skipped: ") {
					t.Errorf("got %v, want it to name block 1", e)
				}
			}
		})
	}

	e := &jwk.NotFoundError{Query: jwk.Query{KeyID: "w"}, Skipped: []jwk.Skipped{{Index: 3}, {Index: 4, Err: context.Canceled}}} // as another Source may return it
	const want = "jwk: no key for kid w: entry 3 has that kid, but was skipped: <nil>; entry 4 has that kid, but was skipped: context canceled"
	if got := e.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNotFoundKeepsSecrets checks that the error about skipped entries shows no secret, in its text
// or in its fields.
func TestNotFoundKeepsSecrets(t *testing.T) {
	hidden := newSecrets()
	var entries []string
	for _, name := range fixtureNames {
		o := fixture(t, name)
		hidden.add(o)
		entries = append(entries, string(o.with("kid", "w", "use", "sig", "key_ops", []string{"encrypt"}).json(t)))
	}
	s := parsedSet(t, new(jwk.Parser), setOf(entries...))
	for _, q := range []jwk.Query{{}, {KeyID: "w"}} {
		_, err := s.Find(t.Context(), q)
		if e := checkNotFound(t, err); len(e.Skipped) != 4 {
			t.Errorf("%v: got %d skipped, want 4", q, len(e.Skipped))
		}
		walk(err).check(t, hidden)
		for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
			hidden.check(t, fmt.Sprintf(verb, err)+fmt.Sprintf(verb, *checkNotFound(t, err)))
		}
	}
}

// TestSkippedPrints checks that a Skipped without a kid is printed without one, and that an entry
// of a PEM file is called a block.
func TestSkippedPrints(t *testing.T) {
	for _, tt := range []struct {
		s    jwk.Skipped
		want string
	}{
		{jwk.Skipped{Index: 1, KeyID: "a\n", Err: context.Canceled}, `entry 1, kid "a\n": context canceled`},
		{jwk.Skipped{Index: 1, Err: context.Canceled}, `entry 1: context canceled`},
		{jwk.Skipped{Index: 2, PEM: []byte("x"), Err: context.Canceled}, `entry 2: context canceled`},
		{jwk.Skipped{}, `entry 0: <nil>`},
	} {
		if got := tt.s.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
