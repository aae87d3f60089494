package jwk_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// siblings maps the files of the kinds of key to their family. Families do not use each other, so
// that one can be read, changed or removed without the others.
var siblings = map[string]string{
	"rsa.go": "RSA", "rsa_private.go": "RSA", "rsa_multiprime.go": "RSA", "pkcs1.go": "RSA",
	"ec.go": "EC", "secp256k1.go": "secp256k1", "okp25519.go": "25519", "okp448.go": "448", "x448.go": "448",
	"akp.go": "AKP", "oct.go": "oct",
}

// imports maps each package to the files that may import it; "*" means all files. No file may
// import any other package.
var imports = map[string][]string{
	"bytes":           {"*"},
	"cmp":             {"*"},
	"errors":          {"*"},
	"fmt":             {"*"},
	"io":              {"*"},
	"iter":            {"*"},
	"maps":            {"*"},
	"math":            {"*"},
	"math/bits":       {"*"},
	"slices":          {"*"},
	"strconv":         {"*"},
	"strings":         {"*"},
	"sync/atomic":     {"*"},
	"encoding/base64": {"*"},

	"github.com/go-json-experiment/json/jsontext": {"*"},

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan": {"*"},

	"context":                                {"jose_sign.go", "jwks_select.go", "sources.go"},
	"crypto":                                 {"akp.go", "convert.go", "core.go", "ec.go", "ecdhes.go", "held.go", "jwk.go", "material.go", "new.go", "oct.go", "okp.go", "okp25519.go", "okp448.go", "rsa.go", "secp256k1.go", "signature.go", "thumbprint.go", "x448.go"},
	"crypto/aes":                             {"jwe_algorithms.go", "pbes2.go"},
	"crypto/cipher":                          {"pbes2.go"},
	"crypto/ecdh":                            {"ec.go", "ecdhes.go", "okp25519.go"},
	"crypto/ecdsa":                           {"ec.go", "new.go", "signature.go"},
	"crypto/ed25519":                         {"okp25519.go", "signature.go"},
	"crypto/elliptic":                        {"ec.go"},
	"crypto/fips140":                         {"jwe_algorithms.go", "x509.go"},
	"crypto/hmac":                            {"signature.go"},
	"crypto/pbkdf2":                          {"decrypt.go", "pbes2.go"},
	"crypto/rand":                            {"ec.go", "generate.go", "held.go", "oct.go", "okp25519.go", "okp448.go", "pbes2.go", "rsa.go", "signature.go"},
	"crypto/rsa":                             {"decrypt.go", "held.go", "rsa.go", "rsa_private.go", "signature.go"},
	"crypto/sha1":                            {"pbes2.go", "x509.go"}, // x5t
	"crypto/sha256":                          {"jwe_algorithms.go", "jwk.go", "jwks_diff.go", "pbes2.go", "thumbprint.go", "x509.go"},
	"crypto/sha3":                            {"akp.go"},
	"crypto/sha512":                          {"jwe_algorithms.go", "pbes2.go"},
	"crypto/subtle":                          {"jwk.go", "x448.go"},
	"crypto/x509":                            {"attributes.go", "certificates.go", "pkix.go", "rsa.go", "x509.go"},
	"encoding/asn1":                          {"der.go", "ec.go", "oids.go", "okp.go", "optional.go", "pbes2.go", "sec1.go"}, // object identifiers
	"encoding/binary":                        {"akp.go", "base64url.go", "ecdhes.go", "jwks_diff.go"},
	"encoding/hex":                           {"recognize.go", "x509.go"},
	"encoding/json":                          {"attributes.go", "jwks_members.go"}, // writes what callers give; what is read, json.go reads
	"encoding/pem":                           {"pem.go", "pem_block.go"},
	"filippo.io/mldsa":                       {"akp.go"},
	"github.com/cloudflare/circl/dh/x448":    {"okp448.go"},
	"github.com/cloudflare/circl/sign/ed448": {"okp448.go"},
	"github.com/decred/dcrd/dcrec/secp256k1/v4":       {"secp256k1.go"},
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa": {"secp256k1.go"},
	"github.com/go-jose/go-jose/v4":                   {"decrypt.go", "encrypt.go", "jose.go", "jose_sign.go", "jwe.go"},
	"github.com/go-jose/go-jose/v4/cipher":            {"decrypt.go", "ecdhes.go"},
	"golang.org/x/crypto/cryptobyte":                  {"akp.go", "certificates.go", "der.go", "lenient_x5c.go", "okp.go", "pbes2.go", "pem_block.go", "pem_label.go", "pkcs1.go", "pkix.go", "rsa.go", "sec1.go", "signature.go", "x509.go"},
	"golang.org/x/crypto/cryptobyte/asn1":             {"akp.go", "der.go", "lenient_x5c.go", "okp.go", "pbes2.go", "pem_block.go", "pem_label.go", "pkcs1.go", "sec1.go", "signature.go", "x509.go"},
	"github.com/seed1f6cf2d3/jwk/internal/roca":       {"rsa.go"},
	"hash":         {"jwe_algorithms.go", "pbes2.go"},
	"log/slog":     {"jwks_marshal.go", "jwks_query.go", "jwks_skipped.go", "marshal.go", "passphrase.go", "secp256k1.go", "x448.go"},
	"math/big":     {"rsa.go", "rsa_multiprime.go", "rsa_private.go", "signature.go"},
	"net/url":      {"jose.go"},
	"reflect":      {"new.go"}, // to find a nil pointer
	"sync":         {"encrypt.go", "jwks_parse.go", "members.go", "writer.go"},
	"time":         {"attributes.go"},
	"unicode/utf8": {"syntax.go", "text.go"},
}

// A source is a package without its tests, parsed and type-checked.
type source struct {
	dir   string
	fset  *token.FileSet
	files map[string]*ast.File // by name
	other map[string]*ast.File // files that only builds with other tags have, for their imports
	pkg   *types.Package
	info  *types.Info
}

// loaders load each package of the module once for all tests that examine it, by folder.
var loaders = map[string]func() (*source, error){
	".":       sync.OnceValues(func() (*source, error) { return loadSource(".") }),
	"jwkhttp": sync.OnceValues(func() (*source, error) { return loadSource("jwkhttp") }),
	"jwktest": sync.OnceValues(func() (*source, error) { return loadSource("jwktest") }),
	"sshkey":  sync.OnceValues(func() (*source, error) { return loadSource("sshkey") }),
}

// loadSource loads the package in a folder.
func loadSource(dir string) (*source, error) {
	dir = "./" + dir
	names, err := goList("-f", `{{join .GoFiles "\n"}}{{"\n"}}{{join .IgnoredGoFiles "\n"}}`, dir)
	if err != nil {
		return nil, err
	}
	built, err := goList("-f", `{{join .GoFiles "\n"}}`, dir)
	if err != nil {
		return nil, err
	}
	s := &source{
		dir:   dir,
		fset:  token.NewFileSet(),
		files: make(map[string]*ast.File),
		other: make(map[string]*ast.File),
		info:  &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object), Selections: make(map[*ast.SelectorExpr]*types.Selection)},
	}
	var list []*ast.File
	for _, name := range strings.Fields(names) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(strings.Fields(built), name) {
			s.other[name] = f
			continue
		}
		s.files[name] = f
		list = append(list, f)
	}

	// The types of other packages come from the export data of the compiler.
	exports := make(map[string]string)
	out, err := goList("-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", dir)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		exports[path] = file
	}
	conf := types.Config{Importer: importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	s.pkg, err = conf.Check(dir, s.fset, list, s.info)
	return s, err
}

// theSource returns package jwk.
func theSource(t testing.TB) *source {
	t.Helper()
	return sourceOf(t, ".")
}

// sourceOf returns the package in a folder, or fails the test if it cannot be loaded.
func sourceOf(t testing.TB, dir string) *source {
	t.Helper()
	s, err := loaders[dir]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goList returns the output of go list.
func goList(args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, stderr.Bytes())
	}
	return string(out), nil
}

// file returns the name of the file at a position.
func (s *source) file(pos token.Pos) string { return filepath.Base(s.fset.Position(pos).Filename) }

// layerRow matches a row of the table of layers in DESIGN.md: the number of the layer and the
// names of its files.
var layerRow = regexp.MustCompile("(?m)^\\| ([0-9]+) \\| ((?:`[a-z0-9_]+\\.go` ?)+)\\|")

// layersOf returns the number of the layer of each file, as the table below a heading of DESIGN.md
// states it.
func layersOf(t *testing.T, s *source, heading string) map[string]int {
	t.Helper()
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(design), "\n"+heading+"\n")
	if !found {
		t.Fatalf("DESIGN.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	level := make(map[string]int)
	for _, row := range layerRow.FindAllStringSubmatch(section, -1) {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(strings.ReplaceAll(row[2], "`", "")) {
			if _, twice := level[name]; twice {
				t.Errorf("DESIGN.md: %s is in the table of layers twice", name)
			}
			level[name] = n
			if s.files[name] == nil && s.other[name] == nil {
				t.Errorf("DESIGN.md: layer %d of %s has %s, which does not exist", n, s.dir, name)
			}
		}
	}
	return level
}

// TestLayers checks the files against the tables of layers in DESIGN.md: a file may use only
// declarations of its own layer and of lower layers. If this fails, a package can no longer be
// read from the lowest layer up.
func TestLayers(t *testing.T) {
	t.Run("jwk", func(t *testing.T) {
		checkLayers(t, theSource(t), "## Layers", 1000)
	})
	t.Run("jwkhttp", func(t *testing.T) {
		checkLayers(t, sourceOf(t, "jwkhttp"), "### Layers of jwkhttp", 500)
	})
}

// checkLayers checks a package against a table of layers. It must find at least the given number of
// uses of declarations.
func checkLayers(t *testing.T, s *source, heading string, fewest int) {
	level := layersOf(t, s, heading)
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		if _, ok := level[name]; !ok {
			t.Errorf("%s has no layer: add it to the table in DESIGN.md", name)
		}
	}

	checked := 0
	circles := make(map[string]map[string]string) // user and used file of one layer -> a name that is used
	for ident, obj := range s.info.Uses {
		if obj.Pkg() != s.pkg || !shared(obj) {
			continue
		}
		checked++
		user, used := s.file(ident.Pos()), s.file(obj.Pos())
		from, ok := level[user]
		to, known := level[used]
		switch {
		case !ok || !known || user == used:
			continue
		case to > from:
			t.Errorf("%v: %s of layer %d uses %s of %s of layer %d", s.fset.Position(ident.Pos()), user, from, obj.Name(), used, to)
		case siblings[user] != "" && siblings[used] != "" && siblings[user] != siblings[used]:
			t.Errorf("%v: %s uses %s of its sibling %s", s.fset.Position(ident.Pos()), user, obj.Name(), used)
		case to == from:
			if circles[user] == nil {
				circles[user] = make(map[string]string)
			}
			circles[user][used] = obj.Name()
		}
	}
	if checked < fewest {
		t.Errorf("got %d uses of declarations, want at least %d", checked, fewest)
	}
	for _, circle := range circlesIn(circles) {
		t.Errorf("files use each other in a circle: %s", circle)
	}
}

// circlesIn returns a text for each step in a circle of a graph of files: a file, a name that it
// uses, and the file with that name, from which the first file can be reached again.
func circlesIn(graph map[string]map[string]string) []string {
	reaches := make(map[string]map[string]bool)
	for file := range graph {
		reached := make(map[string]bool)
		for todo := []string{file}; len(todo) > 0; todo = todo[1:] {
			for next := range graph[todo[0]] {
				if !reached[next] {
					reached[next] = true
					todo = append(todo, next)
				}
			}
		}
		reaches[file] = reached
	}
	var circles []string
	for _, file := range slices.Sorted(maps.Keys(graph)) {
		for _, next := range slices.Sorted(maps.Keys(graph[file])) {
			if reaches[next][file] {
				circles = append(circles, fmt.Sprintf("%s uses %s of %s", file, graph[file][next], next))
			}
		}
	}
	return circles
}

// shared reports whether an object is a declaration of the package, a method or a field. It
// returns false for objects that are local to a function.
func shared(obj types.Object) bool {
	if obj.Parent() == obj.Pkg().Scope() {
		return true
	}
	switch obj := obj.(type) {
	case *types.Func:
		return true // a method, because functions are in the scope of the package
	case *types.Var:
		return obj.IsField()
	}
	return false
}

// TestImports: if this fails, a file uses a package that the design gives to other files, such
// as a second JSON parser or a source of randomness, or the table lists an import that is gone.
func TestImports(t *testing.T) {
	s := theSource(t)
	used := make(map[string]bool) // "import file", and "import *"
	files := maps.Clone(s.files)
	maps.Copy(files, s.other)
	for name, f := range files {
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			allowed := imports[path]
			if !slices.Contains(allowed, "*") && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, which only these files may import: %v", name, path, allowed)
			}
			if spec.Name != nil && (spec.Name.Name == "_" || spec.Name.Name == ".") {
				t.Errorf("%s imports %s as %s, want a name", name, path, spec.Name)
			}
			used[path+" "+name], used[path+" *"] = true, true
		}
	}
	for path, names := range imports {
		for _, name := range names {
			if !used[path+" "+name] {
				t.Errorf("%s may import %s and does not: remove it from the table", name, path)
			}
		}
	}
}
