package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// An issuer signs certificates.
type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// certify returns an issuer with the signer and a certificate for its public half. If by is
// nil, the certificate is self-signed. The functions spoil change the template.
func (by *issuer) certify(t testing.TB, name string, ca bool, key crypto.Signer, spoil ...func(*x509.Certificate)) *issuer {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Unix(1_700_000_000, 0),
		NotAfter:     time.Unix(1_800_000_000, 0),
		IsCA:         ca, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ca {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	for _, f := range spoil {
		f(template)
	}
	if by == nil {
		by = &issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{cert, key}
}

// signerOf returns the signer of a fixture.
func signerOf(t testing.TB, name string) crypto.Signer {
	t.Helper()
	return must[crypto.Signer](t)(fixture(t, name).key(t).Signer())
}

// certificateOf returns a self-signed certificate for a fixture. Its text in standard base64
// has padding and characters in which the alphabets differ.
func certificateOf(t testing.TB, name string) []byte {
	t.Helper()
	signer, err := fixture(t, name).key(t).Signer()
	if err != nil {
		t.Fatal(err)
	}
	for length := range 64 {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1),
			Subject:      pkix.Name{CommonName: strings.Repeat("a", length)},
			NotBefore:    time.Unix(1_700_000_000, 0),
			NotAfter:     time.Unix(2_000_000_000, 0),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		if text := std64(der); strings.HasSuffix(text, "=") && strings.ContainsAny(text, "+/") {
			return der
		}
	}
	t.Fatal("no certificate has padding and characters in which the alphabets differ")
	return nil
}

// std64 returns octets in standard base64.
func std64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// inPEM returns a certificate in PEM.
func inPEM(der []byte) string { return string(block("CERTIFICATE", der)) }

// asymmetricNames returns the names of the fixtures that have a form in DER.
func asymmetricNames() []string {
	var names []string
	for _, name := range fixtureNames {
		if !strings.HasPrefix(name, "oct") {
			names = append(names, name)
		}
	}
	return names
}

// block returns DER in PEM, with a label.
func block(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

// goodPEM returns a block with a key. A file needs one block with a key, or ParsePEM refuses
// it.
func goodPEM(t testing.TB) []byte {
	t.Helper()
	return must[[]byte](t)(public(t, "Ed448").key(t).MarshalPEM())
}

// join returns the blocks in one file.
func join(blocks ...[]byte) []byte { return bytes.Join(blocks, nil) }

// tlv returns a DER element with the tag and the content.
func tlv(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	n := len(content)
	head := []byte{tag, byte(n)}
	switch {
	case n > 0xffff:
		head = []byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	case n > 0xff:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	case n > 0x7f:
		head = []byte{tag, 0x81, byte(n)}
	}
	return append(head, content...)
}

// sequence returns a SEQUENCE of elements.
func sequence(parts ...[]byte) []byte { return tlv(0x30, parts...) }

// octetString returns an OCTET STRING.
func octetString(b []byte) []byte { return tlv(4, b) }

// bitString returns a BIT STRING of whole octets.
func bitString(b []byte) []byte { return tlv(3, []byte{0}, b) }

// explicit returns elements in a constructed element with the context-specific tag n.
func explicit(n byte, parts ...[]byte) []byte { return tlv(0xa0|n, parts...) }

// integer returns an INTEGER.
func integer(n int64) []byte { return bigInteger(big.NewInt(n)) }

// bigInteger returns an INTEGER of any size.
func bigInteger(n *big.Int) []byte { der, _ := asn1.Marshal(n); return der }

// algorithm returns an AlgorithmIdentifier with these object identifiers.
func algorithm(t testing.TB, ids ...asn1.ObjectIdentifier) []byte {
	t.Helper()
	var parts [][]byte
	for _, id := range ids {
		parts = append(parts, marshalASN1(t, id))
	}
	return sequence(parts...)
}

// pkcs8 returns a PrivateKeyInfo. The object identifiers are an algorithm and, for EC, a curve.
func pkcs8(t testing.TB, version int64, ids []asn1.ObjectIdentifier, key []byte, more ...[]byte) []byte {
	t.Helper()
	parts := append([][]byte{integer(version), algorithm(t, ids...), octetString(key)}, more...)
	return sequence(parts...)
}

// decoded returns the octets of a base64url text.
func decoded(t testing.TB, text string) []byte {
	t.Helper()
	return must[[]byte](t)(base64.RawURLEncoding.DecodeString(text))
}

// fixtureOctets returns the octets of a member of a fixture.
func fixtureOctets(t testing.TB, name, member string) []byte {
	t.Helper()
	return decoded(t, fixture(t, name)[member].(string))
}

// rsaPrivateDER returns an RSAPrivateKey with the members of o.
func rsaPrivateDER(t testing.TB, version int64, o object, more ...[]byte) []byte {
	t.Helper()
	parts := [][]byte{integer(version)}
	for _, name := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		parts = append(parts, bigInteger(new(big.Int).SetBytes(decoded(t, o[name].(string)))))
	}
	return sequence(append(parts, more...)...)
}

// withHeaders returns a block of PEM with the line as a header, n times.
func withHeaders(block []byte, n int, line string) []byte {
	first, rest, _ := bytes.Cut(block, []byte("\n"))
	return join(first, []byte("\n"+strings.Repeat(line+"\n", n)+"\n"), rest)
}

// padded16 returns octets with the padding of RFC 8018, Section 6.1.1.
func padded16(b []byte) []byte {
	n := 16 - len(b)%16
	return append(bytes.Clone(b), bytes.Repeat([]byte{byte(n)}, n)...)
}

// encryptedInfo returns an EncryptedPrivateKeyInfo with a padded text that the standard library
// encrypts.
func encryptedInfo(t testing.TB, passphrase, padded []byte) []byte {
	t.Helper()
	const count = 1000
	salt, iv := make([]byte, 16), make([]byte, 16)
	key := must[[]byte](t)(pbkdf2.Key(sha256.New, string(passphrase), salt, count, 32))
	mode := must[cipher.Block](t)(aes.NewCipher(key))
	text := bytes.Clone(padded)
	cipher.NewCBCEncrypter(mode, iv).CryptBlocks(text, text)
	id := func(parts ...int) []byte { return marshalASN1(t, asn1.ObjectIdentifier(parts)) }
	return sequence(sequence(id(1, 2, 840, 113549, 1, 5, 13), sequence(
		sequence(id(1, 2, 840, 113549, 1, 5, 12), sequence(octetString(salt), integer(count), sequence(id(1, 2, 840, 113549, 2, 9), nullElement))),
		sequence(id(2, 16, 840, 1, 101, 3, 4, 1, 42), octetString(iv)))), octetString(text))
}

// openssl runs the openssl command and returns its output. The test is skipped if the command
// is not installed.
func openssl(t *testing.T, stdin []byte, args ...string) ([]byte, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, stderr.Bytes())
	}
	return out, nil
}

// rsaPrimes returns fixed primes: for "six" six primes of 512 bits, for "close" two primes of
// 1024 bits that are close to each other.
func rsaPrimes(t testing.TB, name string) []*big.Int {
	t.Helper()
	data, err := os.ReadFile("testdata/rsa.json")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(file[name], &texts); err != nil {
		t.Fatal(err)
	}
	primes := make([]*big.Int, len(texts))
	for i, text := range texts {
		p, ok := new(big.Int).SetString(text, 16)
		if !ok {
			t.Fatalf("malformed prime %q", text)
		}
		primes[i] = p
	}
	return primes
}

// rsaObject returns an RSA private key with these primes and the smallest d for e.
func rsaObject(t testing.TB, e int64, primes ...*big.Int) object {
	t.Helper()
	n, lcm := big.NewInt(1), big.NewInt(1)
	for _, p := range primes {
		n.Mul(n, p)
		less := new(big.Int).Sub(p, one)
		lcm.Div(new(big.Int).Mul(lcm, less), new(big.Int).GCD(nil, nil, lcm, less))
	}
	d := new(big.Int).ModInverse(big.NewInt(e), lcm)
	if d == nil {
		t.Fatalf("these primes do not allow the exponent %d", e)
	}
	exponent := func(p *big.Int) string {
		return integerText(new(big.Int).Mod(d, new(big.Int).Sub(p, one)))
	}
	p, q := primes[0], primes[1]
	o := object{
		"kty": "RSA", "n": integerText(n), "e": integerText(big.NewInt(e)), "d": integerText(d),
		"p": integerText(p), "q": integerText(q), "dp": exponent(p), "dq": exponent(q),
		"qi": integerText(new(big.Int).ModInverse(q, p)),
	}
	if len(primes) > 2 {
		var oth []any
		product := new(big.Int).Mul(p, q)
		for _, r := range primes[2:] {
			oth = append(oth, object{"r": integerText(r), "d": exponent(r), "t": integerText(new(big.Int).ModInverse(product, r))})
			product.Mul(product, r)
		}
		o["oth"] = oth
	}
	return o
}

// issue returns a certificate for a Go public key in DER. The signer is the fixture P-256,
// because a key does not need a sound chain.
func issue(t testing.TB, public crypto.PublicKey) []byte {
	t.Helper()
	by, err := fixture(t, "P-256").key(t).Signer()
	if err != nil {
		t.Fatal(err)
	}
	if key, ok := public.(*ecdh.PublicKey); ok { // crypto/x509 writes such a key, but does not certify it
		info, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return withPublicKey(t, issue(t, by.Public()), asn1.RawValue{FullBytes: info})
	}
	if info, ok := rareSPKI(t, public); ok {
		return withPublicKey(t, issue(t, by.Public()), info)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "leaf"},
		NotBefore:    time.Unix(1_700_000_000, 0),
		NotAfter:     time.Unix(1_700_000_001, 0), // expired, which a key does not check
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, by)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// x5c returns the value of the member x5c.
func x5c(chain ...[]byte) []string {
	texts := []string{}
	for _, der := range chain {
		texts = append(texts, base64.StdEncoding.EncodeToString(der))
	}
	return texts
}

// withPublicKey returns a certificate with another SubjectPublicKeyInfo.
func withPublicKey(t testing.TB, certificate []byte, spki any) []byte {
	t.Helper()
	var outer, tbs []asn1.RawValue
	if rest, err := asn1.Unmarshal(certificate, &outer); err != nil || len(rest) > 0 {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(outer[0].FullBytes, &tbs); err != nil {
		t.Fatal(err)
	}
	const subjectPublicKeyInfo = 6 // RFC 5280, Section 4.1: with a version
	tbs[subjectPublicKeyInfo] = asn1.RawValue{FullBytes: marshalASN1(t, spki)}
	outer[0] = asn1.RawValue{FullBytes: marshalASN1(t, tbs)}
	return marshalASN1(t, outer)
}

// sized returns a certificate with the given size in octets. The signature fills it up.
func sized(t testing.TB, certificate []byte, size int) []byte {
	t.Helper()
	var outer []asn1.RawValue
	if _, err := asn1.Unmarshal(certificate, &outer); err != nil {
		t.Fatal(err)
	}
	var der []byte
	for n := size - len(certificate); len(der) != size; n += size - len(der) {
		outer[2] = asn1.RawValue{FullBytes: marshalASN1(t, bits(make([]byte, n)))}
		der = marshalASN1(t, outer)
	}
	return der
}

// marshalASN1 returns a value in DER.
func marshalASN1(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
