package jwk_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// foreignLabels are labels of known blocks that this package does not read.
var foreignLabels = []string{
	"OPENSSH PRIVATE KEY", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST",
	"PKCS7", "PKCS #7 SIGNED DATA", "X509 CRL", "DSA PRIVATE KEY", "DH PARAMETERS", "DSA PARAMETERS", "RSA-PSS PRIVATE KEY",
	"PGP PUBLIC KEY BLOCK", "PGP PRIVATE KEY BLOCK",
}

// TestPEMRefused checks that the error for a text that Lenient does not read either names its form
// and the way out.
func TestPEMRefused(t *testing.T) {
	octets := must[[]byte](t)
	k := fixture(t, "P-256").key(t)
	plain := octets(k.MarshalPrivatePEM())
	point := append([]byte{4}, append(fixtureOctets(t, "P-256", "x"), fixtureOctets(t, "P-256", "y")...)...)
	scalar, seed, x := fixtureOctets(t, "P-256", "d"), fixtureOctets(t, "Ed25519", "d"), fixtureOctets(t, "Ed25519", "x")
	edID := []asn1.ObjectIdentifier{oidEd25519}
	explicitID := sequence(marshalASN1(t, oidECKey), sequence(integer(1), sequence()))
	oneLine := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte(" ")) }
	sec1 := func(scalar []byte) []byte {
		return block("EC PRIVATE KEY", sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(t, oidP256))))
	}
	ring := func(version int64, public ...[]byte) []byte {
		return block("PRIVATE KEY", pkcs8(t, version, edID, octetString(seed), explicit(1, public...)))
	}
	rsa := func(names ...string) []byte {
		return block("RSA PRIVATE KEY", rsaPrivateDER(t, 0, withZeros(t, names...)))
	}
	prime := sequence(integer(3), integer(1), integer(1))
	const namedCurve, convert = "openssl ec -param_enc named_curve", "openssl pkcs8 -topk8 -v2 aes-256-cbc"

	type refused struct {
		name string
		text []byte
		want error
		says string
	}
	tests := []refused{
		{"a longer scalar", sec1(append([]byte{1}, scalar...)), jwk.ErrInvalid, "a scalar of 33 octets, want 32 for P-256"},
		{"a scalar of zeros, too short", sec1(make([]byte, 31)), jwk.ErrInvalid, "scalar"},
		{"no scalar", sec1(nil), jwk.ErrInvalid, "scalar"},
		{"only dp is 0", rsa("dp"), jwk.ErrInvalid, "/dp: is 0"},
		{"only qi is 0", rsa("qi"), jwk.ErrInvalid, "/qi: is 0"},
		{"p is 0", rsa("p", "dp", "dq", "qi"), jwk.ErrInvalid, "/p: is 0"},
		{"d is 0 too", rsa("d", "p", "q", "dp", "dq", "qi"), jwk.ErrInvalid, "is 0"},
		{"n is 0", rsa("n"), jwk.ErrInvalid, "/n: is 0"},
		{"zero CRT values of three primes", block("RSA PRIVATE KEY", rsaPrivateDER(t, 1, withZeros(t, "dp", "dq", "qi"), sequence(prime))), jwk.ErrInvalid, "/dp: is 0"},
		{"zero CRT values of other primes", block("RSA PRIVATE KEY", rsaPrivateDER(t, 0, withZeros(t, "dp", "dq", "qi").with("p", fixture(t, "RSA-3072")["p"]))), jwk.ErrInvalid, "*"},
		{"ring, the public key of another", ring(1, bitString(flipped(x, 0))), jwk.ErrInvalid, "*"},
		{"ring, version 0", ring(0, bitString(x)), jwk.ErrSyntax, "no PrivateKeyInfo"},
		{"ring, no BIT STRING", ring(1, octetString(x)), jwk.ErrSyntax, "no PrivateKeyInfo"},
		{"ring, an empty one", ring(1, bitString(nil)), jwk.ErrSyntax, "no PrivateKeyInfo"},
		{"ring, two", ring(1, bitString(x), bitString(x)), jwk.ErrSyntax, "no PrivateKeyInfo"},
		{"both tags", block("PRIVATE KEY", pkcs8(t, 1, edID, octetString(seed), tlv(0x81, []byte{0}, x), explicit(1, bitString(x)))), jwk.ErrSyntax, "no PrivateKeyInfo"},
		{"Ed25519 without NULL is right, RSA with other parameters is not", block("PUBLIC KEY", sequence(algorithm(t, oidRSAKey, oidP256), bitString(integer(1)))), jwk.ErrUnsupported, "not supported"},

		{"a private key in PUBLIC KEY", block("PUBLIC KEY", octets(k.MarshalPrivateDER())), jwk.ErrSyntax, "PKCS #8 in a block PUBLIC KEY, want PRIVATE KEY"},
		{"a public key in PRIVATE KEY", block("PRIVATE KEY", octets(k.MarshalDER())), jwk.ErrSyntax, "a SubjectPublicKeyInfo in a block PRIVATE KEY, want PUBLIC KEY"},
		{"a certificate in PUBLIC KEY", block("PUBLIC KEY", certificateOf(t, "P-256")), jwk.ErrSyntax, "a certificate in a block PUBLIC KEY, want CERTIFICATE"},
		{"an encrypted key in PRIVATE KEY", block("PRIVATE KEY", encryptedInfo(t, passphrase, padded16(seed))), jwk.ErrSyntax, "encrypted PKCS #8 in a block PRIVATE KEY, want ENCRYPTED PRIVATE KEY"},
		{"a key in ENCRYPTED PRIVATE KEY", block("ENCRYPTED PRIVATE KEY", octets(k.MarshalPrivateDER())), jwk.ErrSyntax, "PKCS #8 in a block ENCRYPTED PRIVATE KEY, want PRIVATE KEY"},
		{"an unknown label", block("EC PUBLIC KEY", octets(k.MarshalDER())), jwk.ErrUnsupported, `"EC PUBLIC KEY", which holds a SubjectPublicKeyInfo, want PUBLIC KEY`},

		{"text before BEGIN", join([]byte("KEY="), plain), jwk.ErrSyntax, "text before BEGIN"},
		{"text before BEGIN, one line", join([]byte("# "), oneLine(plain)), jwk.ErrSyntax, "text before BEGIN"},
		{"text after END, one line", join(oneLine(plain), []byte("\"")), jwk.ErrSyntax, "text before BEGIN or after END"},
		{"another END, one line", oneLine(bytes.Replace(plain, []byte("END PRIVATE"), []byte("END PUBLIC"), 1)), jwk.ErrSyntax, "no END with the same label"},
		{"an octet that is not base64, one line", oneLine(bytes.Replace(plain, []byte("\nM"), []byte("\n!"), 1)), jwk.ErrSyntax, "no base64"},
		{"a backslash, one line", oneLine(bytes.Replace(plain, []byte("\nM"), []byte("\\M"), 1)), jwk.ErrSyntax, "no base64"},
		{"17 headers, one line", bytes.ReplaceAll(withHeaders(plain, 17, "a: b"), []byte("\n"), []byte("\r")), jwk.ErrPolicy, "headers"},
		{"encrypted before PKCS #8, one line", []byte("-----BEGIN RSA PRIVATE KEY----- Proc-Type: 4,ENCRYPTED DEK-Info: AES-128-CBC,00 AAAA -----END RSA PRIVATE KEY-----"), jwk.ErrUnsupported, convert},
		{"an armored text of OpenPGP", []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 1\n\nmQENBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"), jwk.ErrUnsupported, "OpenPGP"},

		{"RSASSA-PSS, public", block("PUBLIC KEY", sequence(algorithm(t, oidPSS), bitString(integer(1)))), jwk.ErrUnsupported, "RSASSA-PSS"},
		{"RSASSA-PSS, private", block("PRIVATE KEY", pkcs8(t, 0, []asn1.ObjectIdentifier{oidPSS}, rsaPrivateDER(t, 0, fixture(t, "RSA-2048")))), jwk.ErrUnsupported, "PS256"},
		{"explicit parameters, SEC 1", block("EC PRIVATE KEY", sequence(integer(1), octetString(scalar), explicit(0, sequence(integer(1), sequence())))), jwk.ErrUnsupported, namedCurve},
		{"explicit parameters, PKCS #8", block("PRIVATE KEY", sequence(integer(0), explicitID, octetString(sequence(integer(1), octetString(scalar))))), jwk.ErrUnsupported, namedCurve},
		{"explicit parameters, public", block("PUBLIC KEY", sequence(explicitID, bitString(point))), jwk.ErrUnsupported, namedCurve},
		{"DSA in PKCS #8", block("PRIVATE KEY", pkcs8(t, 0, []asn1.ObjectIdentifier{oidDSA}, integer(1))), jwk.ErrUnsupported, "a DSA key"},
		{"Diffie-Hellman", block("PUBLIC KEY", sequence(algorithm(t, asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}), bitString(integer(1)))), jwk.ErrUnsupported, "Diffie-Hellman"},
	}
	for label, says := range map[string]string{
		"OPENSSH PRIVATE KEY": "sshkey.ParsePrivateKey", "TRUSTED CERTIFICATE": "openssl x509 -in", "X509 CERTIFICATE": "openssl x509 -in",
		"CERTIFICATE REQUEST": "openssl req -noout -pubkey", "NEW CERTIFICATE REQUEST": "openssl req -noout -pubkey",
		"PKCS7": "openssl pkcs7 -print_certs", "PKCS #7 SIGNED DATA": "openssl pkcs7 -print_certs", "X509 CRL": "revoked", "DSA PRIVATE KEY": "a DSA key",
		"DH PARAMETERS": "parameters", "DSA PARAMETERS": "parameters", "RSA-PSS PRIVATE KEY": "PS256",
		"PGP PUBLIC KEY BLOCK": "OpenPGP", "PGP PRIVATE KEY BLOCK": "OpenPGP",
	} {
		tests = append(tests, refused{label, block(label, []byte{1}), jwk.ErrUnsupported, says}, refused{label + ", one line", oneLine(block(label, []byte{1})), jwk.ErrUnsupported, says})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, lenient := range []bool{false, true} {
				p := &jwk.Parser{Lenient: lenient}
				s, err := p.ParsePEM(test.text)
				if s != nil {
					t.Errorf("Lenient %t: got %v, want no set", lenient, s)
				}
				deviates := !lenient && strings.Contains(err.Error(), "Parser.Lenient") // Lenient gets the wanted error
				if !deviates {
					checkError(t, err, test.want, "*")
				}
				if !deviates && test.says != "*" && !strings.Contains(err.Error(), test.says) {
					t.Errorf("Lenient %t: got %q, want %q in it", lenient, err, test.says)
				}
				// Beside a good key the block is skipped, unless FailFast is set.
				s, err = p.ParsePEM(join(goodPEM(t), test.text))
				again := theSkipped(t, s, err)
				if !deviates {
					checkError(t, again, test.want, "*")
				}
				p.FailFast = true
				if _, err := p.ParsePEM(join(goodPEM(t), test.text)); err == nil || err.Error() != again.Error() {
					t.Errorf("FailFast: got %v, want %v", err, again)
				}
			}
		})
	}
}

// TestNoUsableKey checks that a file without a usable key fails with the reason of its first block,
// with the kind, path and offset of that reason, and that the text says how many more blocks
// cannot be used.
func TestNoUsableKey(t *testing.T) {
	octets := must[[]byte](t)
	crl, unknown := block("X509 CRL", nil), block("UNKNOWN", nil)
	parameters := block("EC PARAMETERS", marshalASN1(t, oidP256))
	small := block("PUBLIC KEY", sequence(sequence(marshalASN1(t, oidRSAKey), nullElement), bitString(sequence(bigInteger(rsaPrimes(t, "six")[0]), integer(65537)))))
	des3 := must[[]byte](t)(os.ReadFile("testdata/reports/pem-des3.pem"))
	for _, test := range []struct {
		name   string
		text   []byte
		want   error
		path   string
		offset int
		says   string
	}{
		{"one", crl, jwk.ErrUnsupported, "/keys/0", 0, "a list of revoked certificates, which has no key"},
		{"two", join(crl, unknown), jwk.ErrUnsupported, "/keys/0", 0, "a list of revoked certificates, which has no key; and 1 more block cannot be used"},
		{"three, after words", join([]byte("words\n"), unknown, crl, crl), jwk.ErrUnsupported, "/keys/0", 6, `a PEM block "UNKNOWN", want a key or certificate; and 2 more blocks cannot be used`},
		{"a small key", join(small, crl), jwk.ErrPolicy, "/keys/0/n", 0, "512 bits, want at least 2048; and 1 more block cannot be used"},
		{"parameters, and a list", join(parameters, crl), jwk.ErrUnsupported, "/keys/0", len(parameters), "a list of revoked certificates, which has no key"},
		{"parameters only", parameters, jwk.ErrSyntax, "", 0, "no key, but only EC PARAMETERS"},
		{"END only", crl[1:], jwk.ErrSyntax, "/keys/0", 0, "not a PEM block (RFC 7468): END without BEGIN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for door, read := range map[string]func([]byte) (*jwk.Set, error){
				"ParsePEM":   jwk.ParsePEM,
				"Lenient":    (&jwk.Parser{Lenient: true}).ParsePEM,
				"PublicOnly": (&jwk.Parser{PublicOnly: true}).ParsePEM,
				"DecryptPEM": func(text []byte) (*jwk.Set, error) { return jwk.DecryptPEM(text, fromPassphrase()) },
			} {
				s, err := read(test.text)
				if s != nil {
					t.Errorf("%s: got %v, want no set", door, s)
				}
				checkError(t, err, test.want, test.path)
				want := "jwk: " + test.says
				if test.path != "" {
					want = "jwk: " + test.path + ": " + test.says
				}
				if e := err.(*jwk.Error); err.Error() != want || int(e.Offset) != test.offset {
					t.Errorf("%s: got %q at %d, want %q at %d", door, err, e.Offset, want, test.offset)
				}
			}
			s, err := jwk.ParsePEM(join(test.text, octets(fixture(t, "P-256").key(t).MarshalPEM())))
			if err != nil || s.Len() != 1 {
				t.Errorf("before a key: got %v, %v, want one key", s, err)
			}
		})
	}
	_, err := jwk.DecryptPEM(join(des3, crl), &jwk.DecryptOptions{Passphrase: []byte("passphrase")})
	checkError(t, err, jwk.ErrUnsupported, "/keys/0")
	// A private key fails the file, even after a block that is skipped.
	for name, text := range map[string][]byte{
		"after a list": join(crl, octets(fixture(t, "P-256").key(t).MarshalPrivatePEM())),
		"DSA":          join(crl, block("DSA PRIVATE KEY", nil)),
	} {
		_, err := (&jwk.Parser{PublicOnly: true}).ParsePEM(text)
		if checkError(t, err, jwk.ErrPrivate, ""); err.(*jwk.Error).Offset != int64(len(crl)) {
			t.Errorf("%s: got %v at %d, want the private block", name, err, err.(*jwk.Error).Offset)
		}
	}
}

// TestLenientPEMCertificates checks that a key reports the deviations of the certificates of its
// chain, also if the key has a block of its own with other deviations.
func TestLenientPEMCertificates(t *testing.T) {
	octets := must[[]byte](t)
	lenient := &jwk.Parser{Lenient: true}
	key := fixture(t, "RSA-2048").key(t)
	modulus := sequence(bigInteger(fixture(t, "RSA-2048").integer(t, "n")), integer(65537))
	chain, root := pki(t, signerOf(t, "RSA-2048"))
	bare := withPublicKey(t, chain[0].Raw, asn1.RawValue{FullBytes: sequence(algorithm(t, oidRSAKey), bitString(modulus))})
	leaf, bareLeaf := block("CERTIFICATE", chain[0].Raw), block("CERTIFICATE", bare)
	others := join(block("CERTIFICATE", chain[1].Raw), block("CERTIFICATE", root.Raw))
	plain := octets(key.MarshalPrivatePEM())
	mislabeled := block("RSA PRIVATE KEY", octets(key.MarshalPrivateDER()))
	oneLine := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte(" ")) }
	for _, test := range []struct {
		name string
		text []byte
		met  []jwk.Deviation
	}{
		{"sound", join(plain, leaf, others), nil},
		{"the leaf without NULL", join(plain, bareLeaf, others), []jwk.Deviation{metNULL}},
		{"no key, and the leaf without NULL", join(bareLeaf, others), []jwk.Deviation{metNULL}},
		{"authorities on one line", join(plain, leaf, oneLine(others)), []jwk.Deviation{met}},
		{"all on one line, the root first", oneLine(join(others, leaf, plain)), []jwk.Deviation{met}},
		{"all on one line, no blanks", bytes.ReplaceAll(join(plain, leaf, others), []byte("\n"), nil), []jwk.Deviation{met}},
		{"a key of another label, the leaf without NULL, a byte order mark", join([]byte("\uFEFF"), mislabeled, oneLine(bareLeaf), others), []jwk.Deviation{metLabel, metNULL, met, metBOM}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := lenient.ParsePEM(test.text)
			k := theKey(t, s, err)
			if got := k.Deviations(); !slices.Equal(got, test.met) {
				t.Errorf("got deviations %q, want %q", got, test.met)
			}
			// Not k.Certificates(): crypto/x509 does not parse a certificate without NULL.
			var x5c []string
			if value, _ := k.Member("x5c"); json.Unmarshal(value, &x5c) != nil || len(x5c) != 3 {
				t.Errorf("got x5c %s, want 3 certificates", value)
			}
			s, err = jwk.ParsePEM(test.text)
			if strict := err == nil && s.Len() == 1 && len(s.Skipped()) == 0; strict != (test.met == nil) {
				t.Errorf("strict: got %v, %v, want a fault %t", s, err, test.met != nil)
			}
		})
	}
}

// TestDERDeviations checks that Lenient reads the same DER in ParseDER and in encrypted PKCS #8.
func TestDERDeviations(t *testing.T) {
	lenient := &jwk.Parser{Lenient: true}
	tried := 0
	for _, test := range lenientPEM(t) {
		if slices.ContainsFunc(test.met, func(d jwk.Deviation) bool { return d == met || d == metBOM || d == metLabel }) {
			continue // a deviation of the PEM text
		}
		decoded, _ := pem.Decode(test.text)
		der, label := decoded.Bytes, decoded.Type
		tried++
		t.Run(test.name, func(t *testing.T) {
			_, err := jwk.ParseDER(der)
			checkError(t, err, test.refused, "*")
			k, err := lenient.ParseDER(der)
			if err != nil || !k.Equal(test.want) {
				t.Fatalf("ParseDER: got %v, %v, want %v", k, err, test.want)
			}
			if got := k.Deviations(); !slices.Equal(got, test.met) {
				t.Errorf("ParseDER: got deviations %q, want %q", got, test.met)
			}
			if label != "PRIVATE KEY" {
				return
			}
			text := block("ENCRYPTED PRIVATE KEY", encryptedInfo(t, passphrase, padded16(der)))
			s, err := jwk.DecryptPEM(text, &jwk.DecryptOptions{Passphrase: passphrase, Parser: lenient})
			if k := theKey(t, s, err); !k.Equal(test.want) || !slices.Equal(k.Deviations(), test.met) {
				t.Errorf("DecryptPEM: got %v, %q, want %v, %q", k, k.Deviations(), test.want, test.met)
			}
			_, err = jwk.DecryptPEM(text, &jwk.DecryptOptions{Passphrase: passphrase})
			checkError(t, err, jwk.ErrDecrypt, "")
		})
	}
	if tried < 35 {
		t.Errorf("got %d keys in DER, want more", tried)
	}
}
