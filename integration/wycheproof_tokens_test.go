package integration

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// The steps at which a token can be refused.
const (
	bySet       = "set"       // the whole set is refused
	byToken     = "token"     // go-jose cannot read the token
	byEntry     = "entry"     // the entry of the set with the token's kid is skipped
	byChoice    = "choice"    // the set has no key for the token's kid and alg
	bySignature = "signature" // the signature does not verify

	// JOSEVerifier refuses the signature, but go-jose accepts it, because it allows a salt of any
	// length. The salt must be as long as the hash (RFC 7518, Section 3.5).
	bySalt = "salt"
)

// A refusal is the step at which a token was refused, and the kind of the error if this package
// refused it. The zero refusal means that the token was accepted.
type refusal struct {
	where string
	kind  error
}

// judge parses a set, chooses a key for a token and verifies the token, as a careful program
// does.
func judge(t *testing.T, p *jwk.Parser, set []byte, token string) refusal {
	t.Helper()
	keys, err := p.ParseSet(set)
	if err != nil {
		return refusal{bySet, kind(t, err)}
	}
	jws, err := jose.ParseSignedCompact(token, everyAlgorithm())
	if err != nil {
		return refusal{where: byToken}
	}
	header := jws.Signatures[0].Protected
	k, err := keyFor(keys, header)
	if err != nil {
		for _, s := range keys.Skipped() {
			if s.KeyID == header.KeyID {
				return refusal{byEntry, kind(t, s.Err)}
			}
		}
		return refusal{byChoice, kind(t, err)}
	}
	verifier, err := k.JOSEVerifier(jwk.Algorithm(header.Algorithm))
	if err != nil {
		t.Fatal(err)
	}
	_, err = jws.Verify(verifier)
	_, joseErr := jws.Verify(verificationKey(t, k))
	switch {
	case err != nil && joseErr == nil:
		return refusal{where: bySalt}
	case err != nil:
		return refusal{where: bySignature}
	case joseErr != nil:
		t.Errorf("go-jose with the Go key of %v: got %v, want no error", k, joseErr)
	}
	return refusal{}
}

// asSet returns a text that holds a set. If the text holds a key, it returns a set with the key.
func asSet(text []byte) []byte {
	if bytes.Contains(text, []byte(`"keys"`)) {
		return text
	}
	return slices.Concat([]byte(`{"keys":[`), text, []byte(`]}`))
}

// keySet returns the set that verifies the tokens of a group, and a parser for the set. A set
// with an asymmetric key is a published set, so the parser refuses private keys and secrets in
// it.
func (g *vectorGroup) keySet(t *testing.T) ([]byte, *jwk.Parser) {
	t.Helper()
	if g.Public == nil {
		set := asSet(g.Private)
		secrets, err := jwk.ParseSet(set)
		if err != nil {
			t.Fatal(err)
		}
		public := secrets.Public().Len() > 0
		return set, &jwk.Parser{UniqueKeyIDs: true, PublicOnly: public}
	}
	p := &jwk.Parser{UniqueKeyIDs: true, PublicOnly: true}
	if _, err := p.ParseSet(asSet(g.Private)); !errors.Is(err, jwk.ErrPrivate) {
		t.Errorf("a private set for a parser of public sets: got %v, want %v", err, jwk.ErrPrivate)
	}
	return asSet(g.Public), p
}

// keyTests maps the tests of json_web_key_test.json with a token that must be refused to the
// expected refusal.
var keyTests = map[int]refusal{
	1:  {bySet, jwk.ErrPrivate},     // a secret in a set with a public key
	3:  {bySignature, nil},          // one bit is changed
	4:  {bySet, jwk.ErrInvalid},     // two keys have the same kid
	6:  {byChoice, jwk.ErrNotFound}, // RSA1_5, use enc
	7:  {byEntry, jwk.ErrInvalid},   // ROCA
	8:  {byEntry, jwk.ErrPolicy},    // 1024 bits
	9:  {byEntry, jwk.ErrInvalid},   // e is 1
	10: {byEntry, jwk.ErrInvalid},   // too short for HS256
	11: {byEntry, jwk.ErrInvalid},   // HS384
	12: {byEntry, jwk.ErrInvalid},   // HS512
	16: {byEntry, jwk.ErrInvalid},   // no octets, HS256
	17: {byEntry, jwk.ErrInvalid},   // HS384
	18: {byEntry, jwk.ErrInvalid},   // HS512
	19: {byChoice, jwk.ErrNotFound}, // the alg is ES521, which does not exist
	20: {byChoice, jwk.ErrNotFound}, // the alg is ES224, which does not exist
	21: {byEntry, jwk.ErrInvalid},   // ES256, use enc
	22: {byEntry, jwk.ErrInvalid},   // not on the curve
	23: {byEntry, jwk.ErrInvalid},   // ES256 on P-384
	24: {byEntry, jwk.ErrInvalid},   // kty RSA, with x and y
	25: {byEntry, jwk.ErrInvalid},   // A256GCM, use sig
	26: {byEntry, jwk.ErrInvalid},   // A256KW, use sig
}

// TestWycheproofKeys: a token with a bad key does not verify, and the expected step refuses it.
// If it fails, users accept tokens with a weak or misused key.
func TestWycheproofKeys(t *testing.T) {
	valid := 0
	for _, group := range vectors(t, "json_web_key_test.json", 26) {
		set, p := group.keySet(t)
		for _, tc := range group.Tests {
			want, refused := keyTests[tc.ID]
			if refused != (tc.Result == "invalid") {
				t.Fatalf("test %d (%s) is %s, but keyTests does not have it", tc.ID, tc.Comment, tc.Result)
			}
			if got := judge(t, p, set, string(tc.JWS)); got != want {
				t.Errorf("test %d (%s): refused by %v, want %v", tc.ID, tc.Comment, got, want)
			}
			if !refused {
				valid++
			}
		}
	}
	if valid != 5 {
		t.Errorf("got %d valid tests, want 5", valid)
	}
	t.Logf("json_web_key: %d of 26 tokens verified, %d refused", valid, len(keyTests))
}

// A tokenFile describes one of the other files with signed tokens.
type tokenFile struct {
	name     string
	tests    int
	verified int
	refused  map[string]int // number of refused tokens by step

	// others maps the tests for which this package and Wycheproof disagree to the reason.
	others map[int]string
}

const (
	otherAlg  = "the key is for another alg (RFC 7517, Section 4.4; RFC 8725, Section 3.1)"
	noAlg     = "the key is for ES521, which is not an algorithm (RFC 7518, Section 3.1)"
	noPadding = "the text equals the text of test 357, which is valid"
	badChar   = "a character that base64url does not have (RFC 7515, Section 5.2)"
	strayBits = "a decoder may accept stray bits (RFC 4648, Section 3.5), and go-jose does; the signature is for the encoded text"
)

var tokenFiles = []tokenFile{
	{
		"json_web_signature_test.json", 401, 43,
		map[string]int{byToken: 41, byChoice: 17, bySignature: 294, bySalt: 6},
		map[int]string{
			346: otherAlg, 347: noAlg, 350: otherAlg, 351: noAlg,
			367: noPadding, 370: noPadding, 372: badChar, 373: badChar, 374: strayBits,
		},
	},
	{
		"json_web_crypto_test.json", 83, 4,
		map[string]int{bySet: 1, byToken: 25, byEntry: 1, byChoice: 4, bySignature: 14},
		nil,
	},
}

// TestWycheproofTokens: valid tokens verify and invalid tokens do not. If it fails, users accept
// forged tokens or reject good ones.
func TestWycheproofTokens(t *testing.T) {
	for _, file := range tokenFiles {
		t.Run(file.name, func(t *testing.T) {
			verified, refused, others := 0, map[string]int{}, 0
			for _, group := range vectors(t, file.name, file.tests) {
				for _, tc := range group.Tests {
					if tc.JWS == nil {
						continue
					}
					set, p := group.keySet(t)
					got := judge(t, p, set, string(tc.JWS))
					if got == (refusal{}) {
						verified++
					} else {
						refused[got.where]++
					}
					if (got == refusal{}) != (tc.Result == "valid") {
						others++
						if file.others[tc.ID] == "" {
							t.Errorf("test %d (%s) is %s: refused by %v", tc.ID, tc.Comment, tc.Result, got)
						}
					}
				}
			}
			if verified != file.verified || !maps.Equal(refused, file.refused) || others != len(file.others) {
				t.Errorf("got %d verified, refused %v, %d other verdicts; want %d, %v, %d",
					verified, refused, others, file.verified, file.refused, len(file.others))
			}
			t.Logf("%d tokens verified, refused %v, %d verdicts differ from Wycheproof", verified, refused, others)
		})
	}
}

// encryptedFiles lists the files with encrypted tokens.
var encryptedFiles = []struct {
	name             string
	tests            int
	opened, unopened int
}{
	{"json_web_encryption_test.json", 139, 56, 83},
	{"json_web_crypto_test.json", 83, 2, 32},
}

// TestWycheproofJWE: DecryptKey decrypts the valid texts of Wycheproof and refuses the others.
// The plaintexts are not keys, so a decrypted text gives the error of Parse. If the test fails,
// users cannot decrypt good texts, or a forged text is accepted.
func TestWycheproofJWE(t *testing.T) {
	for _, file := range encryptedFiles {
		t.Run(file.name, func(t *testing.T) {
			opened, unopened := 0, 0
			for _, group := range vectors(t, file.name, file.tests) {
				for _, tc := range group.Tests {
					if tc.JWE == nil {
						continue
					}
					key, err := jwk.Parse(group.Private)
					if err != nil {
						t.Fatalf("test %d: %v", tc.ID, err)
					}
					_, err = jwk.DecryptKey(tc.JWE, &jwk.DecryptOptions{Key: key})
					if err == nil {
						t.Fatalf("test %d: got a key", tc.ID)
					}
					plaintext := unhex(t, tc.PT)
					if tc.PT == "" {
						plaintext = []byte("foo") // the plaintext of all tests that leave it out
					}
					_, parsed := jwk.Parse(plaintext)
					if parsed == nil {
						t.Fatalf("test %d: %q is a key", tc.ID, plaintext)
					}
					got := err.Error() == parsed.Error()
					// This package refuses RSA1_5 and compression.
					policy := key.Algorithm() == "RSA1_5" || slices.Contains(tc.Flags, "CompressedPlaintext")
					if want := tc.Result == "valid" && !policy; got != want {
						t.Errorf("test %d (%s, %s): got %v, want decrypted: %v", tc.ID, tc.Comment, tc.Result, err, want)
					}
					if tc.Result == "valid" && policy && !errors.Is(err, jwk.ErrPolicy) {
						t.Errorf("test %d (%s): got %v, want %v", tc.ID, tc.Comment, err, jwk.ErrPolicy)
					}
					if got {
						opened++
					} else {
						unopened++
					}
				}
			}
			if opened != file.opened || unopened != file.unopened {
				t.Errorf("got %d texts decrypted, %d refused; want %d, %d", opened, unopened, file.opened, file.unopened)
			}
			t.Logf("%d texts decrypted, %d refused", opened, unopened)
		})
	}
}
