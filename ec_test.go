package jwk_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// ecCurves are the curves of EC keys, with a, the coefficient of x, and the octets of a coordinate.
// curve is nil for secp256k1, which the standard library does not have.
var ecCurves = []struct {
	name   string
	curve  elliptic.Curve
	params *elliptic.CurveParams
	a      int64
	width  int
}{
	{"P-256", elliptic.P256(), elliptic.P256().Params(), -3, 32},
	{"P-384", elliptic.P384(), elliptic.P384().Params(), -3, 48},
	{"P-521", elliptic.P521(), elliptic.P521().Params(), -3, 66},
	{"secp256k1", nil, secpParams, 0, 32},
}

var secpParams = &elliptic.CurveParams{
	P: secp256k1.Params().P, N: secp256k1.Params().N, B: big.NewInt(7), Gx: secp256k1.Params().Gx, Gy: secp256k1.Params().Gy,
}

// ySquared returns x^3 + ax + b, the square of y.
func ySquared(p *elliptic.CurveParams, a int64, x *big.Int) *big.Int {
	y2 := new(big.Int).Exp(x, big.NewInt(3), p.P)
	y2.Add(y2, new(big.Int).Mul(big.NewInt(a), x))
	y2.Add(y2, p.B)
	return y2.Mod(y2, p.P)
}

// TestECPoint: a point that is not on the curve is refused, because agreeing with it would give the
// private key away. So is a coordinate that is not less than p.
func TestECPoint(t *testing.T) {
	for _, c := range ecCurves {
		params := c.params
		o := public(t, c.name)
		x, y := number(t, o, "x"), number(t, o, "y")
		at := func(x, y *big.Int) object { return o.with("x", wide(x, c.width), "y", wide(y, c.width)) }
		one := big.NewInt(1)

		// The smallest x on the curve, and the smallest that is not.
		var small, smallY, off *big.Int
		for i := int64(0); small == nil || off == nil; i++ {
			x := big.NewInt(i)
			switch y := new(big.Int).ModSqrt(ySquared(params, c.a, x), params.P); {
			case y == nil && off == nil:
				off = x
			case y != nil && small == nil:
				small, smallY = x, y
			}
		}
		for name, o := range map[string]object{
			"the fixture": o, "its negative": at(x, new(big.Int).Sub(params.P, y)),
			"the base point": at(params.Gx, params.Gy), "the smallest x": at(small, smallY),
		} {
			t.Run(c.name+" "+name, func(t *testing.T) { o.key(t) })
		}

		refused := map[string]object{
			"E01 y altered":              at(x, new(big.Int).Xor(y, one)),
			"E01 x altered":              at(new(big.Int).Xor(x, one), y),
			"E01 x and y swapped":        at(y, x),
			"E02 zero":                   at(new(big.Int), new(big.Int)),
			"E03 x plus p":               at(new(big.Int).Add(small, params.P), smallY),
			"E03 x is p":                 at(params.P, smallY),
			"E03 y is p":                 at(small, params.P),
			"E03 all ones":               at(new(big.Int).Sub(new(big.Int).Lsh(one, uint(8*c.width)), one), smallY),
			"E09 x of the twist":         at(off, one),
			"E09 x of the twist, y zero": at(off, new(big.Int)),
		}
		if c.name == "P-521" { // on the other curves, y plus p would have more octets
			refused["E03 x plus p, the fixture"] = at(new(big.Int).Add(x, params.P), y)
			refused["E03 y plus p"] = at(x, new(big.Int).Add(y, params.P))
			refused["E03 both plus p"] = at(new(big.Int).Add(x, params.P), new(big.Int).Add(y, params.P))
		}
		for name, o := range refused {
			t.Run(name+", "+c.name, func(t *testing.T) { checkRefused(t, o.json(t), jwk.ErrInvalid, "/x") })
		}
	}
}

// TestECWidth: coordinates and scalars must have the width of the curve.
func TestECWidth(t *testing.T) {
	for _, c := range ecCurves {
		o := fixture(t, c.name)
		for _, name := range []string{"x", "y", "d"} {
			b, err := base64.RawURLEncoding.DecodeString(o[name].(string))
			if err != nil {
				t.Fatal(err)
			}
			for what, octets := range map[string][]byte{
				"E04 one octet less":       b[1:],
				"E04 one octet off at end": b[:len(b)-1],
				"E04 a leading zero":       append([]byte{0}, b...),
				"E04 a trailing zero":      append(b[:len(b):len(b)], 0),
				"E04 one octet":            {1},
				"E04 twice as long":        append(b[:len(b):len(b)], b...),
			} {
				t.Run(what+", "+c.name+" "+name, func(t *testing.T) {
					o := o.with(name, encoded(octets))
					checkRefused(t, o.json(t), jwk.ErrInvalid, "/"+name)
				})
			}
			t.Run("B06 empty, "+c.name+" "+name, func(t *testing.T) {
				checkRefused(t, o.with(name, "").json(t), jwk.ErrInvalid, "/"+name)
			})
			t.Run("a number, "+c.name+" "+name, func(t *testing.T) {
				checkRefused(t, o.with(name, 1).json(t), jwk.ErrSyntax, "/"+name)
			})
			t.Run("null, "+c.name+" "+name, func(t *testing.T) {
				checkRefused(t, o.with(name, nil).json(t), jwk.ErrSyntax, "/"+name)
			})
			if name != "d" {
				t.Run("E09 missing, "+c.name+" "+name, func(t *testing.T) {
					checkRefused(t, o.without(name).json(t), jwk.ErrInvalid, "/"+name)
				})
			}
		}
	}
}

// TestECScalar: d must be from 1 to n-1, and belong to x and y.
func TestECScalar(t *testing.T) {
	for _, c := range ecCurves {
		params := c.params
		n, one := params.N, big.NewInt(1)
		o := fixture(t, c.name)
		d := number(t, o, "d")

		// d = 1 belongs to the base point, and n-1 to its negative. A reader that reduces
		// scalars modulo n would accept others, too.
		base := o.with("x", wide(params.Gx, c.width), "y", wide(params.Gy, c.width))
		negative := base.with("y", wide(new(big.Int).Sub(params.P, params.Gy), c.width))
		largest := new(big.Int).Sub(new(big.Int).Lsh(one, uint(8*c.width)), one)
		for name, o := range map[string]object{
			"1":   base.with("d", wide(one, c.width)),
			"n-1": negative.with("d", wide(new(big.Int).Sub(n, one), c.width)),
		} {
			t.Run("d is "+name+", "+c.name, func(t *testing.T) { o.key(t) })
		}

		refused := map[string]object{
			"E05 d of another key":     o.with("d", wide(new(big.Int).Xor(d, big.NewInt(2)), c.width)),
			"E05 d of the negative":    o.with("d", wide(new(big.Int).Sub(n, d), c.width)),
			"E05 y of the negative":    o.with("y", wide(new(big.Int).Sub(params.P, number(t, o, "y")), c.width)),
			"E05 x and y of another":   base.with("d", o["d"]),
			"E06 d is 0":               base.with("d", wide(new(big.Int), c.width)),
			"E06 d is n":               base.with("d", wide(n, c.width)),
			"E06 d is n+1":             base.with("d", wide(new(big.Int).Add(n, one), c.width)),
			"E06 d is the largest":     scalarPoint(t, c.curve, params, c.width, largest, o).with("d", wide(largest, c.width)),
			"E06 d is 2n-1, its point": negative.with("d", "reduced"),
		}
		if twice := new(big.Int).Sub(new(big.Int).Lsh(n, 1), one); twice.BitLen() <= 8*c.width {
			refused["E06 d is 2n-1, its point"] = negative.with("d", wide(twice, c.width))
		} else {
			delete(refused, "E06 d is 2n-1, its point")
		}
		for name, o := range refused {
			t.Run(name+", "+c.name, func(t *testing.T) { checkRefused(t, o.json(t), jwk.ErrInvalid, "/d") })
		}
	}
}

// scalarPoint returns o with the point that belongs to a scalar modulo n.
func scalarPoint(t *testing.T, curve elliptic.Curve, params *elliptic.CurveParams, width int, scalar *big.Int, o object) object {
	t.Helper()
	reduced := new(big.Int).Mod(scalar, params.N)
	octets := reduced.FillBytes(make([]byte, (params.N.BitLen()+7)/8))
	var point []byte
	if curve == nil {
		point = secp256k1.PrivKeyFromBytes(octets).PubKey().SerializeUncompressed()
	} else {
		key, err := ecdsa.ParseRawPrivateKey(curve, octets)
		if err != nil {
			t.Fatal(err)
		}
		if point, err = key.PublicKey.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	o = o.with("x", encoded(point[1:1+width]), "y", encoded(point[1+width:]))
	// Only the scalar is wrong: reduced modulo n, it makes a key.
	o.with("d", wide(reduced, width)).key(t)
	return o
}

// TestECCurve: crv must name the curve exactly, and a point of another curve is refused.
func TestECCurve(t *testing.T) {
	for _, c := range ecCurves {
		name := c.name
		for _, o := range []object{public(t, name), fixture(t, name)} {
			t.Run("E07 missing", func(t *testing.T) { checkRefused(t, o.without("crv").json(t), jwk.ErrInvalid, "/crv") })
			t.Run("E07 null", func(t *testing.T) { checkRefused(t, o.with("crv", nil).json(t), jwk.ErrSyntax, "/crv") })
			t.Run("E07 array", func(t *testing.T) {
				checkRefused(t, o.with("crv", []string{name}).json(t), jwk.ErrSyntax, "/crv")
			})
			for _, crv := range []string{
				"", "P-224", "P-256K", "p-256", "prime256v1", "secp256r1", "BP-256", " P-256", "P-256 ", "P-256\x00", "P\u2010256",
				"secp256k1 ", "Secp256k1", "SECP256K1", "Ed25519", "X25519", "Ed448", "X448", strings.Repeat("P-256", 1<<20/5),
			} {
				t.Run("E07 crv "+crv[:min(len(crv), 20)], func(t *testing.T) {
					text := o.with("crv", crv).json(t)
					checkRefused(t, text, jwk.ErrUnsupported, "/crv")
					if _, err := jwk.Parse(text); len(err.Error()) > 200 {
						t.Errorf("the error is %d octets long", len(err.Error()))
					}
				})
			}
		}
		for _, other := range ecCurves {
			if other.name != name {
				t.Run("E08 "+name+" with coordinates of "+other.name, func(t *testing.T) {
					checkRefused(t, public(t, other.name).with("crv", name).json(t), jwk.ErrInvalid, "/x")
				})
			}
		}
	}
}

// TestECForms: the keys of crypto/ecdsa and crypto/ecdh that As returns are the same point.
func TestECForms(t *testing.T) {
	for _, c := range ecCurves {
		if c.curve == nil {
			continue
		}
		k := public(t, c.name).key(t)
		dsa, err := jwk.As[*ecdsa.PublicKey](k)
		if err != nil {
			t.Fatal(err)
		}
		dh, err := jwk.As[*ecdh.PublicKey](k)
		if err != nil {
			t.Fatal(err)
		}
		converted, err := dsa.ECDH()
		if err != nil || !converted.Equal(dh) {
			t.Errorf("%s: got two points, %v", c.name, err)
		}
		if dsa.Curve != c.curve {
			t.Errorf("%s: got curve %v", c.name, dsa.Curve.Params().Name)
		}
	}
}
