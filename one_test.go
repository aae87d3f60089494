package jwk_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestParseOne: ParseOne reads one key from each form, with the options of the Parser.
func TestParseOne(t *testing.T) {
	octets := must[[]byte](t)
	private, published := fixture(t, "P-256").key(t), public(t, "P-256").key(t)
	certificate := certificateOf(t, "P-256")
	privatePEM, publicPEM := octets(private.MarshalPrivatePEM()), octets(published.MarshalPEM())
	inJSON := public(t, "P-256").json(t)
	for _, tt := range []struct {
		name string
		text []byte
		want *jwk.Key
	}{
		{"PEM", publicPEM, published},
		{"PEM of a private key", privatePEM, private},
		{"PEM after text and blanks", append([]byte("\n subject=a\n"), publicPEM...), published},
		{"PEM of a key and its certificate", append(bytes.Clone(privatePEM), block("CERTIFICATE", certificate)...), private},
		{"PEM of a certificate", block("CERTIFICATE", certificate), published},
		{"PEM of parameters and a key", append(block("EC PARAMETERS", []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")), privatePEM...), private},
		{"DER", octets(published.MarshalDER()), published},
		{"DER of a private key", octets(private.MarshalPrivateDER()), private},
		{"a certificate", certificate, published},
		{"a JWK", inJSON, published},
		{"a JWK after blanks", append([]byte(" \r\n\t"), inJSON...), published},
		{"a private JWK", fixture(t, "P-256").json(t), private},
		{"a set", []byte(`{"keys":[` + string(inJSON) + `],"x":1}`), published},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := jwk.ParseOne(tt.text)
			if err != nil || !k.Equal(tt.want) || k.IsPrivate() != tt.want.IsPrivate() {
				t.Fatalf("got %v, %v; want %v", k, err, tt.want)
			}
			if strings.Contains(tt.name, "certificate") {
				if chain, err := k.Certificates(); err != nil || len(chain) != 1 {
					t.Errorf("got %d certificates, %v; want 1", len(chain), err)
				}
			}
			k, err = (&jwk.Parser{PublicOnly: true}).ParseOne(tt.text)
			if private := tt.want.IsPrivate(); private {
				checkError(t, err, jwk.ErrPrivate, "*")
			} else if err != nil || !k.Equal(tt.want) {
				t.Errorf("PublicOnly: got %v, %v; want %v", k, err, tt.want)
			}
			_, err = (&jwk.Parser{MaxBytes: len(tt.text) - 1}).ParseOne(tt.text)
			checkError(t, err, jwk.ErrPolicy, "")
		})
	}

	lenient := public(t, "P-256").with("alg", nil).json(t)
	if k, err := (&jwk.Parser{Lenient: true}).ParseOne(append([]byte("\uFEFF"), lenient...)); err != nil || len(k.Deviations()) != 2 {
		t.Errorf("Lenient: got %v, %v; want a key with two deviations", k, err)
	}
}

// TestParseOneRefuses: no key, several keys, and a key beside one that cannot be used are errors.
// If it fails, a program uses one key of a file and loses another without a word.
func TestParseOneRefuses(t *testing.T) {
	octets := must[[]byte](t)
	private := fixture(t, "P-256").key(t)
	privatePEM, otherPEM := string(octets(private.MarshalPrivatePEM())), string(octets(public(t, "P-384").key(t).MarshalPEM()))
	encryptedPEM := string(octets(private.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: fewIterations})))
	inJSON, other := string(public(t, "P-256").json(t)), string(public(t, "P-384").json(t))
	for _, tt := range []struct {
		name, text string
		kind       error
		path       string
		says       string
	}{
		{"an empty set", `{"keys":[]}`, jwk.ErrInvalid, "", "0 keys, want 1"},
		{"a set of two", `{"keys":[` + inJSON + `,` + other + `]}`, jwk.ErrInvalid, "", "2 keys, want 1"},
		{"one key twice", `{"keys":[` + inJSON + `,` + inJSON + `]}`, jwk.ErrInvalid, "", "2 keys, want 1"},
		{"a key after another entry", `{"keys":[{"kty":"X"},` + inJSON + `]}`, jwk.ErrUnsupported, "/keys/0/kty", "beside 1 key cannot be used: key type"},
		{"a key before two other entries", `{"keys":[` + inJSON + `,{"kty":"RSA"},1]}`, jwk.ErrInvalid, "/keys/1/e", "beside 1 key cannot be used: missing"},
		{"no usable entry", `{"keys":[{"kty":"X"},1]}`, jwk.ErrUnsupported, "/keys/0/kty", "key type"},
		{"two blocks", privatePEM + otherPEM, jwk.ErrInvalid, "", "2 keys, want 1"},
		{"a key and its public half", privatePEM + string(octets(public(t, "P-256").key(t).MarshalPEM())), jwk.ErrInvalid, "", "2 keys, want 1"},
		{"a block that is damaged beside a key", privatePEM + "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", jwk.ErrSyntax, "/keys/1", "beside 1 key cannot be used: no "},
		{"an encrypted block", encryptedPEM, jwk.ErrDecrypt, "*", "DecryptPEM"},
		{"an encrypted block beside a key", otherPEM + encryptedPEM, jwk.ErrDecrypt, "/keys/1", "DecryptPEM"},
		{"a file of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", jwk.ErrUnsupported, "*", "sshkey.ParsePrivateKey"},
		{"a JWE", string(encrypted(t, private, toPassphrase())), jwk.ErrSyntax, "", "DecryptKey"},
		{"a JWE in JSON", flattened(encrypted(t, private, toPassphrase()), ""), jwk.ErrSyntax, "", "DecryptKey"},
		{"DER with an octet after it", string(octets(private.MarshalPrivateDER())) + "\x00", jwk.ErrSyntax, "", "no key in PEM, DER or JSON"},
		{"broken JSON", `{"kty":"oct",}`, jwk.ErrSyntax, "", "a comma before a closing bracket (line 1, column 14)"},
		{"a byte order mark", "\uFEFF" + inJSON, jwk.ErrSyntax, "", "Parser.Lenient"},
		{"a key that is not accepted", `{"kty":"oct","k":""}`, jwk.ErrInvalid, "/k", "empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := jwk.ParseOne([]byte(tt.text))
			if k != nil {
				t.Errorf("got %v beside an error", k)
			}
			checkError(t, err, tt.kind, tt.path)
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, want %q in it", err, tt.says)
			}
			checkShowsNothing(t, err.Error(), tt.text)
		})
	}
}

// TestParseOneAfterText: text before a block of PEM (RFC 7468, Section 2) is ignored, even if it
// begins like another form.
func TestParseOneAfterText(t *testing.T) {
	want := fixture(t, "P-256").key(t)
	pem := string(must[[]byte](t)(want.MarshalPrivatePEM()))
	for _, before := range []string{"[key]\n", "<x>\n", "{note}\n", "\"k\"\n", "kty: EC\n", "Bag Attributes\r\n"} {
		if k, err := jwk.ParseOne([]byte(before + pem)); err != nil || !k.Equal(want) {
			t.Errorf("%q: got %v, %v; want %v", before, k, err, want)
		}
	}
	// ParseOne keeps the reason and the path of the error of ParsePEM.
	mislabeled := strings.ReplaceAll(pem, "PRIVATE KEY", "RSA PRIVATE KEY")
	_, err := jwk.ParseOne([]byte("[key]\n" + mislabeled + mislabeled))
	checkError(t, err, jwk.ErrSyntax, "/keys/0")
	if !strings.Contains(err.Error(), "Lenient") || !strings.Contains(err.Error(), "1 more block") {
		t.Errorf("got %v, want the way out and how many more", err)
	}
	for _, setting := range []string{"'" + pem + "'", "KEY=\"" + pem + "\""} {
		_, err := jwk.ParseOne([]byte(setting))
		checkError(t, err, jwk.ErrSyntax, "*")
		if !strings.Contains(err.Error(), "in lines of their own") {
			t.Errorf("got %v, want that BEGIN and END are not in lines of their own", err)
		}
		_, err = (&jwk.Parser{PublicOnly: true}).ParseOne([]byte(setting))
		checkError(t, err, jwk.ErrPrivate, "*")
	}
}
