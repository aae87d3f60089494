package sshkey_test

import (
	"bytes"
	"encoding/pem"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// goldenFiles returns the files of testdata with a suffix. For "" it returns all files except
// public keys.
func goldenFiles(t testing.TB, suffix string) [][]byte {
	t.Helper()
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var files [][]byte
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), suffix) || suffix == "" && strings.HasSuffix(e.Name(), ".pub") {
			continue
		}
		files = append(files, golden(t, e.Name()))
	}
	if len(files) < len(goldenKeys) {
		t.Fatalf("got %d files, want more", len(files))
	}
	return files
}

// FuzzParseAuthorizedKey: a line that is read can be written and read again, with the same key,
// comment and options. A line that is refused gives an error of one kind and no other result.
func FuzzParseAuthorizedKey(f *testing.F) {
	for _, line := range goldenFiles(f, ".pub") {
		f.Add(line)
		f.Add([]byte(`restrict,command="a \"b\", c",from="*.example" ` + string(line)))
		f.Add(line[:len(line)/2])
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		key, comment, options, err := sshkey.ParseAuthorizedKey(line)
		if !bytes.Equal(line, before) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if key != nil || comment != "" || options != nil {
				t.Errorf("got %v, %q, %q beside error %v", key, comment, options, err)
			}
			checkKind(t, err)
			return
		}
		if key.IsPrivate() {
			t.Errorf("got %v of %q", key, line)
		}
		written, err := sshkey.MarshalAuthorizedKey(key, comment)
		if err != nil {
			if !strings.ContainsFunc(comment, unicode.IsControl) || !errors.Is(err, jwk.ErrInvalid) {
				t.Fatalf("%q cannot be written: %v", line, err)
			}
			return
		}
		if len(options) > 0 {
			written = append([]byte(strings.Join(options, ",")+" "), written...)
		}
		again, againComment, againOptions, err := sshkey.ParseAuthorizedKey(written)
		if err != nil {
			t.Fatalf("its own line %q is refused: %v", written, err)
		}
		checkSame(t, again, key)
		if againComment != comment || !slices.Equal(againOptions, options) {
			t.Errorf("got comment %q and options %q, want %q and %q", againComment, againOptions, comment, options)
		}
	})
}

// FuzzParsePrivateKey: a private key that is read can be written and read again as the same key,
// without a passphrase, which would take time. The fuzzer's input is tried as a file and as the
// content of a PEM block.
func FuzzParsePrivateKey(f *testing.F) {
	for _, data := range goldenFiles(f, "") {
		for _, secret := range [][]byte{nil, passphrase} {
			f.Add(data, secret)
			if block, _ := pem.Decode(data); block != nil {
				f.Add(block.Bytes, secret)
				f.Add(block.Bytes[:len(block.Bytes)/2], secret)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data, secret []byte) {
		for _, text := range [][]byte{data, armour(data)} {
			secret := secret
			if len(secret) == 0 || rounds(text) > 1 { // each round takes 7 ms
				secret = nil
			}
			before := bytes.Clone(text)
			key, err := sshkey.ParsePrivateKey(text, secret)
			if !bytes.Equal(text, before) {
				t.Fatal("the input was changed")
			}
			if secret != nil && err == nil { // a file that needs a passphrase must not be read without it
				_, err := sshkey.ParsePrivateKey(text, nil)
				checkError(t, err, jwk.ErrDecrypt)
			}
			if err != nil {
				if key != nil {
					t.Errorf("got %v beside error %v", key, err)
				}
				checkKind(t, err)
				continue
			}
			if !key.IsPrivate() {
				t.Errorf("got %v of %q", key, text)
			}
			written, err := sshkey.MarshalPrivateKey(key, nil, "")
			if err != nil {
				t.Fatalf("%q cannot be written: %v", text, err)
			}
			again, err := sshkey.ParsePrivateKey(written, nil)
			if err != nil {
				t.Fatalf("its own file %q is refused: %v", written, err)
			}
			checkSame(t, again, key)
			line, err := sshkey.MarshalAuthorizedKey(key, "")
			if err != nil {
				t.Fatal(err)
			}
			published, _, _, err := sshkey.ParseAuthorizedKey(line)
			if err != nil {
				t.Fatalf("its own line %q is refused: %v", line, err)
			}
			checkSame(t, published, public(t, key))
		}
	})
}

// rounds returns the number of rounds of bcrypt that a file states, or 0.
func rounds(data []byte) uint32 {
	block, _ := pem.Decode(data)
	if block == nil {
		return 0
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	var f file
	if ssh.Unmarshal(body, &f) != nil || !ok {
		return 0
	}
	var options struct {
		Salt   []byte
		Rounds uint32
	}
	if ssh.Unmarshal(f.Options, &options) != nil {
		return 0
	}
	return options.Rounds
}

// FuzzComment: a comment that is written is read again, and never begins another line.
func FuzzComment(f *testing.F) {
	for _, comment := range []string{"", "alice@example.com", "a b", " a", "a\nssh-ed25519 AAAA", "\x7f", "é\u2028", "\xff", "#"} {
		f.Add(comment)
	}
	private := fixture(f, "Ed25519")
	f.Fuzz(func(t *testing.T, comment string) {
		line, err := sshkey.MarshalAuthorizedKey(private, comment)
		file, errFile := sshkey.MarshalPrivateKey(private, nil, comment)
		if (err == nil) != (errFile == nil) && !errors.Is(err, jwk.ErrPolicy) {
			t.Errorf("MarshalAuthorizedKey says %v, MarshalPrivateKey %v", err, errFile)
		}
		if errFile == nil {
			key, err := sshkey.ParsePrivateKey(file, nil)
			if err != nil {
				t.Fatalf("its own file %q is refused: %v", file, err)
			}
			checkSame(t, key, private)
		} else {
			checkKind(t, errFile)
		}
		if err != nil {
			checkKind(t, err)
			return
		}
		if bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
			t.Errorf("got %q, want one line", line)
		}
		key, got, options, err := sshkey.ParseAuthorizedKey(line)
		if err != nil {
			t.Fatalf("its own line %q is refused: %v", line, err)
		}
		checkSame(t, key, public(t, private))
		if got != comment || options != nil {
			t.Errorf("got comment %q and options %q, want %q", got, options, comment)
		}
	})
}
