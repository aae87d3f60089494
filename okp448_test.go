package jwk_test

import (
	"bytes"
	"crypto"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/ecc/goldilocks"
	"github.com/cloudflare/circl/sign/ed448"

	"github.com/seed1f6cf2d3/jwk"
)

// prime448 is 2^448-2^224-1, the prime of the field of both curves.
var prime448 = func() *big.Int {
	one := big.NewInt(1)
	p := new(big.Int).Sub(new(big.Int).Lsh(one, 448), new(big.Int).Lsh(one, 224))
	return p.Sub(p, one)
}()

// little returns an integer as size octets, the lowest first.
func little(v *big.Int, size int) []byte {
	b := v.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return b
}

// forges448 reports whether a signature that no private key has made, the identity and a scalar of
// zero, is valid for one of many messages under the public key x.
func forges448(x []byte) bool {
	sig := make([]byte, ed448.SignatureSize)
	sig[0] = 1
	for i := range byte(64) {
		if ed448.Verify(x, []byte{i}, sig, "") {
			return true
		}
	}
	return false
}

// TestEd448SmallOrder: points of small order are refused, because anyone can sign for them.
func TestEd448SmallOrder(t *testing.T) {
	one := big.NewInt(1)
	weak := map[string]*big.Int{"0": new(big.Int), "1": one, "p-1": new(big.Int).Sub(prime448, one)}
	for name, y := range weak {
		x := little(y, 57)
		t.Run("O09 y is "+name, func(t *testing.T) {
			if !forges448(x) {
				t.Fatal("the point is not of small order")
			}
			checkRefused(t, okp(jwk.CurveEd448, x).json(t), jwk.ErrInvalid, "/x")
		})
		t.Run("O09 y is "+name+", sign set", func(t *testing.T) {
			x[56] |= 0x80
			checkRefused(t, okp(jwk.CurveEd448, x).json(t), jwk.ErrInvalid, "/x")
		})
	}
	// The curve x^2 + y^2 = 1 + d*x^2*y^2 has no other points whose order divides its cofactor,
	// 4 (RFC 8032, Section 5.2): the point of order 2 is (0, -1), and points whose double it is
	// have y = 0.
	if forges448(fixture(t, "Ed448").octetsOf(t, "x")) {
		t.Error("the fixture verifies a forged signature")
	}
}

// TestEd448Canonical: coordinates that are not less than the prime are refused, and so are set bits
// without meaning. Otherwise one key would have two texts and two thumbprints.
func TestEd448Canonical(t *testing.T) {
	one := big.NewInt(1)
	// The largest y below p that is on the curve, and how far below p it is.
	y := new(big.Int).Sub(prime448, big.NewInt(2))
	for ; ; y.Sub(y, one) {
		if _, err := goldilocks.FromBytes(little(y, 57)); err == nil {
			break
		}
	}
	okp(jwk.CurveEd448, little(y, 57)).key(t)
	largest := new(big.Int).Sub(new(big.Int).Lsh(one, 448), one)
	for name, y := range map[string]*big.Int{
		"p":                  prime448,
		"p+1":                new(big.Int).Add(prime448, one),
		"p+2":                new(big.Int).Add(prime448, big.NewInt(2)),
		"p with other lows":  new(big.Int).SetBit(new(big.Int).SetBit(prime448, 224, 1), 3, 0),
		"all ones":           largest,
		"of a small residue": new(big.Int).Add(prime448, big.NewInt(1<<20)),
	} {
		t.Run("y is "+name, func(t *testing.T) {
			checkRefused(t, okp(jwk.CurveEd448, little(y, 57)).json(t), jwk.ErrInvalid, "/x")
		})
	}
	// Less than p in one bit of different octets.
	for _, bit := range []int{0, 7, 223, 225, 231, 447} {
		y := new(big.Int).SetBit(prime448, bit, 0)
		if bit == 0 {
			continue // p-1
		}
		t.Run(fmt.Sprintf("p without bit %d", bit), func(t *testing.T) { okp(jwk.CurveEd448, little(y, 57)).key(t) })
	}
	for bit := range 7 {
		x := fixture(t, "Ed448").octetsOf(t, "x")
		x[56] |= 1 << bit
		t.Run(fmt.Sprintf("bit %d of the last octet", bit), func(t *testing.T) {
			checkRefused(t, okp(jwk.CurveEd448, x).json(t), jwk.ErrInvalid, "/x")
		})
	}
	x := fixture(t, "Ed448").octetsOf(t, "x")
	x[56] ^= 0x80
	okp(jwk.CurveEd448, x).key(t) // a valid public key
	t.Run("O05 the other sign of x", func(t *testing.T) {
		checkRefused(t, fixture(t, "Ed448").with("x", encoded(x)).json(t), jwk.ErrInvalid, "/d")
	})
}

// TestEd448OffCurve: a y that is on no point is accepted, and verifies nothing, as with Ed25519.
// Whether x is on the curve is left to the first use of the key and to an audit.
func TestEd448OffCurve(t *testing.T) {
	y := big.NewInt(2)
	for ; ; y.Add(y, big.NewInt(1)) {
		if _, err := goldilocks.FromBytes(little(y, 57)); err != nil {
			break
		}
	}
	k := okp(jwk.CurveEd448, little(y, 57)).key(t)
	if ed448.Verify(k.PublicKey().(ed448.PublicKey), []byte("message"), make([]byte, ed448.SignatureSize), "") {
		t.Error("a point that is not on the curve verifies a signature")
	}
}

// TestX448Coordinate: every u of low order is refused, and so is a u that is not less than the
// prime.
func TestX448Coordinate(t *testing.T) {
	one := big.NewInt(1)
	scalar := x448.Key{42}
	agrees := func(u []byte) bool {
		var shared x448.Key
		return x448.Shared(&shared, &scalar, (*x448.Key)(u))
	}
	for name, u := range map[string]*big.Int{
		"0": new(big.Int), "1": one, "p-1": new(big.Int).Sub(prime448, one),
		"0 as p": prime448, "1 as p+1": new(big.Int).Add(prime448, one),
	} {
		t.Run("O07 u is "+name, func(t *testing.T) {
			x := little(u, 56)
			if agrees(x) {
				t.Fatal("u is not of low order")
			}
			checkRefused(t, okp(jwk.CurveX448, x).json(t), jwk.ErrInvalid, "/x")
		})
	}
	for name, u := range map[string]*big.Int{
		"p+2": new(big.Int).Add(prime448, big.NewInt(2)), "p+5": new(big.Int).Add(prime448, big.NewInt(5)),
		"all ones": new(big.Int).Sub(new(big.Int).Lsh(one, 448), one),
	} {
		t.Run("O08 u is "+name, func(t *testing.T) {
			checkRefused(t, okp(jwk.CurveX448, little(u, 56)).json(t), jwk.ErrInvalid, "/x")
		})
	}
	for _, u := range []*big.Int{big.NewInt(2), big.NewInt(5), new(big.Int).Sub(prime448, big.NewInt(2))} {
		x := little(u, 56)
		if !agrees(x) {
			t.Errorf("u = %d is of low order", u)
		}
		okp(jwk.CurveX448, x).key(t)
	}
}

// TestOKP448Length: x and d of a wrong length are refused.
func TestOKP448Length(t *testing.T) {
	for _, crv := range []string{"Ed448", "X448"} {
		o := fixture(t, crv)
		for _, member := range []string{"x", "d"} {
			octets := o.octetsOf(t, member)
			size := len(octets)
			for name, b := range map[string][]byte{
				"1 octet": {1}, "32 octets": octets[:32], "one octet less": octets[:size-1], "the first octet less": octets[1:],
				"one zero more": append(bytes.Clone(octets), 0), "one zero before": append([]byte{0}, octets...),
				"both halves": append(bytes.Clone(octets), o.octetsOf(t, "x")...),
			} {
				t.Run("O09 "+crv+" "+member+" of "+name, func(t *testing.T) {
					checkRefused(t, o.with(member, encoded(b)).json(t), jwk.ErrInvalid, "/"+member)
				})
			}
			t.Run(crv+" "+member+" empty", func(t *testing.T) { checkRefused(t, o.with(member, "").json(t), jwk.ErrInvalid, "/"+member) })
			t.Run(crv+" "+member+" null", func(t *testing.T) { checkRefused(t, o.with(member, nil).json(t), jwk.ErrSyntax, "/"+member) })
		}
		t.Run(crv+" without x", func(t *testing.T) { checkRefused(t, o.without("x").json(t), jwk.ErrInvalid, "/x") })
	}
}

// TestOKP448Pair: a d beside the x of another key is refused.
func TestOKP448Pair(t *testing.T) {
	for _, crv := range []string{"Ed448", "X448"} {
		o := fixture(t, crv)
		d := o.octetsOf(t, "d")
		d[15] ^= 1
		t.Run("O05 d of another key, "+crv, func(t *testing.T) {
			checkRefused(t, o.with("d", encoded(d)).json(t), jwk.ErrInvalid, "/d")
		})
		t.Run("O05 x of another key, "+crv, func(t *testing.T) {
			size := len(d)
			checkRefused(t, o.with("x", encoded(little(big.NewInt(5), size))).json(t), jwk.ErrInvalid, "/d")
		})
	}
}

// rfcKey returns a key of testdata/rfc.json.
func rfcKey(t *testing.T, source string) *jwk.Key {
	t.Helper()
	for _, fact := range rfcFacts(t) {
		if fact.Source == source {
			k, err := jwk.Parse(fact.JWK)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
	}
	t.Fatalf("no key of %s", source)
	return nil
}

// TestEd448Signature: keys make the signatures of RFC 8032, Section 7.4, for the empty message
// and for one octet. If not, other software cannot verify them.
func TestEd448Signature(t *testing.T) {
	for _, tt := range []struct {
		name, message, want string
	}{
		{"Blank", "", "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980" +
			"ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"},
		{"1 octet", "\x03", "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd77980" +
			"5e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := rfcKey(t, "RFC 8032, Section 7.4, "+tt.name+" (the octets of the key)").Signer()
			if err != nil {
				t.Fatal(err)
			}
			sig, err := s.Sign(nil, []byte(tt.message), crypto.Hash(0))
			if got := hex.EncodeToString(sig); err != nil || got != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

// TestX448Agreement: keys agree on the secret of RFC 7748, Section 6.2. Bob's public key is
// also the recipient's in RFC 8037, Appendix A.7.
func TestX448Agreement(t *testing.T) {
	alice := rfcKey(t, "RFC 7748, Section 6.2, Alice (the octets of the key)")
	bob := rfcKey(t, "RFC 7748, Section 6.2, Bob (the octets of the key)")
	dave := rfcKey(t, "RFC 8037, Appendix A.7 (recipient's public key)")
	const want = "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"
	for name, pair := range map[string][2]*jwk.Key{"Alice": {alice, bob}, "Bob": {bob, alice}, "Alice and Dave": {alice, dave}} {
		ours, err := jwk.As[jwk.X448PrivateKey](pair[0])
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := jwk.As[jwk.X448PublicKey](pair[1])
		if err != nil {
			t.Fatal(err)
		}
		shared, err := ours.ECDH(theirs)
		if got := hex.EncodeToString(shared); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, want)
		}
	}
}

// TestX448AgreementRefused: ECDH refuses a u of low order, because a program can convert any
// octets to an X448PublicKey.
func TestX448AgreementRefused(t *testing.T) {
	key, err := jwk.As[jwk.X448PrivateKey](fixture(t, "X448").key(t))
	if err != nil {
		t.Fatal(err)
	}
	one := big.NewInt(1)
	for name, u := range map[string]*big.Int{
		"0": new(big.Int), "1": one, "p-1": new(big.Int).Sub(prime448, one), "p": prime448, "p+1": new(big.Int).Add(prime448, one),
	} {
		t.Run("O07 u is "+name, func(t *testing.T) {
			shared, err := key.ECDH(jwk.X448PublicKey(little(u, 56)))
			checkError(t, err, jwk.ErrInvalid, "")
			if shared != nil {
				t.Errorf("got %x beside the error", shared)
			}
		})
	}
}

// TestX448Keys: Public and Equal of the Go types.
func TestX448Keys(t *testing.T) {
	k, other := fixture(t, "X448").key(t), rfcKey(t, "RFC 7748, Section 6.2, Alice (the octets of the key)")
	private, public := k.PrivateKey().(jwk.X448PrivateKey), k.PublicKey().(jwk.X448PublicKey)
	if got := private.Public(); got != public {
		t.Errorf("Public: got %v, want %v", got, public)
	}
	for _, tt := range []struct {
		name string
		got  bool
		want bool
	}{
		{"public", public.Equal(public), true},
		{"public, another", public.Equal(other.PublicKey()), false},
		{"public, another type", public.Equal(x448.Key(public)), false},
		{"private", private.Equal(private), true},
		{"private, another", private.Equal(other.PrivateKey()), false},
		{"private, the public one", private.Equal(public), false},
		{"private, nil", private.Equal(nil), false},
	} {
		if tt.got != tt.want {
			t.Errorf("Equal, %s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	// The octets are x and d of RFC 8037, Section 2.
	if got := encoded(private[:]); got != fixture(t, "X448")["d"] {
		t.Error("the private key is not d")
	}
	if got, want := encoded(public[:]), fixture(t, "X448")["x"]; got != want {
		t.Errorf("public key: got %s, want %s", got, want)
	}
}

// TestX448PrivateKeyDoesNotPrint: the Go type of the private key does not show the key in logs, in
// errors or through encoders.
func TestX448PrivateKeyDoesNotPrint(t *testing.T) {
	hidden := newSecrets()
	hidden.add(fixture(t, "X448"))
	key := fixture(t, "X448").key(t).PrivateKey().(jwk.X448PrivateKey)
	// fmt would print the octets in decimal digits and brackets, so this form is searched for, too.
	for i := range len(key) - 5 {
		hidden[strings.Trim(fmt.Sprint(key[i:i+6]), "[]")[:partOfDigits/2]] = true
	}
	for what, value := range map[string]any{
		"value": key, "pointer": &key, "field": struct{ K jwk.X448PrivateKey }{key}, "slice": []jwk.X448PrivateKey{key},
		"map": map[string]jwk.X448PrivateKey{"a": key}, "interface": []any{key},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U"} {
			got := fmt.Sprintf(verb, value)
			hidden.check(t, got)
			if what == "value" && got != "X448 private key" {
				t.Errorf("Z01 %s: got %q, want a text without the key", verb, got)
			}
		}
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "value", value)
		hidden.check(t, buf.String())
		b, err := json.Marshal(value)
		if err == nil {
			t.Errorf("Z05 %s: got %s, want an error", what, b)
		}
		hidden.check(t, err.Error())
		if what == "interface" { // gob encodes only registered types in an interface
			continue
		}
		var coded bytes.Buffer
		err = gob.NewEncoder(&coded).Encode(value)
		checkError(t, err, jwk.ErrPrivate, "")
		hidden.check(t, coded.String())
	}
	if got := key.String(); got != "X448 private key" {
		t.Errorf("String: got %q, want a text without the key", got)
	}
	_, err := key.MarshalText()
	checkError(t, err, jwk.ErrPrivate, "")
	_, err = key.MarshalBinary()
	checkError(t, err, jwk.ErrPrivate, "")
}
