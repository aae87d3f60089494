package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sizePrograms parse a set, look a key up by its kid, and print the type of its Go
// key. jwkset is there twice: by the way that is the shortest, and by the one
// that links the least.
var sizePrograms = []struct{ name, source string }{
	{"this package", `package main

import (
	"fmt"
	"os"

	"github.com/seed1f6cf2d3/jwk"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	set, err := jwk.ParseSet(data)
	if err != nil {
		panic(err)
	}
	key, _ := set.Lookup(os.Args[2])
	fmt.Printf("%T\n", key.PublicKey())
}
`},
	{"jwkset v0.11.4, ToStorage", `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/MicahParks/jwkset"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(data, &set); err != nil {
		panic(err)
	}
	storage, err := set.ToStorage()
	if err != nil {
		panic(err)
	}
	key, err := storage.KeyRead(context.Background(), os.Args[2])
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", key.Key())
}
`},
	{"jwkset v0.11.4, storage by hand", `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/MicahParks/jwkset"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(data, &set); err != nil {
		panic(err)
	}
	ctx, storage := context.Background(), jwkset.NewMemoryStorage()
	for _, marshalled := range set.Keys {
		key, err := jwkset.NewJWKFromMarshal(marshalled, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			panic(err)
		}
		storage.KeyWrite(ctx, key)
	}
	key, err := storage.KeyRead(ctx, os.Args[2])
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", key.Key())
}
`},
	{"jwx v3.4.0", `package main

import (
	"fmt"
	"os"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	set, err := jwk.Parse(data)
	if err != nil {
		panic(err)
	}
	key, _ := set.LookupKeyID(os.Args[2])
	var public any
	if err := jwk.Export(key, &public); err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", public)
}
`},
	{"go-jose v4.1.9", `package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-jose/go-jose/v4"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(data, &set); err != nil {
		panic(err)
	}
	fmt.Printf("%T\n", set.Key(os.Args[2])[0].Key)
}
`},
}

// TestProgramSize builds the same program with this package and with others, as one
// that ships is built: with this package it is smaller than with jwx and jwkset,
// though these know fewer kinds of keys. Sizes do not vary from run to run.
func TestProgramSize(t *testing.T) {
	dir := t.TempDir()
	set := filepath.Join(dir, "set.json")
	const text = `{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	if err := os.WriteFile(set, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sizes := make(map[string]int64)
	for _, p := range sizePrograms {
		source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
		if err := os.WriteFile(source, []byte(p.source), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", p.name, err, out)
		}
		if out, err := exec.Command(program, set, "a").Output(); err != nil || string(out) != "*ecdsa.PublicKey\n" {
			t.Fatalf("%s: got %q, %v", p.name, out, err)
		}
		info, err := os.Stat(program)
		if err != nil {
			t.Fatal(err)
		}
		sizes[p.name] = info.Size()
		t.Logf("%-32s %d bytes", p.name, info.Size())
	}
	ours := sizes["this package"]
	for name, size := range sizes {
		if (strings.HasPrefix(name, "jwx") || strings.HasPrefix(name, "jwkset")) && ours >= size {
			t.Errorf("got %d bytes, want less than %s: %d", ours, name, size)
		}
	}
}
