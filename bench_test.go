package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// The names of benchmarks say what they measure. "Parse" and "ParseSet" make every check and
// build no Go key. "AndPublicKeys" also builds the Go keys. "Floor" is the minimum that the same
// input costs with only the standard library: it finds every quote, decodes every member and
// builds the Go keys, but parses no JSON and checks nothing.

// benchKeys returns n public keys of the given kinds in turn, the same in every run. Their
// values are random: RSA moduli are odd numbers and Ed25519 keys are coordinates in range,
// because parsing checks only this.
func benchKeys(tb testing.TB, n int, kinds ...string) []object {
	tb.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	octets := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	text := base64.RawURLEncoding.EncodeToString
	var keys []object
	for i := range n {
		var o object
		switch kind := kinds[i%len(kinds)]; kind {
		case "RSA-2048":
			o = object{"kty": "RSA", "n": oddModulus(rng, 2048), "e": "AQAB", "alg": "RS256"}
		case "P-256":
			d := octets(32)
			d[0] &= 0x7f // less than the order
			priv, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
			if err != nil {
				tb.Fatal(err)
			}
			point, err := priv.PublicKey.Bytes()
			if err != nil {
				tb.Fatal(err)
			}
			o = object{"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:]), "alg": "ES256"}
		case "Ed25519":
			x := octets(32)
			x[31] &= 0x3f // less than the prime
			o = object{"kty": "OKP", "crv": "Ed25519", "x": text(x), "alg": "EdDSA"}
		default:
			tb.Fatalf("unknown kind %q", kind)
		}
		keys = append(keys, o.with("use", "sig", "kid", text(octets(20))))
	}
	return keys
}

// mixedKeys returns n public keys: RSA-2048, P-256 and Ed25519 in turn.
func mixedKeys(tb testing.TB, n int) []object {
	return benchKeys(tb, n, "RSA-2048", "P-256", "Ed25519")
}

// certifiedKeys returns n RSA keys, each with a chain of three certificates and an x5t, the same
// in every run. The signatures are PKCS #1 v1.5, which has no random choice.
func certifiedKeys(tb testing.TB, n int) []object {
	tb.Helper()
	signer := signerOf(tb, "RSA-2048")
	certify := func(name string, serial int64, public crypto.PublicKey) []byte {
		template := &x509.Certificate{
			SerialNumber:       big.NewInt(serial),
			Subject:            pkix.Name{CommonName: name, Organization: []string{"Benchmark"}},
			NotBefore:          time.Unix(1_700_000_000, 0),
			NotAfter:           time.Unix(2_000_000_000, 0),
			KeyUsage:           x509.KeyUsageDigitalSignature,
			SignatureAlgorithm: x509.SHA256WithRSA,
		}
		der, err := x509.CreateCertificate(nil, template, template, public, signer)
		if err != nil {
			tb.Fatal(err)
		}
		return der
	}
	intermediate, root := certify("intermediate", 2, signer.Public()), certify("root", 1, signer.Public())
	keys := benchKeys(tb, n, "RSA-2048")
	for i, o := range keys {
		leaf := certify("leaf", int64(100+i), o.key(tb).PublicKey())
		digest := sha1.Sum(leaf)
		keys[i] = o.with("x5t", encoded(digest[:]), "x5c", x5c(leaf, intermediate, root))
	}
	return keys
}

// benchSet returns the text of a set of keys.
func benchSet(tb testing.TB, keys []object) []byte {
	tb.Helper()
	var entries []string
	for _, o := range keys {
		entries = append(entries, string(o.json(tb)))
	}
	return []byte(setOf(entries...))
}

// benchKinds are the kinds of key to parse: names of fixtures, which benchKind makes public if
// they do not end in "-private".
var benchKinds = []string{
	"RSA-2048", "RSA-3072", "P-256", "P-384", "P-521", "secp256k1", "Ed25519", "X25519", "Ed448", "X448",
	"ML-DSA-44", "ML-DSA-87", "oct-256",
	"RSA-2048-private", "P-256-private", "secp256k1-private", "Ed25519-private", "Ed448-private", "ML-DSA-44-private",
}

// benchKind returns the text of a key of one of benchKinds.
func benchKind(tb testing.TB, kind string) []byte {
	name, private := strings.CutSuffix(kind, "-private")
	if private || name == "oct-256" {
		return fixture(tb, name).with("kid", "a", "use", "sig").json(tb)
	}
	if name == "X25519" || name == "X448" {
		return public(tb, name).with("kid", "a", "use", "enc").json(tb)
	}
	return public(tb, name).with("kid", "a", "use", "sig").json(tb)
}

func BenchmarkParse(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			text := benchKind(b, kind)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := jwk.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseSet(b *testing.B) {
	for _, n := range []int{3, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := benchSet(b, mixedKeys(b, n))
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if s, err := jwk.ParseSet(text); err != nil || s.Len() != n {
					b.Fatal(s, err)
				}
			}
		})
	}
	b.Run("10 with x5c", func(b *testing.B) {
		text := benchSet(b, certifiedKeys(b, 10))
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if s, err := jwk.ParseSet(text); err != nil || s.Len() != 10 {
				b.Fatal(s, err)
			}
		}
	})
}

func BenchmarkParseSetAndPublicKeys(b *testing.B) {
	for _, n := range []int{3, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := benchSet(b, mixedKeys(b, n))
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s, err := jwk.ParseSet(text)
				if err != nil {
					b.Fatal(err)
				}
				for k := range s.All() {
					if k.PublicKey() == nil {
						b.Fatal("no key")
					}
				}
			}
		})
	}
}

// encryptedSetInput returns a set of 100 public keys, its text, and the key that it is encrypted
// to by A256KW, also as octets for go-jose.
func encryptedSetInput(b *testing.B) (s *jwk.Set, text []byte, key *jwk.Key, octets []byte) {
	b.Helper()
	text = benchSet(b, mixedKeys(b, 100))
	o := fixture(b, "oct-256").with("kid", "a", "alg", "A256KW")
	return parsed(b, text, 100), text, o.key(b), decoded(b, o["k"].(string))
}

// BenchmarkEncryptSet encrypts a set. go-jose does the same from the text of the set.
func BenchmarkEncryptSet(b *testing.B) {
	s, text, key, octets := encryptedSetInput(b)
	b.Run("100", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := s.Encrypt(&jwk.EncryptOptions{Recipient: key}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("100, go-jose from the text", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.A256KW, Key: octets, KeyID: "a"},
				new(jose.EncrypterOptions).WithContentType("jwk-set+json"))
			if err != nil {
				b.Fatal(err)
			}
			jwe, err := encrypter.Encrypt(text)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := jwe.CompactSerialize(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDecryptSet decrypts a set and parses it. go-jose only decrypts it: compare its time with
// the difference of the other two.
func BenchmarkDecryptSet(b *testing.B) {
	s, text, key, octets := encryptedSetInput(b)
	jwe := encryptedSet(b, s, &jwk.EncryptOptions{Recipient: key})
	b.Run("100", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := jwk.DecryptSet(jwe, &jwk.DecryptOptions{Key: key}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("100, only ParseSet", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := jwk.ParseSet(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("100, go-jose to the text", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			parsed, err := jose.ParseEncryptedCompact(string(jwe),
				[]jose.KeyAlgorithm{jose.A256KW}, []jose.ContentEncryption{jose.A256GCM})
			if err != nil {
				b.Fatal(err)
			}
			if plain, err := parsed.Decrypt(octets); err != nil || len(plain) != len(text) {
				b.Fatal(len(plain), err)
			}
		}
	})
}

// A floorKey is a key for BenchmarkFloor: its members are found before the benchmark starts.
type floorKey struct {
	kty   string
	text  [2][]byte // n and e, or x and y, or x
	x5t   []byte
	chain [][]byte // x5c
}

// floorKeys returns the floorKey for each key.
func floorKeys(keys []object) []floorKey {
	var list []floorKey
	text := func(v any) []byte { s, _ := v.(string); return []byte(s) }
	for _, o := range keys {
		k := floorKey{kty: o["kty"].(string), text: [2][]byte{text(o["x"]), text(o["y"])}}
		if k.kty == "RSA" {
			k.text = [2][]byte{text(o["n"]), text(o["e"])}
		}
		if chain, ok := o["x5c"].([]string); ok {
			k.x5t = text(o["x5t"])
			for _, certificate := range chain {
				k.chain = append(k.chain, []byte(certificate))
			}
		}
		list = append(list, k)
	}
	return list
}

var floorSink crypto.PublicKey

// floorRoom is the size of the memory that floor needs. It holds the longest certificate.
const floorRoom = 2048 // octets

// floor does the minimum of work for a set: it scans the text for quotes, decodes the members
// into buf and builds the Go keys.
func floor(b *testing.B, text []byte, keys []floorKey, buf []byte) {
	quotes := 0
	for rest := text; ; quotes++ {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	if quotes == 0 {
		b.Fatal("no quotes")
	}
	decode := func(dst, text []byte) []byte {
		n, err := base64.RawURLEncoding.Decode(dst, text)
		if err != nil {
			b.Fatal(err)
		}
		return dst[:n]
	}
	for _, k := range keys {
		for _, certificate := range k.chain {
			if _, err := base64.StdEncoding.Decode(buf, certificate); err != nil {
				b.Fatal(err)
			}
		}
		decode(buf, k.x5t)
		switch k.kty {
		case "RSA":
			n := new(big.Int).SetBytes(decode(buf, k.text[0]))
			e := 0
			for _, octet := range decode(buf, k.text[1]) {
				e = e<<8 | int(octet)
			}
			floorSink = &rsa.PublicKey{N: n, E: e}
		case "EC":
			buf[0] = 4
			x := decode(buf[1:], k.text[0])
			y := decode(buf[1+len(x):], k.text[1])
			pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), buf[:1+len(x)+len(y)])
			if err != nil {
				b.Fatal(err)
			}
			floorSink = pub
		default:
			floorSink = ed25519.PublicKey(decode(make([]byte, ed25519.PublicKeySize), k.text[0]))
		}
	}
}

func BenchmarkFloor(b *testing.B) {
	for _, kind := range []string{"RSA-2048", "P-256", "Ed25519"} {
		b.Run(kind, func(b *testing.B) {
			text, keys := benchKind(b, kind), floorKeys([]object{public(b, kind)})
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			buf := make([]byte, floorRoom)
			for b.Loop() {
				floor(b, text, keys, buf)
			}
		})
	}
	for _, n := range []int{3, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			keys := mixedKeys(b, n)
			text, list := benchSet(b, keys), floorKeys(keys)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			buf := make([]byte, floorRoom)
			for b.Loop() {
				floor(b, text, list, buf)
			}
		})
	}
	// The part of crypto/ecdsa and crypto/ed25519 in parsing a private key: the public half is
	// derived from d, because d must belong to it.
	b.Run("P-256-private, only crypto_ecdsa", func(b *testing.B) {
		priv, err := jwk.As[*ecdsa.PrivateKey](fixture(b, "P-256").key(b))
		if err != nil {
			b.Fatal(err)
		}
		d, err := priv.Bytes()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Ed25519-private, only NewKeyFromSeed", func(b *testing.B) {
		priv, err := jwk.As[ed25519.PrivateKey](fixture(b, "Ed25519").key(b))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			floorSink = ed25519.NewKeyFromSeed(priv.Seed())
		}
	})
	b.Run("10 with x5c", func(b *testing.B) {
		keys := certifiedKeys(b, 10)
		text, list := benchSet(b, keys), floorKeys(keys)
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		buf := make([]byte, floorRoom)
		for b.Loop() {
			floor(b, text, list, buf)
		}
	})
	// The part of crypto/rsa in parsing a private key: it checks the key and precomputes values.
	b.Run("RSA-2048-private, only Precompute", func(b *testing.B) {
		priv, err := jwk.As[*rsa.PrivateKey](fixture(b, "RSA-2048").key(b))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			key := &rsa.PrivateKey{PublicKey: priv.PublicKey, D: priv.D, Primes: priv.Primes}
			crt := priv.Precomputed
			key.Precomputed = rsa.PrecomputedValues{Dp: crt.Dp, Dq: crt.Dq, Qinv: crt.Qinv}
			key.Precompute()
		}
	})
}

// benchSizes are the numbers of keys in the sets for BenchmarkLookup.
var benchSizes = []int{3, 10, 100, 1000, 100_000}

// benchKIDs returns kids of keys in random order, each in its own memory. If hit is false, it
// returns kids of the same form that no key has.
func benchKIDs(keys []object, hit bool) []string {
	rng := newRand(3)
	kids := make([]string, 1024)
	for i := range kids {
		kid := []byte(keys[rng.IntN(len(keys))]["kid"].(string))
		if !hit {
			kid[rng.IntN(len(kid))] = '.' // no kid contains a dot
		}
		kids[i] = string(kid)
	}
	return kids
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range benchSizes {
		keys := benchKeys(b, n, "Ed25519")
		s := parsed(b, benchSet(b, keys), n)
		bare := make(map[string]*jwk.Key, n)
		for k := range s.All() {
			bare[k.KeyID()] = k
		}
		for _, what := range []string{"hit", "miss"} {
			kids := benchKIDs(keys, what == "hit")
			want := what == "hit"
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, ok := s.Lookup(kids[i%len(kids)]); ok != want {
						b.Fatal(ok)
					}
				}
			})
			b.Run(fmt.Sprintf("%s, bare map/%d", what, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, ok := bare[kids[i%len(kids)]]; ok != want {
						b.Fatal(ok)
					}
				}
			})
		}
	}
}

// BenchmarkSelect measures four queries, each with ten results in a set of n keys. "by hand" is the
// loop that a user of go-jose writes for the query: it looks only at the members that it names.
func BenchmarkSelect(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		for _, tt := range []struct {
			name   string
			with   []any // members of the ten keys
			q      jwk.Query
			byHand func(keys []jose.JSONWebKey) int // nil if go-jose does not read the member
		}{
			{"use", []any{"use", "enc", "alg", "ECDH-ES"}, jwk.Query{Use: jwk.UseEnc},
				func(keys []jose.JSONWebKey) (found int) {
					for i := range keys {
						if keys[i].Use == "enc" {
							found++
						}
					}
					return found
				}},
			{"op", []any{"use", "enc", "key_ops", []string{"deriveKey"}, "alg", "ECDH-ES"}, jwk.Query{Ops: jwk.OpDeriveKey}, nil},
			{"alg", []any{"use", "enc", "alg", "ECDH-ES+A256KW"}, jwk.Query{Algorithm: jwk.ECDHESA256KW},
				func(keys []jose.JSONWebKey) (found int) {
					for i := range keys {
						if keys[i].Algorithm == "ECDH-ES+A256KW" {
							found++
						}
					}
					return found
				}},
			{"alg and op", []any{"alg", "ES256"}, jwk.Query{Algorithm: jwk.ES256, Ops: jwk.OpVerify},
				func(keys []jose.JSONWebKey) (found int) {
					for i := range keys {
						if keys[i].Algorithm == "ES256" && keys[i].Use != "enc" {
							found++
						}
					}
					return found
				}},
		} {
			keys := benchKeys(b, n, "Ed25519")
			answers := benchKeys(b, 10, "P-256")
			for i, o := range answers {
				keys[i*(n/10)] = o.with(tt.with...)
			}
			text := benchSet(b, keys)
			b.Run(fmt.Sprintf("%s/%d", tt.name, n), func(b *testing.B) {
				s := parsed(b, text, n)
				for range s.Select(tt.q) { // builds the classes of keys
				}
				b.ReportAllocs()
				for b.Loop() {
					found := 0
					for range s.Select(tt.q) {
						found++
					}
					if found != 10 {
						b.Fatalf("got %d keys, want 10", found)
					}
				}
			})
			if tt.byHand == nil {
				continue
			}
			b.Run(fmt.Sprintf("%s by hand/%d", tt.name, n), func(b *testing.B) {
				var s jose.JSONWebKeySet
				if err := json.Unmarshal(text, &s); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if found := tt.byHand(s.Keys); found != 10 {
						b.Fatalf("got %d keys, want 10", found)
					}
				}
			})
		}
	}
}

func BenchmarkThumbprint(b *testing.B) {
	const n = 4096 // fresh keys at a time
	for _, kind := range []string{"RSA-2048", "P-256", "Ed25519"} {
		keys := benchKeys(b, n, kind)
		text := benchSet(b, keys)
		var canonical [][]byte // RFC 7638, Section 3
		for _, o := range keys {
			required := make(object)
			for _, name := range []string{"kty", "crv", "n", "e", "x", "y"} {
				if value, ok := o[name]; ok {
					required[name] = value
				}
			}
			canonical = append(canonical, required.json(b)) // encoding/json sorts
		}
		s := parsed(b, text, n)
		for i, k := range []*jwk.Key{s.At(0), s.At(n - 1)} {
			if got := k.Thumbprint(); got != sha256.Sum256(canonical[i*(n-1)]) {
				b.Fatalf("got thumbprint %v, want the digest of %s", got, canonical[i*(n-1)])
			}
		}
		b.Run("first/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			var s *jwk.Set
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					b.StopTimer()
					s = parsed(b, text, n)
					b.StartTimer()
				}
				s.At(i % n).Thumbprint()
			}
		})
		b.Run("bare SHA-256/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sha256.Sum256(canonical[i%n])
			}
		})
		b.Run("later/"+kind, func(b *testing.B) {
			k := s.At(0)
			b.ReportAllocs()
			for b.Loop() {
				k.Thumbprint()
			}
		})
	}
}

func BenchmarkMarshalJSON(b *testing.B) {
	for _, kind := range []string{"RSA-2048", "Ed25519"} {
		text := benchKind(b, kind)
		k, err := jwk.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := k.MarshalJSON(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+", a copy", func(b *testing.B) {
			var sink []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				sink = append([]byte(nil), text...)
			}
			_ = sink
		})
	}
	b.Run("set of 100", func(b *testing.B) {
		text := benchSet(b, mixedKeys(b, 100))
		s := parsed(b, text, 100)
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := s.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkKeyIDToPublicKey measures the work of a service for each token: from its kid to the
// Go public key.
func BenchmarkKeyIDToPublicKey(b *testing.B) {
	for _, n := range []int{3, 10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			keys := mixedKeys(b, n)
			s := parsed(b, benchSet(b, keys), n)
			for k := range s.All() {
				k.PublicKey() // builds the Go keys
			}
			kids := benchKIDs(keys, true)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				k, ok := s.Lookup(kids[i%len(kids)])
				if !ok || k.PublicKey() == nil {
					b.Fatal("no key")
				}
			}
		})
	}
}

// BenchmarkAs measures the step from a Key to its Go key, and BenchmarkKeyIDToAs the whole way from
// a kid.
func BenchmarkAs(b *testing.B) {
	for _, kind := range []string{"RSA-2048", "P-256", "Ed25519"} {
		private := fixture(b, kind).key(b)
		half := public(b, kind).key(b)
		half.PublicKey() // builds the Go key
		switch kind {
		case "RSA-2048":
			benchAs[*rsa.PublicKey](b, kind, half)
			benchAs[*rsa.PrivateKey](b, kind, private)
		case "P-256":
			benchAs[*ecdsa.PublicKey](b, kind, half)
			benchAs[*ecdsa.PrivateKey](b, kind, private)
		case "Ed25519":
			benchAs[ed25519.PublicKey](b, kind, half)
			benchAs[ed25519.PrivateKey](b, kind, private)
		}
		benchAs[crypto.PublicKey](b, kind, half)
		benchAs[crypto.Signer](b, kind, private)
	}
}

func benchAs[T any](b *testing.B, kind string, k *jwk.Key) {
	b.Run(fmt.Sprintf("%s/%T", kind, (*T)(nil)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jwk.As[T](k); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkKeyIDToAs(b *testing.B) {
	for _, n := range []int{3, 100} {
		keys := benchKeys(b, n, "RSA-2048")
		s := parsed(b, benchSet(b, keys), n)
		for k := range s.All() {
			k.PublicKey() // builds the Go keys
		}
		kids := benchKIDs(keys, true)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				k, ok := s.Lookup(kids[i%len(kids)])
				if !ok {
					b.Fatal("no key")
				}
				if _, err := jwk.As[*rsa.PublicKey](k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemory reports the memory that a key of a large set holds, including its text: before
// and after the first call of PublicKey.
func BenchmarkMemory(b *testing.B) {
	const n = 10_000
	text := benchSet(b, benchKeys(b, n, "RSA-2048"))
	var s *jwk.Set
	alive := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	b.Run("RSA-2048", func(b *testing.B) {
		var parsedSize, askedSize float64
		runs := 0.0
		for b.Loop() {
			s = nil
			before := alive()
			s = parsed(b, text, n)
			parsedSize += alive() - before
			for k := range s.All() {
				k.PublicKey()
			}
			askedSize += alive() - before
			runs++
		}
		b.ReportMetric(parsedSize/n/runs, "bytes/key")
		b.ReportMetric(askedSize/n/runs, "bytes/key-asked")
	})
	runtime.KeepAlive(s)
	runtime.KeepAlive(text)
}

// BenchmarkHostile parses documents that an attacker would choose because they cost much time.
func BenchmarkHostile(b *testing.B) {
	members := make(map[string]int)
	for i := range 50_000 {
		members[fmt.Sprintf("member-%d", i)] = i
	}
	manyMembers, err := json.Marshal(members)
	if err != nil {
		b.Fatal(err)
	}
	var sameKID []string
	for i := range 10_000 {
		sameKID = append(sameKID, string(public(b, "Ed25519").with("kid", "a", "note", i).json(b)))
	}
	var structured []string
	for i, key := 0, structuredKey(); i < 10_000; i++ {
		structured = append(structured, key(i))
	}
	for _, tt := range []struct{ name, text string }{
		{"10000 keys of the ROCA form", setOf(structured...)},
		{"10000 entries of an unknown type", setOf(slices.Repeat([]string{`{"kty":"X","kid":"a","x":{"y":[1,2,3]}}`}, 10_000)...)},
		{"10000 empty entries", setOf(slices.Repeat([]string{`{}`}, 10_000)...)},
		{"10000 keys of one kid", setOf(sameKID...)},
		{"one entry of 50000 members", setOf(string(manyMembers))},
		{"one entry of 60000 objects", setOf(`{"a":[` + strings.Repeat(`{"":[],"k":{}},`, 30_000) + `0]}`)},
		{"one modulus of a megabyte", setOf(`{"kty":"RSA","e":"AQAB","n":"` + strings.Repeat("A", 1<<20) + `"}`)},
	} {
		b.Run(tt.name, func(b *testing.B) {
			text := []byte(tt.text)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := jwk.ParseSet(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDiff compares two sets that differ in one of 100 keys, and two hostile sets: their
// 10,000 keys all have the same kid, and no key is in both sets.
func BenchmarkDiff(b *testing.B) {
	keys := mixedKeys(b, 100)
	s := parsed(b, benchSet(b, keys), 100)
	keys[50] = keys[50].with("note", 1)
	hostile := func(sign int) *jwk.Set {
		var list []object
		for i := range 10_000 {
			list = append(list, keys[2].with("kid", "a", "note", sign*(i+1)))
		}
		return parsed(b, benchSet(b, list), 10_000)
	}
	for _, tt := range []struct {
		name      string
		old, next *jwk.Set
		changed   int
	}{
		{"100", s, parsed(b, benchSet(b, keys), 100), 1},
		{"10000 of one kid", hostile(1), hostile(-1), 10_000},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := tt.old.Diff(tt.next); len(d.Changed) != tt.changed {
					b.Fatalf("got %d changed, want %d", len(d.Changed), tt.changed)
				}
			}
		})
	}
}

// BenchmarkWithAttributes changes the attributes of a key, which must not check its material
// again.
func BenchmarkWithAttributes(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			k, err := jwk.Parse(benchKind(b, kind))
			if err != nil {
				b.Fatal(err)
			}
			a := k.Attributes()
			a.KeyID = "b"
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.WithAttributes(a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWithKeyID(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			k, err := jwk.Parse(benchKind(b, kind))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.WithKeyID("b"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublic(b *testing.B) {
	for _, kind := range benchKinds {
		name, private := strings.CutSuffix(kind, "-private")
		if !private {
			continue
		}
		b.Run(name, func(b *testing.B) {
			k, err := jwk.Parse(benchKind(b, kind))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Public(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
