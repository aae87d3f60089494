package sshkey_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"flag"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

var update = flag.Bool("update", false, "write testdata/errors.txt anew")

// TestErrorTexts compares the text of every error with the golden file. checkError looks for
// secrets. TestErrorTextsAreAll of package jwk makes sure that no text of this package is
// missing.
func TestErrorTexts(t *testing.T) {
	var text strings.Builder
	is := func(name string, err, want error) {
		t.Helper()
		checkError(t, err, want)
		fmt.Fprintf(&text, "%s (%s)\n\t%v\n", name, strings.TrimPrefix(want.Error(), "jwk: "), err)
	}
	parseLine := func(name, line string, want error) {
		t.Helper()
		_, _, _, err := sshkey.ParseAuthorizedKey([]byte(line))
		is(name, err, want)
	}
	parse := func(name string, data, pass []byte, want error) {
		t.Helper()
		_, err := sshkey.ParsePrivateKey(data, pass)
		is(name, err, want)
	}
	marshal := func(name string, key *jwk.Key, pass []byte, comment string, want error) {
		t.Helper()
		_, err := sshkey.MarshalPrivateKey(key, pass, comment)
		is(name, err, want)
	}

	ed := line(t, "Ed25519")
	typ, encoded, _ := strings.Cut(ed, " ")
	wire := wireOf[rsaWire](t, "RSA-2048")
	parseLine("line: empty", " ", jwk.ErrSyntax)
	parseLine("line: two", ed+"\n"+ed, jwk.ErrSyntax)
	parseLine("line: PEM", string(golden(t, "rsa-2048.pem")), jwk.ErrSyntax)
	parseLine("line: a file of OpenSSH", string(golden(t, "ed25519")), jwk.ErrSyntax)
	parseLine("line: a JWT", "eyJhbGciOiJIUzI1NiJ9.e30.AA", jwk.ErrSyntax)
	parseLine("line: only a type", typ, jwk.ErrSyntax)
	parseLine("line: only options", "restrict pty", jwk.ErrSyntax)
	parseLine("line: a quote that is not closed", `command="a `+ed, jwk.ErrSyntax)
	parseLine("line: 64 KiB", ed+strings.Repeat(" ", 64<<10), jwk.ErrPolicy)
	parseLine("line: padding twice", ed+"====", jwk.ErrInvalid)
	parseLine("line: another type", "ssh-rsa "+encoded, jwk.ErrInvalid)
	parseLine("line: a length beyond the end", typ+" AAAAIA==", jwk.ErrInvalid)
	parseLine("line: DSA", string(golden(t, "dsa.pub")), jwk.ErrUnsupported)
	parseLine("R02 line: RSA of 1024 bits", string(golden(t, "rsa-1024.pub")), jwk.ErrPolicy)
	parseLine("R03 line: RSA of 32,768 bits", wireLine("ssh-rsa", rsaWire{wire.Type, wire.E, strings.Repeat("\x01", 4096)}), jwk.ErrPolicy)
	parseLine("line: RSA with leading zeros", wireLine("ssh-rsa", rsaWire{wire.Type, wire.E, "\x00" + wire.N}), jwk.ErrInvalid)
	parseLine("O01 line: Ed25519 of 31 octets", wireLine(typ, ed25519Wire{typ, strings.Repeat("\x01", 31)}), jwk.ErrInvalid)
	parseLine("O02 line: Ed25519 of small order", wireLine(typ, ed25519Wire{typ, strings.Repeat("\x00", 32)}), jwk.ErrInvalid)

	plain, locked := golden(t, "ed25519"), golden(t, "ed25519.encrypted")
	body := openFile(t, plain).body()
	edit := func(name string, edit func(f *file)) []byte { return editedFile(t, name, edit) }
	parse("file: nothing", nil, nil, jwk.ErrSyntax)
	parse("file: a line", []byte(ed), nil, jwk.ErrSyntax)
	parse("file: headers", []byte(strings.Replace(string(plain), "KEY-----\n", "KEY-----\nA: b\n\n", 1)), nil, jwk.ErrSyntax)
	parse("file: PKCS #1", golden(t, "rsa-2048.pem"), nil, jwk.ErrUnsupported)
	parse("file: the old encryption", golden(t, "rsa-2048.encrypted.pem"), passphrase, jwk.ErrUnsupported)
	parse("file: another format", armour(bytes.Replace(body, []byte("v1"), []byte("v2"), 1)), nil, jwk.ErrUnsupported)
	parse("file: cut short", armour(body[:len(body)-1]), nil, jwk.ErrInvalid)
	parse("file: two keys", edit("ed25519", func(f *file) { f.Keys = 2 }), nil, jwk.ErrUnsupported)
	parse("file: DSA", golden(t, "dsa"), nil, jwk.ErrUnsupported)
	parse("file: 64 KiB", append(bytes.Clone(plain), bytes.Repeat([]byte("\n"), 64<<10)...), nil, jwk.ErrPolicy)
	parse("file: another cipher", golden(t, "ed25519.chacha"), passphrase, jwk.ErrUnsupported)
	parse("file: another KDF", edit("ed25519.encrypted", func(f *file) { f.KDF = "scrypt" }), passphrase, jwk.ErrUnsupported)
	parse("file: options of the KDF", edit("ed25519.encrypted", func(f *file) { f.Options = nil }), passphrase, jwk.ErrInvalid)
	parse("file: 257 rounds", edit("ed25519.encrypted", func(f *file) { f.Options = kdf("salt", 257) }), passphrase, jwk.ErrPolicy)
	parse("file: half a block", edit("ed25519.encrypted", func(f *file) { f.Private = f.Private[8:] }), passphrase, jwk.ErrInvalid)
	parse("file: no public key", edit("ed25519", func(f *file) { f.Public = nil }), nil, jwk.ErrInvalid)
	parse("O05 file: another public key", edit("ed25519", func(f *file) { f.Public[len(f.Public)-1] ^= 1 }), nil, jwk.ErrInvalid)
	parse("O05 file: seed of another key", edited(t, "ed25519", func(p *ed25519Private) { p.Private[0] ^= 1 }), nil, jwk.ErrInvalid)
	parse("O05 file: all of another key", edited(t, "ed25519", func(p *ed25519Private) { p.Private = fixture(t, "Ed25519").PrivateKey().(ed25519.PrivateKey) }), nil, jwk.ErrInvalid)
	parse("file: check numbers", edited(t, "ed25519", func(p *ed25519Private) { p.Check1++ }), nil, jwk.ErrInvalid)
	parse("file: iqmp", edited(t, "rsa-2048", func(p *rsaPrivate) { p.Iqmp.SetInt64(5) }), nil, jwk.ErrInvalid)
	parse("D07 file: a long passphrase", locked, longPassphrase, jwk.ErrPolicy)
	parse("D07 file: another passphrase", locked, []byte("another"), jwk.ErrDecrypt)
	parse("file: no passphrase", locked, nil, jwk.ErrDecrypt)
	parse("file: a passphrase for nothing", plain, passphrase, jwk.ErrDecrypt)

	key := fixture(t, "Ed25519")
	n := fixture(t, "RSA-2048").PublicKey().(*rsa.PublicKey).N
	large, err := jwk.New(&rsa.PublicKey{N: new(big.Int).Set(n), E: 1<<31 - 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	marshal("MarshalPrivateKey: the zero Key", new(jwk.Key), nil, "", jwk.ErrInvalid)
	marshal("MarshalPrivateKey: public", public(t, key), nil, "", jwk.ErrPrivate)
	marshal("MarshalPrivateKey: X25519", fixture(t, "X25519"), nil, "", jwk.ErrUnsupported)
	marshal("MarshalPrivateKey: three primes", fixture(t, "RSA-2048-multi-prime"), nil, "", jwk.ErrUnsupported)
	marshal("MarshalPrivateKey: e of 31 bits", large, nil, "", jwk.ErrUnsupported)
	marshal("D07 MarshalPrivateKey: an empty passphrase", key, []byte{}, "", jwk.ErrPolicy)
	marshal("D07 MarshalPrivateKey: a long passphrase", key, longPassphrase[:1024], "", jwk.ErrPolicy)
	marshal("MarshalPrivateKey: a comment of two lines", key, nil, "a\nb", jwk.ErrInvalid)
	marshal("MarshalPrivateKey: a comment that ends in a space", key, nil, "a ", jwk.ErrInvalid)
	marshal("MarshalPrivateKey: a long comment", key, nil, strings.Repeat("c", 64<<10), jwk.ErrPolicy)
	_, err = sshkey.MarshalAuthorizedKey(key, strings.Repeat("c", 64<<10))
	is("MarshalAuthorizedKey: a long comment", err, jwk.ErrPolicy)

	if *update {
		if err := os.WriteFile("testdata/errors.txt", []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := text.String(), string(golden(t, "errors.txt")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
