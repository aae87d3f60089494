package jwk_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

const (
	rfc7638Thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"   // RFC 7638, Section 3.1
	thumbprintURI     = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" // RFC 9278, Section 3
)

// TestParseThumbprint: if this fails, a thumbprint has several texts, and programs that compare
// texts of thumbprints take them for different keys.
func TestParseThumbprint(t *testing.T) {
	for _, s := range []string{rfc7638Thumbprint, thumbprintURI + rfc7638Thumbprint} {
		got, err := jwk.ParseThumbprint(s)
		if err != nil {
			t.Fatalf("ParseThumbprint(%q): %v", s, err)
		}
		if got.String() != rfc7638Thumbprint || got.URI() != thumbprintURI+rfc7638Thumbprint {
			t.Errorf("ParseThumbprint(%q): got %s and URI %s, want %s", s, got, got.URI(), rfc7638Thumbprint)
		}
	}
	for name, s := range map[string]string{
		"empty":             "",
		"one octet short":   encoded(make([]byte, 31)),
		"one octet long":    encoded(make([]byte, 33)),
		"padding":           rfc7638Thumbprint + "=",
		"standard alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(rfc7638Thumbprint),
		"stray bits":        rfc7638Thumbprint[:42] + "t",
		"line break":        rfc7638Thumbprint + "\n",
		"space":             " " + rfc7638Thumbprint,
		"only the prefix":   thumbprintURI,
		"prefix twice":      thumbprintURI + thumbprintURI + rfc7638Thumbprint,
		"other hash":        strings.Replace(thumbprintURI, "256", "384", 1) + rfc7638Thumbprint,
		"upper case URI":    strings.ToUpper(thumbprintURI) + rfc7638Thumbprint,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := jwk.ParseThumbprint(s)
			checkError(t, err, jwk.ErrInvalid, "")
			if got != (jwk.Thumbprint{}) {
				t.Errorf("got %v with the error, want the zero Thumbprint", got)
			}
		})
	}
}

// TestThumbprintText: if this fails, a program cannot store thumbprints in JSON, or a text that
// is not a thumbprint changes the value that it is decoded into.
func TestThumbprintText(t *testing.T) {
	want, err := jwk.ParseThumbprint(rfc7638Thumbprint)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[jwk.Thumbprint]jwk.Thumbprint{want: want})
	if want := `{"` + rfc7638Thumbprint + `":"` + rfc7638Thumbprint + `"}`; err != nil || string(text) != want {
		t.Fatalf("json.Marshal: got %s, %v; want %s", text, err, want)
	}
	var back map[jwk.Thumbprint]jwk.Thumbprint
	if err := json.Unmarshal(text, &back); err != nil || len(back) != 1 || back[want] != want {
		t.Errorf("json.Unmarshal: got %v, %v; want %v", back, err, want)
	}

	var got jwk.Thumbprint
	if err := got.UnmarshalText([]byte(thumbprintURI + rfc7638Thumbprint)); err != nil || got != want {
		t.Errorf("UnmarshalText of a URI: got %v, %v; want %v", got, err, want)
	}
	checkError(t, got.UnmarshalText([]byte("AAAA")), jwk.ErrInvalid, "")
	if got != want {
		t.Errorf("after an UnmarshalText that failed: got %v, want the old value %v", got, want)
	}
}

// TestThumbprintOfForms: the thumbprint depends only on the values of the required members (RFC
// 7638, Section 3). If this fails, one key has several thumbprints, depending on how it is
// written.
func TestThumbprintOfForms(t *testing.T) {
	want := public(t, "P-256").key(t).Thumbprint()
	o := fixture(t, "P-256")
	x, y := o["x"].(string), o["y"].(string)
	const digits = "0123456789abcdef"
	escaped := `\u00` + string([]byte{digits[x[0]>>4], digits[x[0]&15]}) + x[1:]
	for name, text := range map[string]string{
		"private":      string(o.json(t)),
		"attributes":   string(o.with("kid", "1", "use", "sig", "alg", "ES256", "vendor", "x").json(t)),
		"other order":  `{"y":"` + y + `","x":"` + x + `","kty":"EC","crv":"P-256"}`,
		"white space":  "{ \"kty\" :\t\"EC\",\n\"crv\":\"P-256\" , \"x\":\"" + x + `","y":"` + y + "\"\r\n}",
		"escaped name": `{"k\u0074y":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `"}`,
		"escapes":      `{"kty":"\u0045C","crv":"P\u002d256","x":"` + escaped + `","y":"` + y + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			k, err := jwk.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second call returns the value that the key keeps
				if got := k.Thumbprint(); got != want {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		})
	}
	if got := fixture(t, "P-384").key(t).Thumbprint(); got == want {
		t.Errorf("P-384: got the thumbprint %v of P-256, want another", got)
	}
}

// TestThumbprintOfLargeKey: a modulus of 16384 bits does not fit into the buffer on the stack.
// If this fails, a key that is larger than the default limits has a wrong thumbprint.
func TestThumbprintOfLargeKey(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(1), 16383)
	n.SetBit(n, 0, 1)
	text := encoded(n.Bytes())
	k, err := (&jwk.Parser{MaxRSABits: 16384}).Parse(object{"kty": "RSA", "n": text, "e": "AQAB"}.json(t))
	if err != nil {
		t.Fatal(err)
	}
	want := jwk.Thumbprint(sha256.Sum256([]byte(`{"e":"AQAB","kty":"RSA","n":"` + text + `"}`)))
	if got := k.Thumbprint(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestThumbprintHashUnavailable: if this fails, ThumbprintHash panics for a hash that the
// program does not link. No package here imports an implementation of MD4.
func TestThumbprintHashUnavailable(t *testing.T) {
	k := public(t, "Ed25519").key(t)
	for _, h := range []crypto.Hash{0, crypto.MD4, crypto.BLAKE2b_512, 99, ^crypto.Hash(0)} {
		sum, err := k.ThumbprintHash(h)
		checkError(t, err, jwk.ErrUnsupported, "")
		if sum != nil {
			t.Errorf("hash %d: got %x with the error, want nil", uint(h), sum)
		}
	}
}

// FuzzParseThumbprint: ParseThumbprint must accept only the two texts that a Thumbprint writes,
// and UnmarshalText must agree with it.
func FuzzParseThumbprint(f *testing.F) {
	for _, text := range []string{rfc7638Thumbprint, rfc7638Thumbprint[:42] + "t", rfc7638Thumbprint + "=", rfc7638Thumbprint + "\n", ""} {
		f.Add(text)
		f.Add(thumbprintURI + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before := jwk.Thumbprint{1}
		unmarshalled := before
		got, err := jwk.ParseThumbprint(text)
		errText := unmarshalled.UnmarshalText([]byte(text))
		if err != nil {
			checkError(t, err, jwk.ErrInvalid, "")
			checkError(t, errText, jwk.ErrInvalid, "")
			if got != (jwk.Thumbprint{}) || unmarshalled != before {
				t.Errorf("got %v and %v with the error, want the zero Thumbprint and the old value", got, unmarshalled)
			}
			return
		}
		if text != got.String() && text != got.URI() {
			t.Errorf("ParseThumbprint(%q): got %v, want an error", text, got)
		}
		if errText != nil || unmarshalled != got {
			t.Errorf("UnmarshalText: got %v, %v; want %v", unmarshalled, errText, got)
		}
	})
}
