package integration

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// goBlocks are the blocks of Go in the README.
func goBlocks(t *testing.T) []string {
	t.Helper()
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(document(t, "README.md"), -1) {
		blocks = append(blocks, block[1])
	}
	if len(blocks) < 2 {
		t.Fatalf("got %d blocks of Go in the README, want a program and more", len(blocks))
	}
	return blocks
}

// TestREADMEProgram runs the program in the README, as a reader would.
func TestREADMEProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(goBlocks(t)[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", file)
	cmd.Dir = ".." // where the program finds its file, and the package
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	const want = "2048 bits, NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4\n"
	if string(stdout) != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
	if got := strings.Count(stderr.String(), "not used: "); got != 5 {
		t.Errorf("got %d entries reported, want 5:\n%s", got, stderr.String())
	}
}

// TestREADMEBlocks: all else that is Go in the README stands word for word in a file
// here, where it is compiled, and run by the tests.
func TestREADMEBlocks(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.WriteString("\n" + unindented(string(text)))
	}
	for _, block := range goBlocks(t)[1:] {
		if !strings.Contains(source.String(), "\n"+unindented(block)) {
			t.Errorf("in no Go file here:\n%s", block)
		}
	}
}

// A whole set, encrypted to a passphrase and decrypted.
func Example_encryptedSet() {
	key, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		log.Fatal(err)
	}
	set, passphrase := jwk.NewSet(key), []byte("correct horse battery staple")
	secret, err := set.Encrypt(&jwk.EncryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	set, err = jwk.DecryptSet(secret, &jwk.DecryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.At(0).Equal(key))
	// Output: true
}

// unindented returns a text without the white space that its lines begin with.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}
