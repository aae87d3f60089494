package jwk_test

//lint:file-ignore SA1019 Only the deprecated fields can make Go keys with nil or contradictory parts.

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A customCurve is not a curve of the standard library, but computes the same.
type customCurve struct{ elliptic.Curve }

// TestNewRefused: if this fails, New panics for a malformed Go key, or makes a Key from it.
func TestNewRefused(t *testing.T) {
	rsaWith := func(change func(k *rsa.PrivateKey)) *rsa.PrivateKey {
		k := goKey[*rsa.PrivateKey](t, "RSA-2048")
		plain := &rsa.PrivateKey{PublicKey: k.PublicKey, D: k.D, Primes: slices.Clone(k.Primes)}
		change(plain)
		return plain
	}
	multi := func(change func(k *rsa.PrivateKey)) *rsa.PrivateKey {
		k := goKey[*rsa.PrivateKey](t, "RSA-2048-multi-prime")
		plain := &rsa.PrivateKey{PublicKey: k.PublicKey, D: k.D, Primes: slices.Clone(k.Primes)}
		change(plain)
		return plain
	}
	ecWith := func(name string, change func(k *ecdsa.PrivateKey)) *ecdsa.PrivateKey {
		k := *goKey[*ecdsa.PrivateKey](t, name)
		change(&k)
		return &k
	}
	rsaPub, rsaKey := goKey[*rsa.PrivateKey](t, "RSA-2048").PublicKey, goKey[*rsa.PrivateKey](t, "RSA-3072")
	ecPub, edKey := goKey[*ecdsa.PrivateKey](t, "P-256").PublicKey, goKey[ed25519.PrivateKey](t, "Ed25519")
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one := big.NewInt(1)
	modulus := func(bits int) *big.Int {
		n := new(big.Int).SetBit(one, bits-1, 1)
		return n.SetBit(n, 3, 1)
	}
	low, err := ecdh.X25519().NewPublicKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	ed448Key := goKey[ed448.PrivateKey](t, "Ed448")
	zeroT1, err := mldsa.NewPublicKey(mldsa.MLDSA44(), append(bytes.Repeat([]byte{9}, 32), make([]byte, 1280)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		material any
		want     error
		path     string
	}{
		// Nil parts.
		{"nil *rsa.PublicKey", (*rsa.PublicKey)(nil), jwk.ErrInvalid, ""},
		{"nil *rsa.PrivateKey", (*rsa.PrivateKey)(nil), jwk.ErrInvalid, ""},
		{"nil *ecdsa.PublicKey", (*ecdsa.PublicKey)(nil), jwk.ErrInvalid, ""},
		{"nil *ecdsa.PrivateKey", (*ecdsa.PrivateKey)(nil), jwk.ErrInvalid, ""},
		{"nil *ecdh.PublicKey", (*ecdh.PublicKey)(nil), jwk.ErrInvalid, ""},
		{"nil *ecdh.PrivateKey", (*ecdh.PrivateKey)(nil), jwk.ErrInvalid, ""},
		{"nil ed25519.PublicKey", ed25519.PublicKey(nil), jwk.ErrInvalid, "/x"},
		{"nil ed25519.PrivateKey", ed25519.PrivateKey(nil), jwk.ErrInvalid, ""},
		{"nil []byte", []byte(nil), jwk.ErrInvalid, "/k"},
		{"empty []byte", []byte{}, jwk.ErrInvalid, "/k"},
		{"zero rsa.PublicKey", new(rsa.PublicKey), jwk.ErrInvalid, ""},
		{"zero rsa.PrivateKey", new(rsa.PrivateKey), jwk.ErrInvalid, ""},
		{"zero ecdsa.PublicKey", new(ecdsa.PublicKey), jwk.ErrInvalid, ""},
		{"zero ecdsa.PrivateKey", new(ecdsa.PrivateKey), jwk.ErrInvalid, ""},
		{"zero ecdh.PublicKey", new(ecdh.PublicKey), jwk.ErrInvalid, ""},
		{"zero ecdh.PrivateKey", new(ecdh.PrivateKey), jwk.ErrInvalid, ""},
		{"RSA without N", &rsa.PublicKey{E: 65537}, jwk.ErrInvalid, ""},
		{"RSA without E", &rsa.PublicKey{N: rsaPub.N}, jwk.ErrInvalid, ""},
		{"RSA without D", rsaWith(func(k *rsa.PrivateKey) { k.D = nil }), jwk.ErrInvalid, ""},
		{"RSA private without N", rsaWith(func(k *rsa.PrivateKey) { k.N = nil }), jwk.ErrInvalid, ""},
		{"RSA with nil primes", rsaWith(func(k *rsa.PrivateKey) { k.Primes = []*big.Int{nil, nil} }), jwk.ErrInvalid, ""},
		{"RSA with a nil prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes[1] = nil }), jwk.ErrInvalid, ""},
		{"RSA with a nil third prime", multi(func(k *rsa.PrivateKey) { k.Primes[2] = nil }), jwk.ErrInvalid, ""},
		{"RSA with one prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes = k.Primes[:1] }), jwk.ErrInvalid, ""},
		{"EC without curve", &ecdsa.PublicKey{X: ecPub.X, Y: ecPub.Y}, jwk.ErrInvalid, ""},
		{"EC without X", &ecdsa.PublicKey{Curve: elliptic.P256(), Y: ecPub.Y}, jwk.ErrInvalid, ""},
		{"EC without Y", &ecdsa.PublicKey{Curve: elliptic.P256(), X: ecPub.X}, jwk.ErrInvalid, ""},
		{"EC without D", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.D = nil }), jwk.ErrInvalid, ""},
		{"EC private without curve", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.Curve = nil }), jwk.ErrInvalid, ""},
		{"EC private without X", ecWith("P-384", func(k *ecdsa.PrivateKey) { k.X = nil }), jwk.ErrInvalid, ""},

		// Values that are not allowed in any key.
		{"RSA N negative", &rsa.PublicKey{N: new(big.Int).Neg(rsaPub.N), E: 65537}, jwk.ErrInvalid, ""},
		{"RSA N zero", &rsa.PublicKey{N: new(big.Int), E: 65537}, jwk.ErrInvalid, ""},
		{"RSA N even", &rsa.PublicKey{N: new(big.Int).Lsh(one, 2048), E: 65537}, jwk.ErrInvalid, "/n"},
		{"RSA E negative", &rsa.PublicKey{N: rsaPub.N, E: -65537}, jwk.ErrInvalid, ""},
		{"RSA E 1", &rsa.PublicKey{N: rsaPub.N, E: 1}, jwk.ErrInvalid, "/e"},
		{"RSA E even", &rsa.PublicKey{N: rsaPub.N, E: 65536}, jwk.ErrInvalid, "/e"},
		{"RSA E larger than 31 bits", &rsa.PublicKey{N: rsaPub.N, E: math.MaxInt}, jwk.ErrInvalid, "/e"},
		{"RSA D zero", rsaWith(func(k *rsa.PrivateKey) { k.D = new(big.Int) }), jwk.ErrInvalid, ""},
		{"RSA D negative", rsaWith(func(k *rsa.PrivateKey) { k.D = new(big.Int).Neg(k.D) }), jwk.ErrInvalid, ""},
		{"RSA D of another key", rsaWith(func(k *rsa.PrivateKey) { k.D = new(big.Int).Sub(k.D, big.NewInt(2)) }), jwk.ErrInvalid, "/d"},
		{"RSA N of another key", rsaWith(func(k *rsa.PrivateKey) { k.PublicKey = rsaKey.PublicKey }), jwk.ErrInvalid, "/p"},
		{"RSA E of another key", rsaWith(func(k *rsa.PrivateKey) { k.E = 3 }), jwk.ErrInvalid, "/d"},
		{"RSA primes of another key", rsaWith(func(k *rsa.PrivateKey) { k.Primes = rsaKey.Primes }), jwk.ErrInvalid, "/p"},
		{"RSA prime of 1", rsaWith(func(k *rsa.PrivateKey) { k.Primes = []*big.Int{k.N, one} }), jwk.ErrInvalid, ""},
		{"RSA prime negative", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0] = new(big.Int).Neg(k.Primes[0]) }), jwk.ErrInvalid, ""},
		{"RSA primes alike", rsaWith(func(k *rsa.PrivateKey) { k.Primes[1] = k.Primes[0] }), jwk.ErrInvalid, ""},
		{"RSA third prime twice", multi(func(k *rsa.PrivateKey) { k.Primes = append(k.Primes, k.Primes[2]) }), jwk.ErrInvalid, ""},
		{"RSA without its third prime", multi(func(k *rsa.PrivateKey) { k.Primes = k.Primes[:2] }), jwk.ErrInvalid, "/p"},
		{"RSA of three primes with only D", multi(func(k *rsa.PrivateKey) { k.Primes = nil }), jwk.ErrInvalid, "/d"},
		{"EC off the curve", &ecdsa.PublicKey{Curve: elliptic.P256(), X: ecPub.X, Y: new(big.Int).Add(ecPub.Y, one)}, jwk.ErrInvalid, ""},
		{"EC X negative", &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).Neg(ecPub.X), Y: ecPub.Y}, jwk.ErrInvalid, ""},
		{"EC X not reduced", &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).Add(ecPub.X, elliptic.P256().Params().P), Y: ecPub.Y}, jwk.ErrInvalid, ""},
		{"EC zero", &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int), Y: new(big.Int)}, jwk.ErrInvalid, ""},
		{"EC on another curve", &ecdsa.PublicKey{Curve: elliptic.P384(), X: ecPub.X, Y: ecPub.Y}, jwk.ErrInvalid, ""},
		{"EC D of another key", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.D = new(big.Int).Xor(k.D, one) }), jwk.ErrInvalid, "*"},
		{"EC D zero", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.D = new(big.Int) }), jwk.ErrInvalid, "*"},
		{"EC D negative", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.D = new(big.Int).Neg(k.D) }), jwk.ErrInvalid, "*"},
		{"EC D not reduced", ecWith("P-521", func(k *ecdsa.PrivateKey) { k.D = new(big.Int).Add(k.D, elliptic.P521().Params().N) }), jwk.ErrInvalid, "*"},
		{"EC D too long", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.D = new(big.Int).Lsh(k.D, 256) }), jwk.ErrInvalid, "*"},
		{"O01 Ed25519 of 31 octets", ed25519.PublicKey(edKey[33:]), jwk.ErrInvalid, "/x"},
		{"O01 Ed25519 of 64 octets", ed25519.PublicKey(edKey), jwk.ErrInvalid, "/x"},
		{"O01 Ed25519 private of 32 octets", edKey[:32], jwk.ErrInvalid, ""},
		{"O01 Ed25519 private of 65 octets", append(edKey[:64:64], 0), jwk.ErrInvalid, ""},
		{"O05 Ed25519 halves of two keys", append(edKey[:32:32], bytes.Repeat([]byte{9}, 32)...), jwk.ErrInvalid, "/d"},
		{"O02 Ed25519 identity", ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...)), jwk.ErrInvalid, "/x"},
		{"O07 X25519 zero", low, jwk.ErrInvalid, "/x"},

		{"nil *secp256k1.PublicKey", (*secp256k1.PublicKey)(nil), jwk.ErrInvalid, ""},
		{"nil *secp256k1.PrivateKey", (*secp256k1.PrivateKey)(nil), jwk.ErrInvalid, ""},
		{"zero secp256k1.PublicKey", new(secp256k1.PublicKey), jwk.ErrInvalid, "/x"},
		{"K02 zero secp256k1.PrivateKey", new(secp256k1.PrivateKey), jwk.ErrInvalid, ""},
		{"K01 secp256k1 off the curve", secp256k1.NewPublicKey(new(secp256k1.FieldVal).SetInt(1), new(secp256k1.FieldVal).SetInt(1)), jwk.ErrInvalid, "/x"},
		{"nil ed448.PublicKey", ed448.PublicKey(nil), jwk.ErrInvalid, "/x"},
		{"nil ed448.PrivateKey", ed448.PrivateKey(nil), jwk.ErrInvalid, ""},
		{"O09 Ed448 of 56 octets", ed448.PublicKey(ed448Key[58:]), jwk.ErrInvalid, "/x"},
		{"O09 Ed448 of 114 octets", ed448.PublicKey(ed448Key), jwk.ErrInvalid, "/x"},
		{"O09 Ed448 private of 57 octets", ed448Key[:57], jwk.ErrInvalid, ""},
		{"O09 Ed448 private of 115 octets", append(ed448Key[:114:114], 0), jwk.ErrInvalid, ""},
		{"O05 Ed448 halves of two keys", append(ed448Key[:57:57], append(bytes.Repeat([]byte{9}, 56), 0)...), jwk.ErrInvalid, "/d"},
		{"O09 Ed448 identity", ed448.PublicKey(append([]byte{1}, make([]byte, 56)...)), jwk.ErrInvalid, "/x"},
		{"O07 zero X448PublicKey", jwk.X448PublicKey{}, jwk.ErrInvalid, "/x"},
		{"nil *mldsa.PublicKey", (*mldsa.PublicKey)(nil), jwk.ErrInvalid, ""},
		{"nil *mldsa.PrivateKey", (*mldsa.PrivateKey)(nil), jwk.ErrInvalid, ""},
		{"zero mldsa.PublicKey", new(mldsa.PublicKey), jwk.ErrInvalid, ""},
		{"zero mldsa.PrivateKey", new(mldsa.PrivateKey), jwk.ErrInvalid, ""},
		{"t1 of zero", zeroT1, jwk.ErrInvalid, "/pub"},

		// Sizes.
		{"RSA of 1024 bits", &rsa.PublicKey{N: modulus(1024), E: 65537}, jwk.ErrPolicy, "/n"},
		{"RSA of 2047 bits", &rsa.PublicKey{N: modulus(2047), E: 65537}, jwk.ErrPolicy, "/n"},
		{"RSA of 8193 bits", &rsa.PublicKey{N: modulus(8193), E: 65537}, jwk.ErrPolicy, "/n"},
		{"RSA of 65536 bits", &rsa.PublicKey{N: modulus(65536), E: 65537}, jwk.ErrPolicy, "/n"},

		// Values that have no key type.
		{"nil", nil, jwk.ErrUnsupported, ""},
		{"string", "secret", jwk.ErrUnsupported, ""},
		{"rsa.PublicKey by value", rsaPub, jwk.ErrUnsupported, ""},
		{"secp256k1.PublicKey by value", *secp256k1.PrivKeyFromBytes([]byte{1}).PubKey(), jwk.ErrUnsupported, ""},
		{"x448.Key, which can be a public or a private key", x448.Key{5}, jwk.ErrUnsupported, ""},
		{"*X448PublicKey", &jwk.X448PublicKey{5}, jwk.ErrUnsupported, ""},
		{"secp256k1 of crypto/ecdsa", secp256k1.PrivKeyFromBytes([]byte{1}).ToECDSA(), jwk.ErrUnsupported, ""},
		{"ecdsa.PublicKey by value", ecPub, jwk.ErrUnsupported, ""},
		{"*ed25519.PrivateKey", &edKey, jwk.ErrUnsupported, ""},
		{"*[]byte", new([]byte), jwk.ErrUnsupported, ""},
		{"[32]byte", [32]byte{1}, jwk.ErrUnsupported, ""},
		{"*Key", fixture(t, "P-256").key(t), jwk.ErrUnsupported, ""},
		{"P-224", &p224.PublicKey, jwk.ErrUnsupported, ""},
		{"P-224 private", p224, jwk.ErrUnsupported, ""},
		{"a custom curve", &ecdsa.PublicKey{Curve: customCurve{elliptic.P256()}, X: ecPub.X, Y: ecPub.Y}, jwk.ErrUnsupported, ""},
		{"a custom curve, private", ecWith("P-256", func(k *ecdsa.PrivateKey) { k.Curve = customCurve{k.Curve} }), jwk.ErrUnsupported, ""},
		{"a generic curve", &ecdsa.PublicKey{Curve: elliptic.P256().Params(), X: ecPub.X, Y: ecPub.Y}, jwk.ErrUnsupported, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.New(test.material, nil)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)
		})
	}
}

// TestNewSizes checks that New accepts RSA keys at the limits of the size, and completes a
// private key that has only D.
func TestNewSizes(t *testing.T) {
	for _, bits := range []int{2048, 2049, 8191, 8192} {
		n := new(big.Int).SetBit(big.NewInt(9), bits-1, 1)
		k, err := jwk.New(&rsa.PublicKey{N: n, E: 3}, nil)
		if err != nil || k.Bits() != bits {
			t.Errorf("%d bits: got %v, %v", bits, k, err)
		}
	}
	// New computes the primes from the private exponent.
	key := goKey[*rsa.PrivateKey](t, "RSA-2048")
	k, err := jwk.New(&rsa.PrivateKey{PublicKey: key.PublicKey, D: key.D}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.PrivateKey().(*rsa.PrivateKey); len(got.Primes) != 2 || !got.Equal(k.PrivateKey()) || !k.Equal(fixture(t, "RSA-2048").key(t)) {
		t.Errorf("got %v with %d primes, want 2", k, len(got.Primes))
	}
}

// TestNewCopies: if this fails, a caller that changes a Go key changes the Key that New made
// from it.
func TestNewCopies(t *testing.T) {
	rsaPublic, rsaKey := &goKey[*rsa.PrivateKey](t, "RSA-2048").PublicKey, goKey[*rsa.PrivateKey](t, "RSA-2048")
	ecPublic, ecKey := &goKey[*ecdsa.PrivateKey](t, "P-256").PublicKey, goKey[*ecdsa.PrivateKey](t, "P-256")
	edKey, secret := goKey[ed25519.PrivateKey](t, "Ed25519"), goKey[[]byte](t, "oct-256")
	edPublic := bytes.Clone(edKey[32:])
	secpKey, ed448Key := goKey[*secp256k1.PrivateKey](t, "secp256k1"), goKey[ed448.PrivateKey](t, "Ed448")
	secpPublic, ed448Public := secpKey.PubKey(), bytes.Clone(ed448Key[57:])
	spoil := func(parts ...*big.Int) {
		for _, v := range parts {
			for i := range v.Bits() { // a copy of a big.Int shares these words
				v.Bits()[i] = 5
			}
		}
	}
	for _, test := range []struct {
		material any
		change   func()
	}{
		{rsaPublic, func() { spoil(rsaPublic.N); rsaPublic.E = 3 }},
		{rsaKey, func() {
			spoil(rsaKey.N, rsaKey.D, rsaKey.Primes[0], rsaKey.Primes[1], rsaKey.Precomputed.Dp, rsaKey.Precomputed.Qinv)
		}},
		{ecPublic, func() { spoil(ecPublic.X, ecPublic.Y) }},
		{ecKey, func() { spoil(ecKey.X, ecKey.Y, ecKey.D) }},
		{ed25519.PublicKey(edPublic), func() { clear(edPublic) }},
		{edKey, func() { clear(edKey) }},
		{secret, func() { clear(secret) }},
		{secpPublic, func() { *secpPublic = *secp256k1.PrivKeyFromBytes([]byte{1}).PubKey() }},
		{secpKey, func() { secpKey.Zero() }},
		{ed448.PublicKey(ed448Public), func() { clear(ed448Public) }},
		{ed448Key, func() { clear(ed448Key) }},
	} {
		t.Run(fmt.Sprintf("%T", test.material), func(t *testing.T) {
			k, err := jwk.New(test.material, nil)
			if err != nil {
				t.Fatal(err)
			}
			before, err := k.MarshalPrivateJSON()
			if err != nil {
				t.Fatal(err)
			}
			test.change()
			after, err := k.MarshalPrivateJSON()
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("got %s, %v; want %s", after, err, before)
			}
			// The Go key still belongs to the text.
			half := k.PrivateKey()
			if half == nil {
				half = k.PublicKey()
			}
			again, err := jwk.New(half, nil)
			if err != nil || !again.Equal(k) {
				t.Errorf("Go key: got %v, %v; want %v", again, err, k)
			}
		})
	}
}

// TestNewCopiesAttributes: if this fails, a caller that changes its Attributes changes the Key,
// too.
func TestNewCopiesAttributes(t *testing.T) {
	extra := map[string]any{"vendor": []int{1}}
	attrs := &jwk.Attributes{KeyID: "k", Extra: extra}
	k, err := jwk.New(goKey[ed25519.PrivateKey](t, "Ed25519").Public(), attrs)
	if err != nil {
		t.Fatal(err)
	}
	attrs.KeyID, extra["vendor"], extra["another"] = "other", 2, true
	if v, ok := k.Member("vendor"); k.KeyID() != "k" || !ok || string(v) != "[1]" {
		t.Errorf("got kid %s and vendor %s, want k and [1]", k.KeyID(), v)
	}
	got := k.Attributes()
	got.Extra["vendor"] = 3
	if v, _ := k.Member("vendor"); string(v) != "[1]" {
		t.Errorf("got vendor %s, want [1]", v)
	}
}

// TestAsShares checks that As returns the same Go key as PublicKey, and that it does not return
// a public key as a crypto.PrivateKey.
func TestAsShares(t *testing.T) {
	k := public(t, "P-256").key(t)
	a, errA := jwk.As[*ecdsa.PublicKey](k)
	b, errB := jwk.As[*ecdsa.PublicKey](k)
	if errA != nil || errB != nil || a != b || k.PublicKey() != a {
		t.Errorf("got %p, %v and %p, %v; want the same key twice", a, errA, b, errB)
	}
	private := fixture(t, "P-256").key(t)
	if got, err := jwk.As[crypto.PublicKey](private); err != nil || got != private.PublicKey() {
		t.Errorf("As[crypto.PublicKey]: got %T, %v, want the public key", got, err)
	}
	if got, err := jwk.As[crypto.PrivateKey](private); err != nil || got != private.PrivateKey() {
		t.Errorf("As[crypto.PrivateKey]: got %T, %v, want the private key", got, err)
	}
	// For the compiler, a value of any type is a crypto.PrivateKey.
	for _, name := range fixtureNames {
		if name == "oct-256" {
			continue
		}
		got, err := jwk.As[crypto.PrivateKey](public(t, name).key(t))
		if got != nil {
			t.Errorf("%s: As[crypto.PrivateKey] of the public key: got %T, want nil", name, got)
		}
		checkError(t, err, jwk.ErrPrivate, "")
	}
	_, err := jwk.As[crypto.PublicKey](fixture(t, "oct-256").key(t))
	checkError(t, err, jwk.ErrUnsupported, "")
	_, err = jwk.As[[]byte](nil)
	checkError(t, err, jwk.ErrInvalid, "")
}

// TestNewRefusesLargeParts: if this fails, New computes with numbers of any size, which takes
// long.
func TestNewRefusesLargeParts(t *testing.T) {
	large := new(big.Int).Lsh(big.NewInt(1), 1<<20)
	large.SetBit(large, 0, 1)
	fixed, err := jwk.As[*rsa.PrivateKey](fixture(t, "RSA-2048").key(t))
	if err != nil {
		t.Fatal(err)
	}
	var many []*big.Int
	for _, p := range []int64{3, 5, 7, 11, 13, 17} {
		many = append(many, big.NewInt(p))
	}
	for _, tt := range []struct {
		name string
		key  any
		want error
		path string
	}{
		{"modulus", &rsa.PublicKey{N: large, E: 65537}, jwk.ErrPolicy, "/n"},
		{"factor", &rsa.PrivateKey{PublicKey: fixed.PublicKey, D: fixed.D, Primes: []*big.Int{large, large}}, jwk.ErrInvalid, ""},
		{"factor that is n", &rsa.PrivateKey{PublicKey: fixed.PublicKey, D: fixed.D, Primes: []*big.Int{fixed.N, big.NewInt(3)}}, jwk.ErrInvalid, ""},
		{"number of factors", &rsa.PrivateKey{PublicKey: fixed.PublicKey, D: fixed.D, Primes: many}, jwk.ErrInvalid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := jwk.New(tt.key, nil)
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkError(t, err, tt.want, tt.path)
			if tt.name == "modulus" && !strings.Contains(err.Error(), "1048577 bits") {
				t.Errorf("got %v, want the size in it", err)
			}
			if tt.name == "number of factors" && !strings.Contains(err.Error(), "of 6 primes, want 2 to 5") {
				t.Errorf("got %v, want the limit in it", err)
			}
		})
	}
}

// TestNewErrorHasNoOffset checks that an error of New has a path, and no offset in a text that
// the caller does not have.
func TestNewErrorHasNoOffset(t *testing.T) {
	key, err := jwk.As[*ecdsa.PublicKey](public(t, "P-256").key(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = jwk.New(key, &jwk.Attributes{Algorithm: jwk.ES384})
	checkError(t, err, jwk.ErrInvalid, "/alg")
	if e := err.(*jwk.Error); e.Offset != 0 {
		t.Errorf("offset: got %d, want 0", e.Offset)
	}
}
