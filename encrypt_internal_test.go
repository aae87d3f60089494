package jwk

import (
	"bytes"
	"crypto/aes"
	"errors"
	"slices"
	"testing"

	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// TestWiped checks that secrets that are no longer needed are not left in memory, after a
// result and after an error. The functions that wipe a secret take it as a parameter, so that
// the test can look at it afterwards.
func TestWiped(t *testing.T) {
	key, err := Generate(ES256, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	setText, err := NewSet(key).MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	der, err := key.MarshalPrivateDER()
	if err != nil {
		t.Fatal(err)
	}
	to := &EncryptOptions{Passphrase: []byte("correct horse battery staple"), PBES2Count: minPBES2Count}
	from := new(DecryptOptions)
	kek := bytes.Repeat([]byte{1}, 32)
	wrapped := wrappedBy(t, kek)
	altered := slices.Concat(der, []byte{1, 2, 3})

	ok := func(got bool, err error) error {
		if err == nil && !got {
			return errors.New("got nothing")
		}
		return err
	}
	for _, test := range []struct {
		name   string
		secret []byte
		wipe   func(secret []byte) error
		fails  bool
	}{
		{"the text of a key that is encrypted", text, func(b []byte) error { out, err := to.encrypt(b, keyContent); return ok(out != nil, err) }, false},
		{"the text of a key that cannot be encrypted", text, func(b []byte) error { _, err := new(EncryptOptions).encrypt(b, keyContent); return err }, true},
		{"the text of a key that was decrypted", text, func(b []byte) error { k, err := from.parseKey(b); return ok(k != nil, err) }, false},
		{"the text of no key that was decrypted", text[1:], func(b []byte) error { _, err := from.parseKey(b); return err }, true},
		{"the text of a set that was decrypted", setText, func(b []byte) error { s, err := from.parseSet(b); return ok(s != nil, err) }, false},
		{"the text of no set that was decrypted", setText[1:], func(b []byte) error { _, err := from.parseSet(b); return err }, true},
		{"the key that wraps", kek, func(b []byte) error { k, err := unwrap(b, wrapped); return ok(k != nil, err) }, false},
		{"the key that wraps something else", kek, func(b []byte) error { _, err := unwrap(b, flippedAt(wrapped, 0)); return err }, true},
		{"the key of PBES2", kek, func(b []byte) error { c, err := newCipher(b); return ok(c != nil, err) }, false},
		{"the shared secret", kek, func(b []byte) error { return ok(len(concatKDF(b, A256GCM, 32, nil, nil)) == 32, nil) }, false},
		{"the DER of a key that is encrypted", der, func(b []byte) error { out, err := to.encryptPBES2(b); return ok(out != nil, err) }, false},
		{"the DER of a key that cannot be encrypted", der, func(b []byte) error { _, err := (&EncryptOptions{PBES2Count: 1}).encryptPBES2(b); return err }, true},
		{"the DER of a key that was decrypted", der, func(b []byte) error { k, err := new(Parser).fromDecrypted(b); return ok(k != nil, err) }, false},
		{"the DER of no key that was decrypted", altered, func(b []byte) error { _, err := new(Parser).fromDecrypted(b); return err }, true},
		{"the DER of a key whose padding was altered", altered, func(b []byte) error { _, err := unpad(b); return err }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			secret := bytes.Clone(test.secret)
			if err := test.wipe(secret); (err != nil) != test.fails {
				t.Errorf("got error %v, want one: %v", err, test.fails)
			}
			if !bytes.Equal(secret, make([]byte, len(secret))) {
				t.Errorf("got %d octets that are not all zero", len(secret))
			}
		})
	}
}

// wrappedBy returns a key wrapped by AES key wrapping (RFC 3394).
func wrappedBy(t *testing.T, kek []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := josecipher.KeyWrap(block, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func flippedAt(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

// TestSetTextsAreWiped: if this fails, private keys stay in memory that later calls of Encrypt use.
func TestSetTextsAreWiped(t *testing.T) {
	key, err := Generate(ES256, nil)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := Generate(A256KW, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		opts *EncryptOptions
		want error
	}{{&EncryptOptions{Recipient: recipient}, nil}, {nil, ErrInvalid}} {
		seen := 0
		for range 100 { // the pool may give new memory at any time
			if _, err := NewSet(key).Encrypt(tt.opts); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			scratch := setTextPool.Get().(*[]byte)
			kept := (*scratch)[:cap(*scratch)]
			if slices.ContainsFunc(kept, func(b byte) bool { return b != 0 }) {
				t.Fatalf("%v: got a text that is not wiped", tt.want)
			}
			seen += len(kept)
			setTextPool.Put(scratch)
		}
		if seen == 0 {
			t.Errorf("%v: got only new memory from the pool, want the memory of a text", tt.want)
		}
	}
}
