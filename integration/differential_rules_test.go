package integration

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed1f6cf2d3/jwk"
)

// encodedMembers lists the members in base64url.
const encodedMembers = "n e x y pub d p q dp dq qi k priv x5t x5t#S256"

// These rules refuse a whole document, whether it is a key or a set.
var (
	duplicateName = rule{"duplicate member name", "RFC 7517, Section 4", jwk.ErrSyntax, "", func(in *input) bool { return repeats(in.text) }}
	invalidUTF8   = rule{"invalid UTF-8", "RFC 8259, Section 8.1", jwk.ErrSyntax, "", func(in *input) bool { return !utf8.Valid(in.text) }}
	loneSurrogate = rule{"lone surrogate", "RFC 8259, Section 8.2; RFC 7493, Section 2.1", jwk.ErrSyntax, "", func(in *input) bool {
		return surrogate.Match(surrogatePair.ReplaceAll(in.text, nil))
	}}
	textAfter = rule{"text after the object", "RFC 8259, Section 2", jwk.ErrSyntax, "", func(in *input) bool {
		var value json.RawMessage
		d := json.NewDecoder(bytes.NewReader(in.text))
		return d.Decode(&value) == nil && len(bytes.TrimSpace(in.text[d.InputOffset():])) > 0
	}}
)

// tooDeep is the limit of nesting. Peers have a limit of 10,000 levels, or no limit.
var tooDeep = rule{"more than 64 levels", "RFC 8259, Section 9: limits are allowed", jwk.ErrPolicy, "", func(in *input) bool { return levels(in.text) > 64 }}

// levels returns the depth of the objects and arrays in a text.
func levels(text []byte) (deepest int) {
	depth := 0
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// keyRefusals are the rules of this package that some peer does not have. The first rule that
// holds is counted. Each rule checks the member that the error names without the code of this
// package.
var keyRefusals = []rule{
	// JSON.
	duplicateName, invalidUTF8, loneSurrogate, textAfter, tooDeep,
	{"null for a value", "RFC 7517, Section 4", jwk.ErrSyntax, "", func(in *input) bool { return in.raw(in.at) == "null" }},
	{"key_ops that is not an array of strings", "RFC 7517, Section 4.3", jwk.ErrSyntax, "key_ops", func(in *input) bool {
		return in.strs("key_ops") == nil || strings.Contains(in.raw("key_ops"), "null")
	}},
	{"oth that is not an array of objects", "RFC 7518, Section 6.3.2.7", jwk.ErrSyntax, "oth", func(in *input) bool {
		var oth []map[string]string
		return json.Unmarshal([]byte(in.raw("oth")), &oth) != nil || slices.ContainsFunc(oth, func(o map[string]string) bool { return o == nil })
	}},

	{"member name in another case", "RFC 7517, Sections 4 and 8.1", nil, "", func(in *input) bool {
		// The peer took the refused member, kty or crv from the member in another case.
		return in.hasVariant(in.at, "kty", "crv")
	}},

	// Base64.
	{"empty value", "RFC 7518, Section 2: even zero is AA", jwk.ErrInvalid, encodedMembers, func(in *input) bool { return in.raw(in.at) == `""` }},
	{"line break in base64url", "RFC 7515, Section 2", jwk.ErrInvalid, encodedMembers, func(in *input) bool { return in.encodedWith("\r\n") }},
	{"padding in base64url", "RFC 7515, Section 2", jwk.ErrInvalid, encodedMembers, func(in *input) bool { return in.encodedWith("=") }},
	{"standard alphabet in base64url", "RFC 7515, Section 2", jwk.ErrInvalid, encodedMembers, func(in *input) bool { return in.encodedWith("+/") }},
	{"stray bits in base64url", "RFC 4648, Section 3.5", jwk.ErrInvalid, encodedMembers, func(in *input) bool {
		s := in.str(in.at)
		b, err := base64.RawURLEncoding.DecodeString(s)
		return err == nil && encode(b) != s
	}},

	// RSA.
	{"leading zero octet of an integer", "RFC 7518, Section 2", jwk.ErrInvalid, "n e d p q dp dq qi", func(in *input) bool {
		b := in.octets(in.at)
		return in.is("RSA") && len(b) > 1 && b[0] == 0
	}},
	{"RSA modulus below 2048 bits", "RFC 7518, Section 3.3", jwk.ErrPolicy, "n", func(in *input) bool {
		return in.is("RSA") && in.integer("n").BitLen() < 2048
	}},
	{"RSA modulus above 8192 bits", "CVE-2023-29409", jwk.ErrPolicy, "n", func(in *input) bool {
		return in.is("RSA") && in.integer("n").BitLen() > 8192
	}},
	{"RSA modulus that is even", "RFC 8017, Section 3.1", jwk.ErrInvalid, "n", func(in *input) bool {
		return in.is("RSA") && in.integer("n").Bit(0) == 0
	}},
	{"RSA modulus of the ROCA form", "CVE-2017-15361", jwk.ErrInvalid, "n", func(in *input) bool {
		return in.is("RSA") && isROCA(in.integer("n"))
	}},
	{"RSA exponent below 3, or even", "RFC 8017, Section 3.1", jwk.ErrInvalid, "e", func(in *input) bool {
		e := in.integer("e")
		return in.is("RSA") && (e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0)
	}},
	{"RSA exponent above 31 bits", "crypto/rsa refuses it", jwk.ErrInvalid, "e", func(in *input) bool {
		return in.is("RSA") && in.integer("e").BitLen() > 31
	}},
	{"part of an RSA private key without d", "RFC 7518, Section 6.3.2.1", jwk.ErrInvalid, "p q dp dq qi oth", func(in *input) bool {
		return in.is("RSA") && !in.has("d") && in.has(in.at)
	}},
	{"some of p, q, dp, dq, qi without the others", "RFC 7518, Section 6.3.2", jwk.ErrInvalid, "p q dp dq qi", func(in *input) bool {
		return in.is("RSA") && !in.has(in.at)
	}},
	{"RSA private members of different keys", "RFC 8017, Section 3.2", jwk.ErrInvalid, "d p q dp dq qi oth", func(in *input) bool {
		return in.is("RSA") && in.has("d") && !in.isRSAPair()
	}},
	{"only d of more than two primes", "RFC 7518, Section 6.3.2.7", jwk.ErrInvalid, "d", func(in *input) bool {
		// d belongs to n and e. The key is refused because d does not give two factors of n.
		return in.is("RSA") && !in.has("p") && strings.Contains(in.err.Error(), "more than two factors")
	}},

	// EC and OKP.
	{"EC octets not of full width", "RFC 7518, Sections 6.2.1.2 to 6.2.2.1", jwk.ErrInvalid, "x y d", func(in *input) bool {
		c := in.curve()
		return c != nil && len(in.octets(in.at)) != (c.BitSize+7)/8
	}},
	{"EC scalar not from 1 to n-1", "SEC 1, Section 3.2.1", jwk.ErrInvalid, "d", func(in *input) bool {
		c, d := in.curve(), in.integer("d")
		return c != nil && (d.Sign() == 0 || d.Cmp(c.N) >= 0)
	}},
	{"EC scalar of another point", "RFC 7518, Section 6.2.2", jwk.ErrInvalid, "d", func(in *input) bool {
		return in.curve() != nil && in.strayScalar()
	}},
	{"OKP coordinate not below the prime", "RFC 8032, Section 5.1.3; RFC 7748, Section 5", jwk.ErrInvalid, "x", func(in *input) bool {
		return in.is("OKP") && in.coordinate().Cmp(prime25519) >= 0
	}},
	{"OKP point of small order", "RFC 7748, Section 6.1; RFC 8032, Section 5.1.7", jwk.ErrInvalid, "x", func(in *input) bool {
		return in.is("OKP") && in.isSmallOrder()
	}},
	{"OKP seed or scalar of another key", "RFC 8037, Section 2; RUSTSEC-2022-0093", jwk.ErrInvalid, "d", func(in *input) bool {
		return in.is("OKP") && in.strayScalar()
	}},

	// Attributes that contradict the key or each other.
	{"private member of another key type", "RFC 7518, Section 6", jwk.ErrInvalid, "d p q dp dq qi oth k priv", func(in *input) bool {
		return in.has(in.at) && !in.is("oct") && !slices.Contains(privateOf[in.str("kty")], in.at)
	}},
	{"x5u that is not a URI", "RFC 7517, Section 4.6; RFC 3986, Section 3", jwk.ErrInvalid, "x5u", func(in *input) bool {
		u, err := url.Parse(in.str("x5u"))
		return err != nil || u.Scheme == ""
	}},
	{"alg none", "RFC 7518, Section 3.6; RFC 8725, Section 3.2", jwk.ErrInvalid, "alg", func(in *input) bool {
		return in.str("alg") == "none"
	}},
	{"alg of another key type or curve", "RFC 7518, Sections 3.1 and 4.1; RFC 8725, Section 3.1", jwk.ErrInvalid, "alg", func(in *input) bool {
		a := in.algorithm()
		return a != nil && !slices.Contains(strings.Fields(a.kinds), in.kind())
	}},
	{"secret whose size does not suit alg", "RFC 7518, Sections 3.2, 4.4, 4.7 and 5", jwk.ErrInvalid, "alg", func(in *input) bool {
		a, size := in.algorithm(), len(in.octets("k"))
		return a != nil && a.octets != 0 && (size < a.octets || size > a.octets && a.use == "enc")
	}},
	{"alg at odds with use", "RFC 7517, Sections 4.2 and 4.4", jwk.ErrInvalid, "alg", func(in *input) bool {
		a, use := in.algorithm(), in.str("use")
		return a != nil && (use == "sig" || use == "enc") && use != a.use
	}},
	{"alg at odds with key_ops", "RFC 7517, Sections 4.3 and 4.4", jwk.ErrInvalid, "alg", func(in *input) bool {
		a := in.algorithm()
		return a != nil && in.opsBeside(a.use)
	}},
	{"use at odds with key_ops", "RFC 7517, Section 4.3", jwk.ErrInvalid, "key_ops", func(in *input) bool {
		return in.opsBeside(in.str("use"))
	}},
	{"use that the kind of key does not have", "RFC 8037, Sections 3.1 and 3.2; RFC 8812, Section 3.3", jwk.ErrInvalid, "use", func(in *input) bool {
		return onlyUse[in.kind()] != "" && in.str("use") != onlyUse[in.kind()]
	}},
	{"operation that the kind of key does not have", "RFC 8037, Sections 3.1 and 3.2; RFC 8812, Section 3.3", jwk.ErrInvalid, "key_ops", func(in *input) bool {
		return in.opsBeside(onlyUse[in.kind()])
	}},
	{"derivation with an RSA key", "RFC 7518, Section 4.1: no algorithm", jwk.ErrInvalid, "key_ops", func(in *input) bool {
		return in.is("RSA") && strings.Contains(in.raw("key_ops"), "derive")
	}},
	{"repeated operation", "RFC 7517, Section 4.3", jwk.ErrInvalid, "key_ops", func(in *input) bool {
		ops := in.strs("key_ops")
		slices.Sort(ops)
		return len(slices.Compact(ops)) < len(in.strs("key_ops"))
	}},

	// Certificates.
	{"x5c without a certificate", "RFC 7517, Section 4.7", jwk.ErrInvalid, "x5c", func(in *input) bool {
		return in.has("x5c") && len(in.strs("x5c")) == 0
	}},
	{"x5c not in canonical base64", "RFC 7517, Section 4.7; RFC 4648, Section 3", jwk.ErrInvalid, "x5c", func(in *input) bool {
		return slices.ContainsFunc(in.strs("x5c"), func(s string) bool {
			return base64.StdEncoding.EncodeToString(loose64(strings.NewReplacer("\r", "", "\n", "").Replace(s))) != s
		})
	}},
	{"x5c with octets after its key or its signature", "RFC 5280, Sections 4.1.1.3 and 4.1.2.7", jwk.ErrInvalid, "x5c", func(in *input) bool {
		return slices.ContainsFunc(in.strs("x5c"), func(s string) bool {
			cert, err := x509.ParseCertificate(loose64(s))
			return err == nil && (hasMore(cert.RawSubjectPublicKeyInfo, new(struct {
				Algorithm asn1.RawValue
				Key       asn1.BitString
			})) || hasMore(cert.Raw, new(struct {
				Certificate, Algorithm asn1.RawValue
				Signature              asn1.BitString
			})))
		})
	}},
	{"x5c of another key", "RFC 7517, Section 4.7", jwk.ErrInvalid, "x5c", func(in *input) bool {
		chain := in.strs("x5c")
		if len(chain) == 0 {
			return false
		}
		leaf, err := x509.ParseCertificate(loose64(chain[0]))
		if err != nil {
			return false
		}
		certified, isRSA := leaf.PublicKey.(*rsa.PublicKey)
		return isRSA != in.is("RSA") || isRSA && (certified.N.Cmp(in.integer("n")) != 0 || in.integer("e").Cmp(big.NewInt(int64(certified.E))) != 0)
	}},
	{"x5t or x5t#S256 not of the digest's size", "RFC 7517, Sections 4.8 and 4.9", jwk.ErrInvalid, "x5t x5t#S256", func(in *input) bool {
		size := map[string]int{"x5t": sha1.Size, "x5t#S256": sha256.Size}[in.at]
		return len(in.octets(in.at)) != size
	}},
	{"x5t or x5t#S256 not of the certificate", "RFC 7517, Sections 4.8 and 4.9", jwk.ErrInvalid, "x5t x5t#S256", func(in *input) bool {
		chain := in.strs("x5c")
		if len(chain) == 0 {
			return false
		}
		leaf := loose64(chain[0])
		x5t, x5tS256 := sha1.Sum(leaf), sha256.Sum256(leaf)
		return in.at == "x5t" && !bytes.Equal(in.octets("x5t"), x5t[:]) || in.at == "x5t#S256" && !bytes.Equal(in.octets("x5t#S256"), x5tS256[:])
	}},
}

// setRefusals are the rules by which this package refuses a whole set.
var setRefusals = []rule{
	duplicateName, invalidUTF8, loneSurrogate,
	{"no member keys", "RFC 7517, Section 5.1", nil, "", func(in *input) bool { return !in.has("keys") }},
}

// keyAcceptances are the reasons for which only this package accepts a key.
var keyAcceptances = []rule{
	{"Ed448 and X448", "RFC 8037, Section 2", nil, "", func(in *input) bool { return strings.HasSuffix(in.str("crv"), "448") }},
	{"secp256k1", "RFC 8812, Section 3.1", nil, "", func(in *input) bool { return in.str("crv") == "secp256k1" }},
	{"public member of another key type, kept as an unknown member", "RFC 7517, Section 4", nil, "", func(in *input) bool {
		return slices.ContainsFunc(publicMembers, func(name string) bool { return in.has(name) && !slices.Contains(publicOf[in.str("kty")], name) })
	}},
	{"number outside the range of float64", "RFC 8259, Section 6", nil, "", func(in *input) bool {
		var values map[string]any
		return json.Unmarshal(in.text, &values) != nil
	}},
	{"unregistered alg with an unregistered use or operation, kept", "RFC 7517, Sections 4.2 to 4.4", nil, "", func(in *input) bool {
		known := []string{"", "sig", "enc", "sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"}
		return in.has("alg") && in.algorithm() == nil &&
			slices.ContainsFunc(append(in.strs("key_ops"), in.str("use")), func(s string) bool { return !slices.Contains(known, s) })
	}},
	{"RSA key with d and no other private member", "RFC 7518, Section 6.3.2", nil, "", func(in *input) bool { return in.is("RSA") && in.has("d") && !in.has("p") }},
	{"certificate that crypto/x509 cannot parse, until the caller asks for it", "RFC 7517, Section 4.7", nil, "", func(in *input) bool {
		return slices.ContainsFunc(in.strs("x5c"), func(s string) bool {
			_, err := x509.ParseCertificate(loose64(s))
			return err != nil
		})
	}},
	{"member name in another case, kept as an unknown member", "RFC 7517, Sections 4 and 8.1", nil, "", func(in *input) bool { return in.hasVariant(registeredNames...) }},
}

// go-jose has ML-DSA from Go 1.27 on; the other peers do not have it. With Go 1.26 only this
// package accepts the keys, and mldsaUnknown applies. From Go 1.27 on mldsaRefusal applies.
var (
	mldsaUnknown = rule{"ML-DSA", "RFC 9964, Section 3", nil, "", func(in *input) bool { return in.is("AKP") }}
	mldsaRefusal = rule{"ML-DSA public key with a small t1: everyone can forge its signatures", "FIPS 204, Algorithm 8", jwk.ErrInvalid, "pub", func(in *input) bool {
		return in.is("AKP") && smallT1(in.octets("pub"))
	}}
)

// smallT1 reports whether less than a quarter of the coefficients of t1 lie from 128 to 895. Each
// coefficient has ten bits.
func smallT1(pub []byte) bool {
	t1 := slices.Clone(pub[min(32, len(pub)):]) // t1 follows rho, which has 32 octets
	slices.Reverse(t1)
	bits := new(big.Int).SetBytes(t1)
	count, large := len(t1)*8/10, 0
	for i := range count {
		c := new(big.Int).Rsh(bits, uint(10*i))
		if c.And(c, big.NewInt(1023)); 128 <= c.Uint64() && c.Uint64() <= 895 {
			large++
		}
	}
	return large < count/4
}

// keyDifferences are the reasons for which a peer reads another key than this package, or less of
// the key.
var keyDifferences = []rule{
	{"member name in another case, read by the peer", "RFC 7517, Sections 4 and 8.1", nil, "", func(in *input) bool { return in.hasVariant(registeredNames...) }},
	{"only d, and the peer does not compute the other members", "RFC 7518, Section 6.3.2", nil, "", func(in *input) bool {
		return in.samePublic && in.is("RSA") && in.has("d") && !in.has("p")
	}},
	{"more than two primes, and the peer does not read oth", "RFC 7518, Section 6.3.2.7", nil, "", func(in *input) bool { return in.samePublic && in.has("oth") }},
}
