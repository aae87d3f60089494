package integration

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
)

// An input is a text on which this package and a peer may differ.
type input struct {
	text   []byte
	object        // as encoding/json reads it
	err    error  // the error of this package
	at     string // the member that err names

	samePublic bool // the key of the peer has the same thumbprint as our key
}

func newInput(text []byte, err error) *input {
	in := &input{text: text, object: readObject(text), err: err}
	var e *jwk.Error
	if errors.As(err, &e) {
		for token := range e.Path.Tokens() {
			in.at = token
			break
		}
	}
	return in
}

// hasMore reports whether a SEQUENCE in DER holds more than the struct that members points to.
// encoding/asn1 ignores the additional elements when it reads, so that it writes a shorter text.
func hasMore(der []byte, members any) bool {
	if _, err := asn1.Unmarshal(der, members); err != nil {
		return false
	}
	again, err := asn1.Marshal(reflect.ValueOf(members).Elem().Interface())
	return err == nil && len(again) < len(der)
}

var (
	surrogatePair = regexp.MustCompile(`(?i)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}`)
	surrogate     = regexp.MustCompile(`(?i)\\ud[89a-f][0-9a-f]{2}`)
)

// repeats reports whether an object at any depth of a value has two members with the same name.
func repeats(value []byte) bool {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) == nil {
		return slices.ContainsFunc(list, func(v json.RawMessage) bool { return repeats(v) })
	}
	met := make(map[string]bool)
	return slices.ContainsFunc(readObject(value), func(f field) bool {
		before := met[f.name]
		met[f.name] = true
		return before || repeats([]byte(f.value))
	})
}

// repeatsBesideKeys reports whether a set repeats a name outside its keys.
func repeatsBesideKeys(set object) bool {
	met := make(map[string]bool)
	return slices.ContainsFunc(set, func(f field) bool {
		before := met[f.name]
		met[f.name] = true
		return before || f.name != "keys" && repeats([]byte(f.value))
	})
}

// hasVariant reports whether the input has a member whose name differs from one of these names
// only in case.
func (in *input) hasVariant(names ...string) bool {
	return slices.ContainsFunc(in.object, func(f field) bool {
		return slices.ContainsFunc(names, func(name string) bool { return f.name != name && strings.EqualFold(f.name, name) })
	})
}

var registeredNames = slices.Concat([]string{"kty", "crv", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t"}, publicMembers, privateMembers)

func (in *input) is(kty string) bool { return in.str("kty") == kty }

// encodedWith reports whether the value of the refused member has one of these characters.
func (in *input) encodedWith(chars string) bool { return strings.ContainsAny(in.str(in.at), chars) }

// publicOf and privateOf list the members of each key type.
var (
	publicOf  = map[string][]string{"RSA": {"n", "e"}, "EC": {"x", "y"}, "OKP": {"x"}, "AKP": {"pub"}}
	privateOf = map[string][]string{
		"RSA": {"d", "p", "q", "dp", "dq", "qi", "oth"}, "EC": {"d"}, "OKP": {"d"}, "oct": {"k"}, "AKP": {"priv"},
	}
)

// kind returns the curve of an EC or OKP key, and the key type of every other key.
func (in *input) kind() string {
	if in.is("EC") || in.is("OKP") {
		return in.str("crv")
	}
	return in.str("kty")
}

// onlyUse maps the kinds of keys that have a single use to this use.
var onlyUse = map[string]string{"Ed25519": "sig", "Ed448": "sig", "secp256k1": "sig", "AKP": "sig", "X25519": "enc", "X448": "enc"}

// An algorithm lists values of alg that the mutators set and that have the same requirements.
type algorithm struct {
	names  string
	use    string
	kinds  string
	octets int // the size of a secret; for signatures the smallest size
}

const agreementCurves = "P-256 P-384 P-521 X25519 X448"

var stateable = []algorithm{
	{"RS256 RS384 RS512 PS256 PS384 PS512", "sig", "RSA", 0},
	{"RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512", "enc", "RSA", 0},
	{"ES256", "sig", "P-256", 0},
	{"ES384", "sig", "P-384", 0},
	{"ES512", "sig", "P-521", 0},
	{"ES256K", "sig", "secp256k1", 0},
	{"EdDSA", "sig", "Ed25519 Ed448", 0},
	{"Ed25519", "sig", "Ed25519", 0},
	{"Ed448", "sig", "Ed448", 0},
	{"ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW", "enc", agreementCurves, 0},
	{"ML-DSA-44 ML-DSA-65 ML-DSA-87", "sig", "AKP", 0},
	{"HS256", "sig", "oct", 32},
	{"HS384", "sig", "oct", 48},
	{"HS512", "sig", "oct", 64},
	{"A128KW A128GCMKW A128GCM", "enc", "oct", 16},
	{"A192KW A192GCMKW A192GCM", "enc", "oct", 24},
	{"A256KW A256GCMKW A256GCM A128CBC-HS256", "enc", "oct", 32},
	{"A192CBC-HS384", "enc", "oct", 48},
	{"A256CBC-HS512", "enc", "oct", 64},
	{"dir PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW", "enc", "oct", 0},
}

// algorithm returns the algorithm that alg names, or nil if stateable does not list it.
func (in *input) algorithm() *algorithm {
	for i := range stateable {
		if alg := in.str("alg"); alg != "" && slices.Contains(strings.Fields(stateable[i].names), alg) {
			return &stateable[i]
		}
	}
	return nil
}

// opsBeside reports whether key_ops has a registered operation that contradicts a use.
func (in *input) opsBeside(use string) bool {
	return use != "" && slices.ContainsFunc(in.strs("key_ops"), func(op string) bool {
		switch op {
		case "sign", "verify":
			return use == "enc"
		case "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits":
			return use == "sig"
		}
		return false
	})
}

// isROCA reports whether n is a power of 65537 modulo each of the first 39 primes. A modulus that
// was not made with the flawed generator of CVE-2017-15361 practically never has this form.
func isROCA(n *big.Int) bool {
	for p := int64(2); p <= 167; p++ {
		if !big.NewInt(p).ProbablyPrime(0) {
			continue
		}
		rest, power := new(big.Int).Mod(n, big.NewInt(p)).Int64(), int64(1)
		for i := int64(1); power != rest; i++ {
			if i == p {
				return false
			}
			power = power * 65537 % p
		}
	}
	return true
}

// isRSAPair reports whether the private members belong to n and e. Only d may be present, or all
// of the members: d, the factors of n, d modulo each factor minus 1, and the inverses.
func (in *input) isRSAPair() bool {
	one, n, e, d := big.NewInt(1), in.integer("n"), in.integer("e"), in.integer("d")
	if d.Cmp(n) >= 0 {
		return false
	}
	if !in.has("p") {
		// If d belongs to n and e, m^(ed) mod n is m for every m.
		m := big.NewInt(2)
		return new(big.Int).Exp(m, new(big.Int).Mul(e, d), n).Cmp(m) == 0
	}
	p, q := in.integer("p"), in.integer("q")
	type factor struct{ r, d, t *big.Int }
	factors := []factor{{q, in.integer("dq"), nil}, {p, in.integer("dp"), in.integer("qi")}}
	var oth []struct{ R, D, T string }
	if in.has("oth") && (json.Unmarshal([]byte(in.raw("oth")), &oth) != nil || len(oth) == 0) {
		return false
	}
	for _, o := range oth {
		integer := func(s string) *big.Int { return new(big.Int).SetBytes(loose64(s)) }
		factors = append(factors, factor{integer(o.R), integer(o.D), integer(o.T)})
	}
	product := one
	for _, f := range factors {
		less := new(big.Int).Sub(f.r, one)
		if less.Sign() <= 0 || new(big.Int).Mod(d, less).Cmp(f.d) != 0 ||
			new(big.Int).Mod(new(big.Int).Mul(e, d), less).Cmp(one) != 0 {
			return false
		}
		if f.t != nil && (f.t.Cmp(f.r) >= 0 || new(big.Int).Mod(new(big.Int).Mul(f.t, product), f.r).Cmp(one) != 0) {
			return false
		}
		product = new(big.Int).Mul(product, f.r)
	}
	return product.Cmp(n) == 0
}

// curve returns the curve of an EC key, if crypto/elliptic has it.
func (in *input) curve() *elliptic.CurveParams {
	if in.is("EC") {
		switch in.str("crv") {
		case "P-256":
			return elliptic.P256().Params()
		case "P-384":
			return elliptic.P384().Params()
		case "P-521":
			return elliptic.P521().Params()
		}
	}
	return nil
}

// strayScalar reports whether d does not belong to the public half of the key.
func (in *input) strayScalar() bool {
	d, public := in.octets("d"), append(in.octets("x"), in.octets("y")...)
	curves := map[string]ecdh.Curve{"P-256": ecdh.P256(), "P-384": ecdh.P384(), "P-521": ecdh.P521(), "X25519": ecdh.X25519()}
	if in.str("crv") == "Ed25519" {
		return len(d) == ed25519.SeedSize && !bytes.Equal(ed25519.NewKeyFromSeed(d)[32:], in.octets("x"))
	}
	curve := curves[in.str("crv")]
	if curve == nil {
		return false
	}
	key, err := curve.NewPrivateKey(d)
	return err == nil && !bytes.HasSuffix(key.PublicKey().Bytes(), public)
}

var prime25519 = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// coordinate returns the integer in x, without the sign bit of an Ed25519 key.
func (in *input) coordinate() *big.Int {
	b := in.octets("x")
	slices.Reverse(b)
	if in.str("crv") == "Ed25519" && len(b) > 0 {
		b[0] &= 0x7f
	}
	return new(big.Int).SetBytes(b)
}

// isSmallOrder reports whether the order of the point divides 8.
func (in *input) isSmallOrder() bool {
	switch in.str("crv") {
	case "X25519":
		x, err := ecdh.X25519().NewPublicKey(in.octets("x"))
		if err != nil {
			return false
		}
		scalar, err := ecdh.X25519().NewPrivateKey(make([]byte, 32)) // clamped to a multiple of 8
		if err != nil {
			return false
		}
		_, err = scalar.ECDH(x)
		return err != nil
	case "Ed25519":
		// u = (1+y)/(1-y) is the same point on Curve25519 (RFC 7748, Section 4.1).
		y := in.coordinate()
		u := new(big.Int).Sub(big.NewInt(1), y)
		if u.Mod(u, prime25519).Sign() == 0 {
			return true // y is 1: the neutral element
		}
		u.ModInverse(u, prime25519).Mul(u, y.Add(y, big.NewInt(1))).Mod(u, prime25519)
		b := u.FillBytes(make([]byte, 32))
		slices.Reverse(b)
		same := &input{object: object{{"crv", `"X25519"`}, {"x", quote(encode(b))}}}
		return same.isSmallOrder()
	}
	return false
}
