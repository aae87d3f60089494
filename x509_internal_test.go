package jwk

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
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

// TestCertifiedComparesIntegers checks certified for RSA keys, which compares octets, against a
// comparison of the integers that the octets encode. If it fails, a key gets the certificate of
// another key, or loses its own.
func TestCertifiedComparesIntegers(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(1), 2047)
	n.Add(n, big.NewInt(0x1ff))
	k := &rsaKey{n: encode64(n.Bytes()), e: encode64([]byte{1, 0, 1})}

	integer := func(octets ...byte) []byte { return append([]byte{2, byte(len(octets))}, octets...) }
	publicKey := func(n, e []byte, more ...byte) []byte {
		var b cryptobyte.Builder
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(n)
			b.AddBytes(e)
			b.AddBytes(more)
		})
		return b.BytesOrPanic()
	}
	long := func(content []byte) []byte {
		return append([]byte{2, 0x82, byte(len(content) >> 8), byte(len(content))}, content...)
	}
	modulus, exponent := long(append([]byte{0}, n.Bytes()...)), integer(1, 0, 1)
	next := new(big.Int).Add(n, big.NewInt(2))

	accepted := 0
	for _, der := range [][]byte{
		publicKey(modulus, exponent),
		publicKey(long(append([]byte{0}, next.Bytes()...)), exponent),
		publicKey(long(n.Bytes()), exponent),                          // negative
		publicKey(long(append([]byte{0, 0}, n.Bytes()...)), exponent), // not minimal
		publicKey(modulus, integer(1, 0, 3)),
		publicKey(modulus, integer(0, 1, 0, 1)), // not minimal
		publicKey(modulus, integer(0xff)),
		publicKey(modulus, integer(0)),
		publicKey(modulus, integer()),
		publicKey(modulus, integer(1, 0, 0, 0, 0, 0, 1, 0, 1)), // 2^64 more
		publicKey(exponent, modulus),
		publicKey(modulus, exponent, 5, 0),
		append(publicKey(modulus, exponent), 0),
		publicKey(modulus, nil),
		nil,
	} {
		var seq cryptobyte.String
		gotN, gotE, s := new(big.Int), 0, cryptobyte.String(der)
		want := s.ReadASN1(&seq, cbasn1.SEQUENCE) && s.Empty() &&
			seq.ReadASN1Integer(gotN) && seq.ReadASN1Integer(&gotE) && seq.Empty() &&
			gotE == 65537 && gotN.Cmp(n) == 0
		for _, id := range []algorithmID{nameRSA, {algorithm: oidRSAPSS}} {
			if got := k.certified(&publicKeyInfo{id, der}); got != want {
				t.Errorf("%v %x: got %v, want %v", id.algorithm, der, got, want)
			}
		}
		if k.certified(&publicKeyInfo{nameEC(oidP256), der}) {
			t.Errorf("%x: got true for an EC key", der)
		}
		if want {
			accepted++
			if _, err := x509.ParsePKCS1PublicKey(der); err != nil {
				t.Error(err)
			}
		}
	}
	if accepted != 1 {
		t.Errorf("got %d accepted, want 1", accepted)
	}
}

// TestDecodeCertificateAgreesWithBase64 puts every octet in every place of texts with and without
// padding, and compares the result with encoding/base64.
func TestDecodeCertificateAgreesWithBase64(t *testing.T) {
	strict := base64.StdEncoding.Strict()
	for n := 1; n <= 13; n++ {
		der := bytes.Repeat([]byte{0xfb, 0xf7, 0x1c}, 5)[:n]
		text := []byte(base64.StdEncoding.EncodeToString(der))
		for at, octet := range text {
			for c := range 256 {
				text[at] = byte(c)
				want, err := strict.DecodeString(string(text))
				sound := err == nil && strict.EncodeToString(want) == string(text)
				got, err := decodeCertificate(string(text))
				if (err == nil) != sound || sound && !bytes.Equal(got, want) {
					t.Fatalf("%q: got %x, %v; want %x, sound: %v", text, got, err, want, sound)
				}
			}
			text[at] = octet
		}
	}
}

// TestCertificatesLeaveNoSecret: the certificates of a key are decoded into the scratch memory that had
// its private octets. If this fails, a certificate that needs more memory leaves them behind.
func TestCertificatesLeaveNoSecret(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, ed25519.SeedSize)
	priv := ed25519.NewKeyFromSeed(seed)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(nil, template, template, priv.Public(), priv)
	if err != nil {
		t.Fatal(err)
	}
	certificate := base64.StdEncoding.EncodeToString(der)
	text := []byte(`{"kty":"OKP","crv":"Ed25519","x":"` + encode64(priv[ed25519.SeedSize:]) + `","d":"` + encode64(seed) +
		`","x5c":["` + certificate + `","` + certificate + `"]}`)
	m := new(members)
	m.buf, m.point = make([]byte, 0, 64), make([]byte, 0, 96) // enough for the key, but not for a certificate
	scratch := map[string][]byte{"buf": m.buf[:cap(m.buf)], "point": m.point[:cap(m.point)]}
	if err := m.read(newReader(text)); err != nil {
		t.Fatal(err)
	}
	if k, err := new(Parser).newKey(m, false); err != nil || !k.IsPrivate() {
		t.Fatalf("got %v, %v, want a private key", k, err)
	}
	m.release()
	for name, memory := range scratch {
		if bytes.Contains(memory, seed) {
			t.Errorf("%s: got memory with the private octets of the key, want it wiped", name)
		}
	}
}
