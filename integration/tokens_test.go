package integration

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/seed1f6cf2d3/jwk"
)

const (
	issuer   = "https://issuer.example"
	audience = "client"
)

// tokenLibraries verify the tokens of an issuer for an audience with a key from a source, and
// return the subject. They allow every algorithm name, so that only the source can refuse an
// algorithm.
var tokenLibraries = []struct {
	name       string
	verify     func(ctx context.Context, source jwk.Source, text string) (subject string, err error)
	algorithms string  // the algorithms that the library verifies, or "*" for all
	wrongKey   []error // the possible errors for a signature that another key made
	expired    func(error) bool
}{
	{
		"golang-jwt", withKeyfunc(keyfunc), "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA",
		[]error{jwt.ErrTokenSignatureInvalid}, func(err error) bool { return errors.Is(err, jwt.ErrTokenExpired) },
	},
	{
		"golang-jwt, secrets", withKeyfunc(secretfunc), "HS256 HS384 HS512",
		[]error{jwt.ErrTokenSignatureInvalid, jwk.ErrUnsupported}, func(err error) bool { return errors.Is(err, jwt.ErrTokenExpired) },
	},
	{
		"go-oidc", withOIDC, "*",
		[]error{jose.ErrCryptoFailure}, func(err error) bool { return errors.As(err, new(*oidc.TokenExpiredError)) },
	},
	{
		"go-jose/jwt", withJOSE, "*",
		[]error{jose.ErrCryptoFailure}, func(err error) bool { return errors.Is(err, josejwt.ErrExpired) },
	},
}

// tokenKeys returns private keys by kid. The kid is the alg of the key, or it describes a key
// without a signature algorithm.
func tokenKeys(t *testing.T) map[string]*jwk.Key {
	t.Helper()
	keys := make(map[string]*jwk.Key)
	add := func(kid string, k *jwk.Key, attrs jwk.Attributes) {
		attrs.KeyID = kid
		var err error
		if keys[kid], err = k.WithAttributes(attrs); err != nil {
			t.Fatalf("%s: %v", kid, err)
		}
	}
	bare := fixtures(t, "RSA-2048", "P-256", "Ed448")
	for _, alg := range everyAlgorithm() {
		k := bare[0] // generating RSA keys takes long
		if !k.Supports(jwk.Algorithm(alg)) {
			k = generate(t, jwk.Algorithm(alg))
		}
		add(string(alg), k, jwk.Attributes{Algorithm: jwk.Algorithm(alg), Use: jwk.UseSig})
	}
	add("EdDSA on Ed448", bare[2], jwk.Attributes{Algorithm: jwk.EdDSA})
	add("RSA", bare[0], jwk.Attributes{})
	add("P-256", bare[1], jwk.Attributes{})
	add("RSA, use enc", bare[0], jwk.Attributes{Use: jwk.UseEnc})
	add("P-256, use enc", bare[1], jwk.Attributes{Use: jwk.UseEnc})
	add("RSA, key_ops encrypt", bare[0], jwk.Attributes{Ops: jwk.OpEncrypt | jwk.OpWrapKey})
	add("RSA-OAEP-256", bare[0], jwk.Attributes{Algorithm: jwk.RSAOAEP256})
	return keys
}

// everyAlgorithm returns the signature algorithms of package jwk.
func everyAlgorithm() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K",
		"EdDSA", "Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
	}
}

// verifiers returns the set that a verifier of these keys has: their public halves and the
// secrets.
func verifiers(t *testing.T, keys map[string]*jwk.Key) *jwk.Set {
	t.Helper()
	var public []*jwk.Key
	for _, k := range keys {
		public = append(public, publicHalf(t, k))
	}
	slices.SortFunc(public, func(a, b *jwk.Key) int { return strings.Compare(a.KeyID(), b.KeyID()) })
	return jwk.NewSet(public...)
}

func goodClaims() members {
	return members{"iss": issuer, "aud": audience, "sub": "alice", "exp": time.Now().Add(time.Hour).Unix()}
}

// tokenOf returns a token that a key signed. It ignores the attributes of the key. If the key
// is nil, the token has no signature.
func tokenOf(t *testing.T, header members, k *jwk.Key, claims members) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString(header.json(t)) + "." + base64.RawURLEncoding.EncodeToString(claims.json(t))
	if k == nil {
		return text + "."
	}
	alg := header["alg"].(string)
	signer, err := plain(t, k).JOSESigner(jwk.Algorithm(alg))
	if err != nil {
		t.Fatalf("%v: %v", header, err)
	}
	signature, err := signer.SignPayload([]byte(text), jose.SignatureAlgorithm(alg))
	if err != nil {
		t.Fatalf("%v: %v", header, err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// TestTokens verifies a token of each algorithm with each library that knows the algorithm. If it
// fails, a program that uses this package with the library rejects good tokens, or accepts tokens
// that expired, are for others, or have a withdrawn key.
func TestTokens(t *testing.T) {
	keys := tokenKeys(t)
	source := verifiers(t, keys)
	for _, l := range tokenLibraries {
		t.Run(l.name, func(t *testing.T) {
			verified, refused := 0, 0
			for kid, k := range keys {
				alg := string(k.Algorithm())
				if !slices.Contains(everyAlgorithm(), jose.SignatureAlgorithm(alg)) {
					continue
				}
				text := tokenOf(t, members{"alg": alg, "kid": kid}, k, goodClaims())
				subject, err := l.verify(t.Context(), source, text)
				// golang-jwt knows only Ed25519 for EdDSA. The other libraries take the curve
				// from the key.
				knows := l.algorithms == "*" || slices.Contains(strings.Fields(l.algorithms), kid)
				if knows != (err == nil) || knows != (subject == "alice") {
					t.Errorf("%s: got %q, %v, want verified: %v", kid, subject, err, knows)
				}
				if err == nil {
					verified++
				} else {
					refused++
				}
				if !knows {
					continue
				}

				expired := tokenOf(t, members{"alg": alg, "kid": kid}, k, goodClaims().with("exp", time.Now().Add(-time.Hour).Unix()))
				if _, err := l.verify(t.Context(), source, expired); !l.expired(err) {
					t.Errorf("%s, expired: got %v, want the library's error for expired tokens", kid, err)
				}
				for name, wrong := range map[string]string{
					"another issuer":   tokenOf(t, members{"alg": alg, "kid": kid}, k, goodClaims().with("iss", "https://other.example")),
					"another audience": tokenOf(t, members{"alg": alg, "kid": kid}, k, goodClaims().with("aud", "other")),
				} {
					if _, err := l.verify(t.Context(), source, wrong); err == nil || errors.Is(err, jwk.ErrNotFound) {
						t.Errorf("%s, %s: got %v, want the library's error", kid, name, err)
					}
				}
				// After the key is withdrawn, the source finds no key.
				if _, err := l.verify(t.Context(), source.Without(publicHalf(t, k)), text); !errors.Is(err, jwk.ErrNotFound) {
					t.Errorf("%s, withdrawn: got %v, want %v", kid, err, jwk.ErrNotFound)
				}
			}
			t.Logf("%d tokens verified, %d refused", verified, refused)
			want := len(strings.Fields(l.algorithms))
			if l.algorithms == "*" {
				want = 20
			}
			if verified != want || verified+refused != 20 {
				t.Errorf("got %d of %d tokens verified, want %d of 20", verified, verified+refused, want)
			}
		})
	}
}

// TestTokensRefused: the sender of a token chooses its header. If the test fails, an attacker can
// choose a header with which a key verifies a token for which it was not published (RFC 8725,
// Sections 2.1 and 3.1).
func TestTokensRefused(t *testing.T) {
	keys := tokenKeys(t)
	source := verifiers(t, keys)
	secret := func(octets []byte, err error) *jwk.Key {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		k, err := jwk.New(octets, nil)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	public := publicHalf(t, keys["RSA"])
	x := octetsOf(t, publicHalf(t, keys["EdDSA"]), "x")
	attacker := generate(t, jwk.ES256)
	embedded, err := json.Marshal(publicHalf(t, attacker))
	if err != nil {
		t.Fatal(err)
	}

	var tests []refusedToken
	add := func(name, alg, kid string, k *jwk.Key, is outcome) {
		t.Helper()
		text := tokenOf(t, members{"alg": alg, "kid": kid}, k, goodClaims())
		tests = append(tests, refusedToken{name, text, is})
		if k == nil {
			return
		}
		// The token has no other fault: a verifier that allows this key for the algorithm
		// accepts it.
		trusting, err := plain(t, k).WithAttributes(jwk.Attributes{KeyID: kid})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := withJOSE(t.Context(), jwk.NewSet(trusting), text); err != nil {
			t.Errorf("%s: a verifier that allows the key got %v, want no error", name, err)
		}
	}
	for _, kid := range []string{"RSA", "RS256"} {
		for name, k := range map[string]*jwk.Key{
			"PEM": secret(public.MarshalPEM()), "PEM without its last line break": secret(trimmed(public.MarshalPEM())),
			"DER": secret(public.MarshalDER()), "JWK": secret(public.MarshalJSON()), "modulus": secret(octetsOf(t, public, "n"), nil),
		} {
			add("HS256, the secret is the "+name+" of "+kid, "HS256", kid, k, notFound)
		}
	}
	add("HS256, the secret is x of an Ed25519 key", "HS256", "EdDSA", secret(x, nil), notFound)
	add("HS512, kid of a secret for HS256", "HS512", "HS256", secret(bytes.Repeat([]byte("x"), 64), nil), notFound)
	add("RS256, kid of an ES256 key", "RS256", "ES256", keys["RS256"], notFound)
	add("RS256, kid of a secret", "RS256", "HS256", keys["RS256"], notFound)
	add("RS256, kid of a P-256 key that states no alg", "RS256", "P-256", keys["RS256"], notFound)
	add("ES256, kid of an Ed25519 key", "ES256", "EdDSA", keys["ES256"], notFound)
	add("ES256, kid of a P-384 key", "ES256", "ES384", keys["ES256"], notFound)
	add("ES256, kid of a secp256k1 key", "ES256", "ES256K", keys["ES256"], notFound)
	add("RS512, the key states RS256", "RS512", "RS256", keys["RS256"], notFound)
	add("RS256, the key states PS256", "RS256", "PS256", keys["PS256"], notFound)
	add("RS256, the key states RSA-OAEP-256", "RS256", "RSA-OAEP-256", keys["RSA-OAEP-256"], notFound)
	add("RS256, the key has use enc", "RS256", "RSA, use enc", keys["RSA, use enc"], notFound)
	add("ES256, the key has use enc", "ES256", "P-256, use enc", keys["P-256, use enc"], notFound)
	add("RS256, the key has key_ops encrypt", "RS256", "RSA, key_ops encrypt", keys["RSA, key_ops encrypt"], notFound)
	add("unknown kid", "ES256", "no such kid", keys["ES256"], notFound)
	add("HS256, kid of a secret for HS384", "HS256", "HS384", keys["HS256"], notFound)
	add("kid in another case", "ES256", "es256", keys["ES256"], notFound)
	add("none", "none", "RSA", nil, notFound)
	add("none, kid of a secret", "none", "HS256", nil, notFound)
	add("nOnE", "nOnE", "RSA", nil, unread)
	add("no such alg", "RS257", "RSA", nil, unread)
	add("empty alg", "", "RSA", nil, unread)
	add("alg for encryption", "RSA-OAEP-256", "RSA-OAEP-256", nil, unread)
	add("signed by the attacker", "ES256", "ES256", attacker, wrongKey)
	tests = append(tests,
		refusedToken{"no alg", tokenOf(t, members{"kid": "RSA"}, nil, goodClaims()), unread},
		refusedToken{"none, without kid", tokenOf(t, members{"alg": "none"}, nil, goodClaims()), notFound},
		refusedToken{"unknown kid, jwk of the attacker", tokenOf(t, members{"alg": "ES256", "kid": "new", "jwk": json.RawMessage(embedded)}, attacker, goodClaims()), notFound},
		refusedToken{"our kid, jwk of the attacker", tokenOf(t, members{"alg": "ES256", "kid": "ES256", "jwk": json.RawMessage(embedded)}, attacker, goodClaims()), wrongKey},
	)

	for _, l := range tokenLibraries {
		t.Run(l.name, func(t *testing.T) {
			counts := make(map[outcome]int)
			for _, tc := range tests {
				_, err := l.verify(t.Context(), source, tc.text)
				if err == nil {
					t.Errorf("%s: got no error", tc.name)
					continue
				}
				counts[tc.is]++
				if got, want := errors.Is(err, jwk.ErrNotFound), tc.is == notFound; got != want {
					t.Errorf("%s: got %v, want ErrNotFound: %v", tc.name, err, want)
				}
				if tc.is == wrongKey && !slices.ContainsFunc(l.wrongKey, func(want error) bool { return errors.Is(err, want) }) {
					t.Errorf("%s: got %v, want one of %v", tc.name, err, l.wrongKey)
				}
			}
			t.Logf("%d tokens without a matching key, %d with an algorithm unknown to the library, %d with a wrong signature", counts[notFound], counts[unread], counts[wrongKey])
			if len(tests) != 38 || counts[notFound] != 31 || counts[unread] != 5 || counts[wrongKey] != 2 {
				t.Errorf("got %d tests with outcomes %v, want 38: 31 without a key, 5 unknown, 2 wrong", len(tests), counts)
			}
		})
	}
}

type refusedToken struct {
	name, text string
	is         outcome
}

// An outcome is the reason for which a token is refused.
type outcome string

const (
	notFound outcome = "the source has no key for the token"
	wrongKey outcome = "the source has a key, which did not make the signature"
	unread   outcome = "the library knows no such algorithm"
)

func trimmed(b []byte, err error) ([]byte, error) { return bytes.TrimSpace(b), err }

// A failing source returns an error of its own, such as a network error.
type failing struct{ error }

func (f failing) Find(context.Context, jwk.Query) (*jwk.Key, error)      { return nil, f.error }
func (f failing) FindAll(context.Context, jwk.Query) ([]*jwk.Key, error) { return nil, f.error }

// If TestTokenSourceFails fails, a program cannot distinguish a provider that is down from a
// token without a key.
func TestTokenSourceFails(t *testing.T) {
	for _, l := range tokenLibraries {
		_, err := l.verify(t.Context(), failing{context.DeadlineExceeded}, tokenOf(t, members{"alg": "ES256"}, generate(t, jwk.ES256), goodClaims()))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jwk.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", l.name, err, context.DeadlineExceeded)
		}
	}
}

// TestTokenCandidates: a token without a kid, or with a kid that several keys share, verifies
// with each matching key and with no other. If it fails, tokens of such providers are rejected
// or forged, or a token makes a verifier try more than MaxCandidates keys.
func TestTokenCandidates(t *testing.T) {
	const kid = "repeated"
	var private []*jwk.Key
	for range jwk.MaxCandidates + 1 {
		private = append(private, plain(t, generate(t, jwk.ES256)))
	}
	forger := generate(t, jwk.ES256)
	rsa := fixtures(t, "RSA-2048")[0]
	for _, tt := range []struct {
		name   string
		header members
		attrs  jwk.Attributes // the attributes of all keys
	}{
		{"no kid", members{"alg": "ES256"}, jwk.Attributes{}},
		{"no kid, alg", members{"alg": "ES256"}, jwk.Attributes{Algorithm: jwk.ES256}},
		{"a kid that repeats", members{"alg": "ES256", "kid": kid}, jwk.Attributes{KeyID: kid}},
	} {
		// The first key cannot have made the signature. It is not tried and does not count.
		keys := []*jwk.Key{withAttributes(t, publicHalf(t, rsa), jwk.Attributes{KeyID: tt.attrs.KeyID})}
		for _, k := range private {
			keys = append(keys, withAttributes(t, publicHalf(t, k), tt.attrs))
		}
		for _, l := range tokenLibraries {
			if l.name == "golang-jwt, secrets" {
				continue
			}
			verify := func(keys []*jwk.Key, signer *jwk.Key) error {
				subject, err := l.verify(t.Context(), jwk.NewSet(keys...), tokenOf(t, tt.header, signer, goodClaims()))
				if (err == nil) != (subject == "alice") {
					t.Errorf("%s, %s: got %q, %v", l.name, tt.name, subject, err)
				}
				return err
			}
			for i, signer := range private[:jwk.MaxCandidates] {
				if err := verify(keys, signer); err != nil {
					t.Errorf("%s, %s: key %d: got %v, want no error", l.name, tt.name, i, err)
				}
			}
			for what, test := range map[string]struct {
				keys   []*jwk.Key
				signer *jwk.Key
				tried  string
			}{
				"key after the last candidate": {keys, private[jwk.MaxCandidates], "16 of 17 keys tried"},
				"forged":                       {keys[:4], forger, "3 keys tried"},
			} {
				err := verify(test.keys, test.signer)
				if !slices.ContainsFunc(l.wrongKey, func(want error) bool { return errors.Is(err, want) }) {
					t.Errorf("%s, %s, %s: got %v, want one of %v", l.name, tt.name, what, err, l.wrongKey)
				}
				if l.algorithms == "*" && !strings.Contains(err.Error(), test.tried) {
					t.Errorf("%s, %s, %s: got %v, want %q", l.name, tt.name, what, err, test.tried)
				}
			}
			if err := verify(keys[:1], private[0]); !errors.Is(err, jwk.ErrNotFound) {
				t.Errorf("%s, %s, no key for that alg: got %v, want %v", l.name, tt.name, err, jwk.ErrNotFound)
			}
		}
	}

	// Two shared secrets, and an HS256 token that was signed with a public key as the secret.
	secrets := []*jwk.Key{withAttributes(t, generate(t, jwk.HS256), jwk.Attributes{}), withAttributes(t, generate(t, jwk.HS256), jwk.Attributes{})}
	for _, l := range tokenLibraries[1:] {
		if subject, err := l.verify(t.Context(), jwk.NewSet(secrets...), tokenOf(t, members{"alg": "HS256"}, secrets[1], goodClaims())); err != nil || subject != "alice" {
			t.Errorf("%s, the second secret: got %q, %v", l.name, subject, err)
		}
		octets, err := publicHalf(t, rsa).MarshalPEM()
		if err != nil {
			t.Fatal(err)
		}
		confused, err := jwk.New(octets, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.verify(t.Context(), jwk.NewSet(publicHalf(t, rsa), publicHalf(t, rsa)), tokenOf(t, members{"alg": "HS256"}, confused, goodClaims())); !errors.Is(err, jwk.ErrNotFound) {
			t.Errorf("%s, alg confusion: got %v, want %v", l.name, err, jwk.ErrNotFound)
		}
	}
}

func withAttributes(t *testing.T, k *jwk.Key, attrs jwk.Attributes) *jwk.Key {
	t.Helper()
	k, err := k.WithAttributes(attrs)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
