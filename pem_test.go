package jwk_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha3"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	mldsax509 "filippo.io/mldsa/x509"

	"github.com/seed1f6cf2d3/jwk"
)

func TestPEM(t *testing.T) {
	octets := must[[]byte](t)
	for _, name := range asymmetricNames() {
		t.Run(name, func(t *testing.T) {
			private := fixture(t, name).key(t)
			public := public(t, name).key(t)

			text := octets(private.MarshalPrivatePEM())
			golden(t, "pem/"+name+".pem", text)
			got, err := jwk.ParsePEM(text)
			if k := theKey(t, got, err); !k.Equal(private) || !sameMembers(t, k, private) {
				t.Errorf("ParsePEM: got %v, want %v", k, private)
			}
			der := octets(private.MarshalPrivateDER())
			if k, err := jwk.ParseDER(der); err != nil || !k.Equal(private) {
				t.Errorf("ParseDER: got %v, %v, want %v", k, err, private)
			}

			for _, k := range []*jwk.Key{private, public} {
				text := octets(k.MarshalPEM())
				golden(t, "pem/"+name+".pub.pem", text)
				got, err := jwk.ParsePEM(text)
				if k := theKey(t, got, err); !k.Equal(public) || !sameMembers(t, k, public) {
					t.Errorf("ParsePEM: got %v, want %v", k, public)
				}
				if k, err := jwk.ParseDER(octets(k.MarshalDER())); err != nil || !k.Equal(public) {
					t.Errorf("ParseDER: got %v, %v, want %v", k, err, public)
				}
			}

			// The standard library, or the library for ML-DSA, writes the same DER for the keys
			// that it knows.
			if want, err := mldsax509.MarshalPKIXPublicKey(public.PublicKey()); err == nil {
				if got := octets(public.MarshalDER()); !bytes.Equal(got, want) {
					t.Errorf("MarshalDER: got %x, want %x", got, want)
				}
			}
			if want, err := mldsax509.MarshalPKCS8PrivateKey(private.PrivateKey()); err == nil && !bytes.Equal(der, want) {
				t.Errorf("MarshalPrivateDER: got %x, want %x", der, want)
			}

			_, err = public.MarshalPrivatePEM()
			checkError(t, err, jwk.ErrPrivate, "")
			_, err = public.MarshalPrivateDER()
			checkError(t, err, jwk.ErrPrivate, "")
			_, err = (&jwk.Parser{PublicOnly: true}).ParseDER(der)
			checkError(t, err, jwk.ErrPrivate, "")
		})
	}
	secret := fixture(t, "oct-256").key(t)
	for name, f := range map[string]func() ([]byte, error){
		"MarshalPEM": secret.MarshalPEM, "MarshalDER": secret.MarshalDER,
		"MarshalPrivatePEM": secret.MarshalPrivatePEM, "MarshalPrivateDER": secret.MarshalPrivateDER,
	} {
		t.Run(name+" of oct", func(t *testing.T) {
			got, err := f()
			checkError(t, err, jwk.ErrUnsupported, "")
			if got != nil {
				t.Errorf("got %d octets", len(got))
			}
		})
	}
}

// TestPEMOtherForms checks that the forms that other programs write are read, such as PKCS #1 and
// SEC 1. MarshalPEM does not write them.
func TestPEMOtherForms(t *testing.T) {
	octets := must[[]byte](t)
	rsaKey, multi := goKey[*rsa.PrivateKey](t, "RSA-2048"), goKey[*rsa.PrivateKey](t, "RSA-2048-multi-prime")
	p521 := goKey[*ecdsa.PrivateKey](t, "P-521")
	seed := goKey[ed25519.PrivateKey](t, "Ed25519")
	mldsaSeed, _, mldsaExpanded := mldsaOctets(t)
	for _, test := range []struct {
		name, label string
		der         []byte
		want        object
	}{
		{"PKCS #1, public", "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), public(t, "RSA-2048")},
		{"PKCS #1, private", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), fixture(t, "RSA-2048")},
		{"PKCS #1, three primes", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(multi), fixture(t, "RSA-2048-multi-prime")},
		{"SEC 1", "EC PRIVATE KEY", octets(x509.MarshalECPrivateKey(p521)), fixture(t, "P-521")},
		{"SEC 1 without the point", "EC PRIVATE KEY", sequence(integer(1), octetString(fixtureOctets(t, "P-256", "d")), explicit(0, marshalASN1(t, oidP256))), fixture(t, "P-256")},
		{"PKCS #8 without the point", "PRIVATE KEY", pkcs8(t, 0, []asn1.ObjectIdentifier{oidECKey, oidP256}, sequence(integer(1), octetString(fixtureOctets(t, "P-256", "d")))), fixture(t, "P-256")},
		{"PKCS #8 with attributes", "PRIVATE KEY", pkcs8(t, 0, []asn1.ObjectIdentifier{oidEd25519}, octetString(seed.Seed()), explicit(0)), fixture(t, "Ed25519")},
		{"ML-DSA, seed and expanded key", "PRIVATE KEY", pkcs8(t, 0, []asn1.ObjectIdentifier{oidMLDSA44}, sequence(octetString(mldsaSeed), octetString(mldsaExpanded))), fixture(t, "ML-DSA-44")},
		{"RFC 5958 with the public key", "PRIVATE KEY", pkcs8(t, 1, []asn1.ObjectIdentifier{oidEd25519}, octetString(seed.Seed()), tlv(0x81, append([]byte{0}, seed[32:]...))), fixture(t, "Ed25519")},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := test.want.key(t)
			got, err := jwk.ParsePEM(block(test.label, test.der))
			if k := theKey(t, got, err); !k.Equal(want) || !sameMembers(t, k, want) {
				t.Errorf("ParsePEM: got %v, want %v", k, want)
			}
			if k, err := jwk.ParseDER(test.der); err != nil || !k.Equal(want) {
				t.Errorf("ParseDER: got %v, %v, want %v", k, err, want)
			}
		})
	}
}

var (
	oidRSAKey    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECKey     = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidP256      = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
	oidP384      = asn1.ObjectIdentifier{1, 3, 132, 0, 34}
	oidEd25519   = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidDSA       = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidPSS       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidSecp256k1 = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
	oidEd448     = asn1.ObjectIdentifier{1, 3, 101, 113}
	oidMLDSA44   = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17}
	oidGOST      = asn1.ObjectIdentifier{1, 2, 643, 2, 2, 19}
	nullElement  = []byte{5, 0}
)

// mldsaOctets returns the seed and the public key of the fixture ML-DSA-44, and an expanded private
// key. Only the parts of the expanded key that are checked belong to the seed: rho, and tr, the
// digest of the public key.
func mldsaOctets(t testing.TB) (seed, pub, expanded []byte) {
	t.Helper()
	seed, pub = fixtureOctets(t, "ML-DSA-44", "priv"), fixtureOctets(t, "ML-DSA-44", "pub")
	expanded = make([]byte, 2560)
	copy(expanded, pub[:32])
	copy(expanded[64:], sha3.SumSHAKE256(pub, 64))
	return seed, pub, expanded
}

func TestDERRefused(t *testing.T) {
	octets := must[[]byte](t)
	rsaFixture := fixture(t, "RSA-2048")
	point := append([]byte{4}, append(fixtureOctets(t, "P-256", "x"), fixtureOctets(t, "P-256", "y")...)...)
	scalar := fixtureOctets(t, "P-256", "d")
	compressed := append([]byte{2 | point[64]&1}, point[1:33]...)
	seed, x := fixtureOctets(t, "Ed25519", "d"), fixtureOctets(t, "Ed25519", "x")
	spkiOf := func(algorithm, key []byte) []byte { return sequence(algorithm, bitString(key)) }
	ec := []asn1.ObjectIdentifier{oidECKey, oidP256}
	ed := []asn1.ObjectIdentifier{oidEd25519}
	nullRSA := sequence(marshalASN1(t, oidRSAKey), nullElement)
	rsaPublic := sequence(bigInteger(goKey[*rsa.PrivateKey](t, "RSA-2048").N), integer(65537))
	small := goKey[*rsa.PrivateKey](t, "RSA-2048").Primes[0]
	mldsa44 := []asn1.ObjectIdentifier{oidMLDSA44}
	mldsaSeed, mldsaPub, mldsaExpanded := mldsaOctets(t)
	otherPrime := sequence(integer(3), integer(1), integer(1))

	for _, test := range []struct {
		name string
		der  []byte
		want error
		path string
	}{
		{"nothing", nil, jwk.ErrSyntax, ""},
		{"no sequence", integer(1), jwk.ErrSyntax, ""},
		{"an empty sequence", sequence(), jwk.ErrSyntax, ""},
		{"an integer alone", sequence(integer(1)), jwk.ErrSyntax, ""},
		{"text after it", append(octets(fixture(t, "P-256").key(t).MarshalDER()), 0), jwk.ErrSyntax, ""},
		{"BER: a length not minimal", append([]byte{0x30, 0x81, 0x2a}, spkiOf(algorithm(t, ed...), x)[2:]...), jwk.ErrSyntax, ""},
		{"BER: an indefinite length", append(append([]byte{0x30, 0x80}, spkiOf(algorithm(t, ed...), x)[2:]...), 0, 0), jwk.ErrSyntax, ""},

		{"SPKI: not whole octets", sequence(algorithm(t, ed...), tlv(3, []byte{1}, x)), jwk.ErrSyntax, ""},
		{"SPKI: more in it", sequence(algorithm(t, ed...), bitString(x), integer(1)), jwk.ErrSyntax, ""},
		{"SPKI: DSA", spkiOf(sequence(marshalASN1(t, oidDSA)), integer(1)), jwk.ErrUnsupported, ""},
		{"SPKI: RSASSA-PSS", spkiOf(sequence(marshalASN1(t, oidPSS)), rsaPublic), jwk.ErrUnsupported, ""},
		{"SPKI: RSA without NULL", spkiOf(sequence(marshalASN1(t, oidRSAKey)), rsaPublic), jwk.ErrUnsupported, ""},
		{"SPKI: a NULL with something in it", spkiOf(sequence(marshalASN1(t, oidRSAKey), []byte{5, 1, 0}), rsaPublic), jwk.ErrSyntax, ""},
		{"SPKI: Ed25519 with NULL", spkiOf(sequence(marshalASN1(t, oidEd25519), nullElement), x), jwk.ErrUnsupported, ""},
		{"SPKI: Ed25519 with other parameters", spkiOf(sequence(marshalASN1(t, oidEd25519), sequence()), x), jwk.ErrUnsupported, ""},
		{"SPKI: an algorithm of 65 octets", spkiOf(sequence(tlv(6, bytes.Repeat([]byte{1}, 63))), x), jwk.ErrSyntax, ""},
		{"SPKI: an algorithm of 64 octets", spkiOf(sequence(tlv(6, bytes.Repeat([]byte{1}, 62))), x), jwk.ErrUnsupported, ""},
		{"SPKI: two parameters", spkiOf(algorithm(t, oidECKey, oidP256, oidP256), point), jwk.ErrSyntax, ""},
		{"SPKI: explicit curve", spkiOf(sequence(marshalASN1(t, oidECKey), sequence(integer(1))), point), jwk.ErrUnsupported, ""},
		{"SPKI: P-224", spkiOf(algorithm(t, oidECKey, asn1.ObjectIdentifier{1, 3, 132, 0, 33}), point), jwk.ErrUnsupported, ""},
		{"SPKI: RSA, no sequence", spkiOf(nullRSA, integer(1)), jwk.ErrSyntax, ""},
		{"SPKI: RSA, no exponent", spkiOf(nullRSA, sequence(bigInteger(small))), jwk.ErrSyntax, ""},
		{"SPKI: RSA, three integers", spkiOf(nullRSA, sequence(bigInteger(small), integer(3), integer(3))), jwk.ErrSyntax, ""},
		{"SPKI: RSA, negative modulus", spkiOf(nullRSA, sequence(bigInteger(new(big.Int).Neg(small)), integer(65537))), jwk.ErrSyntax, ""},
		{"SPKI: RSA, zero exponent", spkiOf(nullRSA, sequence(bigInteger(new(big.Int).Mul(small, small)), integer(0))), jwk.ErrInvalid, "/e"},
		{"R02 SPKI: RSA of 1024 bits", spkiOf(nullRSA, sequence(bigInteger(small), integer(65537))), jwk.ErrPolicy, "/n"},
		{"R03 SPKI: RSA of 65536 bits", spkiOf(nullRSA, sequence(bigInteger(new(big.Int).SetBit(small, 65535, 1)), integer(65537))), jwk.ErrPolicy, "/n"},
		{"R05 SPKI: RSA, exponent 2^64+65537", spkiOf(nullRSA, sequence(bigInteger(goKey[*rsa.PrivateKey](t, "RSA-2048").N), bigInteger(new(big.Int).SetBit(big.NewInt(65537), 64, 1)))), jwk.ErrInvalid, "/e"},
		{"SPKI: a compressed point", spkiOf(algorithm(t, ec...), compressed), jwk.ErrUnsupported, ""},
		{"SPKI: a hybrid point", spkiOf(algorithm(t, ec...), append([]byte{6 | point[64]&1}, point[1:]...)), jwk.ErrInvalid, ""},
		{"SPKI: a short point", spkiOf(algorithm(t, ec...), point[:64]), jwk.ErrInvalid, ""},
		{"SPKI: infinity", spkiOf(algorithm(t, ec...), []byte{0}), jwk.ErrInvalid, ""},
		{"E08 SPKI: a point of another curve", spkiOf(algorithm(t, oidECKey, oidP384), point), jwk.ErrInvalid, ""},
		{"E01 SPKI: off the curve", spkiOf(algorithm(t, ec...), flipped(point, 64)), jwk.ErrInvalid, "/x"},
		{"O01 SPKI: Ed25519 of 31 octets", spkiOf(algorithm(t, ed...), x[:31]), jwk.ErrInvalid, "/x"},
		{"O02 SPKI: Ed25519 of small order", spkiOf(algorithm(t, ed...), make([]byte, 32)), jwk.ErrInvalid, "/x"},
		{"SPKI: Ed25519, empty", spkiOf(algorithm(t, ed...), nil), jwk.ErrInvalid, "/x"},

		{"PKCS #8: version 2", pkcs8(t, 2, ed, octetString(seed)), jwk.ErrSyntax, ""},
		{"PKCS #8: more in it", pkcs8(t, 0, ed, octetString(seed), integer(1)), jwk.ErrSyntax, ""},
		{"PKCS #8: a public key in version 0", pkcs8(t, 0, ed, octetString(seed), tlv(0x81, []byte{0}, x)), jwk.ErrSyntax, ""},
		{"PKCS #8: a public key of no whole octets", pkcs8(t, 1, ed, octetString(seed), tlv(0x81, []byte{1}, x)), jwk.ErrSyntax, ""},
		{"O05 RFC 5958: another public key", pkcs8(t, 1, ed, octetString(seed), tlv(0x81, []byte{0}, flipped(x, 0))), jwk.ErrInvalid, ""},
		{"PKCS #8: an empty public key", pkcs8(t, 1, ed, octetString(seed), tlv(0x81, []byte{0})), jwk.ErrSyntax, ""},
		{"PKCS #8: text after the seed", pkcs8(t, 0, ed, append(octetString(seed), 0)), jwk.ErrSyntax, ""},
		{"PKCS #8: unknown algorithm", pkcs8(t, 0, []asn1.ObjectIdentifier{oidDSA}, integer(1)), jwk.ErrUnsupported, ""},
		{"PKCS #8: Ed25519, bare octets", pkcs8(t, 0, ed, seed), jwk.ErrSyntax, ""},
		{"O06 PKCS #8: Ed25519, seed of 31 octets", pkcs8(t, 0, ed, octetString(seed[:31])), jwk.ErrInvalid, ""},
		{"O06 PKCS #8: Ed25519, seed and public key", pkcs8(t, 0, ed, octetString(append(bytes.Clone(seed), x...))), jwk.ErrInvalid, ""},
		{"PKCS #8: EC, version 2", pkcs8(t, 0, ec, sequence(integer(2), octetString(scalar))), jwk.ErrSyntax, ""},
		{"E06 PKCS #8: EC, zero", pkcs8(t, 0, ec, sequence(integer(1), octetString(make([]byte, 32)))), jwk.ErrInvalid, ""},
		{"PKCS #8: EC, scalar of 31 octets", pkcs8(t, 0, ec, sequence(integer(1), octetString(scalar[1:]))), jwk.ErrInvalid, ""},
		{"PKCS #8: EC, scalar of 33 octets", pkcs8(t, 0, ec, sequence(integer(1), octetString(append([]byte{0}, scalar...)))), jwk.ErrInvalid, ""},
		{"PKCS #8: EC, two curves", pkcs8(t, 0, ec, sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(t, oidP384)))), jwk.ErrInvalid, ""},
		{"PKCS #8: EC, explicit curve inside", pkcs8(t, 0, ec, sequence(integer(1), octetString(scalar), explicit(0, sequence(integer(1))))), jwk.ErrUnsupported, ""},
		{"E05 PKCS #8: EC, point of another key", pkcs8(t, 0, ec, sequence(integer(1), octetString(new(big.Int).Add(new(big.Int).SetBytes(scalar), big.NewInt(1)).FillBytes(make([]byte, 32))), explicit(1, bitString(point)))), jwk.ErrInvalid, "/d"},
		{"PKCS #8: EC, compressed point", pkcs8(t, 0, ec, sequence(integer(1), octetString(scalar), explicit(1, bitString(compressed)))), jwk.ErrUnsupported, ""},
		{"K01 SPKI: secp256k1, off the curve", spkiOf(algorithm(t, oidECKey, oidSecp256k1), point), jwk.ErrInvalid, "/x"},
		{"K02 SEC 1: secp256k1, zero", sequence(integer(1), octetString(make([]byte, 32)), explicit(0, marshalASN1(t, oidSecp256k1))), jwk.ErrInvalid, ""},
		{"K02 SEC 1: secp256k1, 2^256-1", sequence(integer(1), octetString(bytes.Repeat([]byte{0xff}, 32)), explicit(0, marshalASN1(t, oidSecp256k1))), jwk.ErrInvalid, ""},
		{"K02 SEC 1: secp256k1, 40 octets", sequence(integer(1), octetString(make([]byte, 40)), explicit(0, marshalASN1(t, oidSecp256k1))), jwk.ErrInvalid, ""},
		{"O09 SPKI: Ed448, y is 0", spkiOf(algorithm(t, oidEd448), make([]byte, 57)), jwk.ErrInvalid, "/x"},
		{"O09 PKCS #8: Ed448, seed of 56", pkcs8(t, 0, []asn1.ObjectIdentifier{oidEd448}, octetString(make([]byte, 56))), jwk.ErrInvalid, ""},
		{"P02 SPKI: ML-DSA-44, key of 65", spkiOf(algorithm(t, oidMLDSA44), fixtureOctets(t, "ML-DSA-65", "pub")), jwk.ErrInvalid, "/pub"},
		{"SPKI: ML-DSA with NULL", spkiOf(sequence(marshalASN1(t, oidMLDSA44), nullElement), mldsaPub), jwk.ErrUnsupported, ""},
		{"P03 PKCS #8: ML-DSA, seed of 31", pkcs8(t, 0, mldsa44, tlv(0x80, mldsaSeed[1:])), jwk.ErrInvalid, ""},
		{"P03 PKCS #8: ML-DSA, expanded key alone", pkcs8(t, 0, mldsa44, octetString(mldsaExpanded)), jwk.ErrUnsupported, ""},
		{"P03 PKCS #8: ML-DSA, neither", pkcs8(t, 0, mldsa44, integer(1)), jwk.ErrSyntax, ""},
		{"P03 PKCS #8: ML-DSA, text after the seed", pkcs8(t, 0, mldsa44, append(tlv(0x80, mldsaSeed), 0)), jwk.ErrSyntax, ""},
		{"P04 PKCS #8: ML-DSA, another rho", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed), octetString(flipped(mldsaExpanded, 0)))), jwk.ErrInvalid, ""},
		{"P04 PKCS #8: ML-DSA, another tr", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed), octetString(flipped(mldsaExpanded, 64)))), jwk.ErrInvalid, ""},
		{"P03 PKCS #8: ML-DSA, more than seed and expanded key", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed), octetString(mldsaExpanded), octetString(nil))), jwk.ErrSyntax, ""},
		{"P03 PKCS #8: ML-DSA, text after seed and expanded key", pkcs8(t, 0, mldsa44, append(sequence(octetString(mldsaSeed), octetString(mldsaExpanded)), 0)), jwk.ErrSyntax, ""},
		{"P03 PKCS #8: ML-DSA, seed of 31 and expanded key", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed[1:]), octetString(mldsaExpanded))), jwk.ErrInvalid, ""},
		{"P04 PKCS #8: ML-DSA, expanded key too short", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed), octetString(mldsaExpanded[:2559]))), jwk.ErrInvalid, ""},
		{"P04 PKCS #8: ML-DSA, expanded key too long", pkcs8(t, 0, mldsa44, sequence(octetString(mldsaSeed), octetString(append(bytes.Clone(mldsaExpanded), 0)))), jwk.ErrInvalid, ""},
		{"SEC 1 without a curve", sequence(integer(1), octetString(scalar)), jwk.ErrSyntax, ""},
		{"SEC 1 on P-224", sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(t, asn1.ObjectIdentifier{1, 3, 132, 0, 33}))), jwk.ErrUnsupported, ""},

		{"PKCS #1: text after it", sequence(integer(0), sequence(marshalASN1(t, oidRSAKey), nullElement), octetString(append(rsaPrivateDER(t, 0, rsaFixture), 0))), jwk.ErrSyntax, ""},
		{"PKCS #1: version 2", rsaPrivateDER(t, 2, rsaFixture), jwk.ErrSyntax, ""},
		{"PKCS #1: more in it", rsaPrivateDER(t, 0, rsaFixture, integer(1)), jwk.ErrSyntax, ""},
		{"PKCS #1: version 1 without primes", rsaPrivateDER(t, 1, rsaFixture), jwk.ErrSyntax, ""},
		{"PKCS #1: version 1 with no primes", rsaPrivateDER(t, 1, rsaFixture, sequence()), jwk.ErrInvalid, "/oth"},
		{"PKCS #1: a prime without coefficient", rsaPrivateDER(t, 1, rsaFixture, sequence(sequence(integer(3), integer(1)))), jwk.ErrSyntax, ""},
		{"R13 PKCS #1: a prime of no use", rsaPrivateDER(t, 1, rsaFixture, sequence(otherPrime)), jwk.ErrInvalid, "*"},
		{"PKCS #1: six primes", rsaPrivateDER(t, 1, rsaFixture, sequence(otherPrime, otherPrime, otherPrime, otherPrime)), jwk.ErrPolicy, ""},
		{"R09 PKCS #1: another dp", rsaPrivateDER(t, 0, rsaFixture.with("dp", rsaFixture["dq"])), jwk.ErrInvalid, "/dp"},
		{"R11 PKCS #1: primes of another key", rsaPrivateDER(t, 0, rsaFixture.with("p", fixture(t, "RSA-3072")["p"])), jwk.ErrInvalid, "/p"},

		{"a certificate that does not parse", sequence(sequence(integer(1)), sequence(), bitString(nil)), jwk.ErrInvalid, ""},
		{"encrypted", sequence(sequence(marshalASN1(t, oidDSA)), octetString(seed)), jwk.ErrDecrypt, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.ParseDER(test.der)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)
		})
	}

	t.Run("MaxBytes", func(t *testing.T) {
		der := octets(public(t, "P-256").key(t).MarshalDER())
		if _, err := (&jwk.Parser{MaxBytes: len(der)}).ParseDER(der); err != nil {
			t.Error(err)
		}
		_, err := (&jwk.Parser{MaxBytes: len(der) - 1}).ParseDER(der)
		checkError(t, err, jwk.ErrPolicy, "")
	})
	t.Run("PublicOnly, encrypted", func(t *testing.T) {
		_, err := (&jwk.Parser{PublicOnly: true}).ParseDER(sequence(sequence(marshalASN1(t, oidDSA)), octetString(seed)))
		checkError(t, err, jwk.ErrPrivate, "")
	})
	t.Run("MinRSABits", func(t *testing.T) {
		k, err := (&jwk.Parser{MinRSABits: 1024}).ParseDER(spkiOf(nullRSA, sequence(bigInteger(small), integer(65537))))
		if err != nil || k.Bits() != 1024 {
			t.Errorf("got %v, %v, want a key of 1024 bits", k, err)
		}
	})
}

func TestPEMBundle(t *testing.T) {
	octets := must[[]byte](t)
	keyPEM := func(name string) []byte { return octets(fixture(t, name).key(t).MarshalPrivatePEM()) }
	publicPEM := func(name string) []byte { return octets(fixture(t, name).key(t).MarshalPEM()) }
	damaged := bytes.Replace(publicPEM("P-384"), []byte("\nM"), []byte("\n!"), 1)
	old := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte{1}, Headers: map[string]string{
		"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00000000000000000000000000000000",
	}})

	// A want is the name of a key, or the error of a block that is skipped.
	type want = any
	for _, test := range []struct {
		name string
		data []byte
		want []want
	}{
		{"keys in order", join(keyPEM("P-256"), []byte("words\n"), publicPEM("Ed25519"), keyPEM("RSA-2048")), []want{"P-256", "Ed25519", "RSA-2048"}},
		{"one key twice", join(publicPEM("P-256"), publicPEM("P-256")), []want{"P-256", "P-256"}},
		{"line ends of Windows", bytes.ReplaceAll(join(keyPEM("P-256"), publicPEM("Ed25519")), []byte("\n"), []byte("\r\n")), []want{"P-256", "Ed25519"}},
		{"a damaged block", join(keyPEM("P-256"), damaged, publicPEM("Ed25519")), []want{"P-256", jwk.ErrSyntax, "Ed25519"}},
		{"a block without end", join([]byte("-----BEGIN PUBLIC KEY-----\nMCow\n"), publicPEM("Ed25519")), []want{jwk.ErrSyntax, "Ed25519"}},
		{"an unknown label", join(block("X509 CRL", sequence()), keyPEM("P-256")), []want{jwk.ErrUnsupported, "P-256"}},
		{"a key of OpenSSH", join(block("OPENSSH PRIVATE KEY", []byte("x")), keyPEM("P-256")), []want{jwk.ErrUnsupported, "P-256"}},
		{"EC PARAMETERS, as openssl ecparam writes them", join(block("EC PARAMETERS", marshalASN1(t, oidP256)), keyPEM("P-256")), []want{"P-256"}},
		{"EC PARAMETERS that are a key", join(block("EC PARAMETERS", octets(fixture(t, "P-256").key(t).MarshalDER())), keyPEM("P-256")), []want{jwk.ErrUnsupported, "P-256"}},
		{"EC PARAMETERS of a curve without a name", join(block("EC PARAMETERS", sequence(integer(1), sequence(integer(1)), sequence())), keyPEM("P-256")), []want{"P-256"}},
		{"EC PARAMETERS with nothing in them", join(block("EC PARAMETERS", nil), keyPEM("P-256")), []want{jwk.ErrUnsupported, "P-256"}},
		{"EC PARAMETERS, damaged", join([]byte("-----BEGIN EC PARAMETERS-----\n!\n"), keyPEM("P-256")), []want{jwk.ErrSyntax, "P-256"}},
		{"a certificate, damaged", join([]byte("-----BEGIN CERTIFICATE-----\n!\n"), keyPEM("P-256")), []want{jwk.ErrSyntax, "P-256"}},
		{"no line end between two", join(bytes.TrimSpace(publicPEM("P-256")), publicPEM("Ed25519")), []want{"P-256", jwk.ErrSyntax}},
		{"a byte order mark", join([]byte("\uFEFF"), publicPEM("P-256"), publicPEM("Ed25519")), []want{jwk.ErrSyntax, "Ed25519"}},
		{"not at the start of a line", join([]byte("  "), publicPEM("P-256"), publicPEM("Ed25519")), []want{jwk.ErrSyntax, "Ed25519"}},
		{"the label of another form", join(block("PRIVATE KEY", octets(fixture(t, "P-256").key(t).MarshalDER())), publicPEM("Ed25519")), []want{jwk.ErrSyntax, "Ed25519"}},
		{"encrypted before PKCS #8", join(old, keyPEM("P-256")), []want{jwk.ErrUnsupported, "P-256"}},
		{"encrypted", join(publicPEM("P-256"), block("ENCRYPTED PRIVATE KEY", []byte{1})), []want{"P-256", jwk.ErrDecrypt}},
		{"a bad key among good ones", join(publicPEM("P-256"), block("PUBLIC KEY", sequence(algorithm(t, oidEd25519), bitString(make([]byte, 32)))), publicPEM("P-384")), []want{"P-256", jwk.ErrInvalid, "P-384"}},
		{"a certificate that does not parse", join(block("CERTIFICATE", sequence()), publicPEM("P-384")), []want{jwk.ErrInvalid, "P-384"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.ParsePEM(test.data)
			if err != nil {
				t.Fatal(err)
			}
			skipped := make(map[int]jwk.Skipped)
			for _, entry := range s.Skipped() {
				skipped[entry.Index] = entry
			}
			if s.Len()+len(skipped) != len(test.want) {
				t.Fatalf("got %v, %v; want %v", s, s.Skipped(), test.want)
			}
			keys := 0
			for i, want := range test.want {
				if kind, ok := want.(error); ok {
					entry := skipped[i]
					if len(entry.JSON) != 0 || entry.KeyID != "" {
						t.Errorf("entry %d: got JSON %s, kid %q; want none", i, entry.JSON, entry.KeyID)
					}
					if !bytes.HasPrefix(entry.PEM, []byte("-----BEGIN")) || !bytes.Contains(test.data, entry.PEM) {
						t.Errorf("entry %d: got PEM %q, want that of the file", i, entry.PEM)
					}
					checkError(t, entry.Err, kind, "*")
					var e *jwk.Error
					if errors.As(entry.Err, &e) && (!strings.HasPrefix(string(e.Path), fmt.Sprintf("/keys/%d", i)) || !bytes.HasPrefix(test.data[e.Offset:], []byte("-----BEGIN"))) {
						t.Errorf("entry %d: got place %q, %d", i, e.Path, e.Offset)
					}
					_, err := (&jwk.Parser{FailFast: true}).ParsePEM(test.data)
					checkError(t, err, kind, "*")
					continue
				}
				if k := s.At(keys); !k.Equal(fixture(t, want.(string)).key(t)) && !k.Equal(public(t, want.(string)).key(t)) {
					t.Errorf("key %d: got %v, want %v", i, k, want)
				}
				keys++
			}
			text, err := s.MarshalPrivateJSON()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := jwk.ParseSet(text); err != nil || again.Len() != s.Len() || len(again.Skipped()) != 0 {
				t.Errorf("written as a set: got %v, %v, want the keys of %v", again, err, s)
			}
		})
	}

	for _, test := range []struct {
		name string
		p    jwk.Parser
		data []byte
		want error
	}{
		{"nothing", jwk.Parser{}, nil, jwk.ErrSyntax},
		{"no block", jwk.Parser{}, []byte("----BEGIN\nnot PEM"), jwk.ErrSyntax},
		{"JSON", jwk.Parser{}, public(t, "P-256").json(t), jwk.ErrSyntax},
		{"C05 a private key among public ones", jwk.Parser{PublicOnly: true}, join(publicPEM("P-256"), keyPEM("P-256")), jwk.ErrPrivate},
		{"C05 an encrypted one", jwk.Parser{PublicOnly: true}, block("ENCRYPTED PRIVATE KEY", []byte{1}), jwk.ErrPrivate},
		{"C05 one of OpenSSH", jwk.Parser{PublicOnly: true}, block("OPENSSH PRIVATE KEY", []byte{1}), jwk.ErrPrivate},
		{"C05 a damaged one", jwk.Parser{PublicOnly: true}, []byte("-----BEGIN RSA PRIVATE KEY-----\n!\n"), jwk.ErrPrivate},
		{"C05 one after another, without a line end", jwk.Parser{PublicOnly: true}, join(bytes.TrimSpace(publicPEM("P-256")), keyPEM("P-256")), jwk.ErrPrivate},
		{"C05 one after a byte order mark", jwk.Parser{PublicOnly: true}, join([]byte("\uFEFF"), keyPEM("P-256"), publicPEM("P-256")), jwk.ErrPrivate},
		{"C05 one after a blank", jwk.Parser{PublicOnly: true}, join([]byte(" "), keyPEM("P-256"), publicPEM("P-256")), jwk.ErrPrivate},
		{"C05 one without a blank", jwk.Parser{PublicOnly: true}, bytes.Replace(keyPEM("P-256"), []byte("BEGIN "), []byte("BEGIN"), 1), jwk.ErrPrivate},
		{"C05 one with a dash less", jwk.Parser{PublicOnly: true}, bytes.Replace(keyPEM("P-256"), []byte("KEY-"), []byte("KEY"), 1), jwk.ErrPrivate},
		{"C05 a blank in its label", jwk.Parser{PublicOnly: true}, bytes.ReplaceAll(keyPEM("P-256"), []byte("KEY-"), []byte("KEY -")), jwk.ErrPrivate},
		{"C05 its label in lower case", jwk.Parser{PublicOnly: true}, block("private key", []byte{1}), jwk.ErrPrivate},
		{"C05 one of another label", jwk.Parser{PublicOnly: true}, block("PUBLIC KEY", octets(fixture(t, "P-256").key(t).MarshalPrivateDER())), jwk.ErrPrivate},
		{"C05 PKCS #1 of another label", jwk.Parser{PublicOnly: true}, block("X", x509.MarshalPKCS1PrivateKey(goKey[*rsa.PrivateKey](t, "RSA-2048"))), jwk.ErrPrivate},
		{"C05 SEC 1 of another label", jwk.Parser{PublicOnly: true}, block("X", octets(x509.MarshalECPrivateKey(goKey[*ecdsa.PrivateKey](t, "P-256")))), jwk.ErrPrivate},
		{"C05 one that is called EC PARAMETERS", jwk.Parser{PublicOnly: true}, block("EC PARAMETERS", octets(fixture(t, "P-256").key(t).MarshalPrivateDER())), jwk.ErrPrivate},
		{"C05 one that an octet follows", jwk.Parser{PublicOnly: true}, block("CERTIFICATE", append(octets(fixture(t, "P-256").key(t).MarshalPrivateDER()), 0)), jwk.ErrPrivate},
		{"C05 one that begins with a dash less", jwk.Parser{PublicOnly: true}, join(publicPEM("P-256"), keyPEM("P-256")[1:]), jwk.ErrPrivate},
		{"MaxKeys", jwk.Parser{MaxKeys: 1}, join(publicPEM("P-256"), damaged), jwk.ErrPolicy},
		{"MaxBytes", jwk.Parser{MaxBytes: 10}, publicPEM("P-256"), jwk.ErrPolicy},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := test.p.ParsePEM(test.data)
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, test.want, "*")
		})
	}
	// An END without BEGIN counts as a block, so that a damaged key is not lost in silence.
	for name, data := range map[string][]byte{
		"first": join(publicPEM("P-256")[1:], publicPEM("Ed25519")),
		"last":  join(publicPEM("Ed25519"), publicPEM("P-256")[1:]),
	} {
		s, err := jwk.ParsePEM(data)
		if err != nil || len(s.Skipped()) != 1 || !bytes.Contains(data, s.Skipped()[0].PEM) {
			t.Errorf("an END alone, %s: got %v, %v, want one skipped", name, s, err)
			continue
		}
		checkError(t, s.Skipped()[0].Err, jwk.ErrSyntax, "*")
	}
	for _, text := range []string{"openssl pkcs8 -topk8"} { // the error must say how to convert the key
		_, err := jwk.ParsePEM(old)
		if checkError(t, err, jwk.ErrUnsupported, "/keys/0"); !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want a hint: %s", err, text)
		}
	}
}

func TestEncryptedPEM(t *testing.T) {
	octets := must[[]byte](t)
	passphrase := []byte("correct horse battery staple")
	write := &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1000}
	read := &jwk.DecryptOptions{Passphrase: passphrase}
	for _, name := range asymmetricNames() {
		k := fixture(t, name).key(t)
		text := octets(k.EncryptPEM(write))
		got, err := jwk.DecryptPEM(text, read)
		if got := theKey(t, got, err); !got.Equal(k) {
			t.Errorf("%s: got %v, want %v", name, got, k)
		}
		if again := octets(k.EncryptPEM(write)); bytes.Equal(text, again) {
			t.Errorf("%s: got one text twice", name)
		}
		_, err = public(t, name).key(t).EncryptPEM(write)
		checkError(t, err, jwk.ErrPrivate, "")
	}
	k := fixture(t, "P-256").key(t)
	text := octets(k.EncryptPEM(write))

	t.Run("the default count", func(t *testing.T) {
		text := octets(k.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase}))
		got, err := jwk.DecryptPEM(text, read)
		if got := theKey(t, got, err); !got.Equal(k) {
			t.Errorf("got %v, want %v", got, k)
		}
		s, err := jwk.DecryptPEM(join(goodPEM(t), text), &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 599_999})
		err = theSkipped(t, s, err)
		checkError(t, err, jwk.ErrPolicy, "/keys/1")
		if text := err.Error(); !strings.Contains(text, "600000 iterations, want at most 599999 (DecryptOptions.MaxPBES2Count)") {
			t.Errorf("got %q, want the option and its value named", text)
		}
	})
	t.Run("beside others", func(t *testing.T) {
		data := join(octets(k.MarshalPEM()), text, []byte("words\n"), block("X509 CRL", sequence()))
		if s, err := jwk.DecryptPEM(data, read); err != nil || s.Len() != 2 || !s.At(1).Equal(k) || len(s.Skipped()) != 1 {
			t.Errorf("got %v, %v, want two keys", s, err)
		}
	})
	// An attacker can replace an encrypted key by an unencrypted one without the passphrase.
	for name, plain := range map[string][]byte{
		"PKCS #8":             octets(k.MarshalPrivatePEM()),
		"SEC 1":               block("EC PRIVATE KEY", octets(x509.MarshalECPrivateKey(goKey[*ecdsa.PrivateKey](t, "P-256")))),
		"PKCS #1":             block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(goKey[*rsa.PrivateKey](t, "RSA-2048"))),
		"in disguise":         block("PUBLIC KEY", octets(k.MarshalPrivateDER())),
		"as a certificate":    block("CERTIFICATE", octets(k.MarshalPrivateDER())),
		"as parameters":       block("EC PARAMETERS", octets(k.MarshalPrivateDER())),
		"as an encrypted one": block("ENCRYPTED PRIVATE KEY", octets(k.MarshalPrivateDER())),
		"with a Proc-Type":    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: octets(k.MarshalPrivateDER()), Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}}),
		"with an octet more":  block("PRIVATE KEY", append(octets(k.MarshalPrivateDER()), 0)),
		"damaged":             block("PRIVATE KEY", []byte{1}),
	} {
		t.Run("not encrypted, "+name, func(t *testing.T) {
			s, err := jwk.DecryptPEM(join(octets(k.MarshalPEM()), plain, text), read)
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, jwk.ErrDecrypt, "")
		})
	}
	// One wrong passphrase of 256 leaves a valid padding, but no key.
	t.Run("what is decrypted is no key", func(t *testing.T) {
		for _, plain := range [][]byte{bytes.Repeat([]byte{1}, 15), sequence(integer(1)), nil} {
			s, err := jwk.DecryptPEM(block("ENCRYPTED PRIVATE KEY", encryptedInfo(t, passphrase, padded16(plain))), read)
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, jwk.ErrDecrypt, "")
		}
	})
	for _, test := range []struct {
		name string
		opts *jwk.DecryptOptions
		want error
	}{
		{"D07 wrong passphrase", &jwk.DecryptOptions{Passphrase: []byte("x")}, jwk.ErrDecrypt},
		{"D07 empty passphrase", &jwk.DecryptOptions{Passphrase: []byte{}}, jwk.ErrPolicy},
		{"D07 no passphrase", &jwk.DecryptOptions{}, jwk.ErrInvalid},
		{"D07 passphrase of 1 MiB", &jwk.DecryptOptions{Passphrase: make([]byte, 1<<20)}, jwk.ErrPolicy},
		{"a key", &jwk.DecryptOptions{Passphrase: passphrase, Key: k}, jwk.ErrInvalid},
		{"no options", nil, jwk.ErrInvalid},
		{"PublicOnly", &jwk.DecryptOptions{Passphrase: passphrase, Parser: &jwk.Parser{PublicOnly: true}}, jwk.ErrPrivate},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.DecryptPEM(text, test.opts)
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, test.want, "*")
		})
	}
	for _, test := range []struct {
		name string
		opts *jwk.EncryptOptions
		want error
	}{
		{"D07 no passphrase", &jwk.EncryptOptions{}, jwk.ErrInvalid},
		{"D07 empty passphrase", &jwk.EncryptOptions{Passphrase: []byte{}}, jwk.ErrPolicy},
		{"D07 passphrase of 1 MiB", &jwk.EncryptOptions{Passphrase: make([]byte, 1<<20)}, jwk.ErrPolicy},
		{"D10 999 iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 999}, jwk.ErrPolicy},
		{"a recipient", &jwk.EncryptOptions{Passphrase: passphrase, Recipient: k}, jwk.ErrInvalid},
		{"no options", nil, jwk.ErrInvalid},
	} {
		t.Run("EncryptPEM, "+test.name, func(t *testing.T) {
			text, err := k.EncryptPEM(test.opts)
			if text != nil {
				t.Errorf("got %s", text)
			}
			checkError(t, err, test.want, "")
		})
	}
	t.Run("more than 16", func(t *testing.T) {
		s, err := jwk.DecryptPEM(bytes.Repeat(text, 17), read)
		if err != nil || s.Len() != 16 || len(s.Skipped()) != 1 {
			t.Fatalf("got %v, %v, want 16 keys", s, err)
		}
		checkError(t, s.Skipped()[0].Err, jwk.ErrPolicy, "/keys/16")
	})
}

// TestPBES2Padding checks that a key with a wrong padding is refused with the error for a wrong
// passphrase.
func TestPBES2Padding(t *testing.T) {
	k := fixture(t, "P-256").key(t)
	der := must[[]byte](t)(k.MarshalPrivateDER())
	// An Ed25519 key has 48 octets, which are whole blocks without any padding. The last octet
	// of this one is 0.
	whole := pkcs8(t, 0, []asn1.ObjectIdentifier{oidEd25519}, octetString(make([]byte, 32)))
	if len(whole)%16 != 0 {
		t.Fatalf("got %d octets, want whole blocks", len(whole))
	}
	long := 32 - len(der)%16
	type text struct {
		name   string
		padded []byte
		good   bool
	}
	tests := []text{
		{"sound", padded16(der), true},
		{"16, sound", padded16(whole), true},
		{"0", whole, false},
		{"more than a block", append(bytes.Clone(der), bytes.Repeat([]byte{byte(long)}, long)...), false},
		{"255", append(bytes.Clone(der), bytes.Repeat([]byte{255}, 16-len(der)%16)...), false},
	}
	for i := range 16 - len(der)%16 - 1 {
		padded := padded16(der)
		padded[len(der)+i] ^= 1
		tests = append(tests, text{fmt.Sprintf("octet %d differs", i), padded, false})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.DecryptPEM(block("ENCRYPTED PRIVATE KEY", encryptedInfo(t, passphrase, test.padded)), fromPassphrase())
			if test.good {
				theKey(t, s, err)
				return
			}
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, jwk.ErrDecrypt, "")
		})
	}
}

// TestPBES2Altered alters each octet of encrypted keys. The result must be a key, because PBES2
// does not notice every alteration, or the same error that a wrong passphrase gets. Another error
// would show an attacker how far the text was decrypted.
func TestPBES2Altered(t *testing.T) {
	answer := func(der, passphrase []byte) (*jwk.Key, string) {
		s, err := jwk.DecryptPEM(block("ENCRYPTED PRIVATE KEY", der), &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 2000})
		if err != nil {
			return nil, err.Error()
		}
		return s.At(0), ""
	}
	wrong := []byte("incorrect horse battery staple")
	for _, name := range asymmetricNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := fixture(t, name).key(t)
			der := encryptedInfo(t, passphrase, padded16(must[[]byte](t)(k.MarshalPrivateDER())))
			if got, text := answer(der, passphrase); got == nil || !got.Equal(k) {
				t.Fatalf("got %v, %s, want %v", got, text, k)
			}
			_, want := answer(der, wrong)
			if want != "jwk: wrong passphrase, an altered text, or a key that ParsePEM refuses" {
				t.Fatalf("a wrong passphrase: got %s", want)
			}
			step := 1
			if testing.Short() {
				step = 1 + len(der)/100
			}
			decrypted := 0
			for i := 0; i < len(der); i += step {
				for _, flip := range []byte{1, 0x55, 0x80} {
					altered := bytes.Clone(der)
					altered[i] ^= flip
					got, text := answer(altered, passphrase)
					if got == nil && text == want {
						decrypted++
						continue
					}
					if got != nil && !got.Equal(k) && k.Type() != jwk.OKP && k.Type() != jwk.AKP {
						t.Errorf("octet %d ^ %#x: got another key, which has no public half to compare with: %v", i, flip, got)
					}
					if _, other := answer(altered, wrong); got == nil && text != other {
						t.Errorf("octet %d ^ %#x: got %q, and %q by a wrong passphrase", i, flip, text, other)
					}
				}
			}
			if decrypted == 0 {
				t.Error("nothing was altered that is decrypted")
			}
		})
	}
}

// TestPBES2OneAnswer checks that every decrypted text that is not an accepted key gets the same
// error, except for limits of the Parser, which altered texts do not reach.
func TestPBES2OneAnswer(t *testing.T) {
	ec := func(x, d string) []byte {
		point := append([]byte{4}, append(fixtureOctets(t, x, "x"), fixtureOctets(t, x, "y")...)...)
		return sequence(integer(1), octetString(fixtureOctets(t, d, "d")), explicit(1, bitString(point)))
	}
	p, q := rsaPrimes(t, "six")[0], rsaPrimes(t, "six")[1]
	small, err := (&jwk.Parser{MinRSABits: 1024}).Parse(rsaObject(t, 65537, p, q).json(t))
	if err != nil {
		t.Fatal(err)
	}
	p256 := []asn1.ObjectIdentifier{oidECKey, oidP256}
	for _, test := range []struct {
		name string
		der  []byte
		want error
	}{
		{"octets", bytes.Repeat([]byte{1}, 15), jwk.ErrDecrypt},
		{"a sequence", sequence(integer(1)), jwk.ErrDecrypt},
		{"nothing", nil, jwk.ErrDecrypt},
		{"an unknown algorithm", pkcs8(t, 0, []asn1.ObjectIdentifier{oidDSA}, integer(1)), jwk.ErrDecrypt},
		{"an unknown curve", pkcs8(t, 0, []asn1.ObjectIdentifier{oidECKey, oidDSA}, ec("P-256", "P-256")), jwk.ErrDecrypt},
		{"a public key of another", pkcs8(t, 0, p256, ec("secp256k1", "P-256")), jwk.ErrDecrypt},
		{"a key that is too short", pkcs8(t, 0, []asn1.ObjectIdentifier{oidEd25519}, octetString(make([]byte, 31))), jwk.ErrDecrypt},
		{"an RSA key of other factors", pkcs8(t, 0, []asn1.ObjectIdentifier{oidRSAKey}, rsaPrivateDER(t, 0, fixture(t, "RSA-2048").with("p", fixture(t, "RSA-2048")["q"]))), jwk.ErrDecrypt},
		{"a small RSA key", must[[]byte](t)(small.MarshalPrivateDER()), jwk.ErrPolicy},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.DecryptPEM(join(goodPEM(t), block("ENCRYPTED PRIVATE KEY", encryptedInfo(t, passphrase, padded16(test.der)))), fromPassphrase())
			if test.want == jwk.ErrPolicy {
				checkError(t, theSkipped(t, s, err), test.want, "/keys/1/n")
				return
			}
			if s != nil {
				t.Errorf("got %v, want no set", s)
			}
			checkError(t, err, test.want, "")
			if got, want := err.Error(), "jwk: wrong passphrase, an altered text, or a key that ParsePEM refuses"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestPEMHeaders checks that a block with too many headers is skipped before they are read, and
// that its content still counts as private. encoding/pem would put the headers into a map.
func TestPEMHeaders(t *testing.T) {
	octets := must[[]byte](t)
	k := fixture(t, "P-256").key(t)
	public, private := octets(k.MarshalPEM()), octets(k.MarshalPrivatePEM())
	disguised := block("PUBLIC KEY", octets(k.MarshalPrivateDER()))
	certificate := block("CERTIFICATE", issue(t, k.PublicKey()))
	line := func(n int) string { return "a: " + strings.Repeat("b", n-4) } // n octets with the line break
	for _, test := range []struct {
		name string
		data []byte
		want error // nil if the key is read
	}{
		{"16", withHeaders(public, 16, "a: b"), nil},
		{"17", withHeaders(public, 17, "a: b"), jwk.ErrPolicy},
		{"17 empty ones", withHeaders(public, 17, ":"), jwk.ErrPolicy},
		{"17, with carriage returns", withHeaders(public, 17, "a: b\r"), jwk.ErrPolicy},
		{"17, in a certificate", withHeaders(certificate, 17, "a: b"), jwk.ErrPolicy},
		{"17, in parameters", withHeaders(block("EC PARAMETERS", marshalASN1(t, oidP256)), 17, "a: b"), jwk.ErrPolicy},
		{"17, in an encrypted key", withHeaders(block("ENCRYPTED PRIVATE KEY", []byte{1}), 17, "a: b"), jwk.ErrPolicy},
		{"17, in a private key", withHeaders(private, 17, "a: b"), jwk.ErrPolicy},
		{"17, in what is no block", withHeaders(bytes.ReplaceAll(public, []byte("END"), []byte("end")), 17, "a: b"), jwk.ErrSyntax},
		{"4 KiB", withHeaders(public, 4, line(1024)), nil},
		{"4 KiB and an octet", withHeaders(public, 1, line(4097)), jwk.ErrPolicy},
		{"the lines after the block", join(public, bytes.Repeat([]byte("a: b\n"), 20)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.ParsePEM(join(test.data, octets(fixture(t, "Ed25519").key(t).MarshalPEM())))
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if s.Len() != 2 || len(s.Skipped()) > 0 {
					t.Errorf("got %v, %v, want two keys", s, s.Skipped())
				}
				return
			}
			if s.Len() != 1 || len(s.Skipped()) != 1 {
				t.Fatalf("got %v, %v, want one skipped", s, s.Skipped())
			}
			checkError(t, s.Skipped()[0].Err, test.want, "/keys/0")
			if !bytes.Equal(s.Skipped()[0].PEM, test.data) {
				t.Errorf("got %q kept, want %q", s.Skipped()[0].PEM, test.data)
			}
		})
	}
	// The headers are not put into a map.
	var headers strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&headers, "%x: b\n", i)
	}
	many := withHeaders(public, 1, headers.String())
	if n := testing.AllocsPerRun(1, func() { jwk.ParsePEM(many) }); n > 100 {
		t.Errorf("10,000 headers: got %v allocations, want at most 100", n)
	}
	for name, data := range map[string][]byte{"a private key": private, "one in disguise": disguised} {
		data := join(public, withHeaders(data, 17, "a: b"))
		s, err := (&jwk.Parser{PublicOnly: true}).ParsePEM(data)
		if s != nil {
			t.Errorf("%s, PublicOnly: got %v, want no set", name, s)
		}
		checkError(t, err, jwk.ErrPrivate, "")
		s, err = jwk.DecryptPEM(data, fromPassphrase())
		if s != nil {
			t.Errorf("%s, DecryptPEM: got %v, want no set", name, s)
		}
		checkError(t, err, jwk.ErrDecrypt, "")
	}
}

// TestPEMErrorsHaveNoSecret damages the first lines of private keys. No error may show the text
// after the damage as a label: it is the key.
func TestPEMErrorsHaveNoSecret(t *testing.T) {
	octets := must[[]byte](t)
	tried := 0
	for _, name := range []string{"Ed25519", "P-256", "ML-DSA-44"} {
		text := octets(fixture(t, name).key(t).MarshalPrivatePEM())
		line := bytes.IndexByte(text, '\n')
		body := text[line+1:]
		secret := string(body[:bytes.IndexByte(body, '\n')])
		for i := range line + 1 {
			for _, damaged := range [][]byte{
				append(bytes.Clone(text[:i]), text[i+1:]...),
				flipped(text, i),
				append(bytes.Clone(text[:i]), append([]byte("-----BEGIN "), text[i:]...)...),
			} {
				s, err := jwk.ParsePEM(damaged)
				said := fmt.Sprint(s, err)
				if s != nil {
					said += fmt.Sprint(s.Skipped())
					for _, entry := range s.Skipped() {
						said += entry.Err.Error()
					}
				}
				tried++
				for n := range len(secret) - 8 {
					if strings.Contains(said, secret[n:n+8]) {
						t.Fatalf("%s, octet %d of the first line: %s", name, i, said)
					}
				}
			}
		}
	}
	if tried < 200 {
		t.Errorf("got %d files, want more", tried)
	}
}

// TestPBES2 checks the errors for each part of an EncryptedPrivateKeyInfo.
func TestPBES2(t *testing.T) {
	passphrase := []byte("correct horse battery staple")
	iv, salt, text := make([]byte, 16), make([]byte, 16), make([]byte, 48)
	id := func(parts ...int) []byte { return marshalASN1(t, asn1.ObjectIdentifier(parts)) }
	var (
		pbes2, pbkdf2 = id(1, 2, 840, 113549, 1, 5, 13), id(1, 2, 840, 113549, 1, 5, 12)
		aes256        = id(2, 16, 840, 1, 101, 3, 4, 1, 42)
		hmacSHA256    = sequence(id(1, 2, 840, 113549, 2, 9), nullElement)
		des3          = id(1, 2, 840, 113549, 3, 7)
		scrypt        = id(1, 3, 6, 1, 4, 1, 11591, 4, 11)
		pbeMD5        = id(1, 2, 840, 113549, 1, 5, 3)
	)
	info := func(scheme, kdf, cipher []byte, encrypted []byte) []byte {
		return sequence(sequence(scheme, sequence(kdf, cipher)), octetString(encrypted))
	}
	kdf := func(parts ...[]byte) []byte { return sequence(pbkdf2, sequence(parts...)) }
	good := kdf(octetString(salt), integer(1000), hmacSHA256)
	cbc := sequence(aes256, octetString(iv))
	for _, test := range []struct {
		name string
		der  []byte
		want error
	}{
		{"zeros decrypt to nothing", info(pbes2, good, cbc, text), jwk.ErrDecrypt},
		{"with a key length", info(pbes2, kdf(octetString(salt), integer(1000), integer(32), hmacSHA256), cbc, text), jwk.ErrDecrypt},
		{"SHA-1 where no hash is named", info(pbes2, kdf(octetString(salt), integer(1000)), cbc, text), jwk.ErrDecrypt},
		{"PBES1", info(pbeMD5, good, cbc, text), jwk.ErrUnsupported},
		{"scrypt", info(pbes2, sequence(scrypt, sequence(octetString(salt))), cbc, text), jwk.ErrUnsupported},
		{"Triple DES", info(pbes2, good, sequence(des3, octetString(iv[:8])), text), jwk.ErrUnsupported},
		{"an unknown hash", info(pbes2, kdf(octetString(salt), integer(1000), sequence(id(1, 2, 840, 113549, 2, 5), nullElement)), cbc, text), jwk.ErrUnsupported},
		{"another key length", info(pbes2, kdf(octetString(salt), integer(1000), integer(16), hmacSHA256), cbc, text), jwk.ErrInvalid},
		{"an iv of 15 octets", info(pbes2, good, sequence(aes256, octetString(iv[1:])), text), jwk.ErrSyntax},
		{"no whole blocks", info(pbes2, good, cbc, text[1:]), jwk.ErrInvalid},
		{"no text", info(pbes2, good, cbc, nil), jwk.ErrInvalid},
		{"D10 1 iteration", info(pbes2, kdf(octetString(salt), integer(1), hmacSHA256), cbc, text), jwk.ErrPolicy},
		{"D10 10^9 iterations", info(pbes2, kdf(octetString(salt), integer(1e9), hmacSHA256), cbc, text), jwk.ErrPolicy},
		{"D10 2^64+1000 iterations", info(pbes2, kdf(octetString(salt), bigInteger(new(big.Int).SetBit(big.NewInt(1000), 64, 1)), hmacSHA256), cbc, text), jwk.ErrSyntax},
		{"D10 2^32+1000 iterations", info(pbes2, kdf(octetString(salt), integer(1<<32+1000), hmacSHA256), cbc, text), jwk.ErrPolicy},
		{"D10 a salt of 1025 octets", info(pbes2, kdf(octetString(make([]byte, 1025)), integer(1000), hmacSHA256), cbc, text), jwk.ErrPolicy},
		{"more parameters", info(pbes2, kdf(octetString(salt), integer(1000), hmacSHA256, nullElement), cbc, text), jwk.ErrSyntax},
		{"no parameters", sequence(sequence(pbes2), octetString(text)), jwk.ErrSyntax},
		{"a third parameter", sequence(sequence(pbes2, sequence(good, cbc, nullElement)), octetString(text)), jwk.ErrSyntax},
		{"text after it", append(info(pbes2, good, cbc, text), 0), jwk.ErrSyntax},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := block("ENCRYPTED PRIVATE KEY", test.der)
			s, err := jwk.DecryptPEM(join(goodPEM(t), text), &jwk.DecryptOptions{Passphrase: passphrase})
			if test.want != jwk.ErrDecrypt {
				err = theSkipped(t, s, err)
			}
			checkError(t, err, test.want, "*")
			// Without a good key beside it, the file fails with the same error.
			_, err = jwk.DecryptPEM(text, &jwk.DecryptOptions{Passphrase: passphrase})
			checkError(t, err, test.want, "*")
		})
	}
}

// TestOpenSSL checks that OpenSSL reads the PEM files of this package, and that this package reads
// the PEM files of OpenSSL.
func TestOpenSSL(t *testing.T) {
	octets := must[[]byte](t)
	passphrase := []byte("correct horse battery staple")
	for _, name := range asymmetricNames() {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "ML-DSA") {
				if _, err := openssl(t, nil, "genpkey", "-algorithm", name); err != nil {
					t.Skip("this openssl knows no ML-DSA")
				}
			}
			k, public := fixture(t, name).key(t), public(t, name).key(t)
			read := func(out []byte, err error) *jwk.Set {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				s, err := jwk.ParsePEM(out)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			text := octets(k.MarshalPrivatePEM())
			if got := theKey(t, read(openssl(t, text, "pkey")), nil); !got.Equal(k) {
				t.Errorf("pkey: got %v, want %v", got, k)
			}
			if got := theKey(t, read(openssl(t, text, "pkey", "-pubout")), nil); !got.Equal(public) {
				t.Errorf("pkey -pubout: got %v, want %v", got, public)
			}
			if got := theKey(t, read(openssl(t, octets(k.MarshalPEM()), "pkey", "-pubin", "-pubout")), nil); !got.Equal(public) {
				t.Errorf("pkey -pubin: got %v, want %v", got, public)
			}
			if k.Type() == jwk.RSA || k.Type() == jwk.EC { // these have forms before PKCS #8
				if got := theKey(t, read(openssl(t, text, "pkey", "-traditional")), nil); !got.Equal(k) {
					t.Errorf("pkey -traditional: got %v, want %v", got, k)
				}
				old := octets(openssl(t, text, "pkey", "-traditional", "-aes128", "-passout", "pass:"+string(passphrase)))
				_, err := jwk.ParsePEM(old)
				checkError(t, err, jwk.ErrUnsupported, "/keys/0")
			}

			encrypted := octets(k.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1000}))
			if got := theKey(t, read(openssl(t, encrypted, "pkey", "-passin", "pass:"+string(passphrase))), nil); !got.Equal(k) {
				t.Errorf("pkey -passin: got %v, want %v", got, k)
			}
			for _, args := range [][]string{{}, {"-v2", "aes128"}, {"-v2", "aes-192-cbc"}, {"-v2prf", "hmacWithSHA1"}, {"-v2prf", "hmacWithSHA512"}} {
				out, err := openssl(t, text, append([]string{"pkcs8", "-topk8", "-passout", "pass:" + string(passphrase)}, args...)...)
				if err != nil {
					t.Fatal(err)
				}
				got, err := jwk.DecryptPEM(out, &jwk.DecryptOptions{Passphrase: passphrase})
				if got := theKey(t, got, err); !got.Equal(k) {
					t.Errorf("pkcs8 -topk8 %v: got %v, want %v", args, got, k)
				}
			}
		})
	}
}

// TestOptionsDoNotPrint checks that no printer, log or encoder shows the passphrase in options.
func TestOptionsDoNotPrint(t *testing.T) {
	const passphrase = "SECRETPASS"
	encrypt, decrypt := jwk.EncryptOptions{Passphrase: []byte(passphrase)}, jwk.DecryptOptions{Passphrase: []byte(passphrase)}
	for _, v := range []any{encrypt, &encrypt, decrypt, &decrypt} {
		var said strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&said, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(text)
		if text, err := xml.Marshal(v); err == nil {
			said.Write(text)
		}
		slog.New(slog.NewTextHandler(&said, nil)).Info("x", "options", v)
		slog.New(slog.NewJSONHandler(&said, nil)).Info("x", "options", v)
		for _, secret := range []string{passphrase, "534543524554", "83 69 67 82", "83,69,67", base64.StdEncoding.EncodeToString([]byte(passphrase))[:12]} {
			if strings.Contains(strings.ToLower(said.String()), strings.ToLower(secret)) {
				t.Errorf("%T: %s in %s", v, secret, said.String())
			}
		}
	}
}
