package jwk_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// prime25519 is 2^255-19, the prime of the field of both curves.
var prime25519 = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// littleEndian returns an integer as 32 octets, the lowest first (RFC 7748, Section 5).
func littleEndian(v *big.Int) []byte {
	b := v.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// signed sets the bit of the sign of x (RFC 8032, Section 5.1.2).
func signed(b []byte) []byte {
	b = bytes.Clone(b)
	b[31] |= 0x80
	return b
}

func okp(crv jwk.Curve, x []byte) object {
	return object{"kty": "OKP", "crv": crv, "x": encoded(x)}
}

// An edwardsPoint is a point of edwards25519 in affine coordinates. It is slow, and follows the
// formulas of RFC 8032, Section 5.1.
type edwardsPoint struct{ x, y *big.Int }

// mod returns v modulo the prime.
func mod(v *big.Int) *big.Int { return v.Mod(v, prime25519) }

func inverse(a *big.Int) *big.Int { return new(big.Int).ModInverse(a, prime25519) }

// edwardsD is -121665/121666.
var edwardsD = times(big.NewInt(-121665), inverse(big.NewInt(121666)))

// edwardsAt returns the point with a y and an even x, or false if y is on no point.
func edwardsAt(y *big.Int) (edwardsPoint, bool) {
	one := big.NewInt(1)
	y2 := times(y, y)
	x2 := times(new(big.Int).Sub(y2, one), inverse(new(big.Int).Add(times(edwardsD, y2), one)))
	x := new(big.Int).ModSqrt(x2, prime25519)
	if x == nil {
		return edwardsPoint{}, false
	}
	if x.Bit(0) == 1 {
		x.Sub(prime25519, x)
	}
	return edwardsPoint{x, y}, true
}

// plus adds points. The formula holds for all points, because d is not a square.
func (p edwardsPoint) plus(q edwardsPoint) edwardsPoint {
	one := big.NewInt(1)
	dxy := times(times(edwardsD, times(p.x, q.x)), times(p.y, q.y))
	x := new(big.Int).Add(times(p.x, q.y), times(p.y, q.x))
	y := new(big.Int).Add(times(p.y, q.y), times(p.x, q.x))
	return edwardsPoint{
		times(mod(x), inverse(mod(new(big.Int).Add(one, dxy)))),
		times(mod(y), inverse(mod(new(big.Int).Sub(one, dxy)))),
	}
}

func (p edwardsPoint) isIdentity() bool { return p.x.Sign() == 0 && p.y.Cmp(big.NewInt(1)) == 0 }

func (p edwardsPoint) octets() []byte {
	b := littleEndian(p.y)
	if p.x.Bit(0) == 1 {
		b = signed(b)
	}
	return b
}

// torsion returns the eight points whose order divides 8: the multiples of a point of order 8. The
// other factor of the order of the group is prime to 8, so there are no others.
func torsion(t *testing.T) []edwardsPoint {
	t.Helper()
	order, ok := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	if !ok {
		t.Fatal("no number")
	}
	order.Add(order, new(big.Int).Lsh(big.NewInt(1), 252)) // RFC 8032, Section 5.1
	for y := int64(2); ; y++ {
		p, ok := edwardsAt(big.NewInt(y))
		if !ok {
			continue
		}
		// Multiplied by the large prime factor of the order, the point has small order.
		small := edwardsPoint{new(big.Int), big.NewInt(1)}
		for i := order.BitLen() - 1; i >= 0; i-- {
			small = small.plus(small)
			if order.Bit(i) == 1 {
				small = small.plus(p)
			}
		}
		var all []edwardsPoint
		for q := small; ; q = q.plus(small) {
			all = append(all, q)
			if q.isIdentity() {
				break
			}
		}
		if len(all) == 8 {
			return all
		}
	}
}

// forges reports whether a signature that no private key has made, the identity and a scalar of
// zero, is valid for one of many messages under the public key x.
func forges(x []byte) bool {
	sig := make([]byte, ed25519.SignatureSize)
	sig[0] = 1
	for i := range byte(128) {
		if ed25519.Verify(x, []byte{i}, sig) {
			return true
		}
	}
	return false
}

// TestEd25519SmallOrder: all points of small order are refused, in every encoding, because
// anyone can sign for them. No other point is refused.
func TestEd25519SmallOrder(t *testing.T) {
	points := torsion(t)
	texts := make(map[string]bool)
	for i, p := range points {
		for _, x := range [][]byte{p.octets(), signed(p.octets()), littleEndian(p.y)} {
			texts[encoded(x)] = true
			t.Run(fmt.Sprintf("O02 multiple %d, sign %d", i+1, x[31]>>7), func(t *testing.T) {
				checkRefused(t, okp(jwk.CurveEd25519, x).json(t), jwk.ErrInvalid, "/x")
				if !forges(x) {
					t.Error("the point is not of small order")
				}
			})
		}
	}
	if len(texts) != 10 { // five y, two signs, also the sign that is not canonical for x = 0
		t.Errorf("got %d encodings, want 10", len(texts))
	}
	// The sum of a point of large order and a point of small order has large order.
	base, _ := edwardsAt(times(big.NewInt(4), inverse(big.NewInt(5))))
	for i, p := range points {
		t.Run(fmt.Sprintf("the base point plus multiple %d", i+1), func(t *testing.T) {
			x := base.plus(p).octets()
			okp(jwk.CurveEd25519, x).key(t)
			if forges(x) {
				t.Error("the point is of small order")
			}
		})
	}
}

// TestOKPCanonical: coordinates from 2^255-19 on are refused. Otherwise one key would have two
// texts and two thumbprints.
func TestOKPCanonical(t *testing.T) {
	for i := range int64(19) {
		v := littleEndian(new(big.Int).Add(prime25519, big.NewInt(i)))
		for _, crv := range []jwk.Curve{jwk.CurveEd25519, jwk.CurveX25519} {
			for sign, x := range [][]byte{v, signed(v)} {
				t.Run(fmt.Sprintf("O04 O08 p+%d, sign %d, %s", i, sign, crv), func(t *testing.T) {
					checkRefused(t, okp(crv, x).json(t), jwk.ErrInvalid, "/x")
				})
			}
		}
	}
	for _, below := range []int64{2, 3, 20} {
		v := littleEndian(new(big.Int).Sub(prime25519, big.NewInt(below)))
		t.Run(fmt.Sprintf("p-%d", below), func(t *testing.T) {
			okp(jwk.CurveX25519, v).key(t)
			okp(jwk.CurveEd25519, v).key(t)
			okp(jwk.CurveEd25519, signed(v)).key(t) // with the sign of x
			checkRefused(t, okp(jwk.CurveX25519, signed(v)).json(t), jwk.ErrInvalid, "/x")
		})
	}
	// Only the low octet of the prime, or only its high octets, are allowed.
	okp(jwk.CurveX25519, append([]byte{0xee}, make([]byte, 31)...)).key(t)
	okp(jwk.CurveX25519, append(bytes.Repeat([]byte{0xff}, 31), 0x7e)).key(t)
	t.Run("O08 bit 255 of a sound u", func(t *testing.T) {
		x, err := base64.RawURLEncoding.DecodeString(public(t, "X25519")["x"].(string))
		if err != nil {
			t.Fatal(err)
		}
		checkRefused(t, okp(jwk.CurveX25519, signed(x)).json(t), jwk.ErrInvalid, "/x")
	})
}

// TestX25519LowOrder: every u of low order is refused, because every agreement with it has the same
// result. crypto/ecdh refuses to agree with the same values.
func TestX25519LowOrder(t *testing.T) {
	// On the curve: u = (1+y)/(1-y) for the points of small order (RFC 7748, Section 4.1). On
	// the twist: -1, which has order 4.
	low := map[string]*big.Int{"p-1": new(big.Int).Sub(prime25519, big.NewInt(1))}
	for i, p := range torsion(t) {
		if p.isIdentity() {
			continue
		}
		one := big.NewInt(1)
		u := times(mod(new(big.Int).Add(one, p.y)), inverse(mod(new(big.Int).Sub(one, p.y))))
		low[fmt.Sprintf("of multiple %d", i+1)] = u
	}
	low["0 as p"] = prime25519
	low["1 as p+1"] = new(big.Int).Add(prime25519, big.NewInt(1))
	distinct := make(map[string]bool)
	scalar, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{42}, 32))
	if err != nil {
		t.Fatal(err)
	}
	agrees := func(u []byte) bool {
		key, err := ecdh.X25519().NewPublicKey(u)
		if err != nil {
			t.Fatal(err)
		}
		_, err = scalar.ECDH(key)
		return err == nil
	}
	for name, u := range low {
		t.Run("O07 u "+name, func(t *testing.T) {
			x := littleEndian(u)
			distinct[string(x)] = true
			if agrees(x) {
				t.Fatal("u is not of low order")
			}
			checkRefused(t, okp(jwk.CurveX25519, x).json(t), jwk.ErrInvalid, "/x")
			checkRefused(t, okp(jwk.CurveX25519, signed(x)).json(t), jwk.ErrInvalid, "/x")
		})
	}
	if len(distinct) != 7 {
		t.Errorf("got %d values, want 7", len(distinct))
	}
	for _, u := range []int64{2, 3, 9} {
		x := littleEndian(big.NewInt(u))
		if !agrees(x) {
			t.Errorf("u = %d is of low order", u)
		}
		okp(jwk.CurveX25519, x).key(t)
	}
}

// TestOKPLength: x and d of a wrong length are refused.
func TestOKPLength(t *testing.T) {
	for _, crv := range []string{"Ed25519", "X25519"} {
		o := fixture(t, crv)
		for _, member := range []string{"x", "d"} {
			octets, err := base64.RawURLEncoding.DecodeString(o[member].(string))
			if err != nil {
				t.Fatal(err)
			}
			x, err := base64.RawURLEncoding.DecodeString(o["x"].(string))
			if err != nil {
				t.Fatal(err)
			}
			for name, b := range map[string][]byte{
				"0 octets": {}, "1 octet": {1}, "3 octets": octets[:3], "31 octets": octets[:31], "33 octets": append([]byte{0}, octets...),
				"33 octets at the end": append(octets[:32:32], 0), "56 octets": make([]byte, 56), "57 octets": make([]byte, 57),
				"seed and public half": append(octets[:32:32], x...),
			} {
				t.Run("O01 O06 "+crv+" "+member+" of "+name, func(t *testing.T) {
					checkRefused(t, o.with(member, encoded(b)).json(t), jwk.ErrInvalid, "/"+member)
				})
			}
			t.Run(crv+" "+member+" null", func(t *testing.T) {
				checkRefused(t, o.with(member, nil).json(t), jwk.ErrSyntax, "/"+member)
			})
		}
		t.Run(crv+" without x", func(t *testing.T) { checkRefused(t, o.without("x").json(t), jwk.ErrInvalid, "/x") })
		t.Run(crv+" without x and d", func(t *testing.T) { checkRefused(t, o.without("x", "d").json(t), jwk.ErrInvalid, "/x") })
	}
}

// TestOKPPair: a d beside the x of another key is refused. Signatures with such a key would
// give the seed away.
func TestOKPPair(t *testing.T) {
	for _, crv := range []string{"Ed25519", "X25519"} {
		o := fixture(t, crv)
		d, err := base64.RawURLEncoding.DecodeString(o["d"].(string))
		if err != nil {
			t.Fatal(err)
		}
		d[15] ^= 1
		t.Run("O05 d of another key, "+crv, func(t *testing.T) {
			checkRefused(t, o.with("d", encoded(d)).json(t), jwk.ErrInvalid, "/d")
		})
		t.Run("O05 x of another key, "+crv, func(t *testing.T) {
			checkRefused(t, o.with("x", encoded(littleEndian(big.NewInt(9)))).json(t), jwk.ErrInvalid, "/d")
		})
		t.Run("O05 x as d, "+crv, func(t *testing.T) {
			checkRefused(t, o.with("d", o["x"]).json(t), jwk.ErrInvalid, "/d")
		})
	}
	t.Run("O05 the other sign of x", func(t *testing.T) {
		o := fixture(t, "Ed25519")
		x, err := base64.RawURLEncoding.DecodeString(o["x"].(string))
		if err != nil {
			t.Fatal(err)
		}
		x[31] ^= 0x80
		checkRefused(t, o.with("x", encoded(x)).json(t), jwk.ErrInvalid, "/d")
		public(t, "Ed25519").with("x", encoded(x)).key(t) // a valid public key
	})
	// Keys with either sign of x are accepted.
	seen := make(map[byte]bool)
	for i := byte(0); len(seen) < 2; i++ {
		seed := bytes.Repeat([]byte{i}, ed25519.SeedSize)
		x := ed25519.NewKeyFromSeed(seed)[32:]
		if k := okp(jwk.CurveEd25519, x).with("d", encoded(seed)).key(t); !k.IsPrivate() {
			t.Errorf("got %v", k)
		}
		seen[x[31]>>7] = true
	}
}

// TestEd25519OffCurve: O03, a y that is on no point is accepted, and verifies nothing. Whether
// x is on the curve is left to the first use of the key and to an audit.
func TestEd25519OffCurve(t *testing.T) {
	two := big.NewInt(2)
	if _, on := edwardsAt(two); on {
		t.Fatal("y = 2 is on the curve")
	}
	k := okp(jwk.CurveEd25519, littleEndian(two)).key(t)
	if ed25519.Verify(k.PublicKey().(ed25519.PublicKey), []byte("message"), make([]byte, ed25519.SignatureSize)) {
		t.Error("a point that is not on the curve verifies a signature")
	}
}

// TestEd25519MixedOrder: the sum of a sound point and a point of small order is accepted, as the
// documentation of Parse says. Only points that have small order themselves are refused.
func TestEd25519MixedOrder(t *testing.T) {
	x := public(t, "Ed25519").octetsOf(t, "x")
	sign := x[31] >> 7
	x[31] &= 0x7f
	y := new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		y.Or(y.Lsh(y, 8), big.NewInt(int64(x[i])))
	}
	sound, ok := edwardsAt(y)
	if !ok {
		t.Fatal("the fixture is not on the curve")
	}
	if uint(sign) != sound.x.Bit(0) {
		sound.x.Sub(prime25519, sound.x)
	}
	want := public(t, "Ed25519").key(t)
	for i, small := range torsion(t) {
		mixed := sound.plus(small)
		k := okp(jwk.CurveEd25519, mixed.octets()).key(t)
		if got := k.Equal(want); got != small.isIdentity() {
			t.Errorf("point %d of small order added: got the same key %v, want %v", i, got, small.isIdentity())
		}
	}
}

// TestOKPCurve: crv must name the curve exactly, and a key on one curve is refused as a key on
// another.
func TestOKPCurve(t *testing.T) {
	for _, name := range []string{"Ed25519", "X25519", "Ed448", "X448"} {
		for _, o := range []object{public(t, name), fixture(t, name)} {
			t.Run("crv missing", func(t *testing.T) { checkRefused(t, o.without("crv").json(t), jwk.ErrInvalid, "/crv") })
			t.Run("crv null", func(t *testing.T) { checkRefused(t, o.with("crv", nil).json(t), jwk.ErrSyntax, "/crv") })
			for _, crv := range []string{"", "ed25519", "x25519", "ED25519", "P-256", "Curve25519", "ed448", "x448", "ED448", "Curve448", "secp256k1"} {
				t.Run("O10 crv "+crv, func(t *testing.T) {
					checkRefused(t, o.with("crv", crv).json(t), jwk.ErrUnsupported, "/crv")
				})
			}
			t.Run("O10 kty EC", func(t *testing.T) {
				checkRefused(t, o.with("kty", "EC").json(t), jwk.ErrUnsupported, "/crv")
			})
			t.Run("kty okp", func(t *testing.T) {
				checkRefused(t, o.with("kty", "okp").json(t), jwk.ErrUnsupported, "/kty")
			})
			// A public member of another kind of key means nothing, and is kept.
			t.Run("O10 with y", func(t *testing.T) {
				k := o.with("y", "AA").key(t)
				if v, ok := k.Member("y"); !ok || string(v) != `"AA"` || !k.Equal(o.key(t)) {
					t.Errorf("got %v with y %s, want %v with y", k, v, o.key(t))
				}
			})
		}
	}
	for _, from := range []string{"Ed25519", "X25519", "Ed448", "X448"} {
		for _, to := range []string{"Ed25519", "X25519", "Ed448", "X448"} {
			if fixture(t, from).key(t).Bits() != fixture(t, to).key(t).Bits() {
				t.Run("O01 "+from+" as "+to, func(t *testing.T) {
					checkRefused(t, public(t, from).with("crv", to).json(t), jwk.ErrInvalid, "/x")
				})
			}
		}
	}
	t.Run("Ed25519 as X25519", func(t *testing.T) {
		checkRefused(t, fixture(t, "Ed25519").with("crv", "X25519").json(t), jwk.ErrInvalid, "/d")
	})
	t.Run("X25519 as Ed25519", func(t *testing.T) {
		checkRefused(t, fixture(t, "X25519").with("crv", "Ed25519").json(t), jwk.ErrInvalid, "/d")
	})
}
