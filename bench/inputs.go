package main

import (
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
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// The inputs are the same in every run, because every random choice comes from a seed. The keys
// protect nothing.

// A kind is a kind of key.
type kind string

const (
	rsa2048     kind = "RSA-2048"
	p256        kind = "P-256"
	ed25519Kind kind = "Ed25519"
)

// mixed are the kinds of keys that providers publish today, and Ed25519, which more of them will
// publish.
var mixed = []kind{rsa2048, p256, ed25519Kind}

// An input is the text that a task works on, with the keys that libraries must find in it.
type input struct {
	text []byte // the key, or the set
	keys []inputKey
}

// An inputKey is a key of an input. The results of libraries are compared with it.
type inputKey struct {
	kid       string
	text      string        // the key as JSON
	canonical string        // the text that RFC 7638, Section 3, hashes
	goKey     any           // made with the standard library, not from JSON
	signer    crypto.Signer // for tokens; P-256 keys have one, and all keys of setOfSigners
	private   bool
	members   floorKey
}

func (k *inputKey) thumbprint() [32]byte { return sha256.Sum256([]byte(k.canonical)) }

// encode writes base64url without padding.
var encode = base64.RawURLEncoding.EncodeToString

// A source makes keys from a seed.
type source struct {
	rng *rand.ChaCha8
}

func newSource(seed string) source {
	return source{rand.NewChaCha8(sha256.Sum256([]byte(seed)))}
}

func (s source) octets(n int) []byte {
	b := make([]byte, n)
	s.rng.Read(b)
	return b
}

// kid returns a kid with 160 bits. It looks like a shortened thumbprint.
func (s source) kid() string { return encode(s.octets(20)) }

// key makes a key. The modulus of a public RSA key is only an odd number, and a public Ed25519
// key is only a coordinate in range, because the tasks need 100,000 keys and no parser checks
// more. Private keys are sound.
func (s source) key(kind kind, private bool, attributes ...string) (inputKey, error) {
	k := inputKey{kid: s.kid(), private: private}
	var material []string // names and values in turn
	switch kind {
	case rsa2048:
		pub := &rsa.PublicKey{N: s.modulus(), E: 65537}
		k.goKey = pub
		n, e := encode(pub.N.Bytes()), "AQAB"
		if private {
			priv, err := s.rsaPrivate()
			if err != nil {
				return inputKey{}, err
			}
			k.goKey, n = priv, encode(priv.N.Bytes())
			crt := priv.Precomputed
			for _, m := range []struct {
				name  string
				value *big.Int
			}{{"d", priv.D}, {"p", priv.Primes[0]}, {"q", priv.Primes[1]}, {"dp", crt.Dp}, {"dq", crt.Dq}, {"qi", crt.Qinv}} {
				material = append(material, m.name, encode(m.value.Bytes()))
			}
		}
		material = append([]string{"kty", "RSA", "alg", "RS256", "n", n, "e", e}, material...)
		k.canonical = fmt.Sprintf(`{"e":"%s","kty":"RSA","n":"%s"}`, e, n)
		k.members = floorKey{kind: kind, text: octetsOf(n, e)}
	case p256:
		d := s.octets(32)
		d[0] &= 0x7f // d must be less than the order
		priv, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		if err != nil {
			return inputKey{}, err
		}
		point, err := priv.PublicKey.Bytes()
		if err != nil {
			return inputKey{}, err
		}
		x, y := encode(point[1:33]), encode(point[33:])
		material = []string{"kty", "EC", "alg", "ES256", "crv", "P-256", "x", x, "y", y}
		k.goKey, k.signer = &priv.PublicKey, priv
		k.members = floorKey{kind: kind, text: octetsOf(x, y)}
		if private {
			material = append(material, "d", encode(d))
			k.goKey = priv
			k.members.text = append(k.members.text, []byte(encode(d)))
		}
		k.canonical = fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, x, y)
	case ed25519Kind:
		pub := s.octets(ed25519.PublicKeySize)
		pub[31] &= 0x3f // the coordinate must be less than the prime
		k.goKey = ed25519.PublicKey(pub)
		if private {
			seed := s.octets(ed25519.SeedSize)
			priv := ed25519.NewKeyFromSeed(seed)
			k.goKey, pub = priv, priv.Public().(ed25519.PublicKey)
			material = []string{"d", encode(seed)}
		}
		x := encode(pub)
		k.canonical = fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, x)
		k.members = floorKey{kind: kind, text: octetsOf(x)}
		if private {
			k.members.text = append(k.members.text, []byte(material[1]))
		}
		material = append([]string{"kty", "OKP", "alg", "EdDSA", "crv", "Ed25519", "x", x}, material...)
	default:
		return inputKey{}, fmt.Errorf("unknown kind of key %q", kind)
	}
	k.members.private = private
	k.text = object(append([]string{"kid", k.kid, "use", "sig"}, material...), attributes)
	return k, nil
}

// signing makes a public key with a signer.
func (s source) signing(kind kind) (inputKey, error) {
	k, err := s.key(kind, true)
	if err != nil {
		return inputKey{}, err
	}
	k.signer = k.goKey.(crypto.Signer)
	k.goKey = k.signer.Public()
	public, _, _ := strings.Cut(k.text, `,"d":`) // private members come last
	k.text = public + "}"
	k.private, k.members.private = false, false
	return k, nil
}

// object returns a JSON object with the given names and values, which alternate. A member in
// replaced takes the place of a member with the same name. A value that is an array is written
// as an array, and every other value as a string.
func object(members, replaced []string) string {
	for i := 0; i < len(replaced); i += 2 {
		found := false
		for j := 0; j < len(members); j += 2 {
			if members[j] == replaced[i] {
				members[j+1], found = replaced[i+1], true
			}
		}
		if !found {
			members = append(members, replaced[i], replaced[i+1])
		}
	}
	var b strings.Builder
	for i := 0; i < len(members); i += 2 {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		b.WriteByte(separator)
		if value := members[i+1]; strings.HasPrefix(value, "[") {
			fmt.Fprintf(&b, "%q:%s", members[i], value)
		} else {
			fmt.Fprintf(&b, "%q:%q", members[i], value)
		}
	}
	b.WriteByte('}')
	return b.String()
}

func octetsOf(texts ...string) [][]byte {
	list := make([][]byte, len(texts))
	for i, text := range texts {
		list[i] = []byte(text)
	}
	return list
}

// modulus returns an odd number of 2048 bits.
func (s source) modulus() *big.Int {
	b := s.octets(256)
	b[0] |= 0x80
	b[255] |= 1
	return new(big.Int).SetBytes(b)
}

// rsaPrivate makes a sound private key. It does not use crypto/rsa, which cannot take primes
// from a seed.
func (s source) rsaPrivate() (*rsa.PrivateKey, error) {
	e := big.NewInt(65537)
	one := big.NewInt(1)
	prime := func() *big.Int {
		b := s.octets(128)
		b[0] |= 0xc0 // so that the product has 2048 bits
		b[127] |= 1
		p := new(big.Int).SetBytes(b)
		for {
			p.Add(p, big.NewInt(2))
			rest := new(big.Int).Sub(p, one)
			if p.ProbablyPrime(0) && new(big.Int).GCD(nil, nil, e, rest).Cmp(one) == 0 {
				return p
			}
		}
	}
	p, q := prime(), prime()
	totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(e, totient),
		Primes:    []*big.Int{p, q},
	}
	k.Precompute()
	return k, k.Validate()
}

// oneKey returns a function that makes an input with one key.
func oneKey(kind kind, private bool) func() (*input, error) {
	return func() (*input, error) {
		k, err := newSource("one "+string(kind)).key(kind, private)
		if err != nil {
			return nil, err
		}
		return &input{text: []byte(k.text), keys: []inputKey{k}}, nil
	}
}

// setOf returns a function that makes an input with a set of n public keys of the given kinds
// in turn.
func setOf(n int, kinds ...kind) func() (*input, error) {
	return func() (*input, error) {
		s := newSource("set")
		keys := make([]inputKey, n)
		for i := range keys {
			var err error
			if keys[i], err = s.key(kinds[i%len(kinds)], false); err != nil {
				return nil, err
			}
		}
		return newSet(keys), nil
	}
}

// setOfSigners is like setOf, but its keys can sign tokens.
func setOfSigners(n int, kinds ...kind) func() (*input, error) {
	return func() (*input, error) {
		s := newSource("signers")
		keys := make([]inputKey, n)
		for i := range keys {
			var err error
			if keys[i], err = s.signing(kinds[i%len(kinds)]); err != nil {
				return nil, err
			}
		}
		return newSet(keys), nil
	}
}

func newSet(keys []inputKey) *input {
	var b strings.Builder
	b.WriteString(`{"keys":[`)
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(k.text)
	}
	b.WriteString(`]}`)
	return &input{text: []byte(b.String()), keys: keys}
}

// answers is the number of keys for encryption in a set from setWithAnswers.
const answers = 10

// setWithAnswers returns a function that makes an input with a set of n keys. Ten keys are for
// ECDH-ES+A256KW, as their use, key_ops and alg say. The others are for EdDSA.
func setWithAnswers(n int) func() (*input, error) {
	return func() (*input, error) {
		s := newSource("answers")
		keys := make([]inputKey, n)
		for i := range keys {
			var err error
			if i%(n/answers) == 0 {
				keys[i], err = s.key(p256, false, "use", "enc", "key_ops", `["deriveKey"]`, "alg", "ECDH-ES+A256KW")
			} else {
				keys[i], err = s.key(ed25519Kind, false, "key_ops", `["verify"]`)
			}
			if err != nil {
				return nil, err
			}
		}
		return newSet(keys), nil
	}
}

// certifiedSet returns a function that makes an input with a set of n RSA keys. The keys have the
// members that Microsoft publishes, but chains of three certificates instead of one.
func certifiedSet(n int) func() (*input, error) {
	return func() (*input, error) {
		a, err := authorities()
		if err != nil {
			return nil, err
		}
		s := newSource("certified")
		keys := make([]inputKey, n)
		for i := range keys {
			k, err := s.key(rsa2048, false)
			if err != nil {
				return nil, err
			}
			leaf, err := a.certify(k.kid, int64(i+100), k.goKey)
			if err != nil {
				return nil, err
			}
			standard := base64.StdEncoding.EncodeToString
			chain := []string{standard(leaf), standard(a.intermediate.Raw), standard(a.root.Raw)}
			digest := sha1.Sum(leaf)
			k.text = strings.TrimSuffix(k.text, "}") +
				fmt.Sprintf(`,"x5t":"%s","x5c":["%s"]}`, encode(digest[:]), strings.Join(chain, `","`))
			k.members.chain = octetsOf(chain...)
			k.members.text = append(k.members.text, []byte(encode(digest[:])))
			keys[i] = k
		}
		return newSet(keys), nil
	}
}

// An authority has a root certificate and an intermediate certificate.
type authority struct {
	root, intermediate *x509.Certificate
	key                crypto.Signer // the private key of the intermediate
}

// authorities makes the authority at the first call, which takes a second.
var authorities = sync.OnceValues(func() (*authority, error) {
	s := newSource("authorities")
	rootKey, err := s.rsaPrivate()
	if err != nil {
		return nil, err
	}
	key, err := s.rsaPrivate()
	if err != nil {
		return nil, err
	}
	root, err := certificate(template("root", 1, true), template("root", 1, true), rootKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	intermediate, err := certificate(template("intermediate", 2, true), root, key.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	return &authority{root, intermediate, key}, nil
})

// certify returns a certificate for a public key in DER.
func (a *authority) certify(name string, serial int64, key any) ([]byte, error) {
	c, err := certificate(template(name, serial, false), a.intermediate, key, a.key)
	if err != nil {
		return nil, err
	}
	return c.Raw, nil
}

func template(name string, serial int64, ca bool) *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"Benchmark"}},
		NotBefore:             time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		SignatureAlgorithm:    x509.SHA256WithRSA, // deterministic, so that inputs do not vary
		BasicConstraintsValid: ca,
		IsCA:                  ca,
	}
	if ca {
		t.KeyUsage = x509.KeyUsageCertSign
	}
	return t
}

func certificate(template, parent *x509.Certificate, pub any, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(nil, template, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// manyKIDs is the number of kids that the tasks for lookups use in turn, except those that use
// all.
const manyKIDs = 1024

// kids returns kids of a set or, for misses, kids of the same form that the set does not have.
// Each is a separate string, like the kid of a token. Successive kids are spread over the whole
// set by the golden ratio, because a timing has time for only a few lookups if each takes
// milliseconds.
func (in *input) kids(hit bool) []string {
	rng := rand.New(newSource("kids").rng)
	kids := make([]string, manyKIDs)
	for i := range kids {
		_, at := math.Modf(0.5 + float64(i)/math.Phi)
		kid := []byte(in.keys[int(at*float64(len(in.keys)))].kid)
		if !hit {
			kid[rng.IntN(len(kid))] = '.' // kids are in base64url, which has no dot
		}
		kids[i] = string(kid)
	}
	return kids
}

// allKIDs returns every kid of a set in random order, each as a separate string.
func (in *input) allKIDs() []string {
	kids := make([]string, len(in.keys))
	for i, at := range rand.New(newSource("all kids").rng).Perm(len(in.keys)) {
		kids[i] = strings.Clone(in.keys[at].kid)
	}
	return kids
}

// A round repeats items without end: the first follows the last.
type round[T any] struct {
	items []T
	at    int
}

// next returns the next item.
func (r *round[T]) next() T {
	item := r.items[r.at]
	if r.at++; r.at == len(r.items) {
		r.at = 0
	}
	return item
}

// sameKey returns an error unless two Go keys are equal.
func sameKey(a, b any) error {
	same := false
	switch k := a.(type) {
	case interface{ Equal(crypto.PublicKey) bool }:
		same = k.Equal(b)
	case interface{ Equal(crypto.PrivateKey) bool }:
		same = k.Equal(b)
	default:
		return fmt.Errorf("%T is not a Go key", a)
	}
	if !same {
		return errors.New("another Go key")
	}
	return nil
}
