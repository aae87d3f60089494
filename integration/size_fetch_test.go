package integration

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// fetchPrograms fetch a set, look a key up by its kid, and print the type of its Go key.
var fetchPrograms = []struct{ name, source string }{
	{"http.Get and ParseSet", `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/seed1f6cf2d3/jwk"
)

func main() {
	response, err := http.Get(os.Args[1])
	if err != nil {
		panic(err)
	}
	data, _ := io.ReadAll(response.Body)
	set, err := jwk.ParseSet(data)
	if err != nil {
		panic(err)
	}
	key, _ := set.Lookup(os.Args[2])
	fmt.Printf("%T\n", key.PublicKey())
}
`},
	{"jwkhttp", `package main

import (
	"context"
	"fmt"
	"os"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

func main() {
	keys, err := jwkhttp.NewClient(os.Args[1], &jwkhttp.ClientOptions{AllowHTTP: true})
	if err != nil {
		panic(err)
	}
	key, err := keys.Find(context.Background(), jwk.Query{KeyID: os.Args[2]})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", key.PublicKey())
}
`},
	{"keyfunc v3.9.2", `package main

import (
	"context"
	"fmt"
	"os"

	"github.com/MicahParks/keyfunc/v3"
)

func main() {
	keys, err := keyfunc.NewDefault([]string{os.Args[1]})
	if err != nil {
		panic(err)
	}
	key, err := keys.Storage().KeyRead(context.Background(), os.Args[2])
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", key.Key())
}
`},
}

// TestProgramSizeFetching builds the same program with jwkhttp and without. If it fails,
// docs/dependencies.md makes wrong claims about programs that fetch: jwkhttp adds less than 1 MB to a
// program that already has net/http.
func TestProgramSizeFetching(t *testing.T) {
	key := jwktest.Key(jwk.ES256)
	server := httptest.NewServer(jwkhttp.NewHandler(func() *jwk.Set { return jwk.NewSet(key) }, nil))
	defer server.Close()
	sizes := make(map[string]int64)
	for _, p := range fetchPrograms {
		program, size := released(t, p.source)
		if out, err := exec.Command(program, server.URL, key.KeyID()).Output(); err != nil || string(out) != "*ecdsa.PublicKey\n" {
			t.Fatalf("%s: got %q, %v", p.name, out, err)
		}
		sizes[p.name] = size
		t.Logf("%-32s %d bytes", p.name, size)
	}
	ours, plain, other := sizes["jwkhttp"], sizes["http.Get and ParseSet"], sizes["keyfunc v3.9.2"]
	if ours >= plain+1e6 {
		t.Errorf("got %d bytes with jwkhttp, want less than 1 MB more than without: %d", ours, plain)
	}
	if hasDocumentedSizes() {
		const offBy = 0.02 // MB
		megabytes := func(size int64) string { return fmt.Sprintf("%.2f MB", float64(size)/1e6) }
		figures(t, "docs/dependencies.md", "| this package, with http.Get and ParseSet | %s |", offBy, megabytes(plain))
		figures(t, "docs/dependencies.md", "| this package, with jwkhttp | %s |", offBy, megabytes(ours))
		figures(t, "docs/dependencies.md", "| keyfunc v3.9.2 | %s |", offBy, megabytes(other))
	}
}

// released builds a program with the flags of a release. It returns the file and its size.
func released(t *testing.T, source string, flags ...string) (program string, size int64) {
	t.Helper()
	dir := t.TempDir()
	main, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(main, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", program}, flags, []string{main})
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	return program, info.Size()
}
