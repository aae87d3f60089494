package jwk_test

import (
	"bytes"
	"crypto"
	_ "crypto/sha512"
	"encoding/json"
	"os"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// An rfcFact is a key that an RFC prints, with its thumbprints.
type rfcFact struct {
	Source           string          `json:"source"`
	JWK              json.RawMessage `json:"jwk"`
	Thumbprint       string          `json:"thumbprint"`
	ThumbprintSHA384 string          `json:"thumbprint_sha384"`
	ThumbprintSHA512 string          `json:"thumbprint_sha512"`
	ThumbprintURI    string          `json:"thumbprint_uri"`
}

// rfcFacts returns the facts of testdata/rfc.json.
func rfcFacts(t testing.TB) []rfcFact {
	t.Helper()
	f, err := os.Open("testdata/rfc.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	var facts []rfcFact
	if err := dec.Decode(&facts); err != nil {
		t.Fatal(err)
	}
	if len(facts) != 39 {
		t.Fatalf("got %d facts, want 39", len(facts))
	}
	return facts
}

// TestRFC: if this fails, a key from an RFC is refused, or has another thumbprint than the RFC
// states or than was computed independently.
func TestRFC(t *testing.T) {
	for _, fact := range rfcFacts(t) {
		t.Run(fact.Source, func(t *testing.T) {
			var want map[string]any
			if err := json.Unmarshal(fact.JWK, &want); err != nil {
				t.Fatal(err)
			}
			k, err := jwk.Parse(fact.JWK)
			if err != nil {
				t.Fatal(err)
			}
			if got := k.Thumbprint().String(); got != fact.Thumbprint {
				t.Errorf("thumbprint: got %s, want %s", got, fact.Thumbprint)
			}
			for hash, want := range map[crypto.Hash]string{
				crypto.SHA256: fact.Thumbprint,
				crypto.SHA384: fact.ThumbprintSHA384,
				crypto.SHA512: fact.ThumbprintSHA512,
			} {
				if want == "" {
					continue
				}
				sum, err := k.ThumbprintHash(hash)
				if got := encoded(sum); err != nil || got != want {
					t.Errorf("thumbprint by %v: got %s, %v; want %s", hash, got, err, want)
				}
			}
			if got, want := k.Thumbprint().URI(), fact.ThumbprintURI; want != "" && got != want {
				t.Errorf("thumbprint URI: got %s, want %s", got, want)
			}

			if got, err := k.MarshalPrivateJSON(); err != nil || !bytes.Equal(got, fact.JWK) {
				t.Errorf("MarshalPrivateJSON: got %s, %v; want %s", got, err, fact.JWK)
			}
			private := want["d"] != nil || want["k"] != nil || want["priv"] != nil
			if got := k.IsPrivate(); got != private {
				t.Errorf("IsPrivate: got %v, want %v", got, private)
			}
			text, err := k.MarshalJSON()
			if private {
				checkError(t, err, jwk.ErrPrivate, "")
			} else if err != nil || !bytes.Equal(text, fact.JWK) {
				t.Errorf("MarshalJSON: got %s, %v; want %s", text, err, fact.JWK)
			}
			for name, got := range map[string]string{
				"kty": string(k.Type()), "crv": string(k.Curve()), "kid": k.KeyID(),
				"use": string(k.Use()), "alg": string(k.Algorithm()),
			} {
				if want, _ := want[name].(string); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestRFC7638 checks that testdata/rfc.json has the URI and the thumbprints by other hashes of
// the key in RFC 7638. Without them TestRFC does not check ThumbprintHash and URI.
func TestRFC7638(t *testing.T) {
	for _, fact := range rfcFacts(t) {
		if fact.Thumbprint == rfc7638Thumbprint && fact.ThumbprintSHA384 != "" {
			if got, want := fact.ThumbprintSHA384, "R9_OfJjSjaw8Fuum86UzK5ixTdN9bo9BaqPSiseq89DWfmqCdpSgUHus-cxDUNc8"; got != want {
				t.Errorf("SHA-384: got %s, want %s", got, want)
			}
			if got, want := fact.ThumbprintSHA512, "DpvEwocfn3FjeWWQjcJHzWrpKTIymKwgoL1xVgQcud48-qZDSRCr1zfWZQdHAJn_ciqXqPTSARyg-L-NyNGpVA"; got != want {
				t.Errorf("SHA-512: got %s, want %s", got, want)
			}
			if got, want := fact.ThumbprintURI, thumbprintURI+rfc7638Thumbprint; got != want {
				t.Errorf("URI: got %s, want %s", got, want)
			}
			return
		}
	}
	t.Fatal("testdata/rfc.json has no such fact")
}

// TestRFCCertificate: the certificate of RFC 7517, Appendix B, is old and signed with SHA-1. If
// this fails, Certificates cannot read it or similar certificates.
func TestRFCCertificate(t *testing.T) {
	for _, fact := range rfcFacts(t) {
		if fact.Source != "RFC 7517, Appendix B (x5c)" {
			continue
		}
		k, err := jwk.Parse(fact.JWK)
		if err != nil {
			t.Fatal(err)
		}
		chain, err := k.Certificates()
		if err != nil || len(chain) != 1 {
			t.Fatalf("got %d certificates, %v; want 1", len(chain), err)
		}
		if got, want := chain[0].Subject.CommonName, "Brian Campbell"; got != want {
			t.Errorf("subject: got %q, want %q", got, want)
		}
		return
	}
	t.Fatal("testdata/rfc.json has no such fact")
}
