package integration

import (
	"bytes"
	"debug/elf"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// sizePrograms parse a set, look a key up by its kid, and print the type of its Go key. jwkset
// has two programs: the shortest one, and the one that links the least code.
var sizePrograms = []struct{ name, source string }{
	{"this package", ownProgram},
	{coreName, ownProgram},
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

// coreName names the program that is built with the tag jwk_core.
const coreName = "this package, jwk_core"

const ownProgram = `package main

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
`

// TestProgramSize builds the same program with this package and with other libraries, with the
// flags of a release. If it fails, docs/dependencies.md makes wrong claims about small programs:
//
//   - A program with this package is smaller than one with jwx or jwkset, although these libraries
//     know fewer kinds of keys.
//   - With the tag jwk_core, which leaves out kinds that go-jose does not know either, it is
//     smaller than a program with go-jose.
//
// Sizes do not vary from run to run. The linker rounds them to pages, so a figure in the
// documents may be 0.02 MB off.
func TestProgramSize(t *testing.T) {
	set := filepath.Join(t.TempDir(), "set.json")
	const text = `{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	if err := os.WriteFile(set, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sizes := make(map[string]int64)
	for _, p := range sizePrograms {
		var flags []string
		if p.name == coreName {
			flags = []string{"-tags=jwk_core"}
		}
		program, size := released(t, p.source, flags...)
		if out, err := exec.Command(program, set, "a").Output(); err != nil || string(out) != "*ecdsa.PublicKey\n" {
			t.Fatalf("%s: got %q, %v", p.name, out, err)
		}
		sizes[p.name] = size
		t.Logf("%-32s %d bytes", p.name, size)
	}
	if hasDocumentedSizes() {
		var megabytes []string
		for _, name := range []string{"this package", coreName, "jwkset v0.11.4, storage by hand", "jwx v3.4.0", "go-jose v4.1.9"} {
			megabytes = append(megabytes, fmt.Sprintf("%.2f MB", float64(sizes[name])/1e6))
		}
		const offBy = 0.02 // MB
		figures(t, "README.md", "A program takes %s, or %s with the build tag", offBy, megabytes[:2]...)
		figures(t, "README.md", "It takes %s with go-jose, and %s with jwx", offBy, megabytes[4], megabytes[3])
		figures(t, "docs/dependencies.md", "| this package | %s |", offBy, megabytes[0])
		figures(t, "docs/dependencies.md", "| this package, with the build tag jwk_core | %s |", offBy, megabytes[1])
		figures(t, "docs/dependencies.md", "| jwkset v0.11.4 | %s |", offBy, megabytes[2])
		figures(t, "docs/dependencies.md", "| jwx v3.4.0 | %s |", offBy, megabytes[3])
		figures(t, "docs/dependencies.md", "| go-jose v4.1.9 | %s |", offBy, megabytes[4])
	}
	ours := sizes["this package"]
	for name, size := range sizes {
		if (strings.HasPrefix(name, "jwx") || strings.HasPrefix(name, "jwkset")) && ours >= size {
			t.Errorf("got %d bytes, want less than %s: %d", ours, name, size)
		}
	}
	if core, other := sizes[coreName], sizes["go-jose v4.1.9"]; core >= other {
		t.Errorf("got %d bytes with the tag jwk_core, want less than go-jose: %d", core, other)
	}
}

// doorsProgram calls every function of the package that reads or writes keys.
const doorsProgram = `package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

func show(values ...any) { fmt.Println(values...) }

func main() {
	data, _ := os.ReadFile(os.Args[1])
	passphrase := []byte(os.Args[2])
	set, _ := jwk.ParseSet(data)
	found, _ := set.Find(context.Background(), jwk.Query{KeyID: os.Args[2], Algorithm: jwk.RS256})
	show(set.Lookup(os.Args[2]))
	show(found.PublicKey(), found.PrivateKey(), found.Thumbprint())
	show(set.Diff(set.With(found)), set.Without(found).Public())

	key, _ := jwk.Generate(jwk.Algorithm(os.Args[2]), nil)
	public, _ := key.Public()
	named, _ := jwk.New(key.PrivateKey(), &jwk.Attributes{KeyID: "a"})
	show(json.Marshal(public))
	show(named.MarshalPrivateJSON())
	show(named.Signer())
	show(named.Secret())

	for _, marshal := range []func() ([]byte, error){key.MarshalDER, key.MarshalPrivateDER, key.MarshalPEM, key.MarshalPrivatePEM} {
		show(marshal())
	}
	show(jwk.ParseDER(data))
	show(jwk.ParsePEM(data))
	show(key.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase}))
	show(jwk.DecryptPEM(data, &jwk.DecryptOptions{Passphrase: passphrase}))
	show(key.Certificates())
	show(key.VerifyCertificates(x509.VerifyOptions{}))

	show(key.Encrypt(&jwk.EncryptOptions{Recipient: public}))
	show(set.Encrypt(&jwk.EncryptOptions{Passphrase: passphrase}))
	show(jwk.DecryptKey(data, &jwk.DecryptOptions{Key: key}))
	show(jwk.DecryptSet(data, &jwk.DecryptOptions{Passphrase: passphrase}))

	josed, _ := key.JOSE()
	show(jwk.FromJOSE(josed))
	signer, _ := key.JOSESigner(jwk.RS256)
	verifier, _ := key.JOSEVerifier(jwk.RS256)
	token, _ := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: signer}, nil)
	signed, _ := token.Sign(data)
	show(signed.CompactSerialize())
	show(signed.Verify(verifier))

	show(sshkey.ParseAuthorizedKey(data))
	show(sshkey.ParsePrivateKey(data, passphrase))
	show(sshkey.MarshalAuthorizedKey(key, ""))
	show(sshkey.MarshalPrivateKey(key, passphrase, ""))
	show(sshkey.Fingerprint(key))
}
`

// std names the row of the standard library.
const std = "the standard library"

// dependencySizes lists the modules that package jwk links. most is the largest number of
// kilobytes that each module may take in a program that parses and looks up, and in a program
// that uses everything. It leaves room of up to about a third above the sizes with Go 1.26 and 1.27. The texts
// are for the table in docs/dependencies.md.
var dependencySizes = []struct {
	module          string
	most            [2]int64
	keeper, purpose string
}{
	{ownPath, [2]int64{170, 490}, "this project", "this package and sshkey"},
	{
		"github.com/go-json-experiment/json",
		[2]int64{19, 63},
		"authors of Go's encoding/json/v2", "`jsontext`: paths, values and quoting of JSON; tests compare our reader with its decoder; in the standard library of Go 1.27",
	},
	{"golang.org/x/crypto", [2]int64{6, 114}, "the Go team", "`cryptobyte`, for DER; `ssh`, only in sshkey"},
	{"golang.org/x/sys", [2]int64{7, 7}, "the Go team", "`cpu`, for golang.org/x/crypto"},
	{"github.com/go-jose/go-jose/v4", [2]int64{3, 220}, "the go-jose maintainers", "encrypted keys and sets; keys for go-jose"},
	{"filippo.io/mldsa", [2]int64{21, 56}, "Filippo Valsorda", "ML-DSA; with Go 1.27 it uses crypto/mldsa"},
	{"github.com/cloudflare/circl", [2]int64{86, 109}, "Cloudflare", "Ed448 and X448"},
	{
		"github.com/decred/dcrd/dcrec/secp256k1/v4",
		[2]int64{915, 947},
		"the Decred developers", "secp256k1; every program gets its table of precomputed points",
	},
}

// TestDependencySize measures the size of each dependency in a program. If it fails, the programs
// of users have grown by a module that docs/dependencies.md does not list, or by more than it
// says.
//
// The program is built for linux/amd64 without cgo, so that the size is the same on every
// machine. The size of a module is the sum of its functions, its variables, its types and its
// string constants of 1 KiB and more. The linker must keep symbols for them, except for the
// constants. An instance of a generic function counts for the package that declares the
// function. Most of the rest are tables of the linker for lines, types and short strings. They
// belong to all modules.
func TestDependencySize(t *testing.T) {
	const rest, whole = "tables of the linker and short strings", "the whole program, stripped"
	var modules []string
	for _, d := range dependencySizes {
		modules = append(modules, d.module)
	}
	var sizes [2]map[string]int64
	for i, source := range []string{sizePrograms[0].source, doorsProgram} {
		file, symbols := linked(t, saved(t, source))
		size := make(map[string]int64)
		for name, n := range symbols {
			size[moduleOf(t, name, modules)] += n
		}
		for _, d := range dependencySizes {
			size[d.module] += constants(t, d.module, file)
		}
		size[whole] = int64(len(file))
		size[rest] = size[whole]
		for _, d := range dependencySizes {
			size[rest] -= size[d.module]
			if n := size[d.module]; n > d.most[i]*1000 || n == 0 {
				t.Errorf("%s: got %d octets in program %d of 2, want some, and at most %d KB", d.module, n, i+1, d.most[i])
			}
		}
		size[rest] -= size[std]
		sizes[i] = size
	}
	const head = "| module | kept by | for | KB in a program that parses and looks up | KB in a program that uses everything |\n"
	table := head + "|---|---|---|---|---|\n"
	kilobytes := func(octets int64) string { return thousands((octets + 500) / 1000) }
	for _, d := range dependencySizes {
		table += fmt.Sprintf("| %s | %s | %s | %s | %s |\n",
			d.module, d.keeper, d.purpose, kilobytes(sizes[0][d.module]), kilobytes(sizes[1][d.module]))
	}
	for _, row := range []string{std, rest, whole} {
		table += fmt.Sprintf("| %s | | | %s | %s |\n", row, kilobytes(sizes[0][row]), kilobytes(sizes[1][row]))
	}
	t.Logf("%s, linux/amd64\n%s", runtime.Version(), table)
	if runtime.Version() == documentedGo {
		const offBy = 0.05 // a fraction of the figure
		pasted(t, "docs/dependencies.md", "dependencies", table, offBy)
	}
}

// saved writes the source of a program to a file, and returns its name.
func saved(t *testing.T, source string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(name, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// linked builds a program from a file or a folder. It returns the stripped program and the sizes of
// its symbols by name.
func linked(t *testing.T, main string) (file []byte, symbols map[string]int64) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	build := func(ldflags string) {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags="+ldflags, "-o", program, main)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	build("")
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	symbols = make(map[string]int64)
	for _, s := range all {
		if int(s.Section) < len(f.Sections) && f.Sections[s.Section].Type == elf.SHT_PROGBITS {
			symbols[s.Name] += int64(s.Size)
		}
	}
	build("-s -w")
	if file, err = os.ReadFile(program); err != nil {
		t.Fatal(err)
	}
	return file, symbols
}

// moduleOf returns which of the modules a symbol belongs to. It returns std for symbols of the
// standard library, and "" for symbols that belong to no single module.
func moduleOf(t *testing.T, symbol string, modules []string) string {
	t.Helper()
	name := symbol
	for _, prefix := range []string{"type:.eq.", "type:.hash.", "type:.gcmask.", "type:", "go:itab.", "go:main."} {
		name = strings.TrimPrefix(name, prefix)
	}
	name = strings.TrimLeft(name, "*[]0123456789")
	if i := strings.IndexAny(name, "[({,"); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(name[slash+1:], '.')
	if dot < 0 || strings.HasPrefix(name, "main.") || strings.HasPrefix(symbol, "go:") && name == symbol {
		return ""
	}
	path := name[:slash+1+dot]
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return std
	}
	for _, module := range modules {
		if path == module || strings.HasPrefix(path, module+"/") {
			return module
		}
	}
	t.Errorf("the program has %s, which belongs to no module of the table", symbol)
	return ""
}

// constants returns the total size of the string constants of 1 KiB and more that a program has
// from a module.
func constants(t *testing.T, module string, program []byte) int64 {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f={{with .Module}}{{.Path}}\t{{$.Dir}}{{range $.GoFiles}}\t{{.}}{{end}}{{end}}", "github.com/seed1f6cf2d3/jwk/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if fields[0] != module {
			continue
		}
		for _, name := range fields[2:] {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(fields[1], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) >= 1<<10 {
					if s, err := strconv.Unquote(lit.Value); err == nil && len(s) >= 1<<10 && bytes.Contains(program, []byte(s)) {
						size += int64(len(s))
					}
				}
				return true
			})
		}
	}
	return size
}
