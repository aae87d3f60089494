package jwk_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed1f6cf2d3/jwk"
)

// entrances are the functions of the package that read a text, by name.
var entrances = map[string]func(p *jwk.Parser, text []byte) error{
	"Parse":    func(p *jwk.Parser, text []byte) error { _, err := p.Parse(text); return err },
	"ParseSet": func(p *jwk.Parser, text []byte) error { _, err := p.ParseSet(text); return err },
	"ParsePEM": func(p *jwk.Parser, text []byte) error { _, err := p.ParsePEM(text); return err },
	"ParseDER": func(p *jwk.Parser, text []byte) error { _, err := p.ParseDER(text); return err },
	"ParseOne": func(p *jwk.Parser, text []byte) error { _, err := p.ParseOne(text); return err },
	"DecryptKey": func(p *jwk.Parser, text []byte) error {
		_, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Passphrase: passphrase, Parser: p})
		return err
	},
	"DecryptSet": func(p *jwk.Parser, text []byte) error {
		_, err := jwk.DecryptSet(text, &jwk.DecryptOptions{Passphrase: passphrase, Parser: p})
		return err
	},
	"DecryptPEM": func(p *jwk.Parser, text []byte) error {
		_, err := jwk.DecryptPEM(text, &jwk.DecryptOptions{Passphrase: passphrase, Parser: p})
		return err
	},
}

// A misfit is a text in a form that some functions of the package do not read.
type misfit struct {
	name, text string
	form       string   // the form of the text, as the error names it
	wayOut     string   // the advice of the error
	readers    []string // the functions that read this form, and return other errors for it
	private    bool     // the text visibly contains a private key
}

// inUTF16 returns a text in UTF-16, in little-endian order if swapped is true and in big-endian
// order otherwise.
func inUTF16(text string, swapped bool) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if swapped {
			b = append(b, byte(unit), byte(unit>>8))
		} else {
			b = append(b, byte(unit>>8), byte(unit))
		}
	}
	return string(b)
}

// misfits returns a text for every form that the package recognizes, and for its variants.
func misfits(t testing.TB) []misfit {
	t.Helper()
	octets := must[[]byte](t)
	private := fixture(t, "P-256")
	key := private.key(t)
	inJSON, publicJSON := string(private.json(t)), string(public(t, "P-256").json(t))
	inPEM, publicPEM := string(octets(key.MarshalPrivatePEM())), string(octets(key.MarshalPEM()))
	der, publicDER := octets(key.MarshalPrivateDER()), octets(key.MarshalDER())
	rsaDER := octets(public(t, "RSA-2048").key(t).MarshalDER())
	certificate := certificateOf(t, "P-256")
	encryptedPEM := string(octets(key.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: fewIterations})))
	compact := string(encrypted(t, key, toPassphrase()))
	jws := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzZWNyZXQtc3ViamVjdCJ9.c2VjcmV0LXNpZ25hdHVyZQ"
	sshLine := func(typ string) string {
		return typ + " " + base64.StdEncoding.EncodeToString(append([]byte{0, 0, 0, byte(len(typ))}, typ+"secret-material"...))
	}
	b64, quote := base64.StdEncoding.EncodeToString, strconv.Quote
	const secret = "correct-horse-battery-staple"

	pems, ders := []string{"ParsePEM", "DecryptPEM", "ParseOne"}, []string{"ParseDER", "ParseOne"}
	decrypts := []string{"DecryptKey", "DecryptSet"}
	list := []misfit{
		{"nothing", "", "no text", "", nil, false},
		{"white space", " \r\n\t", "no text", "", nil, false},
		{"a byte order mark", "\uFEFF", "no text", "", nil, false},
		{"UTF-16", inUTF16("\uFEFF"+inJSON, true), "UTF-16", "convert it to UTF-8", nil, false},
		{"UTF-16, big-endian", inUTF16("\uFEFF"+publicPEM, false), "UTF-16", "convert it to UTF-8", []string{}, false},
		{"UTF-16 without a mark", inUTF16(inJSON, true), "UTF-16", "convert it to UTF-8", nil, false},
		{"UTF-16, big-endian without a mark", inUTF16(inJSON, false), "UTF-16", "convert it to UTF-8", nil, false},

		{"PEM", publicPEM, "PEM", "ParsePEM reads it", pems, false},
		{"PEM after blanks", " \n\t" + publicPEM, "PEM", "ParsePEM reads it", pems, false},
		{"PEM after a byte order mark", "\uFEFF" + publicPEM, "PEM", "ParsePEM reads it", pems, false},
		{"PEM after text", "Bag Attributes\n    friendlyName: a\n" + publicPEM, "PEM", "ParsePEM reads it", pems, false},
		{"PEM of a private key", inPEM, "PEM with a private key", "ParsePEM reads it", pems, true},
		{"encrypted PEM", encryptedPEM, "encrypted PEM with a private key", "DecryptPEM reads it", pems, true},
		{"a file of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LW1hdGVyaWFs\n-----END OPENSSH PRIVATE KEY-----\n", "a file of OpenSSH with a private key", "sshkey.ParsePrivateKey reads it", pems, true},
		{"a file of PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "a file of PuTTY with a private key", "puttygen", nil, true},
		{"RFC 4716", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "an SSH2 key", "ssh-keygen -i -f", nil, false},
		{"a line of OpenSSH with options", `restrict,command="a b" ` + sshLine("ssh-rsa") + " a@b", "a public key of OpenSSH", "sshkey.ParseAuthorizedKey reads it", nil, false},
		{"known_hosts", "host.example " + sshLine("ssh-ed25519") + "\n", "a public key of OpenSSH", "sshkey.ParseAuthorizedKey reads it", nil, false},
		{"a key of OpenSSH without its type", strings.Fields(sshLine("ssh-rsa"))[1], "a public key of OpenSSH without its type", "sshkey.ParseAuthorizedKey", nil, false},

		{"DER", string(publicDER), "DER", "ParseDER reads it", ders, false},
		{"DER, a long form", string(rsaDER), "DER", "ParseDER reads it", ders, false},
		{"DER of a private key", string(der), "DER with a private key", "ParseDER reads it", ders, true},
		{"a certificate", string(certificate), "a certificate in DER", "ParseDER reads it", ders, false},
		{"PKCS #12", string(sequence(integer(3), sequence(octetString([]byte("secret-material"))))), "PKCS #12", "openssl pkcs12 -in FILE -nodes", nil, false},
		{"PKCS #12 in BER", "\x30\x80\x02\x01\x03\x30\x80secret-material\x00\x00\x00\x00", "PKCS #12", "openssl pkcs12 -in FILE -nodes", nil, false},
		{"a Java keystore", "\xfe\xed\xfe\xed\x00\x00\x00\x02secret-material", "a Java keystore", "keytool -importkeystore", nil, false},
		{"gzip", "\x1f\x8b\x08\x00secret-material", "compressed data (gzip)", "decompress it", nil, false},

		{"HTML", "<!DOCTYPE html><html>secret-material</html>", "HTML or XML", "", nil, false},
		{"XML", "\n<RSAKeyValue>secret-material</RSAKeyValue>", "HTML or XML", "", nil, false},
		{"YAML of a key", "kty: oct\nk: " + secret, "YAML", "convert it to JSON", nil, false},
		{"YAML of a set", "---\nkeys:\n- kty: oct\n  k: " + secret, "YAML", "convert it to JSON", nil, false},

		{"a JWK", publicJSON, "a single JWK", "Parse reads it", []string{"Parse", "ParseOne"}, false},
		{"a private JWK", inJSON, "a single JWK with a private key", "Parse reads it", []string{"Parse", "ParseOne"}, true},
		{"a JWK Set", `{"keys":[` + publicJSON + `]}`, "a JWK Set", "ParseSet reads it", []string{"ParseSet", "ParseOne"}, false},
		{"a private JWK Set", `{"keys":[` + inJSON + `]}`, "a JWK Set with a private key", "ParseSet reads it", []string{"ParseSet", "ParseOne"}, true},
		{"a JWE", compact, "a JWE", "DecryptKey or DecryptSet reads it", decrypts, false},
		{"a JWE in a file", compact + "\r\n", "a JWE", "DecryptKey or DecryptSet reads it", decrypts, false},
		{"a JWE in JSON", flattened([]byte(compact), ""), "a JWE in JSON", "DecryptKey or DecryptSet reads it", decrypts, false},
		{"a JWT", jws, "a signed text (JWT or another JWS)", "", nil, false},
		{"a JWS in JSON", `{"payload":"` + b64([]byte(secret)) + `","signatures":[]}`, "a signed text (JWS in JSON)", "", nil, false},
		{"provider metadata", `{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/secret"}`, "provider metadata", "fetch the set from its jwks_uri", nil, false},
		{"a service account", `{"type":"service_account","private_key":` + quote(inPEM) + `}`, "a service account file with a private key", "ParsePEM reads its private_key", pems[1:2], true},
		{"certificates by kid", `{"2026-11":` + quote(string(block("CERTIFICATE", certificate))) + `}`, "an object that holds PEM", "ParsePEM reads each of its strings", nil, false},
		{"Keys", `{"Keys":[` + publicJSON + `]}`, `an object with "keys" in another case`, "case matters", nil, false},
		{"KEYS", `{"KEYS":[]}`, `an object with "keys" in another case`, "case matters", nil, false},
		{"Kty", `{"Kty":"oct","K":"` + b64([]byte(secret)) + `"}`, `an object with "kty" in another case with a private key`, "case matters", nil, true},
		{"client metadata", `{"client_id":"secret-client","jwks":{"keys":[]}}`, "an object with a jwks", "ParseSet reads that member", nil, false},
		{"a header with a jwk", `{"alg":"ES256","jwk":` + publicJSON + `}`, "an object with a jwk", "Parse reads that member", nil, false},
		{"an array of keys", `[` + publicJSON + `,` + publicJSON + `]`, "an array of keys", `ParseSet reads it as "keys" of an object`, nil, false},
		{"an array of private keys", `[` + inJSON + `]`, "an array of keys with a private key", `ParseSet reads it as "keys" of an object`, nil, true},
		{"JSON in a string", quote(publicJSON), "a string that holds JSON", "unmarshal the string first", nil, false},
		{"private JSON in a string", quote(inJSON), "a string that holds JSON with a private key", "unmarshal the string first", nil, true},
		{"PEM in a string", quote(publicPEM), "a string that holds PEM", "unmarshal the string, and call ParsePEM", nil, false},
		{"private PEM in a string", quote(inPEM), "a string that holds PEM with a private key", "unmarshal the string, and call ParsePEM", pems[1:2], true},
		{"other JSON", `{"a":"secret-material"}`, "JSON", "Parse reads a JWK, ParseSet a set", []string{"Parse", "ParseSet", "DecryptKey", "DecryptSet"}, false},
		{"broken JSON", `{"kty":"oct","k":secret-material}`, "JSON", "Parse reads a JWK, ParseSet a set", []string{"Parse", "ParseSet", "DecryptKey", "DecryptSet", "ParseOne"}, false},

		{"base64 of DER", b64(publicDER), "base64 of DER", "decode it, and call ParseDER", nil, false},
		{"base64 of a private key in DER, in lines", b64(der)[:64] + "\n" + b64(der)[64:] + "\n", "base64 of DER with a private key", "decode it, and call ParseDER", nil, true},
		{"base64url of DER", encoded(publicDER), "base64 of DER", "decode it, and call ParseDER", nil, false},
		{"hexadecimal of DER", hex.EncodeToString(publicDER), "hexadecimal of DER", "decode it, and call ParseDER", nil, false},
		{"base64 of a private key in PEM", b64([]byte(inPEM)), "base64 of PEM with a private key", "decode it, and call ParsePEM", nil, true},
		{"base64 of a key in JSON", b64([]byte(publicJSON)), "base64 of JSON", "decode it, and call Parse or ParseSet", nil, false},
		{"base64 of a private key in JSON", b64([]byte(inJSON)), "base64 of JSON with a private key", "decode it, and call Parse or ParseSet", nil, true},
		{"base64url of a set", encoded([]byte(`{"keys":[` + publicJSON + `]}`)), "base64 of JSON", "decode it, and call Parse or ParseSet", nil, false},
	}
	for _, typ := range []string{"ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa-cert-v01@openssh.com"} {
		list = append(list, misfit{typ, sshLine(typ) + " a@b\n", "a public key of OpenSSH", "sshkey.ParseAuthorizedKey reads it", nil, false})
	}
	return list
}

// TestWrongDoor: a function that is given a text in a form for another function must say which
// form the text has, and which call or command reads it. If this fails, a user gets a bare
// syntax error, or the error shows a part of the text, or PublicOnly does not report a visible
// private key as ErrPrivate.
func TestWrongDoor(t *testing.T) {
	for _, m := range misfits(t) {
		for name, open := range entrances {
			if slices.Contains(m.readers, name) {
				continue
			}
			t.Run(m.name+"/"+name, func(t *testing.T) {
				for _, p := range []*jwk.Parser{{}, {Lenient: true}} {
					err := open(p, []byte(m.text))
					if err == nil {
						t.Fatal("got no error, want one")
					}
					kind := jwk.ErrSyntax
					if text := strings.TrimSpace(m.text); (name == "Parse" || name == "ParseSet") && strings.HasPrefix(text, "{") && m.form != "UTF-16" {
						kind = jwk.ErrInvalid
					}
					checkError(t, err, kind, "*")
					text := err.Error()
					if !strings.Contains(text, m.form+", want ") && !strings.Contains(text, "missing in "+m.form) || !strings.HasSuffix(text, m.wayOut) && !strings.Contains(text, ": "+m.wayOut) {
						t.Errorf("got %q, want %q and %q", text, m.form, m.wayOut)
					}
					checkShowsNothing(t, text, m.text)
				}
				err := open(&jwk.Parser{PublicOnly: true}, []byte(m.text))
				if errors.Is(err, jwk.ErrPrivate) != m.private {
					t.Errorf("PublicOnly: got %v, want %v: %t", err, jwk.ErrPrivate, m.private)
				}
				checkShowsNothing(t, err.Error(), m.text)
			})
		}
	}
}

// checkShowsNothing checks that the text of an error does not repeat 8 consecutive octets of the
// input, except for member names that the error itself mentions.
func checkShowsNothing(t *testing.T, text, input string) {
	t.Helper()
	const own = `"jwks_uri" "private_key"`
	for i := range len(input) - 7 {
		if run := input[i : i+8]; strings.Contains(text, run) && !strings.Contains(own, run) {
			t.Errorf("got error %q, which shows %q of the input", text, run)
		}
	}
}

// TestDamagedBase64: a text that begins with the base64 of a private key and goes on otherwise
// is not base64. If this fails, the error claims a content that the text does not have.
func TestDamagedBase64(t *testing.T) {
	pem := must[[]byte](t)(fixture(t, "P-256").key(t).MarshalPrivatePEM())
	text := base64.StdEncoding.EncodeToString(pem) + "!"
	_, err := (&jwk.Parser{PublicOnly: true}).Parse([]byte(text))
	checkError(t, err, jwk.ErrSyntax, "")
	if want := "jwk: not JSON, want a JWK"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// TestBareSecrets: the error for a text of unknown form, such as a bare password, says only "not
// JSON". If this fails, it shows a part of the secret. The texts begin like every kind of JSON
// token.
func TestBareSecrets(t *testing.T) {
	for _, text := range []string{
		"secret", "correct horse battery staple", "tr0ub4dor&3", "false-friend", "nAAAAAAA8xyz", "-----", "0x1234567890abcdef", "12ab34cd56ef7890", "'quoted secret'",
		"\x01\x02\x03\x04\x05\x06\x07\x08", "pässwörter-geheim", "a.b", "a.b.c", "0" + strings.Repeat("A", 49), "ey", strings.Repeat("QUJD", 50_000), `secret "in quotes"`, "00" + strings.Repeat("7", 48), "01" + strings.Repeat("secret", 8) + "s",
	} {
		for _, name := range []string{"Parse", "ParseSet"} {
			err := entrances[name](new(jwk.Parser), []byte(text))
			checkError(t, err, jwk.ErrSyntax, "")
			want := map[string]string{"Parse": "jwk: not JSON, want a JWK", "ParseSet": "jwk: not JSON, want a JWK Set"}[name]
			if err.Error() != want {
				t.Errorf("%s(%.20q): got %q, want %q", name, text, err, want)
			}
		}
		err := entrances["ParseOne"](new(jwk.Parser), []byte(text))
		checkError(t, err, jwk.ErrSyntax, "")
		if want := "jwk: no key in PEM, DER or JSON"; err.Error() != want {
			t.Errorf("ParseOne(%.20q): got %q, want %q", text, err, want)
		}
		for _, open := range entrances {
			checkShowsNothing(t, open(new(jwk.Parser), []byte(text)).Error(), text)
			if err := open(&jwk.Parser{PublicOnly: true}, []byte(text)); errors.Is(err, jwk.ErrPrivate) {
				t.Errorf("PublicOnly, %.20q: got %v, want another kind, because the text has no private key", text, err)
			}
		}
	}
}

// TestWrongDoorKeepsErrors: if this fails, an error that names the fault of a text is replaced
// by one that only names its form.
func TestWrongDoorKeepsErrors(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
		says       string
	}{
		{"Parse", `{}`, jwk.ErrInvalid, "/kty", "missing"},
		{"ParseSet", `{"a":1}`, jwk.ErrInvalid, "/keys", "missing"},
		{"Parse", `[]`, jwk.ErrSyntax, "", "an array, want an object"},
		{"ParseSet", `[1,{"kty":"oct"}]`, jwk.ErrSyntax, "", "an array, want an object"},
		{"Parse", `"secret"`, jwk.ErrSyntax, "", "a string, want an object"},
		{"Parse", `123`, jwk.ErrSyntax, "", "a number, want an object"},
		{"Parse", `null`, jwk.ErrSyntax, "", "null, want an object"},
		{"Parse", `[{"kty":}]`, jwk.ErrSyntax, "/0/kty", "want a value (line 1, column 9)"},
		{"Parse", `{"keys":[],"keys":[]}`, jwk.ErrSyntax, "/keys", "duplicate member name"},
		{"Parse", `{"kty":"RSA","keys":[]}`, jwk.ErrInvalid, "/e", "missing"},
		{"Parse", `{"kty":"X","jwks_uri":""}`, jwk.ErrUnsupported, "/kty", `key type "X", want RSA, EC, OKP, oct or AKP`},
		{"ParseSet", `{"keys":{},"kty":"RSA"}`, jwk.ErrSyntax, "/keys", "an object, want an array"},
		{"ParsePEM", "words", jwk.ErrSyntax, "", "no PEM block (RFC 7468)"},
		{"ParseDER", "words", jwk.ErrSyntax, "", "no key in DER"},
		{"ParseDER", "\x30\x03\x02\x01\x00", jwk.ErrSyntax, "", "no key in DER"},
		{"DecryptKey", "a.b", jwk.ErrSyntax, "", "2 parts, want the 5 of a JWE in compact serialization"},
		{"DecryptKey", `{"a":}`, jwk.ErrSyntax, "", "want a value (line 1, column 6)"},
	} {
		err := entrances[tt.name](new(jwk.Parser), []byte(tt.text))
		checkError(t, err, tt.want, tt.path)
		var e *jwk.Error
		if !errors.As(err, &e) || e.Err.Error() != tt.says {
			t.Errorf("%s(%s): got %q, want %q", tt.name, tt.text, err, tt.says)
		}
	}
	// The limit on the size is checked before the form.
	for _, open := range entrances {
		checkError(t, open(&jwk.Parser{MaxBytes: 10}, bytes.Repeat([]byte("<"), 11)), jwk.ErrPolicy, "")
	}
}
