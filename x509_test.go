package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// rareSPKI returns the SubjectPublicKeyInfo of a key that crypto/x509 cannot write, at least in
// some releases of Go. For other keys it returns false.
func rareSPKI(t testing.TB, public crypto.PublicKey) (spki, bool) {
	var algorithm asn1.ObjectIdentifier
	var key []byte
	switch public := public.(type) {
	case *secp256k1.PublicKey: // SEC 2, Appendix A.2.1
		return spki{
			pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 10045, 2, 1), Parameters: asn1.RawValue{FullBytes: marshalASN1(t, oid(1, 3, 132, 0, 10))}},
			bits(public.SerializeUncompressed()),
		}, true
	case ed448.PublicKey: // RFC 8410, Section 3
		algorithm, key = oid(1, 3, 101, 113), public
	case jwk.X448PublicKey:
		algorithm, key = oid(1, 3, 101, 111), public[:]
	case *mldsa.PublicKey: // RFC 9881, Section 2
		parameters := map[mldsa.Parameters]int{mldsa.MLDSA44(): 17, mldsa.MLDSA65(): 18, mldsa.MLDSA87(): 19}
		algorithm, key = oid(2, 16, 840, 1, 101, 3, 4, 3, parameters[public.Parameters()]), public.Bytes()
	default:
		return spki{}, false
	}
	return spki{pkix.AlgorithmIdentifier{Algorithm: algorithm}, bits(key)}, true
}

// rsaSPKI returns the SubjectPublicKeyInfo of an RSA key with the name of an algorithm.
func rsaSPKI(t testing.TB, name asn1.ObjectIdentifier, n, e *big.Int) spki {
	t.Helper()
	return spki{pkix.AlgorithmIdentifier{Algorithm: name, Parameters: asn1.NullRawValue}, bits(sequence(bigInteger(n), bigInteger(e)))}
}

// A spki is a SubjectPublicKeyInfo.
type spki struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

// bits returns a bit string of whole octets.
func bits(b []byte) asn1.BitString { return asn1.BitString{Bytes: b, BitLength: 8 * len(b)} }

// oid returns an object identifier.
func oid(parts ...int) asn1.ObjectIdentifier { return parts }

// TestCertificates checks that Certificates returns the certificates in x5c, and that the
// public half keeps them.
func TestCertificates(t *testing.T) {
	for _, name := range fixtureNames {
		if keyKinds[name].public == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			leaf := issue(t, public(t, name).key(t).PublicKey())
			other := issue(t, public(t, "RSA-3072").key(t).PublicKey())
			sha1Sum, sha256Sum := sha1.Sum(leaf), sha256.Sum256(leaf)
			chain := x5c(leaf, other)
			for _, o := range []object{public(t, name), fixture(t, name)} {
				k := o.with("x5c", chain, "x5t", encoded(sha1Sum[:]), "x5t#S256", encoded(sha256Sum[:])).key(t)
				got, err := k.Certificates()
				if name == "secp256k1" { // crypto/x509 does not support this curve
					checkError(t, err, jwk.ErrUnsupported, "/x5c")
					continue
				}
				if err != nil || len(got) != 2 || !bytes.Equal(got[0].Raw, leaf) || !bytes.Equal(got[1].Raw, other) {
					t.Fatalf("Certificates: got %d, %v; want the two", len(got), err)
				}
				public, err := k.Public()
				if err != nil {
					t.Fatal(err)
				}
				if got, err := public.Certificates(); err != nil || len(got) != 2 {
					t.Errorf("Certificates of Public: got %d, %v; want 2", len(got), err)
				}
			}
			if got, err := public(t, name).key(t).Certificates(); got != nil || err != nil {
				t.Errorf("without x5c: got %d certificates, %v", len(got), err)
			}
			if name == "secp256k1" {
				return
			}
			// A text with escaped slashes has the same certificates.
			text := strings.ReplaceAll(string(public(t, name).with("x5c", chain).json(t)), "/", `\/`)
			if k, err := jwk.Parse([]byte(text)); err != nil {
				t.Errorf("with escapes: %v", err)
			} else if got, err := k.Certificates(); err != nil || len(got) != 2 {
				t.Errorf("with escapes: got %d certificates, %v; want 2", len(got), err)
			}
		})
	}
}

// TestCertificateForms checks that a certificate belongs to a key if its SubjectPublicKeyInfo
// has the key in another form, and that it does not if the form is malformed or has another
// algorithm.
func TestCertificateForms(t *testing.T) {
	rsaLeaf := issue(t, public(t, "RSA-2048").key(t).PublicKey())
	parsed, err := x509.ParseCertificate(rsaLeaf)
	if err != nil {
		t.Fatal(err)
	}
	var info spki
	if _, err := asn1.Unmarshal(parsed.RawSubjectPublicKeyInfo, &info); err != nil {
		t.Fatal(err)
	}
	pss := info
	pss.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 113549, 1, 1, 10)} // RFC 4055, Section 1.2
	t.Run("RSASSA-PSS", func(t *testing.T) {
		leaf := withPublicKey(t, rsaLeaf, pss)
		public(t, "RSA-2048").with("x5c", x5c(leaf)).key(t)
		checkRefused(t, public(t, "RSA-3072").with("x5c", x5c(leaf)).json(t), jwk.ErrInvalid, "/x5c")
	})
	oaep := info
	oaep.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 113549, 1, 1, 7)}
	t.Run("RSAES-OAEP", func(t *testing.T) {
		checkRefused(t, public(t, "RSA-2048").with("x5c", x5c(withPublicKey(t, rsaLeaf, oaep))).json(t), jwk.ErrInvalid, "/x5c")
	})
	t.Run("RSA with octets after the key", func(t *testing.T) {
		longer := info
		longer.Key = bits(append(bytes.Clone(info.Key.Bytes), 0))
		checkRefused(t, public(t, "RSA-2048").with("x5c", x5c(withPublicKey(t, rsaLeaf, longer))).json(t), jwk.ErrInvalid, "/x5c")
	})

	t.Run("RSA with a third integer", func(t *testing.T) {
		var numbers []*big.Int
		if _, err := asn1.Unmarshal(info.Key.Bytes, &numbers); err != nil {
			t.Fatal(err)
		}
		third := info
		third.Key = bits(marshalASN1(t, append(numbers, big.NewInt(1))))
		checkRefused(t, public(t, "RSA-2048").with("x5c", x5c(withPublicKey(t, rsaLeaf, third))).json(t), jwk.ErrInvalid, "/x5c")
	})
	t.Run("RSA with a malformed identifier", func(t *testing.T) {
		malformed := info
		malformed.Algorithm.Parameters = asn1.RawValue{FullBytes: []byte{asn1.TagOID, 0}}
		checkRefused(t, public(t, "RSA-2048").with("x5c", x5c(withPublicKey(t, rsaLeaf, malformed))).json(t), jwk.ErrInvalid, "/x5c")
	})

	curves := map[string]asn1.ObjectIdentifier{ // RFC 5480, Section 2.1.1.1
		"P-256": oid(1, 2, 840, 10045, 3, 1, 7), "P-384": oid(1, 3, 132, 0, 34), "P-521": oid(1, 3, 132, 0, 35),
		"secp256k1": oid(1, 3, 132, 0, 10),
	}
	for name, curve := range curves {
		o := public(t, name)
		key := o.key(t).PublicKey()
		point := append([]byte{4}, append(o.octetsOf(t, "x"), o.octetsOf(t, "y")...)...)
		width := len(point) / 2
		sign := point[len(point)-1] & 1
		with := func(curve asn1.ObjectIdentifier, prefix byte, rest []byte) []byte {
			return withPublicKey(t, issue(t, key), spki{
				pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 10045, 2, 1), Parameters: asn1.RawValue{FullBytes: marshalASN1(t, curve)}},
				bits(append([]byte{prefix}, rest...)),
			})
		}
		for what, leaf := range map[string][]byte{
			"uncompressed": with(curve, 4, point[1:]),
			"compressed":   with(curve, 2|sign, point[1:1+width]),
		} {
			t.Run(name+" "+what, func(t *testing.T) { o.with("x5c", x5c(leaf)).key(t) })
		}
		for what, leaf := range map[string][]byte{
			"compressed, the other sign":      with(curve, 3^sign, point[1:1+width]),
			"hybrid":                          with(curve, 6|sign, point[1:]),
			"the point at infinity":           with(curve, 0, nil),
			"no point":                        withPublicKey(t, issue(t, key), spki{pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 10045, 2, 1), Parameters: asn1.RawValue{FullBytes: marshalASN1(t, curve)}}, bits(nil)}),
			"the point on another curve":      with(oid(1, 3, 132, 0, 33), 4, point[1:]),
			"compressed, octets at the end":   with(curve, 2|sign, append(bytes.Clone(point[1:1+width]), 0)),
			"uncompressed, octets at the end": with(curve, 4, append(bytes.Clone(point[1:]), 0)),
			"without a curve":                 withPublicKey(t, issue(t, key), spki{pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 10045, 2, 1)}, bits(point)}),
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				checkRefused(t, o.with("x5c", x5c(leaf)).json(t), jwk.ErrInvalid, "/x5c")
			})
		}
	}

	// The octets of a public key with the name of another algorithm, for example an Ed25519 key as
	// X25519.
	for name, algorithm := range map[string]asn1.ObjectIdentifier{
		"Ed25519": oid(1, 3, 101, 110), "X25519": oid(1, 3, 101, 112), "Ed448": oid(1, 3, 101, 111), "X448": oid(1, 3, 101, 113),
		"ML-DSA-44": oid(2, 16, 840, 1, 101, 3, 4, 3, 18), "ML-DSA-65": oid(2, 16, 840, 1, 101, 3, 4, 3, 19), "ML-DSA-87": oid(2, 16, 840, 1, 101, 3, 4, 3, 17),
	} {
		t.Run(name+" as another algorithm", func(t *testing.T) {
			k := public(t, name)
			text, ok := k["x"].(string)
			if !ok {
				text = k["pub"].(string)
			}
			x, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			leaf := withPublicKey(t, issue(t, k.key(t).PublicKey()), spki{pkix.AlgorithmIdentifier{Algorithm: algorithm}, bits(x)})
			checkRefused(t, k.with("x5c", x5c(leaf)).json(t), jwk.ErrInvalid, "/x5c")
		})
	}
}

// TestCertificateLimits: if this fails, one of the functions that make keys accepts a
// certificate with an RSA key that takes long to verify with, or a certificate that is longer
// than 64 KiB.
func TestCertificateLimits(t *testing.T) {
	o := public(t, "P-256")
	leaf := issue(t, o.key(t).PublicKey())
	other := issue(t, public(t, "P-384").key(t).PublicKey())
	odd := func(size uint) *big.Int { return new(big.Int).SetBit(big.NewInt(1), int(size)-1, 1) } // has size bits
	n, e := odd(2048), big.NewInt(65537)
	with := func(info any) []byte { return withPublicKey(t, other, info) }
	named := func(name asn1.ObjectIdentifier, key []byte) []byte {
		return with(spki{pkix.AlgorithmIdentifier{Algorithm: name, Parameters: asn1.NullRawValue}, bits(key)})
	}
	rsaWith := func(n, e *big.Int) []byte { return with(rsaSPKI(t, oidRSAKey, n, e)) }
	oidPSS := oid(1, 2, 840, 113549, 1, 1, 10)

	for _, test := range []struct {
		name string
		der  []byte
		want error // nil if it is accepted
	}{
		{"a modulus of 1024 bits", rsaWith(odd(1024), e), nil},
		{"a modulus of 8192 bits", rsaWith(odd(8192), e), nil},
		{"a modulus of 8193 bits", rsaWith(odd(8193), e), jwk.ErrPolicy},
		{"a modulus of 256 Kibit", rsaWith(odd(256<<10), e), jwk.ErrPolicy},
		{"PSS, a modulus of 8192 bits", with(rsaSPKI(t, oidPSS, odd(8192), e)), nil},
		{"PSS, a modulus of 8193 bits", with(rsaSPKI(t, oidPSS, odd(8193), e)), jwk.ErrPolicy},
		{"an exponent of 3", rsaWith(n, big.NewInt(3)), nil},
		{"an exponent of 2^31-1", rsaWith(n, big.NewInt(1<<31-1)), nil},
		{"an exponent of 2^31+1", rsaWith(n, big.NewInt(1<<31+1)), jwk.ErrPolicy},
		{"an exponent of 2^32+1", rsaWith(n, odd(33)), jwk.ErrPolicy},
		{"an exponent of 2^64+3", rsaWith(n, new(big.Int).Add(odd(65), big.NewInt(2))), jwk.ErrPolicy},
		{"an exponent of 8192 bits", rsaWith(n, odd(8192)), jwk.ErrPolicy},
		{"an even exponent", rsaWith(n, big.NewInt(65538)), jwk.ErrInvalid},
		{"an exponent of 2", rsaWith(n, big.NewInt(2)), jwk.ErrInvalid},
		{"an exponent of 1", rsaWith(n, big.NewInt(1)), jwk.ErrInvalid},
		{"an exponent of 0", rsaWith(n, big.NewInt(0)), jwk.ErrInvalid},

		// crypto/x509 reads some of these forms. They must not get a large number past the limits.
		{"a negative exponent", rsaWith(n, big.NewInt(-3)), jwk.ErrInvalid},
		{"a negative modulus", rsaWith(new(big.Int).Neg(odd(8193)), e), jwk.ErrInvalid},
		{"octets after the key", named(oidRSAKey, append(sequence(bigInteger(odd(8193)), bigInteger(e)), 0)), jwk.ErrInvalid},
		{"a third integer", named(oidRSAKey, sequence(bigInteger(odd(8193)), bigInteger(e), integer(1))), jwk.ErrInvalid},
		{"a zero before the modulus", named(oidRSAKey, sequence(tlv(2, make([]byte, 2), odd(8193).Bytes()), bigInteger(e))), jwk.ErrInvalid},
		{"no sequence", named(oidRSAKey, bigInteger(odd(8193))), jwk.ErrInvalid},
		{"no exponent", named(oidRSAKey, sequence(bigInteger(odd(8193)))), jwk.ErrInvalid},
		{"nothing", named(oidRSAKey, nil), jwk.ErrInvalid},
		{"bits that are not whole octets", with(spki{pkix.AlgorithmIdentifier{Algorithm: oidRSAKey, Parameters: asn1.NullRawValue}, asn1.BitString{Bytes: append(sequence(bigInteger(odd(8193)), bigInteger(e)), 0), BitLength: 8*(len(sequence(bigInteger(odd(8193)), bigInteger(e)))) + 1}}), jwk.ErrInvalid},

		// crypto/x509 does not read other names as RSA keys.
		{"RSAES-OAEP", with(rsaSPKI(t, oid(1, 2, 840, 113549, 1, 1, 7), odd(100_000), e)), nil},
		{"an unknown name", with(rsaSPKI(t, oidGOST, odd(100_000), e)), nil},
		{"64 KiB", sized(t, other, 64<<10), nil},
		{"64 KiB and an octet", sized(t, other, 64<<10+1), jwk.ErrPolicy},
		{"64 KiB and two octets", sized(t, other, 64<<10+2), jwk.ErrPolicy},
		{"64 KiB and three octets", sized(t, other, 64<<10+3), jwk.ErrPolicy}, // its base64 is longer
	} {
		t.Run(test.name, func(t *testing.T) {
			bare := &x509.Certificate{Raw: test.der}
			parsed := must[*x509.Certificate](t)(x509.ParseCertificate(leaf))
			if test.want == nil {
				if cert, err := x509.ParseCertificate(test.der); err == nil {
					if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > 8192 {
						t.Errorf("crypto/x509 reads an RSA key of %d bits", key.N.BitLen())
					}
				}
			}
			check := func(door string, k *jwk.Key, err error, path string) {
				t.Helper()
				if test.want == nil {
					if err != nil || k == nil {
						t.Errorf("%s: got %v, %v, want a key", door, k, err)
					}
					return
				}
				if k != nil {
					t.Errorf("%s: got %v, want no key", door, k)
				}
				checkError(t, err, test.want, path)
			}
			for position, chain := range [][][]byte{{leaf, test.der}, {leaf, other, test.der}} {
				text := o.with("x5c", x5c(chain...)).json(t)
				k, err := jwk.Parse(text)
				check("Parse", k, err, "/x5c")
				if test.want == jwk.ErrPolicy {
					k, err = (&jwk.Parser{Lenient: true}).Parse(text)
					check("Lenient", k, err, "/x5c")
				}
				set, err := jwk.ParseSet(setText(string(text), string(public(t, "Ed25519").json(t))))
				if err != nil {
					t.Fatal(err)
				}
				if test.want == nil && set.Len() != 2 || test.want != nil && (set.Len() != 1 || len(set.Skipped()) != 1) {
					t.Fatalf("ParseSet: got %v", set)
				}
				if test.want != nil {
					checkError(t, set.Skipped()[0].Err, test.want, "/keys/0/x5c")
				}
				certs := []*x509.Certificate{parsed, bare}
				if position == 1 {
					certs = []*x509.Certificate{parsed, {Raw: other}, bare}
				}
				k, err = jwk.FromCertificates(certs, nil)
				check("FromCertificates", k, err, "/x5c")
				k, err = o.key(t).WithAttributes(jwk.Attributes{Certificates: certs})
				check("WithAttributes", k, err, "/x5c")
				k, err = jwk.New(o.key(t).PublicKey(), &jwk.Attributes{Extra: map[string]any{"x5c": x5c(chain...)}})
				check("New", k, err, "/x5c")
			}
			if test.want == nil {
				return
			}
			// As the leaf, the certificate belongs to another key. The error is about the limit.
			checkRefused(t, o.with("x5c", x5c(test.der)).json(t), test.want, "/x5c")
			k, err := jwk.ParseDER(test.der)
			check("ParseDER", k, err, "")
			for _, file := range [][]byte{
				join(block("CERTIFICATE", leaf), block("CERTIFICATE", test.der)),
				join(block("CERTIFICATE", test.der), block("CERTIFICATE", leaf)),
			} {
				set, err := jwk.ParsePEM(file)
				if err != nil || set.Len() != 1 || len(set.Skipped()) != 1 {
					t.Fatalf("ParsePEM: got %v, %v, want a key and a skipped block", set, err)
				}
				checkError(t, set.Skipped()[0].Err, test.want, "*")
				if certs, err := set.At(0).Certificates(); err != nil || len(certs) != 1 {
					t.Errorf("ParsePEM: got %d certificates, %v, want the leaf", len(certs), err)
				}
			}
		})
	}

	// The limit of the length comes before the check of the characters.
	checkRefused(t, o.with("x5c", append(x5c(leaf), strings.Repeat("!", 87_388))).json(t), jwk.ErrPolicy, "/x5c")
	checkRefused(t, o.with("x5c", append(x5c(leaf), strings.Repeat("!", 87_384))).json(t), jwk.ErrInvalid, "/x5c")

	t.Run("the leaf", func(t *testing.T) {
		for size, want := range map[int]error{64 << 10: nil, 64<<10 + 1: jwk.ErrPolicy} {
			der := sized(t, leaf, size)
			k, err := jwk.Parse(o.with("x5c", x5c(der)).json(t))
			bare, errDER := jwk.ParseDER(der)
			cert := must[*x509.Certificate](t)(x509.ParseCertificate(der))
			made, errMade := jwk.FromCertificates([]*x509.Certificate{cert}, nil)
			if want == nil {
				if k == nil || bare == nil || made == nil {
					t.Errorf("%d octets: got %v, %v, %v", size, err, errDER, errMade)
				}
				continue
			}
			checkError(t, err, want, "/x5c")
			checkError(t, errDER, want, "")
			checkError(t, errMade, want, "/x5c")
		}
	})
}

// TestCertificateLimitOfParser: MaxRSABits applies to certificates too, and a key keeps the
// limit that it was read with.
func TestCertificateLimitOfParser(t *testing.T) {
	o := public(t, "P-256")
	leaf := issue(t, o.key(t).PublicKey())
	cert := func(size int) []byte {
		return withPublicKey(t, leaf, rsaSPKI(t, oidRSAKey, new(big.Int).SetBit(big.NewInt(1), size-1, 1), big.NewInt(3)))
	}
	attrs := func(size int) jwk.Attributes {
		return jwk.Attributes{Certificates: []*x509.Certificate{{Raw: leaf}, {Raw: cert(size)}}}
	}
	text := func(size int) []byte { return o.with("x5c", x5c(leaf, cert(size))).json(t) }

	lower := &jwk.Parser{MaxRSABits: 4096}
	if _, err := lower.Parse(text(4096)); err != nil {
		t.Error(err)
	}
	_, err := lower.Parse(text(4097))
	checkError(t, err, jwk.ErrPolicy, "/x5c")
	set, err := lower.ParsePEM(join(block("CERTIFICATE", leaf), block("CERTIFICATE", cert(4097))))
	if err != nil || set.Len() != 1 || len(set.Skipped()) != 1 {
		t.Fatalf("got %v, %v, want one of two blocks", set, err)
	}
	checkError(t, set.Skipped()[0].Err, jwk.ErrPolicy, "*")
	k, err := lower.Parse(o.json(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.WithAttributes(attrs(8192)); err != nil {
		t.Errorf("a lower limit: %v", err)
	}
	_, err = k.WithAttributes(attrs(8193))
	checkError(t, err, jwk.ErrPolicy, "/x5c")

	raised := &jwk.Parser{MaxRSABits: 16384}
	k, err = raised.Parse(text(16384))
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*jwk.Key{k, public} {
		again, err := k.WithAttributes(k.Attributes())
		if err != nil {
			t.Fatal(err)
		}
		if certs, err := again.Certificates(); err != nil || len(certs) != 2 {
			t.Errorf("got %d certificates, %v, want the same two", len(certs), err)
		}
		if _, err := k.WithAttributes(attrs(16384)); err != nil {
			t.Error(err)
		}
		_, err = k.WithAttributes(attrs(16385))
		checkError(t, err, jwk.ErrPolicy, "/x5c")
	}
	// A limit that no certificate reaches works like any other.
	endless := &jwk.Parser{MaxRSABits: math.MaxInt}
	if k, err = endless.Parse(text(100_000)); err != nil {
		t.Fatal(err)
	}
	if _, err = k.Public(); err != nil {
		t.Error(err)
	}
}

// TestX5CRefused: if this fails, Parse accepts a key with the certificate of another key, or an
// x5c that the standard forbids.
func TestX5CRefused(t *testing.T) {
	o := public(t, "P-256")
	leaf := issue(t, o.key(t).PublicKey())
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	another := newKey(t, func() (*ecdh.PrivateKey, error) { return ecdh.P256().GenerateKey(rand.Reader) })
	text := base64.StdEncoding.EncodeToString(leaf)
	// One certificate must have padding and characters in which the alphabets differ.
	unlike := leaf
	for !strings.ContainsAny(text, "+/") || !strings.HasSuffix(text, "=") {
		unlike = issue(t, o.key(t).PublicKey())
		text = base64.StdEncoding.EncodeToString(unlike)
	}
	stray := strings.TrimRight(text, "=")
	padding := text[len(stray):]
	last := strings.IndexByte(base64Alphabet, stray[len(stray)-1])
	stray = stray[:len(stray)-1] + base64Alphabet[last+1:last+2] + padding

	for _, test := range []struct {
		name string
		o    object
		want error
	}{
		{"X01 leaf for another key", o.with("x5c", x5c(issue(t, another.PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for a key on P-384", o.with("x5c", x5c(issue(t, public(t, "P-384").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for an RSA key", o.with("x5c", x5c(issue(t, public(t, "RSA-2048").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for an Ed25519 key", o.with("x5c", x5c(issue(t, public(t, "Ed25519").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for a P-224 key", o.with("x5c", x5c(issue(t, &p224.PublicKey))), jwk.ErrInvalid},
		{"X01 another RSA key", public(t, "RSA-2048").with("x5c", x5c(issue(t, public(t, "RSA-3072").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 another exponent", public(t, "RSA-2048").with("e", "Aw", "x5c", x5c(issue(t, public(t, "RSA-2048").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for an EC key on RSA", public(t, "RSA-2048").with("x5c", x5c(leaf)), jwk.ErrInvalid},
		{"X01 leaf for an EC key on Ed25519", public(t, "Ed25519").with("x5c", x5c(leaf)), jwk.ErrInvalid},
		{"X01 leaf for an EC key on secp256k1", public(t, "secp256k1").with("x5c", x5c(leaf)), jwk.ErrInvalid},
		{"X01 leaf for another key on secp256k1", public(t, "secp256k1").with("x5c", x5c(issue(t, secp256k1.PrivKeyFromBytes([]byte{1}).PubKey()))), jwk.ErrInvalid},
		{"X01 leaf for an EC key on Ed448", public(t, "Ed448").with("x5c", x5c(leaf)), jwk.ErrInvalid},
		{"X01 leaf for another key on Ed448", public(t, "Ed448").with("x5c", x5c(issue(t, ed448.PublicKey(make([]byte, 57))))), jwk.ErrInvalid},
		{"X01 leaf for another key on X448", public(t, "X448").with("x5c", x5c(issue(t, jwk.X448PublicKey{5}))), jwk.ErrInvalid},
		{"X01 leaf for another ML-DSA key", public(t, "ML-DSA-44").with("x5c", x5c(issue(t, public(t, "ML-DSA-65").key(t).PublicKey()))), jwk.ErrInvalid},
		{"X01 leaf for an EC key on X25519", public(t, "X25519").with("x5c", x5c(leaf)), jwk.ErrInvalid},
		{"X01 the key's certificate is not the first", o.with("x5c", x5c(issue(t, another.PublicKey()), leaf)), jwk.ErrInvalid},
		{"X01 a private key", fixture(t, "P-256").with("x5c", x5c(issue(t, another.PublicKey()))), jwk.ErrInvalid},

		{"X03 empty", o.with("x5c", []string{}), jwk.ErrInvalid},
		{"X03 null in it", o.with("x5c", []any{nil}), jwk.ErrSyntax},
		{"X03 null after the leaf", o.with("x5c", []any{text, nil}), jwk.ErrSyntax},
		{"X03 array in it", o.with("x5c", []any{x5c(leaf)}), jwk.ErrSyntax},
		{"X03 empty string", o.with("x5c", []string{""}), jwk.ErrInvalid},
		{"X03 empty string after the leaf", o.with("x5c", []string{text, ""}), jwk.ErrInvalid},
		{"X03 null", o.with("x5c", nil), jwk.ErrSyntax},
		{"X03 string", o.with("x5c", text), jwk.ErrSyntax},
		{"X03 object", o.with("x5c", object{"0": text}), jwk.ErrSyntax},
		{"X03 11 certificates", o.with("x5c", x5c(slices.Repeat([][]byte{leaf}, 11)...)), jwk.ErrPolicy},
		{"X03 octet after the certificate", o.with("x5c", x5c(append(bytes.Clone(leaf), 0))), jwk.ErrInvalid},
		{"X03 octet after the second", o.with("x5c", x5c(leaf, append(bytes.Clone(leaf), 0))), jwk.ErrInvalid},
		{"X03 certificate cut", o.with("x5c", x5c(leaf[:len(leaf)-1])), jwk.ErrInvalid},
		{"X03 no certificate", o.with("x5c", x5c([]byte("certificate"))), jwk.ErrInvalid},
		{"X03 the second is not a certificate", o.with("x5c", x5c(leaf, []byte{0x30, 0})), jwk.ErrInvalid},
		{"X03 only the public key", o.with("x5c", x5c(marshalPKIX(t, o))), jwk.ErrInvalid},
		{"X03 PEM", o.with("x5c", []string{"-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n"}), jwk.ErrInvalid},
		{"X03 on an oct key", fixture(t, "oct-256").with("x5c", x5c(leaf)), jwk.ErrInvalid},

		{"B08 URL alphabet", o.with("x5c", []string{strings.NewReplacer("+", "-", "/", "_").Replace(text)}), jwk.ErrInvalid},
		{"B08 without padding", o.with("x5c", []string{strings.TrimRight(text, "=")}), jwk.ErrInvalid},
		{"B01 line break", o.with("x5c", []string{text[:64] + "\n" + text[64:]}), jwk.ErrInvalid},
		{"B01 line break at the end", o.with("x5c", []string{text + "\r\n"}), jwk.ErrInvalid},
		{"B04 stray bits", o.with("x5c", []string{stray}), jwk.ErrInvalid},
		{"B07 space", o.with("x5c", []string{text[:64] + " " + text[64:]}), jwk.ErrInvalid},
	} {
		t.Run(test.name, func(t *testing.T) { checkRefused(t, test.o.json(t), test.want, "/x5c") })
	}
	o.with("x5c", x5c(unlike)).key(t)
	o.with("x5c", x5c(slices.Repeat([][]byte{leaf}, 10)...)).key(t)
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// marshalPKIX returns the SubjectPublicKeyInfo of a key in DER.
func marshalPKIX(t testing.TB, o object) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(o.key(t).PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestX5TRefused: if this fails, Parse accepts a malformed digest, or a digest of another
// certificate than the leaf.
func TestX5TRefused(t *testing.T) {
	o := public(t, "Ed25519")
	leaf := issue(t, o.key(t).PublicKey())
	sha1Sum, sha256Sum := sha1.Sum(leaf), sha256.Sum256(leaf)
	wrong1, wrong256 := sha1Sum, sha256Sum
	wrong1[19] ^= 1
	wrong256[0] ^= 1
	certified := o.with("x5c", x5c(leaf))
	for _, test := range []struct {
		name   string
		o      object
		member string
		value  any
		want   error
	}{
		{"X02 not the digest", certified, "x5t", encoded(wrong1[:]), jwk.ErrInvalid},
		{"X02 not the digest", certified, "x5t#S256", encoded(wrong256[:]), jwk.ErrInvalid},
		{"X02 32 octets", certified, "x5t", encoded(sha256Sum[:]), jwk.ErrInvalid},
		{"X02 20 octets", certified, "x5t#S256", encoded(sha1Sum[:]), jwk.ErrInvalid},
		{"X02 19 octets without x5c", o, "x5t", encoded(sha1Sum[:19]), jwk.ErrInvalid},
		{"X02 21 octets without x5c", o, "x5t", encoded(make([]byte, 21)), jwk.ErrInvalid},
		{"X02 31 octets without x5c", o, "x5t#S256", encoded(sha256Sum[:31]), jwk.ErrInvalid},
		{"X02 33 octets without x5c", o, "x5t#S256", encoded(make([]byte, 33)), jwk.ErrInvalid},
		{"X02 empty", o, "x5t", "", jwk.ErrInvalid},
		{"X02 empty", o, "x5t#S256", "", jwk.ErrInvalid},
		{"X02 hexadecimal", certified, "x5t", hex.EncodeToString(sha1Sum[:]), jwk.ErrInvalid},
		{"X02 hexadecimal", certified, "x5t#S256", hex.EncodeToString(sha256Sum[:]), jwk.ErrInvalid},
		{"X02 hexadecimal in base64url", certified, "x5t", encoded([]byte(hex.EncodeToString(sha1Sum[:]))), jwk.ErrInvalid},
		{"B08 standard alphabet", o, "x5t", strings.Repeat("+", 26) + "8", jwk.ErrInvalid},
		{"B08 padding", o, "x5t#S256", base64.URLEncoding.EncodeToString(sha256Sum[:]), jwk.ErrInvalid},
		{"J11 null", o, "x5t", nil, jwk.ErrSyntax},
		{"J11 null", o, "x5t#S256", nil, jwk.ErrSyntax},
		{"J11 array", o, "x5t", []string{encoded(sha1Sum[:])}, jwk.ErrSyntax},
		{"J11 null", o, "x5u", nil, jwk.ErrSyntax},
		{"J11 array", o, "x5u", []string{"https://example.com"}, jwk.ErrSyntax},
	} {
		t.Run(test.member+" "+test.name, func(t *testing.T) {
			checkRefused(t, test.o.with(test.member, test.value).json(t), test.want, "/"+test.member)
		})
	}
	certified.with("x5t", encoded(sha1Sum[:]), "x5t#S256", encoded(sha256Sum[:])).key(t)
	o.with("x5t", encoded(wrong1[:]), "x5t#S256", encoded(wrong256[:])).key(t) // without x5c, no certificate contradicts the digest
}

// TestCertificateThatDoesNotParse checks that Parse accepts a malformed certificate with a sound
// public key, and that Certificates returns the error.
func TestCertificateThatDoesNotParse(t *testing.T) {
	o := public(t, "Ed25519")
	leaf := issue(t, o.key(t).PublicKey())
	var outer []asn1.RawValue
	if _, err := asn1.Unmarshal(leaf, &outer); err != nil {
		t.Fatal(err)
	}
	outer[1] = asn1.RawValue{FullBytes: []byte{0x30, 0}} // an empty signature algorithm
	bad := marshalASN1(t, outer)
	k := o.with("x5c", x5c(leaf, bad)).key(t)
	got, err := k.Certificates()
	checkError(t, err, jwk.ErrInvalid, "/x5c")
	if got != nil {
		t.Errorf("got %d certificates beside the error", len(got))
	}
	// WithAttributes keeps the malformed certificate.
	same, err := k.WithAttributes(k.Attributes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := memberTexts(t, same), memberTexts(t, k); got != want {
		t.Errorf("WithAttributes: got %s, want %s", got, want)
	}
}

// TestURLsAreNotFetched: if this fails, a key from outside makes the program send requests to
// any server (X08).
func TestURLsAreNotFetched(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()
	o := public(t, "P-256")
	leaf := issue(t, o.key(t).PublicKey())
	o = o.with("x5u", server.URL, "jku", server.URL, "jwks_uri", server.URL, "kid", server.URL, "x5c", x5c(leaf))
	k := o.key(t)
	if _, err := (&jwk.Parser{Lenient: true}).Parse(o.json(t)); err != nil {
		t.Error(err)
	}
	if _, err := k.Certificates(); err != nil {
		t.Error(err)
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := public.WithAttributes(k.Attributes()); err != nil {
		t.Error(err)
	}
	made, err := jwk.New(k.PublicKey(), &jwk.Attributes{CertificateURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwk.ParseSet(fmt.Appendf(nil, `{"keys":[%s],"x5u":%q,"jku":%[2]q}`, o.json(t), server.URL)); err != nil {
		t.Error(err)
	}
	for _, k := range []*jwk.Key{k, public, made} {
		_ = k.String()
		if v, ok := k.Member("x5u"); !ok || string(v) != `"`+server.URL+`"` {
			t.Errorf("x5u: got %s, want %q", v, server.URL)
		}
	}
	if got := requests.Load(); got != 0 {
		t.Errorf("got %d requests, want 0", got)
	}
	// The server counts requests.
	if resp, err := http.Get(server.URL); err != nil || resp.Body.Close() != nil || requests.Load() != 1 {
		t.Errorf("the server does not count: %d, %v", requests.Load(), err)
	}
}

// TestCertificateWithMore: if this fails, Parse accepts a certificate with more or fewer
// elements than RFC 5280, Section 4.1, has (X03).
func TestCertificateWithMore(t *testing.T) {
	o := public(t, "Ed25519")
	sequence := func(der []byte) (list []asn1.RawValue) {
		t.Helper()
		if _, err := asn1.Unmarshal(der, &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	leaf := issue(t, o.key(t).PublicKey())
	outer := sequence(leaf)
	tbs := sequence(outer[0].FullBytes)
	const spki = 6 // after version, serialNumber, signature, issuer, validity and subject
	info := sequence(tbs[spki].FullBytes)
	tbs[spki] = asn1.RawValue{FullBytes: marshalASN1(t, append(info, asn1.NullRawValue))}

	// The parts together give the same certificate again.
	if got := marshalASN1(t, outer); !bytes.Equal(got, leaf) {
		t.Fatalf("got %x, want %x", got, leaf)
	}
	for name, der := range map[string][]byte{
		"X03 an element after the signature": marshalASN1(t, append(outer[:3:3], asn1.NullRawValue)),
		"X03 an element after the key":       marshalASN1(t, []asn1.RawValue{{FullBytes: marshalASN1(t, tbs)}, outer[1], outer[2]}),
		"X03 no signature":                   marshalASN1(t, outer[:2]),
		"X03 no signature algorithm":         marshalASN1(t, []asn1.RawValue{outer[0], outer[2]}),
	} {
		t.Run(name, func(t *testing.T) {
			checkRefused(t, o.with("x5c", x5c(der)).json(t), jwk.ErrInvalid, "/x5c")
		})
	}
}
