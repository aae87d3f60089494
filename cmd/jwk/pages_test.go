//go:build unix

package main

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/seed1f6cf2d3/jwk"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// shellBlocks returns the commands that a page shows.
func shellBlocks(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range shellBlock.FindAllSubmatch(text, -1) {
		blocks = append(blocks, string(m[1]))
	}
	return blocks
}

// inShell returns a shell that runs a text in a folder, with jwk in its PATH.
func inShell(t *testing.T, folder, text string) *exec.Cmd {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test program behaves as the command if it is called jwk: see TestMain.
	if err := os.Symlink(self, filepath.Join(programs, "jwk")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-euo", "pipefail", "-c", text)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PATH="+programs+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return cmd
}

// TestCommandPage runs the commands of docs/command.md from the top to the end of the page, in a
// folder with the files that it mentions.
func TestCommandPage(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, text []byte, err error) {
		t.Helper()
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	generate := func(alg jwk.Algorithm, kid string) *jwk.Key {
		t.Helper()
		k, err := jwk.Generate(alg, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: kid}})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	key, partner := generate(jwk.ES256, "mine"), generate(jwk.ES256, "partner")
	text, err := key.MarshalPrivateJSON()
	write("key.jwk", text, err)
	text, err = jwk.NewSet(generate(jwk.RS256, "2026-01-rsa"), key).Public().MarshalJSON()
	write("jwks.json", text, err)
	text, err = partner.MarshalPrivatePEM()
	write("server-key.pem", text, err)
	text, err = certificate(partner)
	write("server.pem", text, err)
	write("partner.pem", text, err)
	write("passphrase.txt", []byte("correct horse battery staple\n"), nil)

	blocks := shellBlocks(t, "docs/command.md")
	if len(blocks) < 6 {
		t.Fatalf("got %d blocks of commands, want at least 6", len(blocks))
	}
	for _, block := range blocks {
		if out, err := inShell(t, folder, block).CombinedOutput(); err != nil {
			t.Errorf("%v in\n%s%s", err, block, out)
		}
	}
}

// certificate returns a certificate for a key, in PEM.
func certificate(k *jwk.Key) ([]byte, error) {
	signer, err := k.Signer()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "partner.example"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(365 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

// TestTour runs the tour of the README in a terminal, and types the passphrases that it asks for.
// If it fails, the first five minutes of a new user end with an error.
func TestTour(t *testing.T) {
	tour := strings.Join(shellBlocks(t, "README.md"), "")
	const documented = "127.0.0.1:7517"
	if !strings.Contains(tour, documented) {
		t.Fatalf("got %q, want a tour that uses %s", tour, documented)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that no other program uses
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	tour = strings.ReplaceAll(tour, documented, address)
	// A person reads what serve says before they go on.
	const serve = "jwk serve jwks.json &\n"
	ready := fmt.Sprintf("jwk serve --listen %s jwks.json &\nuntil jwk fetch http://%s/.well-known/jwks.json >/dev/null 2>&1; do :; done\n", address, address)
	if !strings.Contains(tour, serve) {
		t.Fatalf("got %q, want %q in it", tour, serve)
	}
	tour = strings.Replace(tour, serve, ready, 1)
	const passphrase = "correct horse battery staple"
	cmd := inShell(t, t.TempDir(), "set -m\n"+tour)
	cmd.Env = append(cmd.Env, "TERM=xterm")
	shown, err := talk(cmd, &pty.Winsize{Rows: 24, Cols: 80}, [][2]string{
		{"New passphrase for ", passphrase}, {"again: ", passphrase}, {"Passphrase for ", passphrase},
	})
	if err != nil {
		t.Fatalf("%v in:\n%s", err, shown)
	}
	for _, want := range []string{`"kty": "EC"`, "http://" + address, `"sub":"me"`, "EC P-256", "private"} {
		if !strings.Contains(shown, want) {
			t.Errorf("got no %q in:\n%s", want, shown)
		}
	}
	for _, secret := range []string{passphrase, `"d":`} {
		if strings.Contains(shown, secret) {
			t.Errorf("got %q on the terminal, want no secret in:\n%s", secret, shown)
		}
	}
}
