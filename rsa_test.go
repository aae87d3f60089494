package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

var one = big.NewInt(1)

// integer returns the integer in a member of o.
func (o object) integer(t testing.TB, name string) *big.Int {
	t.Helper()
	s, ok := o[name].(string)
	if !ok {
		t.Fatalf("%s is not a string", name)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return new(big.Int).SetBytes(b)
}

// integerText returns the base64url text of an integer.
func integerText(i *big.Int) string { return encoded(i.Bytes()) }

// plus returns the text of a member of o, with delta added.
func (o object) plus(t testing.TB, name string, delta *big.Int) string {
	t.Helper()
	return integerText(new(big.Int).Add(o.integer(t, name), delta))
}

// ofBits returns an odd number with the given number of bits, in base64url.
func ofBits(bits int) string {
	n := new(big.Int).Lsh(one, uint(bits-1))
	return integerText(n.Add(n, big.NewInt(3)))
}

// checkSigns checks that the public half of a key verifies the signatures of the private key,
// and that the private key decrypts the ciphertexts of the public half.
func checkSigns(t testing.TB, k *jwk.Key) {
	t.Helper()
	if !k.IsPrivate() {
		t.Fatal("got a public key")
	}
	pub, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := jwk.As[*rsa.PublicKey](pub)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a message"))
	signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(verifier, crypto.SHA256, digest[:], signature); err != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	text, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, verifier, []byte("a message"), nil)
	if err != nil {
		t.Fatal(err)
	}
	decrypter, err := jwk.As[crypto.Decrypter](k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decrypter.Decrypt(rand.Reader, text, &rsa.OAEPOptions{Hash: crypto.SHA256}); err != nil || string(got) != "a message" {
		t.Errorf("decrypted: got %q, %v", got, err)
	}
}

var rsaFixtures = []string{"RSA-2048", "RSA-3072", "RSA-2048-multi-prime"}

// TestRSAFixtures checks that the fixtures sign and decrypt, and that crypto/rsa accepts them.
func TestRSAFixtures(t *testing.T) {
	for _, name := range rsaFixtures {
		t.Run(name, func(t *testing.T) {
			k := fixture(t, name).key(t)
			checkSigns(t, k)
			priv, err := jwk.As[*rsa.PrivateKey](k)
			if err != nil {
				t.Fatal(err)
			}
			if err := priv.Validate(); err != nil {
				t.Errorf("Validate: got %v, want nil", err)
			}
			if priv.Precomputed.Dp == nil {
				t.Error("the key is not precomputed")
			}
			product := big.NewInt(1)
			for _, p := range priv.Primes {
				product.Mul(product, p)
			}
			if product.Cmp(priv.N) != 0 || priv.N.Cmp(fixture(t, name).integer(t, "n")) != 0 {
				t.Error("n: got another number, want the product of the primes")
			}
		})
	}
}

// TestRSAModulus: if this fails, Parse accepts a modulus that is even, too small, or so large
// that each operation takes long.
func TestRSAModulus(t *testing.T) {
	base := public(t, "RSA-2048")
	n := base.integer(t, "n")
	even := new(big.Int).Sub(n, one)
	for _, tt := range []struct {
		name, n string
		want    error
	}{
		{"R01 zero", "AA", jwk.ErrInvalid},
		{"R01 one", "AQ", jwk.ErrPolicy},
		{"R01 even", integerText(even), jwk.ErrInvalid},
		{"R01 a power of two", integerText(new(big.Int).Lsh(one, 2047)), jwk.ErrInvalid},
		{"R02 8 bits", ofBits(8), jwk.ErrPolicy},
		{"R02 512 bits", ofBits(512), jwk.ErrPolicy},
		{"R02 1024 bits", ofBits(1024), jwk.ErrPolicy},
		{"R02 2040 bits", ofBits(2040), jwk.ErrPolicy},
		{"R02 2047 bits", ofBits(2047), jwk.ErrPolicy},
		{"R03 8193 bits", ofBits(8193), jwk.ErrPolicy},
		{"R03 8200 bits", ofBits(8200), jwk.ErrPolicy},
		{"R03 8256 bits", ofBits(8256), jwk.ErrPolicy},
		{"R03 8264 bits", ofBits(8264), jwk.ErrPolicy},
		{"R03 65536 bits", ofBits(65536), jwk.ErrPolicy},
		{"R03 400 KiB", ofBits(400 << 13), jwk.ErrPolicy},
		{"R03 400 KiB that are not base64url", strings.Repeat("!", 400<<10), jwk.ErrPolicy},
		{"R06 leading zero", encoded(append([]byte{0}, n.Bytes()...)), jwk.ErrInvalid},
		{"R06 zeros up to the size of a larger modulus", encoded(n.FillBytes(make([]byte, 512))), jwk.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, base.with("n", tt.n).json(t), tt.want, "/n")
			checkRefused(t, fixture(t, "RSA-2048").with("n", tt.n).json(t), tt.want, "/n")
		})
	}
	for _, name := range []string{"n", "e"} {
		t.Run(name+" missing", func(t *testing.T) {
			checkRefused(t, base.without(name).json(t), jwk.ErrInvalid, "/"+name)
		})
	}
}

// TestRSASizeLimits: if this fails, MinRSABits and MaxRSABits accept a smaller or larger
// modulus than they say, or refuse one within the limits.
func TestRSASizeLimits(t *testing.T) {
	for _, tt := range []struct {
		name      string
		parser    jwk.Parser
		low, high int // the smallest and the largest size that Parse accepts
	}{
		{"R02 R03 by default", jwk.Parser{}, 2048, 8192},
		{"MinRSABits 1024", jwk.Parser{MinRSABits: 1024}, 1024, 8192},
		{"MinRSABits 3072", jwk.Parser{MinRSABits: 3072}, 3072, 8192},
		{"MinRSABits 2049", jwk.Parser{MinRSABits: 2049}, 2049, 8192},
		{"MaxRSABits 2048", jwk.Parser{MaxRSABits: 2048}, 2048, 2048},
		{"MaxRSABits 4095", jwk.Parser{MaxRSABits: 4095}, 2048, 4095},
		{"MaxRSABits 16384", jwk.Parser{MaxRSABits: 16384}, 2048, 16384},
		{"both", jwk.Parser{MinRSABits: 3000, MaxRSABits: 3001}, 3000, 3001},
		{"lenient", jwk.Parser{Lenient: true}, 2048, 8192},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parse := func(bits int) (*jwk.Key, error) {
				return tt.parser.Parse(public(t, "RSA-2048").with("n", ofBits(bits)).json(t))
			}
			for _, bits := range []int{tt.low, tt.high} {
				k, err := parse(bits)
				if err != nil {
					t.Errorf("%d bits: got %v, want no error", bits, err)
				} else if k.Bits() != bits {
					t.Errorf("Bits: got %d, want %d", k.Bits(), bits)
				} else if k.Thumbprint() == (jwk.Thumbprint{}) {
					t.Errorf("%d bits: no thumbprint", bits)
				}
			}
			for _, bits := range []int{tt.low - 1, tt.high + 1} {
				k, err := parse(bits)
				if k != nil {
					t.Errorf("%d bits: got key %v, want nil", bits, k)
				}
				checkError(t, err, jwk.ErrPolicy, "/n")
			}
		})
	}
	t.Run("the methods of a key over the default limit", func(t *testing.T) {
		p := jwk.Parser{MaxRSABits: 16384}
		k, err := p.Parse(public(t, "RSA-2048").with("n", ofBits(16384), "kid", "a").json(t))
		if err != nil {
			t.Fatal(err)
		}
		again, err := k.WithAttributes(jwk.Attributes{KeyID: "b"})
		if err != nil || again.Thumbprint() != k.Thumbprint() {
			t.Errorf("WithAttributes: got %v, %v", again, err)
		}
		if pub, err := k.Public(); err != nil || !pub.Equal(k) {
			t.Errorf("Public: got %v, %v", pub, err)
		}
	})
}

// TestRSAExponent: if this fails, Parse accepts an exponent that is insecure, or reads a large
// one as another number.
func TestRSAExponent(t *testing.T) {
	base := public(t, "RSA-2048")
	power := func(bits uint, plus int64) string {
		return integerText(new(big.Int).Add(new(big.Int).Lsh(one, bits), big.NewInt(plus)))
	}
	for _, e := range []string{"Aw", "EQ", "AQAB", power(31, -1), power(24, 1), power(8, 1)} {
		t.Run("accepted "+e, func(t *testing.T) {
			k := base.with("e", e).key(t)
			pub, err := jwk.As[*rsa.PublicKey](k)
			if err != nil {
				t.Fatal(err)
			}
			if got := integerText(big.NewInt(int64(pub.E))); got != e {
				t.Errorf("exponent: got %s, want %s", got, e)
			}
		})
	}
	for _, tt := range []struct{ name, e string }{
		{"R04 0", "AA"},
		{"R04 1", "AQ"},
		{"R04 2", "Ag"},
		{"R04 4", "BA"},
		{"R04 65536", power(16, 0)},
		{"R04 2^31-2", power(31, -2)},
		{"R05 2^31", power(31, 0)},
		{"R05 2^31+1", power(31, 1)},
		{"R05 2^32-1", power(32, -1)},
		{"R05 2^32+3, which is 3 in 32 bits", power(32, 3)},
		{"R05 2^32+65537, which is 65537 in 32 bits", power(32, 65537)},
		{"R05 2^40+65537", power(40, 65537)},
		{"R05 2^63+1", power(63, 1)},
		{"R05 2^64+65537, which is 65537 in 64 bits", power(64, 65537)},
		{"R05 2^128+3", power(128, 3)},
		{"R05 300 octets", power(2392, 1)},
		{"R05 as long as n", base["n"].(string)},
		{"R06 leading zero", "AAEAAQ"},
		{"R06 eight octets", "AAAAAAABAAE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, base.with("e", tt.e).json(t), jwk.ErrInvalid, "/e")
			checkRefused(t, fixture(t, "RSA-2048").with("e", tt.e).json(t), jwk.ErrInvalid, "/e")
		})
	}
}

// TestRSALeadingZeros: if this fails, one RSA key has several texts, because a number can have
// leading zeros.
func TestRSALeadingZeros(t *testing.T) {
	for _, name := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		t.Run("R06 "+name, func(t *testing.T) {
			o := fixture(t, "RSA-2048")
			padded := encoded(append([]byte{0}, o.integer(t, name).Bytes()...))
			checkRefused(t, o.with(name, padded).json(t), jwk.ErrInvalid, "/"+name)
			checkRefused(t, o.with(name, "AA").json(t), jwk.ErrInvalid, "/"+name)
		})
	}
}

// TestRSAPrivateExponentAlone: if this fails, Parse refuses a private key with only n, e and d
// (RFC 7518, Section 6.3.2), accepts a wrong d, or computes wrong primes.
func TestRSAPrivateExponentAlone(t *testing.T) {
	factors := []string{"p", "q", "dp", "dq", "qi"}
	full := fixture(t, "RSA-2048")
	p, q := full.integer(t, "p"), full.integer(t, "q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	check := func(t *testing.T, o object) {
		k := o.key(t)
		checkSigns(t, k)
		if got, err := k.MarshalPrivateJSON(); err != nil || !bytes.Equal(got, o.json(t)) {
			t.Errorf("MarshalPrivateJSON: got %s, %v", got, err)
		}
		priv, err := jwk.As[*rsa.PrivateKey](k)
		if err != nil {
			t.Fatal(err)
		}
		if len(priv.Primes) != 2 || new(big.Int).Mul(priv.Primes[0], priv.Primes[1]).Cmp(priv.N) != 0 {
			t.Errorf("got %d primes, want two with the product n", len(priv.Primes))
		}
		if priv.D.Cmp(o.integer(t, "d")) != 0 {
			t.Error("d: got another number than in the text")
		}
		if _, err := jwk.New(priv, nil); err != nil {
			t.Errorf("New of the completed key: got %v, want no error", err)
		}
	}
	for _, name := range []string{"RSA-2048", "RSA-3072"} {
		t.Run("R07 "+name, func(t *testing.T) { check(t, fixture(t, name).without(factors...)) })
	}
	for _, e := range []int64{3, 5, 17, 257, 65539, 1<<31 - 1} {
		six := rsaPrimes(t, "six")
		pairs := 0
		for i := range six {
			for j := range i {
				p, q := six[i], six[j]
				phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
				if new(big.Int).ModInverse(big.NewInt(e), phi) == nil {
					continue
				}
				pairs++
				o := rsaObject(t, e, p, q).without(factors...)
				// These keys have only 1024 bits, because the test needs many of them.
				k, err := (&jwk.Parser{MinRSABits: 1000}).Parse(o.json(t))
				if err != nil {
					t.Errorf("R07 e %d: got %v, want no error", e, err)
				} else if !k.IsPrivate() {
					t.Errorf("R07 e %d: got a public key", e)
				}
				other := o.with("d", integerText(new(big.Int).ModInverse(big.NewInt(e), phi)))
				if _, err := (&jwk.Parser{MinRSABits: 1000}).Parse(other.json(t)); err != nil {
					t.Errorf("R07 e %d, d modulo phi: got %v, want no error", e, err)
				}
			}
		}
		if pairs == 0 {
			t.Errorf("no two primes allow the exponent %d", e)
		}
	}
	t.Run("R07 d modulo phi", func(t *testing.T) {
		d := new(big.Int).ModInverse(full.integer(t, "e"), phi)
		check(t, full.without(factors...).with("d", integerText(d)))
	})
	d, n := full.integer(t, "d"), full.integer(t, "n")
	for _, tt := range []struct {
		name string
		d    string
	}{
		{"R07 d plus 2", integerText(new(big.Int).Add(d, big.NewInt(2)))},
		{"R07 d less 1", integerText(new(big.Int).Sub(d, one))},
		{"R07 d of another key", rsaObject(t, 65537, rsaPrimes(t, "six")[:4]...)["d"].(string)},
		{"R07 d 1", "AQ"},
		{"R07 d 2", "Ag"},
		{"R07 d equals e", "AQAB"},
		{"R07 d is phi", integerText(phi)},
		{"R07 d is n less 1", integerText(new(big.Int).Sub(n, one))},
		{"R10 d 0", "AA"},
		{"R10 d is n", integerText(n)},
		{"R10 d plus n", integerText(new(big.Int).Add(d, n))},
		{"R10 d plus a multiple of phi over n", integerText(new(big.Int).Add(d, new(big.Int).Mul(phi, big.NewInt(3))))},
		{"R10 d of 400 KiB", strings.Repeat("AQAB", 100<<10)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, full.without(factors...).with("d", tt.d).json(t), jwk.ErrInvalid, "/d")
		})
	}
	t.Run("R07 n of three factors", func(t *testing.T) {
		o := fixture(t, "RSA-2048-multi-prime").without(append(factors, "oth")...)
		checkRefused(t, o.json(t), jwk.ErrInvalid, "/d")
	})
	t.Run("R07 n and e of another key", func(t *testing.T) {
		o := full.without(factors...).with("n", public(t, "RSA-2048-multi-prime")["n"])
		checkRefused(t, o.json(t), jwk.ErrInvalid, "/d")
	})
}

// TestRSAPartsOfAPrivateKey: if this fails, Parse accepts an RSA private key with some of its
// members missing, which RFC 7518, Section 6.3.2, forbids.
func TestRSAPartsOfAPrivateKey(t *testing.T) {
	factors := []string{"p", "q", "dp", "dq", "qi"}
	full := fixture(t, "RSA-2048")
	for subset := range 1<<len(factors) - 1 {
		var kept, missing []string
		for i, name := range factors {
			if subset&(1<<i) != 0 {
				kept = append(kept, name)
			} else {
				missing = append(missing, name)
			}
		}
		if len(kept) == 0 {
			continue
		}
		t.Run(fmt.Sprintf("R08 d and %s", kept), func(t *testing.T) {
			checkRefused(t, full.without(missing...).json(t), jwk.ErrInvalid, "/"+missing[0])
		})
	}
	for subset := range 1 << len(factors) {
		o := full.without("d")
		first := ""
		for i, name := range factors {
			if subset&(1<<i) == 0 {
				o = o.without(name)
			} else if first == "" {
				first = name
			}
		}
		if first == "" {
			continue
		}
		t.Run(fmt.Sprintf("R08 %b without d", subset), func(t *testing.T) {
			checkRefused(t, o.json(t), jwk.ErrInvalid, "/"+first)
		})
	}
	multi := fixture(t, "RSA-2048-multi-prime")
	for _, tt := range []struct {
		name string
		o    object
		path string
	}{
		{"oth without d", public(t, "RSA-2048-multi-prime").with("oth", multi["oth"]), "/oth"},
		{"d and oth without the others", multi.without(factors...), "/p"},
		{"oth without q", multi.without("q"), "/q"},
	} {
		t.Run("R08 "+tt.name, func(t *testing.T) {
			checkRefused(t, tt.o.json(t), jwk.ErrInvalid, tt.path)
		})
	}
}

// TestRSAPrivateMembersAgree: if this fails, Parse accepts a private key with members that
// contradict each other. A wrong CRT exponent can make a signature that reveals the key.
func TestRSAPrivateMembersAgree(t *testing.T) {
	full, other := fixture(t, "RSA-2048"), rsaObject(t, 65537, rsaPrimes(t, "six")[:4]...)
	p, q, n := full.integer(t, "p"), full.integer(t, "q"), full.integer(t, "n")
	two := big.NewInt(2)
	lessP, lessQ := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	for _, tt := range []struct {
		name  string
		pairs []any
		path  string
	}{
		{"R09 dp altered", []any{"dp", full.plus(t, "dp", two)}, "/dp"},
		{"R09 dq altered", []any{"dq", full.plus(t, "dq", two)}, "/dq"},
		{"R09 qi altered", []any{"qi", full.plus(t, "qi", one)}, "/qi"},
		{"R09 dp 1", []any{"dp", "AQ"}, "/dp"},
		{"R09 dp not reduced", []any{"dp", full.plus(t, "dp", lessP)}, "/dp"},
		{"R09 dq not reduced", []any{"dq", full.plus(t, "dq", lessQ)}, "/dq"},
		{"R09 qi not reduced", []any{"qi", full.plus(t, "qi", p)}, "/qi"},
		{"R09 dp and dq swapped", []any{"dp", full["dq"], "dq", full["dp"]}, "/dp"},
		{"R09 dp not less than n", []any{"dp", full.plus(t, "dp", n)}, "/dp"},
		{"R09 dq not less than n", []any{"dq", integerText(n)}, "/dq"},
		{"R09 qi not less than n", []any{"qi", full.plus(t, "qi", n)}, "/qi"},
		{"R10 d plus 2", []any{"d", full.plus(t, "d", two)}, "/d"},
		{"R10 d 1", []any{"d", "AQ"}, "/d"},
		{"R10 d 0", []any{"d", "AA"}, "/d"},
		{"R10 d is n", []any{"d", full["n"]}, "/d"},
		{"R10 d of another key", []any{"d", other["d"]}, "/d"},
		{"R11 p and q of another key", []any{"p", other["p"], "q", other["q"]}, "/p"},
		{"R11 p, q, dp, dq and qi of another key", []any{"p", other["p"], "q", other["q"], "dp", other["dp"], "dq", other["dq"], "qi", other["qi"]}, "/p"},
		{"R11 p of another key", []any{"p", other["p"]}, "/p"},
		{"R11 only p and q swapped", []any{"p", full["q"], "q", full["p"]}, "/dp"},
		{"R11 n of another key", []any{"n", public(t, "RSA-2048-multi-prime")["n"]}, "/p"},
		{"R12 p 1 and q n", []any{"p", "AQ", "q", full["n"]}, "/q"},
		{"R12 p n and q 1", []any{"p", full["n"], "q", "AQ"}, "/p"},
		{"R12 p 1", []any{"p", "AQ"}, "/p"},
		{"R12 q 1", []any{"q", "AQ"}, "/p"},
		{"R12 p 0", []any{"p", "AA"}, "/p"},
		{"R12 p even", []any{"p", full.plus(t, "p", one)}, "/p"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, full.with(tt.pairs...).json(t), jwk.ErrInvalid, tt.path)
		})
	}
	t.Run("q before p, with dp, dq and qi", func(t *testing.T) {
		checkSigns(t, rsaObject(t, 65537, q, p).key(t))
	})
	t.Run("R10 d is any inverse of e", func(t *testing.T) {
		// Every inverse makes the same key. Neither RFC 8017 nor FIPS 186-5 demands that a
		// reader accepts only the smallest.
		phi := new(big.Int).Mul(lessP, lessQ)
		d := integerText(new(big.Int).ModInverse(full.integer(t, "e"), phi))
		k := full.with("d", d).key(t)
		checkSigns(t, k)
		if least := rsaObject(t, 65537, p, q); least["d"] == d || !least.key(t).Equal(k) {
			t.Error("got an unequal key, or the same d")
		}
	})
	t.Run("R11 n divides p times q", func(t *testing.T) {
		// With a multiple of p in place of p, the comparisons of crypto/rsa succeed, because the
		// product is 0 modulo n.
		e := full.integer(t, "e")
		for c := int64(3); ; c += 2 {
			if c > 1000 {
				t.Fatal("no such key found")
			}
			p := new(big.Int).Mul(p, big.NewInt(c))
			lessP := new(big.Int).Sub(p, one)
			lcm := new(big.Int).Mul(lessP, lessQ)
			lcm.Div(lcm, new(big.Int).GCD(nil, nil, lessP, lessQ))
			d := new(big.Int).ModInverse(e, lcm)
			if d == nil || d.Cmp(n) >= 0 || p.Cmp(n) >= 0 {
				continue
			}
			o := full.with("d", integerText(d), "p", integerText(p),
				"dp", integerText(new(big.Int).Mod(d, lessP)),
				"dq", integerText(new(big.Int).Mod(d, lessQ)),
				"qi", integerText(new(big.Int).ModInverse(q, p)))
			checkRefused(t, o.json(t), jwk.ErrInvalid, "/p")
			return
		}
	})
	t.Run("R14 p and q are close", func(t *testing.T) {
		near := rsaPrimes(t, "close")
		o := rsaObject(t, 65537, near[0], near[1])
		checkRefused(t, o.json(t), jwk.ErrInvalid, "/n")
		checkRefused(t, o.without("p", "q", "dp", "dq", "qi").json(t), jwk.ErrInvalid, "/n")
		o.without("d", "p", "q", "dp", "dq", "qi").key(t) // the public key does not show that the primes are close
	})
	t.Run("p equals q", func(t *testing.T) {
		square := new(big.Int).Mul(p, p)
		checkRefused(t, full.with("n", integerText(square), "q", full["p"]).json(t), jwk.ErrInvalid, "/q")
	})
	t.Run("factors of very different sizes", func(t *testing.T) {
		// One factor is tiny, and the other one is n of the fixture. Parse must not panic.
		big3 := new(big.Int).Mul(p, q)
		for _, tiny := range []int64{3, 5, 7, 11} {
			data := object{"kty": "RSA", "n": integerText(new(big.Int).Mul(big.NewInt(tiny), big3)), "e": "AQAB",
				"d": full["d"], "p": integerText(big.NewInt(tiny)), "q": integerText(big3), "dp": "AQ", "dq": "AQ", "qi": "AQ"}.json(t)
			checkRefused(t, data, jwk.ErrInvalid, "/d")
			data = object{"kty": "RSA", "n": integerText(new(big.Int).Mul(big.NewInt(tiny), big3)), "e": "AQAB",
				"d": full["d"], "q": integerText(big.NewInt(tiny)), "p": integerText(big3), "dp": "AQ", "dq": "AQ", "qi": "AQ"}.json(t)
			checkRefused(t, data, jwk.ErrInvalid, "/d")
		}
	})
}

// TestRSAMultiPrime: if this fails, Parse refuses a sound key with more than two primes, or
// accepts one with an oth that contradicts the rest of the key.
func TestRSAMultiPrime(t *testing.T) {
	const name = "RSA-2048-multi-prime"
	full := fixture(t, name)
	third := func() object { return object(full["oth"].([]any)[0].(map[string]any)) }
	// alter returns the key with its third prime replaced.
	alter := func(pairs ...any) object { return full.with("oth", []any{third().with(pairs...)}) }
	two := big.NewInt(2)
	six := rsaPrimes(t, "six")

	for n := 4; n <= 5; n++ {
		t.Run(fmt.Sprintf("R13 %d primes", n), func(t *testing.T) {
			k, err := (&jwk.Parser{MinRSABits: 2000}).Parse(rsaObject(t, 65537, six[:n]...).json(t))
			if err != nil {
				t.Fatal(err)
			}
			checkSigns(t, k)
			priv, err := jwk.As[*rsa.PrivateKey](k)
			if err != nil || len(priv.Primes) != n {
				t.Fatalf("got %d primes, %v; want %d", len(priv.Primes), err, n)
			}
			for i, p := range priv.Primes {
				if p.Cmp(six[i]) != 0 {
					t.Errorf("prime %d: got another prime, want the one in the text", i)
				}
			}
			again, err := jwk.New(priv, nil)
			if err != nil && n == 5 {
				t.Fatal(err)
			}
			if err == nil && !again.Equal(k) {
				t.Error("New of the Go key: got another key")
			}
		})
	}
	t.Run("R13 six primes", func(t *testing.T) {
		checkRefused(t, rsaObject(t, 65537, six...).json(t), jwk.ErrPolicy, "/oth")
	})
	t.Run("R13 an unknown member in an element", func(t *testing.T) {
		alter("note", object{"d": 1}, "R", 1).key(t)
	})
	t.Run("R13 altered", func(t *testing.T) {
		for _, tt := range []struct {
			name string
			o    object
			want error
			path string
		}{
			{"r", alter("r", third().plus(t, "r", two)), jwk.ErrInvalid, "/oth"},
			{"r 1", alter("r", "AQ"), jwk.ErrInvalid, "/oth"},
			{"r is n", alter("r", full["n"]), jwk.ErrInvalid, "/oth"},
			{"r is p", alter("r", full["p"]), jwk.ErrInvalid, "/oth"},
			{"d", alter("d", third().plus(t, "d", two)), jwk.ErrInvalid, "/oth"},
			{"d not reduced", alter("d", integerText(new(big.Int).Sub(new(big.Int).Add(third().integer(t, "d"), third().integer(t, "r")), one))), jwk.ErrInvalid, "/oth"},
			{"d 1", alter("d", "AQ"), jwk.ErrInvalid, "/oth"},
			{"t", alter("t", third().plus(t, "t", one)), jwk.ErrInvalid, "/oth"},
			{"t not reduced", alter("t", integerText(new(big.Int).Add(third().integer(t, "t"), third().integer(t, "r")))), jwk.ErrInvalid, "/oth"},
			{"t 1", alter("t", "AQ"), jwk.ErrInvalid, "/oth"},
			{"p", full.with("p", full.plus(t, "p", two)), jwk.ErrInvalid, "/oth"},
			{"q", full.with("q", full.plus(t, "q", two)), jwk.ErrInvalid, "/oth"},
			{"p 1", full.with("p", "AQ"), jwk.ErrInvalid, "/p"},
			{"dp", full.with("dp", full.plus(t, "dp", two)), jwk.ErrInvalid, "/dp"},
			{"dq", full.with("dq", full.plus(t, "dq", two)), jwk.ErrInvalid, "/dq"},
			{"qi", full.with("qi", full.plus(t, "qi", one)), jwk.ErrInvalid, "/qi"},
			{"qi not reduced", full.with("qi", integerText(new(big.Int).Add(full.integer(t, "qi"), full.integer(t, "p")))), jwk.ErrInvalid, "/qi"},
			{"d of the key", full.with("d", full.plus(t, "d", two)), jwk.ErrInvalid, "/d"},
			{"e of the key", full.with("e", "AQAF"), jwk.ErrInvalid, "/d"},
			{"n", full.with("n", full.plus(t, "n", two)), jwk.ErrInvalid, "/oth"},
			{"p and q swapped", full.with("p", full["q"], "q", full["p"]), jwk.ErrInvalid, "/dp"},
			{"p and q swapped with dp and dq", full.with("p", full["q"], "q", full["p"], "dp", full["dq"], "dq", full["dp"]), jwk.ErrInvalid, "/qi"},
			{"oth missing", full.without("oth"), jwk.ErrInvalid, "/p"},
			{"the same prime twice", full.with("oth", []any{third(), third()}), jwk.ErrInvalid, "/oth"},
			{"empty beside two primes with the product n", fixture(t, "RSA-2048").with("oth", []any{}), jwk.ErrInvalid, "/oth"},
			{"beside two primes with the product n", fixture(t, "RSA-2048").with("oth", full["oth"]), jwk.ErrInvalid, "/oth"},
		} {
			t.Run(tt.name, func(t *testing.T) { checkRefused(t, tt.o.json(t), tt.want, tt.path) })
		}
	})
	t.Run("R13 each part of four primes", func(t *testing.T) {
		p := jwk.Parser{MinRSABits: 2000}
		o := rsaObject(t, 65537, six[:4]...)
		for i := range 2 {
			for _, part := range []string{"r", "d", "t"} {
				oth := slices.Clone(o["oth"].([]any))
				oth[i] = oth[i].(object).with(part, oth[i].(object).plus(t, part, two))
				_, err := p.Parse(o.with("oth", oth).json(t))
				checkError(t, err, jwk.ErrInvalid, "/oth")
			}
		}
		oth := o["oth"].([]any)
		_, err := p.Parse(o.with("oth", []any{oth[1], oth[0]}).json(t))
		checkError(t, err, jwk.ErrInvalid, "/oth")
	})
	t.Run("R13 the factors make a divisor of n", func(t *testing.T) {
		// Every check modulo a factor holds, but one factor is missing.
		five := rsaObject(t, 65537, six[:5]...)
		oth := five["oth"].([]any)
		checkRefused(t, five.with("oth", oth[:2]).json(t), jwk.ErrInvalid, "/oth")
	})
	t.Run("R13 a d that is not an inverse of e", func(t *testing.T) {
		// The CRT exponents belong to d, but d belongs to another e.
		o := rsaObject(t, 65539, six[:5]...)
		checkRefused(t, o.with("e", "AQAB").json(t), jwk.ErrInvalid, "/d")
	})
	t.Run("R13 form", func(t *testing.T) {
		for _, tt := range []struct {
			name string
			oth  any
			want error
		}{
			{"empty", []any{}, jwk.ErrInvalid},
			{"null", nil, jwk.ErrSyntax},
			{"an object", third(), jwk.ErrSyntax},
			{"a string", "AQAB", jwk.ErrSyntax},
			{"an array of strings", []any{"AQAB"}, jwk.ErrSyntax},
			{"an array of arrays", []any{[]any{third()}}, jwk.ErrSyntax},
			{"an array of null", []any{nil}, jwk.ErrSyntax},
			{"null after an object", []any{third(), nil}, jwk.ErrSyntax},
			{"an empty object", []any{object{}}, jwk.ErrInvalid},
			{"without r", []any{third().without("r")}, jwk.ErrInvalid},
			{"without d", []any{third().without("d")}, jwk.ErrInvalid},
			{"without t", []any{third().without("t")}, jwk.ErrInvalid},
			{"R in place of r", []any{third().without("r").with("R", third()["r"])}, jwk.ErrInvalid},
			{"r a number", []any{third().with("r", 5)}, jwk.ErrSyntax},
			{"d null", []any{third().with("d", nil)}, jwk.ErrSyntax},
			{"t an array", []any{third().with("t", []any{})}, jwk.ErrSyntax},
			{"r empty", []any{third().with("r", "")}, jwk.ErrInvalid},
			{"r zero", []any{third().with("r", "AA")}, jwk.ErrInvalid},
			{"r with a leading zero", []any{third().with("r", third().zeros(t, "r", 1))}, jwk.ErrInvalid},
			{"d with a leading zero", []any{third().with("d", third().zeros(t, "d", 1))}, jwk.ErrInvalid},
			{"t with a leading zero", []any{third().with("t", third().zeros(t, "t", 1))}, jwk.ErrInvalid},
			{"t with padding", []any{third().with("t", third()["t"].(string)+"=")}, jwk.ErrInvalid},
			{"r with a line feed", []any{third().with("r", third()["r"].(string)+"\n")}, jwk.ErrInvalid},
			{"four elements", []any{third(), third(), third(), third()}, jwk.ErrPolicy},
			{"very many elements", slices.Repeat([]any{third()}, 10_000), jwk.ErrPolicy},
		} {
			t.Run(tt.name, func(t *testing.T) {
				checkRefused(t, full.with("oth", tt.oth).json(t), tt.want, "/oth")
			})
		}
		text := strings.Replace(string(full.json(t)), `"oth":[{`, `"oth":[{"\u0072":"AQ",`, 1)
		checkRefused(t, []byte(text), jwk.ErrSyntax, "/oth")
	})
}

// primorial167 is M of CVE-2017-15361, the product of the primes up to 167.
func primorial167() *big.Int {
	m := big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			m.Mul(m, big.NewInt(p))
		}
	}
	return m
}

// structuredKey returns public RSA keys of 2048 bits with different moduli that are 65537^i
// modulo M. Only factoring would show that they are not products of two primes of that form.
func structuredKey() func(i int) string {
	m := primorial167()
	least := new(big.Int).Lsh(one, 2047)
	least.Sub(least, new(big.Int).Mod(least, m))
	least.Add(least, m)
	return func(i int) string {
		n := new(big.Int).Exp(big.NewInt(65537), big.NewInt(int64(i)), m)
		return fmt.Sprintf(`{"kty":"RSA","e":"AQAB","n":"%s"}`, integerText(n.Add(n, least)))
	}
}

// TestRSAStructuredModulus: if this fails, Parse accepts a key with the weakness
// CVE-2017-15361, or refuses a sound key that resembles one.
func TestRSAStructuredModulus(t *testing.T) {
	data, err := os.ReadFile("testdata/rsa.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ROCA []struct{ K, A string }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	m := primorial167()
	var primes []*big.Int
	for _, f := range file.ROCA {
		p, _ := new(big.Int).SetString(f.K, 16)
		a, _ := new(big.Int).SetString(f.A, 10)
		p.Mul(p, m)
		primes = append(primes, p.Add(p, new(big.Int).Exp(big.NewInt(65537), a, m)))
	}
	o := rsaObject(t, 65537, primes...)
	t.Run("CVE-2017-15361", func(t *testing.T) {
		checkRefused(t, o.json(t), jwk.ErrInvalid, "/n")
		checkRefused(t, o.without("p", "q", "dp", "dq", "qi").json(t), jwk.ErrInvalid, "/n")
		checkRefused(t, o.without("d", "p", "q", "dp", "dq", "qi").json(t), jwk.ErrInvalid, "/n")
		p := jwk.Parser{Lenient: true, MinRSABits: 1}
		_, err := p.Parse(o.json(t))
		checkError(t, err, jwk.ErrInvalid, "/n")
		_, err = jwk.New(&rsa.PublicKey{N: o.integer(t, "n"), E: 65537}, nil)
		checkError(t, err, jwk.ErrInvalid, "/n")
	})
	t.Run("a false alarm of the first test passes", func(t *testing.T) {
		// n is 65537 modulo 13, and 1 modulo all other primes in M. It is a power of 65537 modulo
		// each prime, and not modulo M.
		n := o.integer(t, "n")
		n.Sub(n, new(big.Int).Mod(n, m))
		rest := new(big.Int).Div(m, big.NewInt(13))
		// x = 1 + rest*y, with y such that x is 65537 modulo 13.
		y := new(big.Int).ModInverse(rest, big.NewInt(13))
		y.Mul(y, big.NewInt(65536)).Mod(y, big.NewInt(13))
		n.Add(n, one).Add(n, rest.Mul(rest, y))
		if n.Bit(0) == 0 {
			t.Fatal("n is even, want an odd number")
		}
		public(t, "RSA-2048").with("n", integerText(n)).key(t)
	})
	t.Run("one structured prime does not make a structured modulus", func(t *testing.T) {
		q := fixture(t, "RSA-2048").integer(t, "q")
		rsaObject(t, 65537, primes[0], q).key(t)
	})
}

// TestRSAFactorsOfNegativeSquare: with d = (n-2)/e, the square of the difference of the factors
// would be negative. Parse must not panic, as big.Int does when it takes the root of a negative
// number.
func TestRSAFactorsOfNegativeSquare(t *testing.T) {
	for _, e := range []int64{3, 17, 65537, 1<<31 - 1} {
		t.Run(fmt.Sprintf("R07 e %d", e), func(t *testing.T) {
			d := new(big.Int).Lsh(big.NewInt(3), 2046)
			d.Div(d, big.NewInt(e)).SetBit(d, 0, 1) // d is odd, so that n is odd
			n := new(big.Int).Mul(d, big.NewInt(e))
			n.Add(n, big.NewInt(2))
			o := object{"kty": "RSA", "n": integerText(n), "e": integerText(big.NewInt(e)), "d": integerText(d)}
			checkRefused(t, o.json(t), jwk.ErrInvalid, "/d")
		})
	}
}

// TestRSAPrimeOfOne: Parse and New must not panic for a prime of 1, as big.Int does modulo 0.
func TestRSAPrimeOfOne(t *testing.T) {
	full := fixture(t, "RSA-2048")
	short := full.without("dp", "dq", "qi")
	for name, pairs := range map[string][]any{
		"p": {"p", "AQ"}, "q": {"q", "AQ"}, "p and q": {"p", "AQ", "q", "AQ"},
	} {
		t.Run("R12 lenient, "+name, func(t *testing.T) {
			k, err := (&jwk.Parser{Lenient: true}).Parse(short.with(pairs...).json(t))
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, jwk.ErrInvalid, "/dp")
		})
	}
	n, d, p, q := full.integer(t, "n"), full.integer(t, "d"), full.integer(t, "p"), full.integer(t, "q")
	for name, primes := range map[string][]*big.Int{
		"p 1": {one, q}, "q 1": {p, one}, "both 1": {one, one}, "the third 1": {p, q, one}, "p 0": {new(big.Int), q}, "q 0": {p, new(big.Int)},
	} {
		t.Run("R12 New, "+name, func(t *testing.T) {
			k, err := jwk.New(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: primes}, nil)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, jwk.ErrInvalid, "")
		})
	}
}

// TestRSALenientKeepsLimits: Lenient removes a few zeros before a modulus, but not so many that
// the text exceeds the limit. Otherwise a peer could make it decode texts of any length.
func TestRSALenientKeepsLimits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		parser jwk.Parser
		o      object
	}{
		{"zeros before 8192 bits", jwk.Parser{}, public(t, "RSA-2048").with("n", ofBits(8192))},
		{"zeros before 2048 bits, the most that are allowed", jwk.Parser{MaxRSABits: 2048}, public(t, "RSA-2048")},
		{"zeros before n of a private key", jwk.Parser{MaxRSABits: 2048}, fixture(t, "RSA-2048")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			strict, lenient := tt.parser, tt.parser
			lenient.Lenient = true
			// Lenient repairs at most 8 zeros.
			if _, err := lenient.Parse(tt.o.with("n", tt.o.zeros(t, "n", 8)).json(t)); err != nil {
				t.Errorf("8 zeros: got %v, want a key", err)
			}
			for _, zeros := range []int{12, 100, 10_000} {
				text := tt.o.with("n", tt.o.zeros(t, "n", zeros)).json(t)
				for _, p := range []*jwk.Parser{&strict, &lenient} {
					k, err := p.Parse(text)
					if k != nil {
						t.Errorf("%d zeros, lenient %v: got %v, want no key", zeros, p.Lenient, k)
					}
					checkError(t, err, jwk.ErrPolicy, "/n")
				}
				s, err := lenient.ParseSet([]byte(setOf(string(text))))
				if err != nil || s.Len() != 0 {
					t.Errorf("%d zeros, in a set: got %v, %v; want no key", zeros, s, err)
				}
			}
		})
	}
}

// compositeFactors returns private keys that pass every check although a factor is not prime.
func compositeFactors(t testing.TB) map[string]object {
	t.Helper()
	six := rsaPrimes(t, "six")
	prime := fixture(t, "RSA-2048").integer(t, "p")
	composite, another := new(big.Int).Mul(six[0], six[1]), new(big.Int).Mul(six[2], six[3])
	return map[string]object{
		"p":          rsaObject(t, 65537, composite, prime),
		"q":          rsaObject(t, 65537, prime, composite),
		"p and q":    rsaObject(t, 65537, composite, another),
		"p, only d":  rsaObject(t, 65537, composite, prime).without("p", "q", "dp", "dq", "qi"),
		"p of three": rsaObject(t, 65537, composite, six[4], six[5]),
		"q of three": rsaObject(t, 65537, six[4], composite, six[5]),
		"r in oth":   rsaObject(t, 65537, six[4], six[5], composite),
	}
}

// TestRSACompositeFactors: Parse does not test whether a factor is prime. Signing fails with
// such a key, and the error is about the key, not about the algorithm.
func TestRSACompositeFactors(t *testing.T) {
	for name, o := range compositeFactors(t) {
		t.Run(name, func(t *testing.T) {
			k, err := (&jwk.Parser{MinRSABits: 2000}).Parse(o.json(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512} {
				signature, err := joseSigner(t, k, alg).SignPayload([]byte("header.payload"), jose.SignatureAlgorithm(alg))
				if signature != nil {
					t.Errorf("%s: got a signature of %d octets, want nil", alg, len(signature))
				}
				checkError(t, err, jwk.ErrInvalid, "")
			}
			signer, err := k.Signer()
			if err != nil {
				t.Fatal(err)
			}
			digest := sha256.Sum256([]byte("a message"))
			if _, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256); !errors.Is(err, rsa.ErrDecryption) {
				t.Errorf("Sign: got %v, want %v", err, rsa.ErrDecryption)
			}
			// A message to this key cannot be decrypted.
			pub, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			text, err := fixture(t, "P-256").key(t).Encrypt(&jwk.EncryptOptions{Recipient: pub})
			if err != nil {
				t.Fatal(err)
			}
			_, err = jwk.DecryptKey(text, &jwk.DecryptOptions{Key: k})
			checkError(t, err, jwk.ErrDecrypt, "*")
		})
	}
}

// TestRSAGenerateRefuses: if this fails, Generate makes an RSA key that Parse refuses, or one
// of an unusual size.
func TestRSAGenerateRefuses(t *testing.T) {
	for _, bits := range []int{-1, 1, 1024, 2040, 2047, 2049, 8200, 1 << 20} {
		t.Run(fmt.Sprintf("R15 %d bits", bits), func(t *testing.T) {
			k, err := jwk.Generate(jwk.RS256, &jwk.GenerateOptions{Bits: bits})
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, jwk.ErrPolicy, "")
		})
	}
}

// TestModulusLeftToAudit checks that Parse accepts a modulus that is a prime or a square. A
// check takes too long for a parser, and belongs in an audit.
func TestModulusLeftToAudit(t *testing.T) {
	root := new(big.Int).Lsh(big.NewInt(1), 1024)
	root.Sub(root, big.NewInt(3))
	for name, n := range map[string]*big.Int{
		"R01 perfect square": new(big.Int).Mul(root, root),
		"R01 prime":          mersenne2203(),
	} {
		t.Run(name, func(t *testing.T) {
			public(t, "RSA-2048").with("n", encoded(n.Bytes())).key(t)
		})
	}
}

// mersenne2203 is 2^2203-1, which is prime.
func mersenne2203() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), 2203)
	return n.Sub(n, big.NewInt(1))
}

// TestModulusInDER: a whole public key in DER in place of the modulus is refused, and the error
// names its form. Octets that only begin like DER are a modulus.
func TestModulusInDER(t *testing.T) {
	pub := public(t, "RSA-2048")
	material := pub.key(t).PublicKey().(*rsa.PublicKey)
	for _, tt := range []struct {
		name, form string
		octets     []byte
	}{
		{"SubjectPublicKeyInfo", "SubjectPublicKeyInfo", must[[]byte](t)(pub.key(t).MarshalDER())},
		{"SubjectPublicKeyInfo of 3072 bits", "SubjectPublicKeyInfo", must[[]byte](t)(public(t, "RSA-3072").key(t).MarshalDER())},
		{"SubjectPublicKeyInfo of RSASSA-PSS", "SubjectPublicKeyInfo", sequence(sequence(marshalASN1(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10})), bitString(x509.MarshalPKCS1PublicKey(material)))},
		{"RSAPublicKey", "RSAPublicKey", x509.MarshalPKCS1PublicKey(material)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check := func(err error) {
				t.Helper()
				checkError(t, err, jwk.ErrInvalid, "/n")
				if want := "a whole " + tt.form + " in DER"; !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			text := pub.with("n", encoded(tt.octets)).json(t)
			_, err := jwk.Parse(text)
			check(err)
			_, err = (&jwk.Parser{Lenient: true}).Parse(text)
			check(err)
			_, err = jwk.Parse(fixture(t, "RSA-2048").with("n", encoded(tt.octets)).json(t))
			check(err)
			n := new(big.Int).SetBytes(tt.octets)
			_, err = jwk.New(&rsa.PublicKey{N: n, E: 65537}, nil)
			check(err)
			_, err = jwk.ParseDER(x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: n, E: 65537}))
			check(err)

			for _, i := range []int{1, 3, 4} { // lengths, and the tag of the first element
				other := bytes.Clone(tt.octets)
				other[i]++
				if k, err := jwk.Parse(pub.with("n", encoded(other)).json(t)); err != nil {
					t.Errorf("octet %d changed: got %v, %v; want a key", i, k, err)
				}
			}
		})
	}
}

// TestExponentInDigits: the error for an e in decimal digits, as a string or as a number, shows
// the right form. Parse reads digits that are valid base64url as base64url.
func TestExponentInDigits(t *testing.T) {
	pub := public(t, "RSA-2048")
	const says = `a number in decimal digits, want its octets in base64url: 65537 is "AQAB"`
	for _, tt := range []struct {
		e    any
		kind error
		says string
	}{
		{"65537", jwk.ErrInvalid, says},
		{"3", jwk.ErrInvalid, says},
		{"17", jwk.ErrInvalid, says},
		{"257", jwk.ErrInvalid, says},
		{"010001", jwk.ErrInvalid, says}, // hexadecimal
		{65537, jwk.ErrSyntax, says},
		{3, jwk.ErrSyntax, says},
		{-1, jwk.ErrSyntax, "a number, want a string"},
		{65537.5, jwk.ErrSyntax, "a number, want a string"},
		{"0x10001", jwk.ErrInvalid, ""},
		{"", jwk.ErrInvalid, "empty"},
		{"AQAB=", jwk.ErrInvalid, "padding"},
		{nil, jwk.ErrSyntax, "null, want a string"},
	} {
		for _, p := range []*jwk.Parser{{}, {Lenient: true}} {
			_, err := p.Parse(pub.with("e", tt.e).json(t))
			if tt.e == "AQAB=" && p.Lenient {
				continue // Lenient removes the padding, and gives another error
			}
			checkError(t, err, tt.kind, "/e")
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("e %v: got %q, want %q in it", tt.e, err, tt.says)
			}
		}
	}
	if _, err := jwk.Parse(pub.without("e").json(t)); err == nil || err.Error() != "jwk: /e: missing" {
		t.Errorf("no e: got %v, want an error for the missing member", err)
	}
}
