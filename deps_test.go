package jwk_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// dependencies are the packages of other modules that a program links with this package.
var dependencies = []string{
	"filippo.io/mldsa",
	"filippo.io/mldsa/internal/byteorder",
	"filippo.io/mldsa/internal/constanttime",
	"filippo.io/mldsa/internal/fips140",
	"filippo.io/mldsa/internal/fips140/mldsa",
	"filippo.io/mldsa/mldsacrypto",
	"github.com/cloudflare/circl/dh/x448",
	"github.com/cloudflare/circl/ecc/goldilocks",
	"github.com/cloudflare/circl/internal/conv",
	"github.com/cloudflare/circl/internal/sha3",
	"github.com/cloudflare/circl/math",
	"github.com/cloudflare/circl/math/fp448",
	"github.com/cloudflare/circl/math/mlsbset",
	"github.com/cloudflare/circl/sign",
	"github.com/cloudflare/circl/sign/ed448",
	"github.com/decred/dcrd/dcrec/secp256k1/v4",
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa",
	"github.com/go-jose/go-jose/v4",
	"github.com/go-jose/go-jose/v4/cipher",
	"github.com/go-jose/go-jose/v4/json",
	"github.com/go-json-experiment/json/internal",
	"github.com/go-json-experiment/json/internal/jsonflags",
	"github.com/go-json-experiment/json/internal/jsonopts",
	"github.com/go-json-experiment/json/internal/jsonwire",
	"github.com/go-json-experiment/json/jsontext",
	"golang.org/x/crypto/cryptobyte",
	"golang.org/x/crypto/cryptobyte/asn1",
	"golang.org/x/sys/cpu",
}

// TestDependencies: if this fails, every program that uses this package links one more
// dependency, which its owners must review and update.
func TestDependencies(t *testing.T) {
	out, err := goList("-deps", "-f", "{{.ImportPath}}\t{{.Standard}}", ".")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]bool)
	for line := range strings.Lines(out) {
		path, standard, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all[path] = true
		if standard == "false" && path != "github.com/seed1f6cf2d3/jwk" && !strings.HasPrefix(path, "github.com/seed1f6cf2d3/jwk/internal/") && !slices.Contains(dependencies, path) {
			t.Errorf("the package links %s, which is not in the list of dependencies", path)
		}
	}
	for _, path := range []string{"crypto/rsa", "github.com/go-json-experiment/json/jsontext"} {
		if !all[path] {
			t.Errorf("got dependencies without %s: go list did not list them all", path)
		}
	}
	// A program that only reads keys must not link an HTTP server and client, nor packages that
	// start processes or register handlers and flags globally.
	for _, path := range []string{"net/http", "net/rpc", "os/exec", "expvar", "flag", "plugin", "testing", "html/template"} {
		if all[path] {
			t.Errorf("the package links %s", path)
		}
	}
}

// TestCoreDependencies: the build tag jwk_core leaves out secp256k1, Ed448 and X448. If this
// fails, programs built with the tag still link the packages for them.
func TestCoreDependencies(t *testing.T) {
	out, err := goList("-deps", "-tags", "jwk_core", ".")
	if err != nil {
		t.Fatal(err)
	}
	core := strings.Fields(out)
	left := 0
	for _, path := range dependencies {
		if strings.Contains(path, "/circl/") || strings.Contains(path, "/secp256k1/") {
			left++
			if slices.Contains(core, path) {
				t.Errorf("with the tag jwk_core the package links %s", path)
			}
		}
	}
	if left < 5 || !slices.Contains(core, "crypto/rsa") {
		t.Errorf("got %d packages that the tag leaves out and %d that it keeps, want at least 5, and crypto/rsa kept", left, len(core))
	}
}

// TestNoGlobalState: if this fails, importing the package runs code before main, or another
// package can change its behavior through an exported variable.
func TestNoGlobalState(t *testing.T) {
	sentinels := 0
	for name, f := range theSource(t).files {
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" {
					t.Errorf("%s has an init function", name)
				}
			case *ast.GenDecl:
				if decl.Tok != token.VAR {
					continue
				}
				for _, spec := range decl.Specs {
					for _, ident := range spec.(*ast.ValueSpec).Names {
						if !ident.IsExported() {
							continue
						}
						if name != "errors.go" || !strings.HasPrefix(ident.Name, "Err") {
							t.Errorf("%s exports the variable %s, want only sentinel errors", name, ident.Name)
						}
						sentinels++
					}
				}
			}
		}
	}
	if sentinels != len(errorKinds) {
		t.Errorf("got %d sentinel errors, want %d", sentinels, len(errorKinds))
	}
}
