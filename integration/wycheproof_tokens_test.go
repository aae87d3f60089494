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

// Where a token was refused.
const (
	bySet       = "set"       // which is refused as a whole
	byToken     = "token"     // which go-jose does not read
	byEntry     = "entry"     // of the set, with the token's kid, that was skipped
	byChoice    = "choice"    // of a key for the token's kid and alg
	bySignature = "signature" // which does not verify

	// A signature that JOSEVerifier refuses and go-jose alone does not, which takes a salt of
	// any length (RFC 7518, Section 3.5: as long as the hash).
	bySalt = "salt"
)

// A refusal is where a token was refused, and, if by this package, with what kind of
// error. The zero refusal is of a token that was accepted.
type refusal struct {
	where string
	kind  error
}

// judge does what a careful program does with a set and a token.
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
	_, alone := jws.Verify(verificationKey(t, k))
	switch {
	case err != nil && alone == nil:
		return refusal{where: bySalt}
	case err != nil:
		return refusal{where: bySignature}
	case alone != nil:
		t.Errorf("go-jose with the Go key of %v: %v", k, alone)
	}
	return refusal{}
}

// asSet returns the set that text is, or that of the one key that it is.
func asSet(text []byte) []byte {
	if bytes.Contains(text, []byte(`"keys"`)) {
		return text
	}
	return slices.Concat([]byte(`{"keys":[`), text, []byte(`]}`))
}

// keySet returns the set to verify the tokens of a group with, and a parser for it. If
// there is an asymmetric key in it, it is one to publish, and must not hold a secret.
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
		t.Errorf("the private set, where it should be public: got %v, want %v", err, jwk.ErrPrivate)
	}
	return asSet(g.Public), p
}

// keyTests are the tests of json_web_key_test.json whose token is to be refused, and
// where it is.
var keyTests = map[int]refusal{
	1:  {bySet, jwk.ErrPrivate},     // a secret in a set with a public key
	3:  {bySignature, nil},          // one bit is changed
	4:  {bySet, jwk.ErrInvalid},     // one kid twice
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
	19: {byChoice, jwk.ErrNotFound}, // the alg is ES521, which is none
	20: {byChoice, jwk.ErrNotFound}, // ES224, too
	21: {byEntry, jwk.ErrInvalid},   // ES256, use enc
	22: {byEntry, jwk.ErrInvalid},   // not on the curve
	23: {byEntry, jwk.ErrInvalid},   // ES256 on P-384
	24: {byEntry, jwk.ErrInvalid},   // kty RSA, with x and y
	25: {byEntry, jwk.ErrInvalid},   // A256GCM, use sig
	26: {byEntry, jwk.ErrInvalid},   // A256KW, use sig
}

// TestWycheproofKeys: sets with something wrong in them verify nothing, and where the
// wrong is in the set it is the set that is refused.
func TestWycheproofKeys(t *testing.T) {
	valid := 0
	for _, group := range vectors(t, "json_web_key_test.json", 26) {
		set, p := group.keySet(t)
		for _, tc := range group.Tests {
			want, refused := keyTests[tc.ID]
			if refused != (tc.Result == "invalid") {
				t.Fatalf("test %d (%s) is %s, which is not in the table", tc.ID, tc.Comment, tc.Result)
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

// A tokenFile is one of the other files with signed tokens.
type tokenFile struct {
	name     string
	tests    int
	verified int
	refused  map[string]int // by where

	// others are the tests with another verdict here, and why it is right.
	others map[int]string
}

const (
	otherAlg  = "the key is for another alg (RFC 7517, Section 4.4; RFC 8725, Section 3.1)"
	noAlg     = "the key is for ES521, which is no algorithm (RFC 7518, Section 3.1)"
	noPadding = "the text is that of test 357, which is valid"
	badChar   = "a character that base64url does not have (RFC 7515, Section 5.2)"
	strayBits = "go-jose decodes the payload, and is free to (RFC 4648, Section 3.5); signed is the text, not what it decodes to"
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

// TestWycheproofTokens: tokens with something wrong in them do not verify.
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
			t.Logf("%d tokens verified, refused %v, %d other verdicts than Wycheproof's", verified, refused, others)
		})
	}
}

// encryptedFiles are those with encrypted tokens.
var encryptedFiles = []struct {
	name             string
	tests            int
	opened, unopened int
}{
	{"json_web_encryption_test.json", 139, 56, 83},
	{"json_web_crypto_test.json", 83, 2, 32},
}

// TestWycheproofJWE: what the valid texts of Wycheproof hold are no keys, so that
// they are decrypted, and then refused with the error of Parse.
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
						plaintext = []byte("foo") // of all that leave it out
					}
					_, parsed := jwk.Parse(plaintext)
					if parsed == nil {
						t.Fatalf("test %d: %q is a key", tc.ID, plaintext)
					}
					got := err.Error() == parsed.Error()
					// RSA1_5 and compression are refused.
					policy := key.Algorithm() == "RSA1_5" || slices.Contains(tc.Flags, "CompressedPlaintext")
					if want := tc.Result == "valid" && !policy; got != want {
						t.Errorf("test %d (%s, %s): got %v, want it to be opened: %v", tc.ID, tc.Comment, tc.Result, err, want)
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
				t.Errorf("got %d opened, %d not; want %d, %d", opened, unopened, file.opened, file.unopened)
			}
			t.Logf("%d texts decrypted, %d refused", opened, unopened)
		})
	}
}
