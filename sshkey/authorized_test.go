package sshkey_test

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

func TestAuthorizedKeyRoundTrip(t *testing.T) {
	for _, name := range fixtureNames {
		for _, comment := range []string{"", "alice@example.com", "two words, äöü\tand a tab", `"quoted" AAAA=`, "\xff latin-1", "\u00a0no blank\u00a0"} {
			key := fixture(t, name)
			line, err := sshkey.MarshalAuthorizedKey(key, comment) // its public half
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if i := bytes.IndexByte(line, '\n'); i != len(line)-1 {
				t.Errorf("%s: got %q, want one line", name, line)
			}
			same, err := sshkey.MarshalAuthorizedKey(public(t, key), comment)
			if err != nil || !bytes.Equal(line, same) {
				t.Errorf("%s: got %q of the public half, %v; want %q", name, same, err, line)
			}
			got, gotComment, options, err := sshkey.ParseAuthorizedKey(line)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			checkSame(t, got, public(t, key))
			if gotComment != comment || options != nil {
				t.Errorf("%s: got comment %q and options %q, want %q and no options", name, gotComment, options, comment)
			}
		}
	}
}

// TestAuthorizedKeyLine reads lines in the format of sshd(8), AUTHORIZED_KEYS FILE FORMAT. If it
// fails, a line that sshd accepts is refused, or gives other options than sshd applies.
func TestAuthorizedKeyLine(t *testing.T) {
	typ, encoded, _ := strings.Cut(strings.TrimSpace(line(t, "Ed25519")), " ")
	key := typ + " " + encoded
	for _, test := range []struct {
		line    string
		comment string
		options []string
	}{
		{key, "", nil},
		{key + "\n", "", nil},
		{key + "\r\n", "", nil},
		{" \t" + typ + " \t " + encoded + " \t a  b \t\r\n", "a  b", nil},
		{key + " # no remark", "# no remark", nil},
		{"restrict " + key, "", []string{"restrict"}},
		{"restrict,pty\t " + key + " c", "c", []string{"restrict", "pty"}},
		{`command="echo a, b",no-pty ` + key, "", []string{`command="echo a, b"`, "no-pty"}},
		{`command="echo \"a b\", c" ` + key, "", []string{`command="echo \"a b\", c"`}},
		{`environment="A=\n",from="*.example,!b" ` + key, "", []string{`environment="A=\n"`, `from="*.example,!b"`}},
		{`from="` + key + `" ` + key, "", []string{`from="` + key + `"`}},
		{"cert-authority " + key, "", []string{"cert-authority"}},
		{"of-the-future=1 " + key, "", []string{"of-the-future=1"}},
	} {
		got, comment, options, err := sshkey.ParseAuthorizedKey([]byte(test.line))
		if err != nil {
			t.Errorf("%q: %v", test.line, err)
			continue
		}
		checkSame(t, got, public(t, fixture(t, "Ed25519")))
		if comment != test.comment || !slices.Equal(options, test.options) {
			t.Errorf("%q: got comment %q and options %q, want %q and %q", test.line, comment, options, test.comment, test.options)
		}
	}
}

// line returns a fixture as a line, without a line end.
func line(t testing.TB, name string) string {
	t.Helper()
	b, err := sshkey.MarshalAuthorizedKey(fixture(t, name), "")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// wireLine returns a line that states a type, with a struct in the wire format as its key.
func wireLine(typ string, wire any) string {
	return typ + " " + base64.StdEncoding.EncodeToString(ssh.Marshal(wire))
}

// Public keys in the wire format.
type (
	rsaWire     struct{ Type, E, N string }
	ecWire      struct{ Type, Curve, Point string }
	ed25519Wire struct{ Type, Key string }
)

func wireOf[T any](t testing.TB, name string) T {
	t.Helper()
	_, encoded, _ := strings.Cut(line(t, name), " ")
	wire, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var w T
	if err := ssh.Unmarshal(wire, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAuthorizedKeyRefused(t *testing.T) {
	key := line(t, "Ed25519")
	typ, encoded, _ := strings.Cut(key, " ")
	edited := func(edit func(w *ed25519Wire)) string {
		w := wireOf[ed25519Wire](t, "Ed25519")
		edit(&w)
		return wireLine(w.Type, w)
	}
	ec := func(name string, edit func(w *ecWire)) string {
		w := wireOf[ecWire](t, name)
		edit(&w)
		return wireLine(w.Type, w)
	}
	rsa := func(edit func(w *rsaWire)) string {
		w := wireOf[rsaWire](t, "RSA-2048")
		edit(&w)
		return wireLine(w.Type, w)
	}
	big1 := func(bits uint) string { // an odd number with this many bits
		return "\x00" + string(new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1)).Bytes())
	}
	type skWire struct{ Type, Key, Application string }

	for _, test := range []struct {
		name, line string
		want       error
	}{
		{"nothing", "", jwk.ErrSyntax},
		{"white space", " \t\n", jwk.ErrSyntax},
		{"a remark", "# " + key, jwk.ErrSyntax},
		{"a remark after white space", " #" + key, jwk.ErrSyntax},
		{"two lines", key + "\n" + key + "\n", jwk.ErrSyntax},
		{"an empty line before", "\n" + key, jwk.ErrSyntax},
		{"two line ends", key + "\n\n", jwk.ErrSyntax},
		{"a carriage return within", key + " a\rb", jwk.ErrSyntax},
		{"NUL", key + " a\x00b", jwk.ErrSyntax},
		{"no base64", typ, jwk.ErrSyntax},
		{"no type", encoded, jwk.ErrSyntax},
		{"options and no key", "restrict", jwk.ErrSyntax},
		{"options and a type", "restrict " + typ, jwk.ErrSyntax},
		{"an empty option", "restrict,,pty " + key, jwk.ErrSyntax},
		{"an empty option at the end", "restrict, " + key, jwk.ErrSyntax},
		{"an empty option at the start", ",restrict " + key, jwk.ErrSyntax},
		{"a quote that is not closed", `command="a ` + key, jwk.ErrSyntax},
		{"options before only base64", `from="a b" ` + encoded, jwk.ErrSyntax},
		{"a quote after a backslash", `command="a\" ` + key, jwk.ErrSyntax},
		{"a private key file", string(golden(t, "ed25519")), jwk.ErrSyntax},
		{"a JWK", `{"kty":"OKP"}`, jwk.ErrSyntax},

		{"no padding", strings.TrimRight(line(t, "P-256"), "="), jwk.ErrInvalid},
		{"padding twice", key + "====", jwk.ErrInvalid},
		{"URL alphabet", typ + " AAAA-_" + encoded[6:], jwk.ErrInvalid},
		{"stray bits", strayBits(t, line(t, "P-256")), jwk.ErrInvalid},
		{"cut short", key[:len(key)-4], jwk.ErrInvalid},
		{"something after it", typ + " " + encoded + "AAAA", jwk.ErrInvalid},
		{"an empty key", typ + " AAAA", jwk.ErrInvalid},
		{"a length beyond the end", typ + " AAAAIA==", jwk.ErrInvalid},
		{"another type", "ssh-rsa " + encoded, jwk.ErrInvalid},
		{"an option in the place of the type", "restrict " + encoded, jwk.ErrInvalid},
		{"a long word in the place of the type", strings.Repeat("a", 1000) + " " + encoded, jwk.ErrInvalid},
		{"the type in capitals", strings.ToUpper(typ) + " " + encoded, jwk.ErrInvalid},

		{"O01: Ed25519 of 31 octets", edited(func(w *ed25519Wire) { w.Key = w.Key[1:] }), jwk.ErrInvalid},
		{"O01: Ed25519 of 33 octets", edited(func(w *ed25519Wire) { w.Key += "a" }), jwk.ErrInvalid},
		{"Ed25519 of small order", edited(func(w *ed25519Wire) { w.Key = "\x01" + strings.Repeat("\x00", 31) }), jwk.ErrInvalid},
		{"E01: off the curve", ec("P-256", func(w *ecWire) { w.Point = w.Point[:64] + string(w.Point[64]^1) }), jwk.ErrInvalid},
		{"infinity", ec("P-256", func(w *ecWire) { w.Point = "\x00" }), jwk.ErrInvalid},
		{"a compressed point", ec("P-256", func(w *ecWire) { w.Point = "\x02" + w.Point[1:33] }), jwk.ErrInvalid},
		{"a hybrid point", ec("P-256", func(w *ecWire) { w.Point = string(6|w.Point[64]&1) + w.Point[1:] }), jwk.ErrInvalid},
		{"a curve not of its type", ec("P-256", func(w *ecWire) { w.Curve = "nistp384" }), jwk.ErrInvalid},
		{"a long curve", ec("P-256", func(w *ecWire) { w.Curve = strings.Repeat("\x1b", 1500) }), jwk.ErrInvalid},
		{"RSA of an even modulus", rsa(func(w *rsaWire) { w.N = w.N[:len(w.N)-1] + "\x02" }), jwk.ErrInvalid},
		{"RSA of a negative modulus", rsa(func(w *rsaWire) { w.N = w.N[1:] }), jwk.ErrInvalid},
		{"RSA of modulus 0", rsa(func(w *rsaWire) { w.N = "" }), jwk.ErrInvalid},
		{"RSA with leading zeros", rsa(func(w *rsaWire) { w.N = "\x00" + w.N }), jwk.ErrInvalid},
		{"RSA with leading zeros of e", rsa(func(w *rsaWire) { w.E = "\x00\x00" + w.E }), jwk.ErrInvalid},
		{"RSA of exponent 1", rsa(func(w *rsaWire) { w.E = "\x01" }), jwk.ErrInvalid},
		{"RSA of an even exponent", rsa(func(w *rsaWire) { w.E = "\x04" }), jwk.ErrInvalid},
		{"RSA of a negative exponent", rsa(func(w *rsaWire) { w.E = "\xff" }), jwk.ErrInvalid},
		{"R05: RSA of exponent 2^64+65537", rsa(func(w *rsaWire) { w.E = "\x01\x00\x00\x00\x00\x00\x01\x00\x01" }), jwk.ErrInvalid},

		{"RSA of 1024 bits", string(golden(t, "rsa-1024.pub")), jwk.ErrPolicy},
		{"RSA of 2047 bits", rsa(func(w *rsaWire) { w.N = big1(2047)[1:] }), jwk.ErrPolicy},
		{"RSA of 8193 bits", rsa(func(w *rsaWire) { w.N = big1(8193)[1:] }), jwk.ErrPolicy},
		{"R03: RSA of 16384 bits", rsa(func(w *rsaWire) { w.N = big1(16384) }), jwk.ErrPolicy},
		{"R03: RSA of 320,000 bits", rsa(func(w *rsaWire) { w.N = big1(320_000) }), jwk.ErrPolicy},
		{"a long line", key + strings.Repeat(" ", 64<<10), jwk.ErrPolicy},
		{"a very long line", strings.Repeat("a", 1<<24), jwk.ErrPolicy},

		{"DSA", string(golden(t, "dsa.pub")), jwk.ErrUnsupported},
		{"a certificate", string(golden(t, "ed25519-cert.pub")), jwk.ErrUnsupported},
		{"a FIDO token", wireLine("sk-ssh-ed25519@openssh.com", skWire{"sk-ssh-ed25519@openssh.com", wireOf[ed25519Wire](t, "Ed25519").Key, "ssh:"}), jwk.ErrUnsupported},
		{"ML-DSA", wireLine("ssh-mldsa-44", ed25519Wire{"ssh-mldsa-44", strings.Repeat("a", 1312)}), jwk.ErrUnsupported},
		{"a signature algorithm", rsa(func(w *rsaWire) { w.Type = "rsa-sha2-256" }), jwk.ErrUnsupported},
		{"another curve", ec("P-256", func(w *ecWire) { w.Type, w.Curve = "ecdsa-sha2-1.3.132.0.10", "1.3.132.0.10" }), jwk.ErrUnsupported},
		{"a long type", edited(func(w *ed25519Wire) { w.Type = strings.Repeat("\x1b", 250) }), jwk.ErrUnsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, comment, options, err := sshkey.ParseAuthorizedKey([]byte(test.line))
			if got != nil || comment != "" || options != nil {
				t.Errorf("got %v, %q, %q beside an error", got, comment, options)
			}
			checkError(t, err, test.want)
		})
	}
}

// strayBits returns a line whose base64 ends in another character that decodes to the same
// octets.
func strayBits(t testing.TB, line string) string {
	t.Helper()
	body := strings.TrimRight(line, "=")
	if body == line {
		t.Fatal("no padding, and so no stray bits")
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(alphabet, body[len(body)-1])
	return body[:len(body)-1] + string(alphabet[last+1]) + line[len(body):]
}

// TestLineLimit holds the limit to the documented 64 KiB: the longest line that is written can be
// read.
func TestLineLimit(t *testing.T) {
	const limit = 64 << 10
	key := fixture(t, "Ed25519")
	comment := strings.Repeat("c", limit-len(line(t, "Ed25519"))-1)
	full, err := sshkey.MarshalAuthorizedKey(key, comment)
	if err != nil {
		t.Fatal(err)
	}
	if len(full) != limit+1 {
		t.Fatalf("got a line of %d bytes and its end, want %d", len(full)-1, limit)
	}
	if _, got, _, err := sshkey.ParseAuthorizedKey(full); got != comment || err != nil {
		t.Errorf("got %d bytes of comment, %v; want %d", len(got), err, len(comment))
	}
	_, err = sshkey.MarshalAuthorizedKey(key, comment+"c")
	checkError(t, err, jwk.ErrPolicy)
}

// TestCommentInjection: a comment with a line break would add a line, and the key in that line
// could log in.
func TestCommentInjection(t *testing.T) {
	for _, comment := range []string{
		"a\n" + line(t, "P-256"), "a\r" + line(t, "P-256"), "\n", "a\x00", "\x1b[2J", "a\x7f", "a\u0085b", "\u009b2J",
	} {
		checkComment(t, comment)
	}
}

// TestCommentBlanks: a comment with blanks at its ends is refused, because a reader would not
// return them.
func TestCommentBlanks(t *testing.T) {
	for _, comment := range []string{" a", "a ", "\ta", "a\t", " ", "\t"} {
		checkComment(t, comment)
	}
}

// checkComment makes sure that a comment is ErrInvalid in a line and in a private key file.
func checkComment(t *testing.T, comment string) {
	t.Helper()
	key := fixture(t, "Ed25519")
	line, err := sshkey.MarshalAuthorizedKey(key, comment)
	checkError(t, err, jwk.ErrInvalid)
	data, err := sshkey.MarshalPrivateKey(key, nil, comment)
	checkError(t, err, jwk.ErrInvalid)
	if line != nil || data != nil {
		t.Errorf("%q: got %q and %q beside an error", comment, line, data)
	}
}
