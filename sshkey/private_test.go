package sshkey_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

func TestPrivateKeyRoundTrip(t *testing.T) {
	for _, name := range fixtureNames {
		for _, pass := range [][]byte{nil, passphrase} {
			t.Run(fmt.Sprintf("%s/encrypted=%v", name, pass != nil), func(t *testing.T) {
				t.Parallel()
				key, data := fixture(t, name), written(t, name, pass)
				got, err := sshkey.ParsePrivateKey(data, pass)
				if err != nil {
					t.Fatal(err)
				}
				checkSame(t, got, key)
				file := openFile(t, data)
				if encrypted := file.Cipher == "aes256-ctr" && file.KDF == "bcrypt"; encrypted != (pass != nil) {
					t.Errorf("got cipher %s and KDF %s", file.Cipher, file.KDF)
				}
				if hidden := !bytes.Contains(file.Private, []byte(comment)); hidden != (pass != nil) {
					t.Errorf("got a comment encrypted %v, want %v", hidden, pass != nil)
				}
				data, err = sshkey.MarshalPrivateKey(public(t, key), pass, "")
				checkError(t, err, jwk.ErrPrivate)
				if data != nil {
					t.Errorf("got %q of a public key", data)
				}
			})
		}
	}
}

const comment = "alice@example.com, äöü"

// written returns a fixture as a file with this comment. It keeps the files, because passphrases
// take time, above all under the race detector.
func written(t testing.TB, name string, pass []byte) []byte {
	t.Helper()
	id := name + " " + string(pass)
	if data, ok := writtenFiles.Load(id); ok {
		return data.([]byte)
	}
	data, err := sshkey.MarshalPrivateKey(fixture(t, name), pass, comment)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	writtenFiles.Store(id, data)
	return data
}

var writtenFiles sync.Map

func TestMarshalPrivateKeyRefused(t *testing.T) {
	key := fixture(t, "Ed25519")
	data, err := sshkey.MarshalPrivateKey(key, []byte{}, "")
	checkError(t, err, jwk.ErrPolicy)
	if data != nil {
		t.Errorf("got %q beside an error", data)
	}
	data, err = sshkey.MarshalPrivateKey(key, longPassphrase[:1024], "")
	checkError(t, err, jwk.ErrPolicy)
	if data != nil {
		t.Errorf("got %q beside an error", data)
	}
	data, err = sshkey.MarshalPrivateKey(key, nil, strings.Repeat("c", 64<<10))
	checkError(t, err, jwk.ErrPolicy)
	if data != nil {
		t.Errorf("got %d bytes beside an error", len(data))
	}
}

// longPassphrase is 1 MiB long (D07). The tests use parts of it.
var longPassphrase = bytes.Repeat([]byte("p"), 1<<20)

// TestPassphraseLimit holds the limits to the documented ones: the longest passphrase for a new
// file is read again, and the longest passphrase for an existing file is tried.
func TestPassphraseLimit(t *testing.T) {
	longest := longPassphrase[:1023]
	data, err := sshkey.MarshalPrivateKey(fixture(t, "Ed25519"), longest, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := sshkey.ParsePrivateKey(data, longest)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, got, fixture(t, "Ed25519"))
	_, err = sshkey.ParsePrivateKey(golden(t, "ed25519.encrypted"), longPassphrase[:4096])
	checkError(t, err, jwk.ErrDecrypt)
}

// A file is the content of an OpenSSH private key file, see PROTOCOL.key.
type file struct {
	Cipher, KDF string
	Options     []byte
	Keys        uint32
	Public      []byte
	Private     []byte
}

const magic = "openssh-key-v1\x00"

func openFile(t testing.TB, data []byte) *file {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("no PEM: %q", data)
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	f := new(file)
	if err := ssh.Unmarshal(body, f); err != nil || !ok {
		t.Fatalf("%v: %q", err, data)
	}
	return f
}

func (f *file) body() []byte { return append([]byte(magic), ssh.Marshal(f)...) }

func (f *file) pem() []byte { return armour(f.body()) }

func armour(body []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: body})
}

// The private parts of files, by type of key.
type (
	rsaPrivate struct {
		Check1, Check2      uint32
		Type                string
		N, E, D, Iqmp, P, Q *big.Int
		Comment             string
		Padding             []byte `ssh:"rest"`
	}
	ecPrivate struct {
		Check1, Check2 uint32
		Type, Curve    string
		Point          []byte
		D              *big.Int
		Comment        string
		Padding        []byte `ssh:"rest"`
	}
	ed25519Private struct {
		Check1, Check2 uint32
		Type           string
		Public         []byte
		Private        []byte
		Comment        string
		Padding        []byte `ssh:"rest"`
	}
)

// edited returns an unencrypted golden file with an edited private part.
func edited[T any](t testing.TB, name string, edit func(p *T)) []byte {
	t.Helper()
	f := openFile(t, golden(t, name))
	var p T
	if err := ssh.Unmarshal(f.Private, &p); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(ssh.Marshal(&p), f.Private) {
		t.Fatalf("%s: got another private part from %T", name, p)
	}
	padding := int(f.Private[len(f.Private)-1])
	if padding >= 8 { // no padding: this is the end of the comment
		padding = 0
	}
	edit(&p)
	f.Private = ssh.Marshal(&p)
	if len(f.Private)%8 != 0 { // pad it again, so that only the edit is wrong
		f.Private = f.Private[:len(f.Private)-padding]
		for i := byte(1); len(f.Private)%8 != 0; i++ {
			f.Private = append(f.Private, i)
		}
	}
	return f.pem()
}

// editedFile returns a golden file after an edit of the fields around the private part.
func editedFile(t testing.TB, name string, edit func(f *file)) []byte {
	t.Helper()
	f := openFile(t, golden(t, name))
	edit(f)
	return f.pem()
}

// kdf returns the encoded options of bcrypt.
func kdf(salt string, rounds uint32) []byte {
	return ssh.Marshal(struct {
		Salt   string
		Rounds uint32
	}{salt, rounds})
}

func TestPrivateKeyRefused(t *testing.T) {
	plain := string(golden(t, "ed25519"))
	body := openFile(t, golden(t, "ed25519")).body()
	otherPublic := openFile(t, golden(t, "p-384")).Public
	one := big.NewInt(1)
	order, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16) // of P-256

	for _, test := range []struct {
		name string
		data []byte
		pass []byte
		want error
		says string
	}{
		{"nothing", nil, nil, jwk.ErrSyntax, ""},
		{"a public key", golden(t, "ed25519.pub"), nil, jwk.ErrSyntax, ""},
		{"text before it", []byte("a\n" + plain), nil, jwk.ErrSyntax, ""},
		{"text after it", []byte(plain + "a\n"), nil, jwk.ErrSyntax, ""},
		{"NUL after it", []byte(plain + "\x00"), nil, jwk.ErrSyntax, ""},
		{"two of them", []byte(plain + plain), nil, jwk.ErrSyntax, ""},
		{"a broken one before it", []byte("-----BEGIN A-----\n" + plain), nil, jwk.ErrSyntax, ""},
		{"no end", []byte(plain[:200]), nil, jwk.ErrSyntax, ""},
		{"PEM headers", []byte(strings.Replace(plain, "KEY-----\n", "KEY-----\nA: b\n\n", 1)), nil, jwk.ErrSyntax, ""},

		{"PKCS #1", golden(t, "rsa-2048.pem"), nil, jwk.ErrUnsupported, "ParsePEM"},
		{"PKCS #1 and a passphrase", golden(t, "rsa-2048.pem"), passphrase, jwk.ErrUnsupported, "ParsePEM"},
		{"legacy encryption", golden(t, "rsa-2048.encrypted.pem"), passphrase, jwk.ErrUnsupported, "ssh-keygen -p -f FILE"},
		{"another long type of PEM", []byte(strings.ReplaceAll(plain, "OPENSSH", strings.Repeat("A", 1000))), nil, jwk.ErrUnsupported, "ParsePEM"},
		{"another magic string", armour(bytes.Replace(body, []byte("v1"), []byte("v2"), 1)), nil, jwk.ErrUnsupported, "openssh-key-v1"},
		{"no keys", editedFile(t, "ed25519", func(f *file) { f.Keys = 0 }), nil, jwk.ErrUnsupported, "0 keys"},
		{"two keys", editedFile(t, "ed25519", func(f *file) { f.Keys = 2 }), nil, jwk.ErrUnsupported, "2 keys"},
		{"DSA", golden(t, "dsa"), nil, jwk.ErrUnsupported, "ssh-dss"},
		{"another cipher", golden(t, "ed25519.chacha"), passphrase, jwk.ErrUnsupported, "ssh-keygen -p -Z aes256-ctr -f FILE"},
		{"a long name of a cipher", editedFile(t, "ed25519", func(f *file) { f.Cipher = strings.Repeat("\x1b", 9999) }), nil, jwk.ErrUnsupported, "cipher"},
		{"another KDF", editedFile(t, "ed25519.encrypted", func(f *file) { f.KDF = "scrypt" }), passphrase, jwk.ErrUnsupported, "scrypt"},
		{"a long name of a KDF", editedFile(t, "ed25519.encrypted", func(f *file) { f.KDF = strings.Repeat("a", 1000) }), passphrase, jwk.ErrUnsupported, "KDF"},
		{"a cipher without KDF", editedFile(t, "ed25519.encrypted", func(f *file) { f.KDF = "none" }), passphrase, jwk.ErrUnsupported, "KDF"},
		{"a KDF without cipher", editedFile(t, "ed25519.encrypted", func(f *file) { f.Cipher = "none" }), passphrase, jwk.ErrUnsupported, "cipher"},

		{"nothing in it", armour([]byte(magic)), nil, jwk.ErrInvalid, "cut short"},
		{"cut short", armour(body[:len(body)-1]), nil, jwk.ErrInvalid, "cut short"},
		{"an octet after it", armour(append(bytes.Clone(body), 0)), nil, jwk.ErrInvalid, "after it"},
		{"options of no KDF", editedFile(t, "ed25519", func(f *file) { f.Options = []byte("a") }), nil, jwk.ErrInvalid, ""},
		{"no private part", editedFile(t, "ed25519", func(f *file) { f.Private = nil }), nil, jwk.ErrInvalid, ""},
		{"an octet more in the private part", editedFile(t, "ed25519", func(f *file) { f.Private = append(f.Private, 1) }), nil, jwk.ErrInvalid, "blocks of 8"},
		{"half a block of AES", editedFile(t, "ed25519.encrypted", func(f *file) { f.Private = f.Private[8:] }), passphrase, jwk.ErrInvalid, "blocks of 16"},
		{"an octet after what is encrypted", armour(append(openFile(t, golden(t, "ed25519.encrypted")).body(), 0)), passphrase, jwk.ErrInvalid, "after it"},
		{"a private part of 8 octets", editedFile(t, "ed25519", func(f *file) { f.Private = f.Private[:8] }), nil, jwk.ErrInvalid, ""},
		{"a private part cut short", editedFile(t, "ed25519", func(f *file) { f.Private = f.Private[:96] }), nil, jwk.ErrInvalid, ""},
		{"a public key of a long type", editedFile(t, "ed25519", func(f *file) { f.Public = ssh.Marshal(ed25519Wire{strings.Repeat("a", 1000), ""}) }), nil, jwk.ErrUnsupported, "SSH key type"},
		{"a type that is a part of the private key", editedFile(t, "ed25519", func(f *file) { f.Public = ssh.Marshal(ed25519Wire{string(f.Private[80:140]), ""}) }), nil, jwk.ErrUnsupported, "not a name"},
		{"such a cipher", editedFile(t, "ed25519", func(f *file) { f.Cipher = string(f.Private[80:140]) }), nil, jwk.ErrUnsupported, "not a name"},
		{"such a KDF", editedFile(t, "ed25519.encrypted", func(f *file) { f.KDF = string(openFile(t, []byte(plain)).Private[80:140]) }), passphrase, jwk.ErrUnsupported, "not a name"},
		{"no public key", editedFile(t, "ed25519", func(f *file) { f.Public = nil }), nil, jwk.ErrInvalid, ""},
		{"another public key", editedFile(t, "ed25519", func(f *file) { f.Public[len(f.Public)-1] ^= 1 }), nil, jwk.ErrInvalid, ""},
		{"a public key of another type", editedFile(t, "ed25519", func(f *file) { f.Public = otherPublic }), nil, jwk.ErrInvalid, ""},
		{"a public key of another type, RSA", editedFile(t, "rsa-2048", func(f *file) { f.Public = otherPublic }), nil, jwk.ErrInvalid, ""},
		{"bcrypt without options", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = nil }), passphrase, jwk.ErrInvalid, "bcrypt"},
		{"bcrypt of no rounds", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = kdf("salt", 0) }), passphrase, jwk.ErrInvalid, "bcrypt"},
		{"bcrypt without salt", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = kdf("", 1) }), passphrase, jwk.ErrInvalid, "bcrypt"},
		{"something after the options", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = append(f.Options, 0) }), passphrase, jwk.ErrInvalid, "bcrypt"},

		{"check numbers differ", edited(t, "ed25519", func(p *ed25519Private) { p.Check1++ }), nil, jwk.ErrInvalid, ""},
		{"another private type", edited(t, "ed25519", func(p *ed25519Private) { p.Type = ssh.KeyAlgoRSA }), nil, jwk.ErrInvalid, "does not belong"},
		{"padding", edited(t, "ed25519", func(p *ed25519Private) { p.Padding[len(p.Padding)-1]++ }), nil, jwk.ErrInvalid, ""},
		{"O05: Ed25519 seed of another key", edited(t, "ed25519", func(p *ed25519Private) { p.Private[0] ^= 1 }), nil, jwk.ErrInvalid, ""},
		{"O05: Ed25519 second half of another key", edited(t, "ed25519", func(p *ed25519Private) { p.Private[32] ^= 1 }), nil, jwk.ErrInvalid, ""},
		{"O05: Ed25519 inner public key of another", edited(t, "ed25519", func(p *ed25519Private) { p.Public[31] ^= 1 }), nil, jwk.ErrInvalid, "does not belong"},
		{"only the Ed25519 seed", edited(t, "ed25519", func(p *ed25519Private) { p.Private = p.Private[:32] }), nil, jwk.ErrInvalid, ""},
		{"EC d of another key", edited(t, "p-256", func(p *ecPrivate) { p.D.Add(p.D, one) }), nil, jwk.ErrInvalid, ""},
		{"EC d of 0", edited(t, "p-256", func(p *ecPrivate) { p.D.SetInt64(0) }), nil, jwk.ErrInvalid, ""},
		{"EC d negative", edited(t, "p-256", func(p *ecPrivate) { p.D.Neg(p.D) }), nil, jwk.ErrInvalid, ""},
		{"EC d above n", edited(t, "p-256", func(p *ecPrivate) { p.D.Add(p.D, order) }), nil, jwk.ErrInvalid, ""},
		{"EC point off the curve", edited(t, "p-256", func(p *ecPrivate) { p.Point[64] ^= 1 }), nil, jwk.ErrInvalid, ""},
		{"EC curve", edited(t, "p-256", func(p *ecPrivate) { p.Curve = "nistp521" }), nil, jwk.ErrInvalid, ""},
		{"RSA n", edited(t, "rsa-2048", func(p *rsaPrivate) { p.N.Add(p.N, big.NewInt(2)) }), nil, jwk.ErrInvalid, ""},
		{"RSA e", edited(t, "rsa-2048", func(p *rsaPrivate) { p.E.Add(p.E, big.NewInt(2)) }), nil, jwk.ErrInvalid, "does not belong"},
		{"RSA d", edited(t, "rsa-2048", func(p *rsaPrivate) { p.D.Add(p.D, big.NewInt(2)) }), nil, jwk.ErrInvalid, ""},
		{"RSA d of 0", edited(t, "rsa-2048", func(p *rsaPrivate) { p.D.SetInt64(0) }), nil, jwk.ErrInvalid, ""},
		{"RSA d negative", edited(t, "rsa-2048", func(p *rsaPrivate) { p.D.Neg(p.D) }), nil, jwk.ErrInvalid, ""},
		{"RSA p", edited(t, "rsa-2048", func(p *rsaPrivate) { p.P.Add(p.P, big.NewInt(2)) }), nil, jwk.ErrInvalid, ""},
		{"RSA p and q negative", edited(t, "rsa-2048", func(p *rsaPrivate) { p.P.Neg(p.P); p.Q.Neg(p.Q) }), nil, jwk.ErrInvalid, ""},
		{"RSA p of 0", edited(t, "rsa-2048", func(p *rsaPrivate) { p.P.SetInt64(0) }), nil, jwk.ErrInvalid, ""},
		{"RSA p of 1 and q of n", edited(t, "rsa-2048", func(p *rsaPrivate) { p.P.SetInt64(1); p.Q.Set(p.N) }), nil, jwk.ErrInvalid, ""},
		{"RSA p and q of n", edited(t, "rsa-2048", func(p *rsaPrivate) { p.P.Set(p.N); p.Q.Set(p.N) }), nil, jwk.ErrInvalid, ""},
		{"R03: RSA of 16384 bits in a key that is said to have 2048", edited(t, "rsa-2048", func(p *rsaPrivate) {
			p.N.Add(new(big.Int).Lsh(p.N, 16384-2048), one)
			p.P.Add(new(big.Int).Lsh(p.P, 8192-1024), one)
			p.Q.Set(p.P)
		}), nil, jwk.ErrInvalid, "does not belong"},

		{"RSA of 1024 bits", golden(t, "rsa-1024"), nil, jwk.ErrPolicy, "1024"},
		{"RSA of 16384 bits", editedFile(t, "rsa-2048", func(f *file) {
			f.Public = ssh.Marshal(rsaWire{"ssh-rsa", "\x03", "\x00\x80" + strings.Repeat("\x01", 2047)})
		}), nil, jwk.ErrPolicy, "octets"},
		{"a long file", []byte(plain + strings.Repeat("\n", 64<<10)), nil, jwk.ErrPolicy, "65536"},
		{"257 rounds", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = kdf("salt", 257) }), passphrase, jwk.ErrPolicy, "256"},
		{"4294967295 rounds", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = kdf("salt", 1<<32-1) }), passphrase, jwk.ErrPolicy, "256"},
		{"D07: a passphrase of 4097 octets", golden(t, "ed25519.encrypted"), longPassphrase[:4097], jwk.ErrPolicy, "4096"},
		{"D07: a passphrase of 1 MiB", golden(t, "ed25519.encrypted"), longPassphrase, jwk.ErrPolicy, "4096"},

		{"a passphrase for nothing", golden(t, "ed25519"), passphrase, jwk.ErrDecrypt, "not encrypted"},
		{"an empty passphrase for nothing", golden(t, "ed25519"), []byte{}, jwk.ErrDecrypt, "not encrypted"},
		{"256 rounds, and no passphrase", editedFile(t, "ed25519.encrypted", func(f *file) { f.Options = kdf("salt", 256) }), nil, jwk.ErrDecrypt, "needed"},
		{"no passphrase", golden(t, "ed25519.encrypted"), nil, jwk.ErrDecrypt, "needed"},
		{"an empty passphrase", golden(t, "ed25519.encrypted"), []byte{}, jwk.ErrDecrypt, "needed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := bytes.Clone(test.data)
			got, err := sshkey.ParsePrivateKey(test.data, test.pass)
			if got != nil {
				t.Errorf("got %v beside an error", got)
			}
			checkError(t, err, test.want)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, want %q in it", err, test.says)
			}
			if !bytes.Equal(test.data, data) {
				t.Error("the input was changed")
			}
		})
	}
}

// TestDecryptIsOneError: an altered text gives the same error as a wrong passphrase (D07).
// Different errors would tell an attacker about the decrypted text.
func TestDecryptIsOneError(t *testing.T) {
	_, wrong := sshkey.ParsePrivateKey(golden(t, "ed25519.encrypted"), []byte("correct horse "))
	checkError(t, wrong, jwk.ErrDecrypt)

	const (
		check   = 0
		typ     = 8
		private = typ + 4 + len(ssh.KeyAlgoED25519) + 4 + 32
		seed    = private + 4
	)
	for name, alter := range map[string]func(f *file){
		"the check number":   func(f *file) { f.Private[check] ^= 1 },
		"the length of type": func(f *file) { f.Private[typ] ^= 0xff },
		"the type":           func(f *file) { f.Private[typ+4] ^= 1 },
		"the length of seed": func(f *file) { f.Private[private+3] ^= 1 },
		"the seed":           func(f *file) { f.Private[seed] ^= 1 },
		"the seed's end":     func(f *file) { f.Private[seed+31] ^= 0x80 },
		"the second half":    func(f *file) { f.Private[seed+32] ^= 1 },
		"the padding":        func(f *file) { f.Private[len(f.Private)-1] ^= 1 },
		"all of it":          func(f *file) { f.Private = nil },
		"the salt":           func(f *file) { f.Options[5] ^= 1 },
		"the rounds":         func(f *file) { f.Options[len(f.Options)-1]++ },
		"the cipher":         func(f *file) { f.Cipher = "aes256-cbc" },
		"the public key":     func(f *file) { f.Public = openFile(t, golden(t, "p-384")).Public },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := sshkey.ParsePrivateKey(editedFile(t, "ed25519.encrypted", alter), passphrase)
			if got != nil {
				t.Errorf("got %v beside an error", got)
			}
			checkError(t, err, jwk.ErrDecrypt)
			if err.Error() != wrong.Error() {
				t.Errorf("got %q, want %q as for a wrong passphrase", err, wrong)
			}
		})
	}
	for _, name := range []string{"rsa-2048.encrypted", "p-384.encrypted"} {
		_, err := sshkey.ParsePrivateKey(golden(t, name), []byte("wrong"))
		checkError(t, err, jwk.ErrDecrypt)
		if err.Error() != wrong.Error() {
			t.Errorf("%s: got %q, want %q", name, err, wrong)
		}
	}
}

// TestPrivateKeyText: a file is read with white space around it, with CRLF line ends, and up to
// 64 KiB.
func TestPrivateKeyText(t *testing.T) {
	plain := string(golden(t, "ed25519"))
	want, err := sshkey.ParsePrivateKey([]byte(plain), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		strings.TrimSpace(plain), "\r\n" + plain + " \n", strings.ReplaceAll(plain, "\n", "\r\n"),
		plain + strings.Repeat("\n", 64<<10-len(plain)),
	} {
		got, err := sshkey.ParsePrivateKey([]byte(text), nil)
		if err != nil {
			t.Errorf("%d bytes: %v", len(text), err)
			continue
		}
		checkSame(t, got, want)
	}
}

// TestRSAExponents: RSA keys with other exponents than 65537 are written and read.
func TestRSAExponents(t *testing.T) {
	usual := fixture(t, "RSA-2048").PrivateKey().(*rsa.PrivateKey)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(usual.Primes[0], one), new(big.Int).Sub(usual.Primes[1], one))
	tried := 0
	for _, e := range []int{3, 5, 17, 257, 1<<24 - 3, 1<<24 - 1} {
		d := new(big.Int).ModInverse(big.NewInt(int64(e)), phi)
		if d == nil {
			continue
		}
		tried++
		want, err := jwk.New(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: usual.N, E: e}, D: d, Primes: usual.Primes}, nil)
		if err != nil {
			t.Fatalf("exponent %d: %v", e, err)
		}
		data, err := sshkey.MarshalPrivateKey(want, nil, "")
		if err != nil {
			t.Fatalf("exponent %d: %v", e, err)
		}
		got, err := sshkey.ParsePrivateKey(data, nil)
		if err != nil {
			t.Fatalf("exponent %d: %v", e, err)
		}
		checkSame(t, got, want)
	}
	if tried < 2 {
		t.Errorf("got %d exponents that fit the key, want more", tried)
	}
}

// TestRSACoefficient: a coefficient that is not the inverse of q modulo p is refused, as a wrong
// qi of a JWK is. Otherwise the key would change between reading and writing.
func TestRSACoefficient(t *testing.T) {
	one := big.NewInt(1)
	for name, edit := range map[string]func(p *rsaPrivate){
		"0":                     func(p *rsaPrivate) { p.Iqmp.SetInt64(0) },
		"1":                     func(p *rsaPrivate) { p.Iqmp.SetInt64(1) },
		"5":                     func(p *rsaPrivate) { p.Iqmp.SetInt64(5) },
		"1 more":                func(p *rsaPrivate) { p.Iqmp.Add(p.Iqmp, one) },
		"p more":                func(p *rsaPrivate) { p.Iqmp.Add(p.Iqmp, p.P) },
		"p less":                func(p *rsaPrivate) { p.Iqmp.Sub(p.Iqmp, p.P) },
		"negative":              func(p *rsaPrivate) { p.Iqmp.Neg(p.Iqmp) },
		"the inverse of p":      func(p *rsaPrivate) { p.Iqmp.ModInverse(p.P, p.Q) },
		"p and q change places": func(p *rsaPrivate) { p.P, p.Q = p.Q, p.P },
		"d in its place":        func(p *rsaPrivate) { p.Iqmp.Set(p.D) },
		"its last bit":          func(p *rsaPrivate) { p.Iqmp.Xor(p.Iqmp, one) },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := sshkey.ParsePrivateKey(edited(t, "rsa-2048", edit), nil)
			if got != nil {
				t.Errorf("got %v, want no key", got)
			}
			checkError(t, err, jwk.ErrInvalid)
			if err != nil && !strings.Contains(err.Error(), "iqmp") {
				t.Errorf("got %q, want iqmp in it", err)
			}
		})
	}
	want, err := sshkey.ParsePrivateKey(golden(t, "rsa-2048"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("p and q change places, with the inverse", func(t *testing.T) {
		got, err := sshkey.ParsePrivateKey(edited(t, "rsa-2048", func(p *rsaPrivate) {
			p.P, p.Q = p.Q, p.P
			p.Iqmp.ModInverse(p.Q, p.P)
		}), nil)
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, got, want)
	})
}

// TestPrivatePartAgrees alters each octet of the private part before the comment. The part has
// the check number, the type, the curve and the public half twice, and numbers that follow from
// the factors of an RSA key, so every change must be found.
func TestPrivatePartAgrees(t *testing.T) {
	for _, name := range []string{"rsa-2048", "p-256", "p-384", "p-521", "ed25519"} {
		f := openFile(t, golden(t, name))
		_, end, _ := strings.Cut(strings.TrimSpace(string(golden(t, name+".pub"))), " ")
		_, comment, _ := strings.Cut(end, " ")
		last := bytes.LastIndex(f.Private, ssh.Marshal(struct{ Comment string }{comment}))
		if last < 100 {
			t.Fatalf("%s: no comment %q", name, comment)
		}
		for i := range last {
			got, err := sshkey.ParsePrivateKey(editedFile(t, name, func(f *file) { f.Private[i] ^= 1 << (i % 8) }), nil)
			if got != nil {
				t.Errorf("%s, octet %d altered: got %v, want no key", name, i, got)
			}
			checkError(t, err, jwk.ErrInvalid)
		}
	}
}
