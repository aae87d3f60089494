package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha3"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/mldsa"

	"github.com/seed1f6cf2d3/jwk"
)

// mldsaSets are the parameter sets of FIPS 204, with the octets of a public key, and the
// thumbprint of the key whose seed is all zero.
var mldsaSets = []struct {
	name       string
	params     mldsa.Parameters
	size       int
	thumbprint string
}{
	{"ML-DSA-44", mldsa.MLDSA44(), 1312, "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"},
	{"ML-DSA-65", mldsa.MLDSA65(), 1952, "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM"},
	{"ML-DSA-87", mldsa.MLDSA87(), 2592, "tRn1JNIkgMsABVQBlXeDHxAIcclh-2IX0UdDEzPt5XU"},
}

// TestAKPZeroSeed: New finds the parameter set of a Go key, and thumbprints do not change.
func TestAKPZeroSeed(t *testing.T) {
	for _, set := range mldsaSets {
		key, err := mldsa.NewPrivateKey(set.params, make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		for _, material := range []any{key, key.PublicKey()} {
			k, err := jwk.New(material, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := k.Thumbprint().String(); got != set.thumbprint {
				t.Errorf("%s: thumbprint: got %s, want %s", set.name, got, set.thumbprint)
			}
			if k.Algorithm() != jwk.Algorithm(set.name) || k.Type() != jwk.AKP || k.Bits() != 0 {
				t.Errorf("got %v, want an AKP key for %s", k, set.name)
			}
		}
	}
}

// TestAKPRefused: every check on AKP keys, each with an input that fails only this check.
func TestAKPRefused(t *testing.T) {
	for i, set := range mldsaSets {
		o, pub := fixture(t, set.name), public(t, set.name)
		seed, octets := o.octetsOf(t, "priv"), o.octetsOf(t, "pub")
		if len(octets) != set.size {
			t.Fatalf("%s: got %d octets, want %d", set.name, len(octets), set.size)
		}
		next := mldsaSets[(i+1)%len(mldsaSets)].name
		flipped := func(at int) string {
			b := bytes.Clone(octets)
			b[at] ^= 1
			return encoded(b)
		}
		zeroT1 := append(bytes.Clone(octets[:32]), make([]byte, set.size-32)...)
		for _, tt := range []struct {
			name string
			o    object
			want error
			path string
		}{
			{"P01 without alg", pub.without("alg"), jwk.ErrInvalid, "/alg"},
			{"P01 without alg, private", o.without("alg"), jwk.ErrInvalid, "/alg"},
			{"P01 alg null", pub.with("alg", nil), jwk.ErrSyntax, "/alg"},
			{"P01 alg empty", pub.with("alg", ""), jwk.ErrUnsupported, "/alg"},
			{"P01 alg in another case", pub.with("alg", strings.ToLower(set.name)), jwk.ErrUnsupported, "/alg"},
			{"P01 alg without its hyphens", pub.with("alg", strings.ReplaceAll(set.name, "-", "")), jwk.ErrUnsupported, "/alg"},
			{"P01 alg SLH-DSA", pub.with("alg", "SLH-DSA-SHA2-128s"), jwk.ErrUnsupported, "/alg"},
			{"P01 alg none", pub.with("alg", "none"), jwk.ErrUnsupported, "/alg"},
			{"P01 alg EdDSA", pub.with("alg", "EdDSA"), jwk.ErrUnsupported, "/alg"},
			{"P01 kty OKP", pub.with("kty", "OKP"), jwk.ErrInvalid, "/crv"},
			{"P01 kty akp", pub.with("kty", "akp"), jwk.ErrUnsupported, "/kty"},
			{"P02 alg of another size", pub.with("alg", next), jwk.ErrInvalid, "/pub"},
			{"P02 pub of another size", pub.with("pub", public(t, next)["pub"]), jwk.ErrInvalid, "/pub"},
			{"P02 pub missing", pub.without("pub"), jwk.ErrInvalid, "/pub"},
			{"P02 pub missing, private", o.without("pub"), jwk.ErrInvalid, "/pub"},
			{"P02 pub empty", pub.with("pub", ""), jwk.ErrInvalid, "/pub"},
			{"P02 pub null", pub.with("pub", nil), jwk.ErrSyntax, "/pub"},
			{"P02 pub one octet short", pub.with("pub", encoded(octets[1:])), jwk.ErrInvalid, "/pub"},
			{"P02 pub one octet long", pub.with("pub", encoded(append([]byte{0}, octets...))), jwk.ErrInvalid, "/pub"},
			{"P02 t1 all zero", pub.with("pub", encoded(zeroT1)), jwk.ErrInvalid, "/pub"},
			{"P02 all zero", pub.with("pub", encoded(make([]byte, set.size))), jwk.ErrInvalid, "/pub"},
			{"P03 priv of 31 octets", o.with("priv", encoded(seed[:31])), jwk.ErrInvalid, "/priv"},
			{"P03 priv of 33 octets", o.with("priv", encoded(append(bytes.Clone(seed), 0))), jwk.ErrInvalid, "/priv"},
			{"P03 priv of 2560 octets", o.with("priv", encoded(append(bytes.Clone(seed), make([]byte, 2528)...))), jwk.ErrInvalid, "/priv"},
			{"P03 priv of 4032 octets", o.with("priv", encoded(make([]byte, 4032))), jwk.ErrInvalid, "/priv"},
			{"P03 priv of 4896 octets", o.with("priv", encoded(make([]byte, 4896))), jwk.ErrInvalid, "/priv"},
			{"P03 priv empty", o.with("priv", ""), jwk.ErrInvalid, "/priv"},
			{"P03 priv null", o.with("priv", nil), jwk.ErrSyntax, "/priv"},
			{"P03 the seed of drafts", pub.with("seed", o["priv"]), jwk.ErrInvalid, "/seed"},
			{"P03 the seed of drafts beside priv", o.with("seed", o["priv"]), jwk.ErrInvalid, "/seed"},
			{"P03 the seed of drafts, null", pub.with("seed", nil), jwk.ErrInvalid, "/seed"},
			{"P03 d instead of priv", pub.with("d", o["priv"]), jwk.ErrInvalid, "/d"},
			{"P04 first bit of pub flipped", o.with("pub", flipped(0)), jwk.ErrInvalid, "/priv"},
			{"P04 last bit of pub flipped", o.with("pub", flipped(set.size-1)), jwk.ErrInvalid, "/priv"},
			{"P04 priv of another key", o.with("priv", encoded(make([]byte, 32))), jwk.ErrInvalid, "/priv"},
			{"P02 t1 all zero, private", o.with("pub", encoded(zeroT1)), jwk.ErrInvalid, "/pub"},
			{"use enc", pub.with("use", "enc"), jwk.ErrInvalid, "/use"},
			{"key_ops encrypt", pub.with("key_ops", []string{"encrypt"}), jwk.ErrInvalid, "/key_ops"},
		} {
			t.Run(set.name+" "+tt.name, func(t *testing.T) { checkRefused(t, tt.o.json(t), tt.want, tt.path) })
		}
		pub.with("pub", flipped(0)).key(t)
	}
}

// TestAKPSeedPlace: a "seed" is found, and the error has its place, even if the object has too many
// unknown members to keep all names, or the name has escapes. A secret must not pass as an unknown
// member.
func TestAKPSeedPlace(t *testing.T) {
	base := strings.TrimSuffix(string(public(t, "ML-DSA-44").json(t)), "}")
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, `,"m%d":{"seed":%d}`, i, i)
	}
	for name, text := range map[string]string{
		"alone":           base + `,"seed": "AAAA"}`,
		"with escapes":    base + `,"s\u0065ed": "AAAA"}`,
		"after many":      base + many.String() + `,"seed": "AAAA"}`,
		"among white":     " " + base + ` , "seed" : "AAAA" } `,
		"within a set":    `{"keys":[1,` + base + many.String() + `,"seed": "AAAA"}]}`,
		"before the rest": `{"seed": "AAAA",` + base[1:] + `}`,
	} {
		t.Run("P03 "+name, func(t *testing.T) {
			path, p := "/seed", &jwk.Parser{FailFast: true}
			if name == "within a set" {
				text, path = strings.Replace(text, "1,", "", 1), "/keys/0/seed"
				_, err := p.ParseSet([]byte(text))
				checkPlace(t, err, jwk.ErrInvalid, path, strings.Index(text, `"AAAA"`))
				return
			}
			_, err := p.Parse([]byte(text))
			checkPlace(t, err, jwk.ErrInvalid, path, strings.Index(text, `"AAAA"`))
		})
	}
	// It means nothing within other members, and in keys of other types.
	if k, err := jwk.Parse([]byte(base + many.String() + "}")); err != nil || k.IsPrivate() {
		t.Errorf("got %v, %v; want a public key", k, err)
	}
	if k := public(t, "P-256").with("seed", "AAAA").key(t); k.IsPrivate() {
		t.Errorf("got %v, want a public key", k)
	}
}

// packedT1 returns a public key with these coefficients of t1 (FIPS 204, Algorithms 16 and 22).
// Each has ten bits, the lowest first.
func packedT1(size int, coefficient func(i int) int) []byte {
	pub := append(bytes.Repeat([]byte{9}, 32), make([]byte, size-32)...)
	for bit := range (size - 32) * 8 {
		if coefficient(bit/10)>>(bit%10)&1 != 0 {
			pub[32+bit/8] |= 1 << (bit % 8)
		}
	}
	return pub
}

// TestAKPSmallT1: a public key is refused unless a quarter of the coefficients of its t1 are
// from 128 to 895, because anyone can sign for a t1 that is small modulo q.
func TestAKPSmallT1(t *testing.T) {
	for _, set := range mldsaSets {
		coefficients := (set.size - 32) * 8 / 10
		quarter := coefficients / 4
		// first and last make the first or last n coefficients large, and each makes one of
		// every so many large. The others are small.
		first := func(n, small, large int) func(int) int {
			return func(i int) int { return map[bool]int{true: large, false: small}[i < n] }
		}
		last := func(n, small, large int) func(int) int {
			return func(i int) int { return map[bool]int{true: large, false: small}[i >= coefficients-n] }
		}
		each := func(every, small, large int) func(int) int {
			return func(i int) int { return map[bool]int{true: large, false: small}[i%every == every-1] }
		}
		for _, tt := range []struct {
			name     string
			t1       func(i int) int
			accepted bool
		}{
			{"all 0", func(int) int { return 0 }, false},
			{"all 1", func(int) int { return 1 }, false},
			{"all 1023, which is all octets 0xff", func(int) int { return 1023 }, false},
			{"all 1022", func(int) int { return 1022 }, false},
			{"0 and 1023 in turn", each(2, 0, 1023), false},
			{"127 and 896 in turn", each(2, 127, 896), false},
			{"a few small ones", func(i int) int { return i % 5 }, false},
			{"all that are small", func(i int) int { return []int{i % 128, 896 + i%128}[i/128%2] }, false},
			{"one large one, the first", first(1, 0, 512), false},
			{"one large one, the last", last(1, 0, 512), false},
			{"all 127", func(int) int { return 127 }, false},
			{"all 128", func(int) int { return 128 }, true},
			{"all 895", func(int) int { return 895 }, true},
			{"all 896", func(int) int { return 896 }, false},
			{"a quarter, the first", first(quarter, 127, 128), true},
			{"a quarter less 1, the first", first(quarter-1, 127, 128), false},
			{"a quarter, the last", last(quarter, 896, 895), true},
			{"a quarter less 1, the last", last(quarter-1, 896, 895), false},
			{"each fourth 128", each(4, 0, 128), true},
			{"each fourth 895", each(4, 1023, 895), true},
			{"each fifth", each(5, 0, 512), false},
			{"all but the large ones of a quarter", first(coefficients-quarter, 500, 0), true},
		} {
			t.Run(set.name+" "+tt.name, func(t *testing.T) {
				octets := packedT1(set.size, tt.t1)
				for door, parse := range map[string]func() (*jwk.Key, error){
					"Parse": func() (*jwk.Key, error) {
						return jwk.Parse(public(t, set.name).with("pub", encoded(octets)).json(t))
					},
					"New": func() (*jwk.Key, error) {
						pub, err := mldsa.NewPublicKey(set.params, octets)
						if err != nil {
							t.Fatal(err)
						}
						return jwk.New(pub, nil)
					},
				} {
					k, err := parse()
					switch {
					case !tt.accepted:
						if k != nil {
							t.Errorf("%s: got %v, want no key", door, k)
						}
						checkError(t, err, jwk.ErrInvalid, "/pub")
					case err != nil:
						t.Errorf("%s: got %v, want a key", door, err)
					}
				}
				// In a private key, pub is checked before it is compared with priv.
				if !tt.accepted {
					checkRefused(t, fixture(t, set.name).with("pub", encoded(octets)).json(t), jwk.ErrInvalid, "/pub")
				}
			})
		}
		// A forger might fill pub with one octet. With 0x55 all coefficients are 341.
		for fill, accepted := range map[byte]bool{0x00: false, 0xff: false, 0x01: true, 0x55: true, 0x80: true} {
			octets := bytes.Repeat([]byte{fill}, set.size)
			k, err := jwk.Parse(public(t, set.name).with("pub", encoded(octets)).json(t))
			if got := err == nil; got != accepted {
				t.Errorf("%s, octets of %#x: got %v, %v, want accepted %v", set.name, fill, k, err, accepted)
			}
		}
	}
}

// TestAKPHonestT1: an honest key is far from being refused, because about three quarters of the
// coefficients of its t1 are from 128 to 895.
func TestAKPHonestT1(t *testing.T) {
	for _, set := range mldsaSets {
		least := 1.0
		for i := range 100 {
			key, err := mldsa.NewPrivateKey(set.params, bytes.Repeat([]byte{byte(i)}, 32))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := jwk.New(key, nil); err != nil {
				t.Errorf("%s, seed of %d: %v", set.name, i, err)
			}
			t1 := key.PublicKey().Bytes()[32:]
			large, coefficients := 0, len(t1)*8/10
			for j := range coefficients {
				c := 0
				for bit := range 10 {
					at := 10*j + bit
					c |= int(t1[at/8]>>(at%8)&1) << bit
				}
				if 128 <= c && c <= 895 {
					large++
				}
			}
			least = min(least, float64(large)/float64(coefficients))
		}
		if least < 0.65 {
			t.Errorf("%s: got %.2f of the coefficients, want about three quarters", set.name, least)
		}
	}
}

// TestAKPZeroT1 forges a signature for a t1 of zero, which shows why a small t1 is refused. In
// the equation that is verified (FIPS 204, Algorithm 8), t1 is in one term, which is zero here.
// With z and the hint zero, too, w1 is zero for every challenge.
func TestAKPZeroT1(t *testing.T) {
	set := mldsaSets[0]
	octets := append(bytes.Repeat([]byte{9}, 32), make([]byte, set.size-32)...)
	pub, err := mldsa.NewPublicKey(set.params, octets)
	if err != nil {
		t.Fatal(err)
	}
	_, err = jwk.New(pub, nil)
	checkError(t, err, jwk.ErrInvalid, "/pub")

	// The parameters of ML-DSA-44 (FIPS 204, Table 1), and the lengths that follow from them.
	const k, l, omega, bitsOfZ, octetsOfW1 = 4, 4, 80, 18, 768
	message := []byte("nobody has signed this")
	tr := sha3.SumSHAKE256(octets, 64)
	mu := sha3.SumSHAKE256(append(append(tr, 0, 0), message...), 64)
	sig := sha3.SumSHAKE256(append(mu, make([]byte, octetsOfW1)...), 32) // the challenge
	z := make([]byte, l*256*bitsOfZ/8)
	for i := range l * 256 { // 0 is encoded as 2^17
		at := bitsOfZ*i + bitsOfZ - 1
		z[at/8] |= 1 << (at % 8)
	}
	sig = append(sig, z...)
	sig = append(sig, make([]byte, omega+k)...) // no hint
	if err := mldsa.Verify(pub, message, sig, nil); err != nil {
		t.Errorf("the forged signature does not verify: %v", err)
	}
	octets[len(octets)-1] = 1
	sound, err := mldsa.NewPublicKey(set.params, octets)
	if err != nil {
		t.Fatal(err)
	}
	if err := mldsa.Verify(sound, message, sig, nil); err == nil {
		t.Error("the forged signature verifies under another key")
	}
}

// TestAKPSigner: keys sign the message itself, with an empty context and no other hash (RFC 9964).
func TestAKPSigner(t *testing.T) {
	for _, set := range mldsaSets {
		k := fixture(t, set.name).key(t)
		s, err := k.Signer()
		if err != nil {
			t.Fatal(err)
		}
		pub, err := jwk.As[*mldsa.PublicKey](public(t, set.name).key(t))
		if err != nil {
			t.Fatal(err)
		}
		if !pub.Equal(s.Public()) {
			t.Errorf("%s: Public: got another key", set.name)
		}
		for name, opts := range map[string]crypto.SignerOpts{"nil": nil, "no hash": crypto.Hash(0)} {
			sig, err := s.Sign(rand.Reader, []byte("message"), opts)
			if err != nil || mldsa.Verify(pub, []byte("message"), sig, nil) != nil {
				t.Errorf("%s, options %s: %v, or the signature does not verify", set.name, name, err)
			}
			if mldsa.Verify(pub, []byte("message"), sig, &mldsa.Options{Context: "x"}) == nil {
				t.Errorf("%s: the signature verifies in another context", set.name)
			}
		}
		if _, err := s.Sign(rand.Reader, make([]byte, 32), crypto.SHA256); err == nil {
			t.Errorf("%s: signed a digest", set.name)
		}
	}
}

// rfc9881 returns a file with a key of RFC 9881, Appendix C.
func rfc9881(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "rfc9881", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAKPVectors: the keys of RFC 9881, Appendix C, are read in all their forms, so that keys
// of other software are.
func TestAKPVectors(t *testing.T) {
	octets := must[[]byte](t)
	var seed [mldsa.PrivateKeySize]byte // 00 01 02 ... 1f
	for i := range seed {
		seed[i] = byte(i)
	}
	for _, set := range mldsaSets {
		t.Run(set.name, func(t *testing.T) {
			pub, err := jwk.ParsePEM(rfc9881(t, set.name+".pub"))
			public := theKey(t, pub, err)
			if public.IsPrivate() || string(public.Algorithm()) != set.name {
				t.Errorf("got %v, want a public key for %s", public, set.name)
			}
			for _, form := range []string{"seed", "both"} {
				priv, err := jwk.ParsePEM(rfc9881(t, set.name+"."+form))
				k := theKey(t, priv, err)
				key, err := jwk.As[*mldsa.PrivateKey](k)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(key.Bytes(), seed[:]) {
					t.Errorf("%s: got another seed than 000102...1f", form)
				}
				if !key.PublicKey().Equal(public.PublicKey()) {
					t.Errorf("%s: got another public key", form)
				}
				// It is always written as only the seed.
				if got, want := octets(k.MarshalPrivatePEM()), rfc9881(t, set.name+".seed"); !bytes.Equal(got, want) {
					t.Errorf("%s: MarshalPrivatePEM: got\n%s\nwant\n%s", form, got, want)
				}
				if got, want := octets(k.MarshalPEM()), rfc9881(t, set.name+".pub"); !bytes.Equal(got, want) {
					t.Errorf("%s: MarshalPEM: got\n%s\nwant\n%s", form, got, want)
				}
			}
		})
	}
}

// TestAKPExpanded: rho and tr of an expanded private key, its octets 0 to 31 and 64 to 127
// (FIPS 204, Algorithm 24), must belong to the seed. The other octets are not compared.
func TestAKPExpanded(t *testing.T) {
	for _, set := range mldsaSets {
		t.Run(set.name, func(t *testing.T) {
			file, _ := pem.Decode(rfc9881(t, set.name+".both"))
			seed, err := jwk.ParsePEM(rfc9881(t, set.name+".seed"))
			want := theKey(t, seed, err)
			start := len(file.Bytes) - map[string]int{"ML-DSA-44": 2560, "ML-DSA-65": 4032, "ML-DSA-87": 4896}[set.name]
			for i := range 160 {
				der := bytes.Clone(file.Bytes)
				der[start+i] ^= 1 << (i % 8)
				k, err := jwk.ParseDER(der)
				if compared := i < 32 || 64 <= i && i < 128; !compared {
					if err != nil || !k.Equal(want) {
						t.Errorf("octet %d altered: got %v, %v, want the key of the seed", i, k, err)
					}
					continue
				}
				if k != nil {
					t.Errorf("P04 octet %d altered: got %v, want no key", i, k)
				}
				checkError(t, err, jwk.ErrInvalid, "")
			}
			der := bytes.Clone(file.Bytes)
			der[len(der)-1] ^= 0x80
			if k, err := jwk.ParseDER(der); err != nil || !k.Equal(want) {
				t.Errorf("last octet altered: got %v, %v, want the key of the seed", k, err)
			}
		})
	}
}

// TestAKPLenient: Lenient repairs the base64url of pub and priv, and does not change alg, which
// is not base64url.
func TestAKPLenient(t *testing.T) {
	for _, set := range mldsaSets {
		clean := fixture(t, set.name)
		checkLenient(t, clean.with("priv", padded(clean["priv"].(string))).json(t), clean, jwk.ErrInvalid, deviation("priv", jwk.DeviationPadding))
		checkLenient(t, clean.with("pub", standardAlphabet(clean["pub"].(string))).json(t), clean, jwk.ErrInvalid, deviation("pub", jwk.DeviationAlphabet))
		checkLenient(t, clean.with("kid", nil).json(t), clean, jwk.ErrSyntax, deviation("kid", jwk.DeviationNull))
	}
	p := jwk.Parser{Lenient: true}
	for _, o := range []object{
		public(t, "ML-DSA-44").with("alg", nil), public(t, "ML-DSA-44").with("alg", "ML-DSA-44="), public(t, "ML-DSA-44").with("alg", "AB", "kid", nil),
		public(t, "ML-DSA-44").with("seed", nil), fixture(t, "ML-DSA-44").with("priv", encoded(append([]byte{0}, fixture(t, "ML-DSA-44").octetsOf(t, "priv")...))),
	} {
		if k, err := p.Parse(o.json(t)); k != nil || err == nil {
			t.Errorf("%.80s: got %v, %v; want an error", o.json(t), k, err)
		}
	}
}
