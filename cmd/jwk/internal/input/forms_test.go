package input_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// The key of RFC 8037, Appendix A.
const (
	publicJWK  = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	privateJWK = `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	publicSSH  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
)

var passphrase = []byte("correct horse")

// reader returns a Reader that knows the passphrase.
func reader() *input.Reader {
	return &input.Reader{
		Parser:     jwk.Parser{Lenient: true},
		Passphrase: func(string) ([]byte, error) { return passphrase, nil },
		Warn:       func(string) {},
	}
}

// must returns a function that returns v, and fails the test if there is an error.
func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func privateKey(t testing.TB) *jwk.Key {
	t.Helper()
	return must[*jwk.Key](t)(jwk.Parse([]byte(privateJWK)))
}

func privatePEM(t testing.TB) string {
	t.Helper()
	return string(must[[]byte](t)(privateKey(t).MarshalPrivatePEM()))
}

func privateDER(t testing.TB) []byte {
	t.Helper()
	return must[[]byte](t)(privateKey(t).MarshalPrivateDER())
}

// encryptedPEM returns the key in PEM. It is encrypted as fast as the package allows.
func encryptedPEM(t testing.TB) []byte {
	t.Helper()
	return must[[]byte](t)(privateKey(t).EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1000}))
}

func encryptedJWE(t testing.TB) []byte {
	t.Helper()
	return must[[]byte](t)(privateKey(t).Encrypt(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1000}))
}

// flattened returns a JWE in the flattened serialization (RFC 7516, Section 7.2.2).
func flattened(compact []byte) []byte {
	p := strings.Split(string(compact), ".")
	return []byte(`{"protected":"` + p[0] + `","encrypted_key":"` + p[1] + `","iv":"` + p[2] + `","ciphertext":"` + p[3] + `","tag":"` + p[4] + `"}`)
}

func inUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

func compressed(text string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return buf.String()
}

// TestForms: a text in every form that has keys is recognized and read, without a flag.
func TestForms(t *testing.T) {
	set := `{"keys":[` + publicJWK + `,` + publicJWK + `]}`
	encrypted := encryptedPEM(t)
	block, _ := pem.Decode(encrypted)
	for _, tc := range []struct {
		name, text string
		form       input.Form
		encrypted  bool
		keys       int
		set        bool
	}{
		{"a JWK", publicJWK, input.JWK, false, 1, false},
		{"a JWK after blanks", "\r\n\t " + publicJWK + "\n", input.JWK, false, 1, false},
		{"a JWK after a byte order mark", "\uFEFF" + publicJWK, input.JWK, false, 1, false},
		{"a set", set, input.Set, false, 2, true},
		{"a set of one key", `{"keys":[` + publicJWK + `]}`, input.Set, false, 1, true},
		{"a set without keys", `{"keys":[]}`, input.Set, false, 0, true},
		{"PEM", privatePEM(t), input.PEM, false, 1, false},
		{"PEM after text", "Bag Attributes\n" + privatePEM(t), input.PEM, false, 1, false},
		{"PEM after a byte order mark", "\uFEFF" + privatePEM(t), input.PEM, false, 1, false},
		{"PEM in one line", strings.ReplaceAll(strings.TrimSpace(privatePEM(t)), "\n", " "), input.PEM, false, 1, false},
		{"PEM, two keys", privatePEM(t) + privatePEM(t), input.PEM, false, 2, true},
		{"encrypted PEM", string(encrypted), input.PEM, true, 1, false},
		{"DER", string(privateDER(t)), input.DER, false, 1, false},
		{"encrypted DER", string(block.Bytes), input.DER, true, 1, false},
		{"a public key of OpenSSH", publicSSH + " me@host\n", input.SSH, false, 1, false},
		{"authorized_keys", "# a remark\n\nrestrict,command=\"a b\" " + publicSSH + "\n" + publicSSH + "\n", input.SSH, false, 2, true},
		{"a JWE", string(encryptedJWE(t)), input.JWK, true, 1, false},
		{"a JWE in JSON", string(flattened(encryptedJWE(t))), input.JWK, true, 1, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := reader().Parse("file", []byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			if d.Form != tc.form || d.Encrypted != tc.encrypted || d.Keys.Len() != tc.keys || d.IsSet() != tc.set || len(d.Skipped) > 0 {
				t.Errorf("got form %s, encrypted %t, %d keys, set %t, skipped %v, want %s, %t, %d, %t and nothing skipped",
					d.Form, d.Encrypted, d.Keys.Len(), d.IsSet(), d.Skipped, tc.form, tc.encrypted, tc.keys, tc.set)
			}
			for k := range d.Keys.All() {
				if !k.Equal(privateKey(t)) && !k.Equal(must[*jwk.Key](t)(jwk.Parse([]byte(publicJWK)))) {
					t.Errorf("got another key: %v", k)
				}
			}
		})
	}
}

// misfits are texts in the forms that package jwk recognizes and this command does not read, with
// the message for each.
func misfits(t testing.TB) []struct{ form, text, want string } {
	b64 := base64.StdEncoding.EncodeToString
	publicPEM := string(must[[]byte](t)(privateKey(t).MarshalPEM()))
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
	const wantObject = `JSON, want an object with "kty" (a JWK) or "keys" (a JWK Set)`
	return []struct{ form, text, want string }{
		{"no text", " \n", "no text, want a key"},
		{"UTF-16", inUTF16(publicJWK), "UTF-16: convert it: iconv -f UTF-16 -t UTF-8"},
		{"an SSH2 key", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "an SSH2 key: convert it: ssh-keygen -i -f FILE"},
		{"a file of PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "a file of PuTTY: convert it: puttygen FILE -O private-openssh -o NEW"},
		{"PKCS #12", "\x30\x06\x02\x01\x03\x30\x01\x00", "PKCS #12: convert it to PEM: openssl pkcs12 -in FILE -nodes -out NEW"},
		{"a Java keystore", "\xfe\xed\xfe\xed\x00\x00\x00\x02", "a Java keystore: convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW -deststoretype pkcs12, and then openssl pkcs12 -in NEW -nodes -out NEW.pem"},
		{"compressed data (gzip)", compressed(publicJWK), "compressed data (gzip): decompress it: gunzip -c FILE | jwk VERB -"},
		{"HTML or XML", "<!DOCTYPE html><html></html>", "HTML or XML: a server may have sent an error page; ask for the jwks_uri"},
		{"YAML", "kty: oct\nk: AAAA", "YAML: convert it to JSON: yq -o json FILE | jwk VERB -"},
		{"a signed text (JWS in JSON)", `{"payload":"YQ","signatures":[]}`, "a signed text (JWS in JSON): jwk verify KEYS FILE verifies the compact form"},
		{"a signed text (JWT or another JWS)", jwt, "a signed text (JWT or another JWS): it has no key: jwk verify KEYS FILE verifies it"},
		{"provider metadata", `{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/keys"}`, "provider metadata, which has no keys: jwk fetch https://issuer.example/keys"},
		{"provider metadata", `{"issuer":"https://issuer.example","jwks_uri":1}`, "provider metadata: fetch the set: jwk fetch URL, with the jwks_uri in it"},
		{"a service account file", `{"private_key":` + strconv.Quote(privatePEM(t)) + `}`, "a service account file: take the key out: jq -r .private_key FILE | jwk VERB -"},
		{"an object that holds PEM", `{"2026":` + strconv.Quote(publicPEM) + `}`, `an object that holds PEM: take a key out: jq -r '.["NAME"]' FILE | jwk VERB -`},
		{`an object with "keys" in another case`, `{"Keys":[]}`, `an object with "keys" in another case: write "keys" in lower case`},
		{`an object with "kty" in another case`, `{"Kty":"oct"}`, `an object with "kty" in another case: write "kty" in lower case`},
		{"an object with a jwks", `{"jwks":{"keys":[]}}`, "an object with a jwks: take the set out: jq .jwks FILE | jwk VERB -"},
		{"an object with a jwk", `{"jwk":` + publicJWK + `}`, "an object with a jwk: take the key out: jq .jwk FILE | jwk VERB -"},
		{"JSON", `[1]`, wantObject},
		{"JSON", `{"a":1}`, `/kty: missing`},
		{"", `1`, wantObject},
		{"", `null`, wantObject},
		{"an array of keys", `[` + publicJWK + `]`, "an array of keys: make it a set: jq '{keys: .}' FILE | jwk VERB -"},
		{"a string that holds JSON", strconv.Quote(publicJWK), "a string that holds JSON: take the text out: jq -r . FILE | jwk VERB -"},
		{"a string that holds PEM", strconv.Quote(publicPEM), "a string that holds PEM: take the text out: jq -r . FILE | jwk VERB -"},
		{"a string that holds a JWE or a JWT", strconv.Quote(jwt), "a string that holds a JWE or a JWT: take the text out: jq -r . FILE"},
		{"base64 of DER", b64(privateDER(t)), "base64 of DER: decode it: base64 -d FILE | jwk VERB -"},
		{"hexadecimal of DER", hex.EncodeToString(privateDER(t)), "hexadecimal of DER: decode it: xxd -r -p FILE | jwk VERB -"},
		{"base64 of PEM", b64([]byte(publicPEM)), "base64 of PEM: decode it: base64 -d FILE | jwk VERB -"},
		{"base64 of JSON", b64([]byte(publicJWK)), "base64 of JSON: decode it: base64 -d FILE | jwk VERB -"},
		{"a public key of OpenSSH without its type", strings.Fields(publicSSH)[1], "a public key of OpenSSH without its type: write the type before it, such as ssh-ed25519"},
		{"", "correct-horse-battery-staple", "one line of text, which may be a bare secret: jwk convert --to jwk --from secret FILE -o NEW makes a symmetric key of its bytes"},
		{"", "some words", "not in a form that is known: want a JWK, a JWK Set, PEM, DER, a key of OpenSSH or a JWE"},
		{"", strings.Repeat("long", 200), "not in a form that is known: want a JWK, a JWK Set, PEM, DER, a key of OpenSSH or a JWE"},
		{"PEM", "-----BEGIN ENCRYPTED", "not a PEM block (RFC 7468): BEGIN without a label and five dashes after it"},
		{"PEM that is encrypted in the form before PKCS #8", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "a private key encrypted in the form before PKCS #8: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW"},
		{"PEM", "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n", "a DSA key, which has no form as a JWK: make another key"},
		{"a file of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n" +
			"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "want one private key of OpenSSH in the file, and nothing else"},
	}
}

// TestOtherForms: a text that cannot be read is named by its form, and the message has a command
// that helps. No message shows the text.
func TestOtherForms(t *testing.T) {
	for _, tc := range misfits(t) {
		t.Run(tc.want, func(t *testing.T) {
			_, err := reader().Parse("file", []byte(tc.text))
			if err == nil {
				d, _ := reader().Parse("file", []byte(tc.text))
				if len(d.Skipped) != 1 {
					t.Fatalf("got no error, want %s", tc.want)
				}
				_, err = d.Key()
			}
			refusal, ok := errors.AsType[*input.Error](err)
			if !ok {
				t.Fatalf("got %v, want an Error", err)
			}
			if got := strings.TrimPrefix(refusal.Error(), "file: "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestEveryFormHasAMessage: if package jwk learns to recognize a form, this command must say what to
// do with a text in that form.
func TestEveryFormHasAMessage(t *testing.T) {
	source := must[[]byte](t)(os.ReadFile(filepath.Join("..", "..", "..", "..", "forms.go")))
	_, table, _ := strings.Cut(string(source), "var forms = ")
	rows := regexp.MustCompile("(?m)^\tform\\w+:\\s+\\{(?:what: )?(\"[^\"]+\"|`[^`]+`)").FindAllStringSubmatch(table, -1)
	known := make(map[string]bool)
	for _, m := range misfits(t) {
		known[m.form] = true
	}
	for _, form := range []string{"a file of OpenSSH", "encrypted PEM", "PEM", "a public key of OpenSSH", "a certificate in DER", "DER", "a single JWK", "a JWK Set", "a JWE", "a JWE in JSON"} {
		known[form] = true // TestForms reads it
	}
	if len(rows) < 30 {
		t.Fatalf("got %d forms in forms.go, want all: its layout has changed", len(rows))
	}
	for _, row := range rows {
		form := must[string](t)(strconv.Unquote(row[1]))
		if !known[form] {
			t.Errorf("no message for %s", form)
		}
	}
}

// TestFrom: --from overrides what is recognized, and the error says if the text is in another form.
func TestFrom(t *testing.T) {
	r := reader()
	r.From = input.Secret
	d, err := r.Parse("file", []byte(publicJWK+"\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if secret := must[[]byte](t)(d.Keys.At(0).Secret()); string(secret) != publicJWK {
		t.Errorf("got the secret %q, want the text without its line break", secret)
	}
	for _, tc := range []struct {
		from       input.Form
		text, want string
	}{
		{input.JWK, privatePEM(t), "file: PEM, and not jwk as --from says"},
		{input.Set, publicJWK, "file: a single JWK, and not set as --from says"},
		{input.PEM, publicJWK, "file: a single JWK, and not pem as --from says"},
		{input.DER, privatePEM(t), "file: PEM, and not der as --from says"},
		{input.SSH, "words", "file: no key, or options before it"},
		{input.Secret, "", "file: /k: empty, want at least 1 octet"},
	} {
		r.From = tc.from
		d, err := r.Parse("file", []byte(tc.text))
		if err == nil {
			_, err = d.Key()
		}
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("--from %s: got %v, want %s", tc.from, err, tc.want)
		}
	}
}
