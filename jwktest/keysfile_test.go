package jwktest_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// keysOfFile returns the keys that are in the file now.
func keysOfFile(t testing.TB) []*jwk.Key {
	t.Helper()
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwk.ParseSet(text)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(set.All())
}

// TestKeysFile: if this fails, an algorithm has no key for tests. With -update it makes the
// keys that are missing.
func TestKeysFile(t *testing.T) {
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	present := jwk.NewSet(keysOfFile(t)...)
	type wanted struct {
		kid  string
		make func() (*jwk.Key, error)
	}
	var list []wanted
	for _, alg := range known(t) {
		kid := "test-" + string(alg)
		list = append(list, wanted{kid, func() (*jwk.Key, error) {
			return jwk.Generate(alg, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: kid}})
		}})
	}
	for _, bits := range rsaSizes {
		kid := fmt.Sprintf("test-RSA-%d", bits)
		list = append(list, wanted{kid, func() (*jwk.Key, error) {
			material, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				return nil, err
			}
			return jwk.New(material, &jwk.Attributes{KeyID: kid})
		}})
	}
	for _, want := range list {
		if _, ok := present.Lookup(want.kid); ok {
			continue
		}
		if !*update {
			t.Errorf("no key %s in %s: run go test -run 'TestKeysFile$' ./jwktest -update", want.kid, keysFile)
			continue
		}
		k, err := want.make()
		if err != nil {
			t.Fatal(err)
		}
		line, err := k.MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		before, ok := bytes.CutSuffix(text, []byte("\n]}\n"))
		if !ok {
			t.Fatalf("%s does not end in ]}", keysFile)
		}
		text = fmt.Appendf(bytes.Clone(before), ",\n%s\n]}\n", line)
	}
	if *update {
		if err := os.WriteFile(keysFile, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKeysAreFixed: if this fails, a key was replaced, and the tests of other projects that
// have its tokens or its thumbprint break. With -update it adds the thumbprints of new keys.
func TestKeysAreFixed(t *testing.T) {
	text, err := os.ReadFile(thumbprintsFile)
	if err != nil && !(*update && errors.Is(err, os.ErrNotExist)) {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		kid, thumbprint, _ := strings.Cut(strings.TrimSpace(line), " ")
		want[kid] = thumbprint
	}
	keys := allKeys
	if *update {
		keys = keysOfFile // TestKeysFile may have added some that this build does not have
	}
	for _, k := range keys(t) {
		got := k.Thumbprint().String()
		if *update && want[k.KeyID()] == "" {
			text = fmt.Appendf(text, "%s %s\n", k.KeyID(), got)
			continue
		}
		if got != want[k.KeyID()] {
			t.Errorf("%s: got thumbprint %s, want %s as in %s", k.KeyID(), got, want[k.KeyID()], thumbprintsFile)
		}
	}
	if *update {
		if err := os.WriteFile(thumbprintsFile, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNothingIsGenerated: if this fails, a call may take the time that it takes to generate an
// RSA key, up to seconds.
func TestNothingIsGenerated(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		checked++
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("jwk.Generate(")) {
			t.Errorf("%s calls jwk.Generate", name)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if strings.HasPrefix(path, "crypto/") && path != "crypto/x509" { // x509 has the authorities of a server
				t.Errorf("%s imports %s, which could generate keys", name, path)
			}
		}
	}
	if checked < 2 {
		t.Errorf("checked %d files, want at least 2", checked)
	}
}
