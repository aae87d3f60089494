package jwk_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// Other modules that the package is linked with, and from them these packages.
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
			t.Errorf("it is linked with %s", path)
		}
	}
	for _, path := range []string{"crypto/rsa", "github.com/go-json-experiment/json/jsontext"} {
		if !all[path] {
			t.Errorf("no %s among the dependencies: the test has lost its grip", path)
		}
	}
	// Whoever only reads keys must not get a web server and client for it, nor
	// what starts processes or registers itself globally.
	for _, path := range []string{"net/http", "net/rpc", "os/exec", "expvar", "flag", "plugin", "testing", "html/template"} {
		if all[path] {
			t.Errorf("it is linked with %s", path)
		}
	}
}

// TestCoreDependencies: the build tag jwk_core leaves out the packages of the kinds that it
// leaves out.
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
				t.Errorf("with the tag it is linked with %s", path)
			}
		}
	}
	if left < 5 || !slices.Contains(core, "crypto/rsa") {
		t.Errorf("got %d packages that are left out, among %d: the test has lost its grip", left, len(core))
	}
}

// TestNoGlobalState: nothing runs before main, and no variable of the package
// can be set by others.
func TestNoGlobalState(t *testing.T) {
	sentinels := 0
	for name, f := range theSource(t).files {
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" {
					t.Errorf("%s: has an init function", name)
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
							t.Errorf("%s: exports the variable %s", name, ident.Name)
						}
						sentinels++
					}
				}
			}
		}
	}
	if sentinels != len(errorKinds) {
		t.Errorf("got %d sentinels, want %d", sentinels, len(errorKinds))
	}
}
