package sshkey_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// keygen runs ssh-keygen and returns its output.
func keygen(t testing.TB, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skipf("no ssh-keygen here: %v", err)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestKeygenReads: ssh-keygen reads the files and lines of this package. If it fails, users
// cannot log in with keys that this package wrote.
func TestKeygenReads(t *testing.T) {
	for _, name := range fixtureNames {
		for _, pass := range []string{"", string(passphrase)} {
			t.Run(fmt.Sprintf("%s/encrypted=%v", name, pass != ""), func(t *testing.T) {
				key := fixture(t, name)
				var secret []byte
				if pass != "" {
					secret = []byte(pass)
				}
				file := filepath.Join(t.TempDir(), "key")
				if err := os.WriteFile(file, written(t, name, secret), 0o600); err != nil {
					t.Fatal(err)
				}
				line, err := sshkey.MarshalAuthorizedKey(key, comment)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file+".pub", line, 0o600); err != nil {
					t.Fatal(err)
				}
				fingerprint, err := sshkey.Fingerprint(key)
				if err != nil {
					t.Fatal(err)
				}

				if got, want := keygen(t, "-y", "-P", pass, "-f", file), strings.TrimSpace(string(line)); got != want {
					t.Errorf("ssh-keygen -y: got %q, want %q", got, want)
				}
				got := strings.Fields(keygen(t, "-l", "-f", file+".pub"))
				if len(got) < 2 || got[0] != fmt.Sprint(key.Bits()) || got[1] != fingerprint {
					t.Errorf("ssh-keygen -l: got %q, want %d and %q", got, key.Bits(), fingerprint)
				}
				// ssh-keygen writes the same key again.
				keygen(t, "-p", "-a", "1", "-P", pass, "-N", string(passphrase), "-f", file)
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				again, err := sshkey.ParsePrivateKey(data, passphrase)
				if err != nil {
					t.Fatal(err)
				}
				checkSame(t, again, key)
			})
		}
	}
}

// TestKeygenWrites: this package reads the keys that ssh-keygen makes.
func TestKeygenWrites(t *testing.T) {
	for _, args := range [][]string{
		{"-t", "ed25519"},
		{"-t", "ecdsa", "-b", "256"},
		{"-t", "ecdsa", "-b", "384"},
		{"-t", "ecdsa", "-b", "521"},
		{"-t", "rsa", "-b", "2048"},
		{"-t", "ed25519", "-Z", "aes256-cbc", "-N", string(passphrase)},
		{"-t", "ed25519", "-Z", "aes256-ctr", "-a", "3", "-N", string(passphrase)},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "key")
			var pass []byte
			if args[len(args)-2] == "-N" {
				pass = passphrase
			} else {
				args = append(args, "-N", "")
			}
			keygen(t, append(args, "-q", "-C", "a comment", "-f", file)...)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			line, err := os.ReadFile(file + ".pub")
			if err != nil {
				t.Fatal(err)
			}
			key, err := sshkey.ParsePrivateKey(data, pass)
			if err != nil {
				t.Fatal(err)
			}
			published, comment, _, err := sshkey.ParseAuthorizedKey(line)
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, published, public(t, key))
			if comment != "a comment" {
				t.Errorf("got comment %q, want %q", comment, "a comment")
			}
			if again, err := sshkey.MarshalAuthorizedKey(key, comment); err != nil || string(again) != string(line) {
				t.Errorf("got line %q, %v; want %q", again, err, line)
			}
		})
	}
}

// TestKeygenConverts: ssh-keygen -p converts RSA and EC keys from other formats, as the errors
// and the documentation of ParsePrivateKey say.
func TestKeygenConverts(t *testing.T) {
	pem := func(name string) []byte {
		data, err := fixture(t, name).MarshalPrivatePEM()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	rsa, err := sshkey.ParsePrivateKey(golden(t, "rsa-2048"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, pass string
		data       []byte
		want       *jwk.Key
	}{
		{"PKCS #8, RSA", "", pem("RSA-2048"), fixture(t, "RSA-2048")},
		{"PKCS #8, EC", "", pem("P-256"), fixture(t, "P-256")},
		{"PKCS #1", "", golden(t, "rsa-2048.pem"), rsa},
		{"PKCS #1, encrypted", string(passphrase), golden(t, "rsa-2048.encrypted.pem"), rsa},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(file, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			keygen(t, "-p", "-P", test.pass, "-N", "", "-f", file)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := sshkey.ParsePrivateKey(data, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, got, test.want)
		})
	}
}

// TestPEMConverts: ParsePEM and MarshalPrivateKey convert the keys of every type, Ed25519
// included, without ssh-keygen.
func TestPEMConverts(t *testing.T) {
	for _, name := range fixtureNames {
		text, err := fixture(t, name).MarshalPrivatePEM()
		if err != nil {
			t.Fatal(err)
		}
		_, err = sshkey.ParsePrivateKey(text, nil)
		checkError(t, err, jwk.ErrUnsupported)
		set, err := jwk.ParsePEM(text)
		if err != nil || set.Len() != 1 {
			t.Fatalf("%s: got %v, %v", name, set, err)
		}
		data, err := sshkey.MarshalPrivateKey(set.At(0), nil, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := sshkey.ParsePrivateKey(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, got, fixture(t, name))
	}
}
