package integration

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
)

// TestBytesOfGoJOSE: this package writes a key with the same bytes as go-jose, whether the key
// is private or public and whether it has attributes. Otherwise programs that move from go-jose
// would change the bytes of their stored or published keys.
func TestBytesOfGoJOSE(t *testing.T) {
	keys, _ := privateKeys(t)
	chain := func(k *jwk.Key) []*x509.Certificate {
		list, err := certified(t, k).Certificates()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	link, err := url.Parse("https://issuer.example/chain.pem?a=1&b=%3C2%3E")
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[jwk.KeyType]int)
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		k := keys[name]
		j, err := k.JOSE()
		if err != nil {
			continue // go-jose does not support these keys
		}
		if priv, ok := j.Key.(*rsa.PrivateKey); ok && len(priv.Primes) > 2 {
			continue // go-jose does not write these keys
		}
		held[k.Type()]++
		halves := []jose.JSONWebKey{j}
		if k.Type() != jwk.Oct {
			halves = append(halves, j.Public())
		}
		for _, j := range halves {
			check := func(what string, change func(j *jose.JSONWebKey)) {
				t.Run(name+", "+what, func(t *testing.T) {
					j := j
					change(&j)
					checkBytes(t, j)
				})
			}
			use, alg := "sig", string(algorithmFor(k))
			if !k.Supports(jwk.Algorithm(alg)) || alg == "" {
				use, alg = "enc", ""
			}
			check("nothing", func(*jose.JSONWebKey) {})
			check("a kid", func(j *jose.JSONWebKey) { j.KeyID = "a<b>&\u2028\u00e9\"" })
			check("use, kid and alg", func(j *jose.JSONWebKey) { j.KeyID, j.Use, j.Algorithm = "a", use, alg })
			check("digests", func(j *jose.JSONWebKey) {
				j.CertificateThumbprintSHA1, j.CertificateThumbprintSHA256 = make([]byte, sha1.Size), make([]byte, sha256.Size)
			})
			if k.Type() != jwk.Oct && k.Curve() != jwk.CurveX25519 && k.Type() != jwk.AKP {
				check("only certificates", func(j *jose.JSONWebKey) { j.Certificates = chain(k) })
				check("everything", func(j *jose.JSONWebKey) {
					j.KeyID, j.Use, j.Algorithm, j.CertificatesURL = "a", use, alg, link
					j.Certificates = chain(k)
					sum1, sum256 := sha1.Sum(j.Certificates[0].Raw), sha256.Sum256(j.Certificates[0].Raw)
					j.CertificateThumbprintSHA1, j.CertificateThumbprintSHA256 = sum1[:], sum256[:]
				})
			}
		}
	}
	for _, typ := range []jwk.KeyType{jwk.RSA, jwk.EC, jwk.OKP, jwk.Oct} {
		if held[typ] == 0 {
			t.Errorf("got no %s key that go-jose supports, want some", typ)
		}
	}
}

// algorithmFor returns a signature algorithm that a key supports.
func algorithmFor(k *jwk.Key) jwk.Algorithm {
	for _, alg := range []jwk.Algorithm{jwk.PS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA, jwk.HS256, jwk.MLDSA44, jwk.MLDSA65, jwk.MLDSA87} {
		if k.Supports(alg) {
			return alg
		}
	}
	return ""
}

func checkBytes(t *testing.T, j jose.JSONWebKey) {
	t.Helper()
	want, err := json.Marshal(j)
	if err != nil {
		t.Fatalf("go-jose: %v", err)
	}
	k, err := jwk.FromJOSE(j)
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !k.IsPrivate() {
		// encoding/json escapes <, > and & in the output of MarshalJSON, as go-jose does.
		if got, err = json.Marshal(k); err != nil {
			t.Fatal(err)
		}
	} else {
		var escaped bytes.Buffer
		json.HTMLEscape(&escaped, got)
		got = escaped.Bytes()
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// The key that this package reads from the text gives the same text again.
	read, err := jwk.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	back, err := read.JOSE()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, want) {
		t.Errorf("back: got %s, %v, want %s", again, err, want)
	}
}
