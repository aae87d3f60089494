package jwk

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// TestDecodeCertificateIsStrict checks that each certificate has exactly one text in base64. A
// line break or another padding is an error in every place and number.
func TestDecodeCertificateIsStrict(t *testing.T) {
	for n := range 10 {
		der := bytes.Repeat([]byte{0xa5}, n+1)
		text := base64.StdEncoding.EncodeToString(der)
		if got, err := decodeCertificate(text); err != nil || !bytes.Equal(got, der) {
			t.Errorf("%q: got %x, %v; want %x", text, got, err, der)
		}
		for at := range len(text) + 1 {
			for _, more := range []string{"\n", "\r", "\r\n", "\n\n\n", "\n\n\n\n", "\r\n\r\n", " ", "=", "==", "===", "====", "A", "-"} {
				bad := text[:at] + more + text[at:]
				got, err := decodeCertificate(bad)
				if err == nil && base64.StdEncoding.EncodeToString(got) != bad {
					t.Errorf("%q: got %x, want an error", bad, got)
				}
			}
		}
		for cut := range text {
			if got, err := decodeCertificate(text[:cut]); err == nil && base64.StdEncoding.EncodeToString(got) != text[:cut] {
				t.Errorf("%q: got %x, want an error", text[:cut], got)
			}
		}
	}
	for _, bad := range []string{"", "\n", "====", "A===", "AB==\n", "AB=="} { // AB== has stray bits
		if got, err := decodeCertificate(bad); err == nil {
			t.Errorf("%q: got %x, want an error", bad, got)
		}
	}
}
