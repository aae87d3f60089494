package integration

import (
	"encoding/json"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/go-jose/go-jose/v4"
	jwx "github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/seed1f6cf2d3/jwk"
)

// bookDocuments are the documents whose code readers copy.
var bookDocuments = []string{"docs/cookbook.md", "docs/migrating.md"}

// TestBookBlocks: every block of Go or YAML in the two documents is, word for word, part of a
// file that the tests compile and run, and a test compares every output. Without this test the
// documents could show code that no longer works.
func TestBookBlocks(t *testing.T) {
	var sources, outputs strings.Builder
	for _, pattern := range []string{"*.go", "migrating/*/*.go", "../examples/*/*.go"} {
		for _, file := range globbed(t, pattern) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.WriteString("\n" + unindented(string(text)))
		}
	}
	files := token.NewFileSet()
	for _, file := range globbed(t, "*_test.go") {
		parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range doc.Examples(parsed) {
			outputs.WriteString("\n" + example.Output)
		}
	}
	for _, file := range globbed(t, "../examples/*/output.txt") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		outputs.WriteString("\n" + string(text))
	}

	fence := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	found := 0
	for _, name := range bookDocuments {
		blocks := fence.FindAllStringSubmatch(document(t, name), -1)
		found += len(blocks)
		for _, block := range blocks {
			language, text := block[1], block[2]
			switch language {
			case "go", "yaml":
				if !strings.Contains(sources.String(), "\n"+unindented(text)) {
					t.Errorf("%s: no tested file has this code:\n%s", name, text)
				}
			case "diff":
				for _, sign := range []string{"-", "+"} {
					if side := sideOf(text, sign); !strings.Contains(sources.String(), "\n"+unindented(side)) {
						t.Errorf("%s: no tested file has this code:\n%s", name, side)
					}
				}
			case "text":
				if !strings.Contains(outputs.String(), "\n"+text) {
					t.Errorf("%s: no test compares this output:\n%s", name, text)
				}
			default:
				t.Errorf("%s: got a block of %q, want go, yaml, diff or text:\n%s", name, language, text)
			}
		}
	}
	if found < 40 {
		t.Errorf("got %d blocks, want at least 40", found)
	}
}

// sideOf returns the old side of a diff, whose own lines begin with the sign "-", or the new side,
// whose own lines begin with "+".
func sideOf(diff, sign string) string {
	var side strings.Builder
	for line := range strings.Lines(diff) {
		if strings.TrimSpace(line) == "" {
			side.WriteString("\n")
		} else if line[:1] == sign || line[:1] == " " {
			side.WriteString(line[1:])
		}
	}
	return side.String()
}

// globbed returns the files that match a pattern.
func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: got %d files, %v", pattern, len(files), err)
	}
	return files
}

// named maps the names that the documents write before a method or field, as in Set.Find, to
// their types.
var named = map[string]reflect.Type{
	"Attributes":     reflect.TypeFor[*jwk.Attributes](),
	"DecryptOptions": reflect.TypeFor[*jwk.DecryptOptions](),
	"EncryptOptions": reflect.TypeFor[*jwk.EncryptOptions](),
	"Key":            reflect.TypeFor[*jwk.Key](),
	"Parser":         reflect.TypeFor[*jwk.Parser](),
	"Query":          reflect.TypeFor[*jwk.Query](),
	"Set":            reflect.TypeFor[*jwk.Set](),
}

// TestBookNames: the methods and fields that the two documents name exist. Otherwise readers
// would search for them in vain.
func TestBookNames(t *testing.T) {
	name := regexp.MustCompile("`(?:jwk\\.)?([A-Z]\\w+)\\.([A-Z]\\w+)[`({]")
	for _, file := range bookDocuments {
		text := codeBlock.ReplaceAllString(document(t, file), "")
		found := 0
		for _, match := range name.FindAllStringSubmatch(text, -1) {
			typ := named[match[1]]
			if typ == nil {
				continue
			}
			found++
			_, method := typ.MethodByName(match[2])
			_, field := typ.Elem().FieldByName(match[2])
			if !method && !field {
				t.Errorf("%s: %s has no method or field %s", file, match[1], match[2])
			}
		}
		if found == 0 {
			t.Errorf("%s: got no names of methods, want some", file)
		}
	}
}

// A dialect holds the imports and the variables that the calls in one column of a table need.
type dialect struct{ imports, variables string }

var (
	fromJOSE = dialect{`
	"context"
	"crypto"
	"crypto/ecdsa"
	"encoding/json"
	"reflect"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
	"github.com/go-jose/go-jose/v4/jwt"`, `
	_ context.Context
	data, passphrase []byte
	claims any
	kid string
	private *ecdsa.PrivateKey
	signer crypto.Signer
	key, other jose.JSONWebKey
	set jose.JSONWebKeySet
	jws *jose.JSONWebSignature
	jwe *jose.JSONWebEncryption
	token *jwt.JSONWebToken
	_ = json.Marshal
	_ = reflect.DeepEqual
	_ = cryptosigner.Opaque`}
	fromJWX = dialect{`
	"context"
	"crypto"
	"encoding/json"
	"io"
	"github.com/lestrrat-go/httprc/v3"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"net/http"`, `
	ctx context.Context
	httpClient *http.Client
	list jwk.Whitelist
	data []byte
	raw any
	kid, text, name, url string
	reader io.Reader
	alg jwa.SignatureAlgorithm
	key, other jwk.Key
	set jwk.Set
	cache *jwk.Cache
	controller *httprc.Client
	_ crypto.Hash
	_ = json.Marshal
	_ = jws.Verify
	_ = jwt.Parse`}
	fromJWKSet = dialect{`
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	neturl "net/url"
	"github.com/MicahParks/jwkset"`, `
	ctx context.Context
	data []byte
	kid, url string
	urls []string
	private *ecdsa.PrivateKey
	chain []*x509.Certificate
	block *pem.Block
	x5u *neturl.URL
	key jwkset.JWK
	keys []jwkset.JWK
	marshal jwkset.JWKMarshal
	storage jwkset.Storage`}
	fromKeyfunc = dialect{`
	"context"
	"encoding/json"
	"net/http"
	"time"
	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"golang.org/x/time/rate"`, `
	ctx context.Context
	raw json.RawMessage
	urls []string
	uses []jwkset.USE
	storage jwkset.Storage
	keys keyfunc.Keyfunc
	override keyfunc.Override
	httpClient *http.Client
	interval, timeout time.Duration
	limiter *rate.Limiter
	handler func(string) func(context.Context, error)`}
	toJWK = dialect{`
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"github.com/go-jose/go-jose/v4"
	"net/http"
	"time"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"`, `
	ctx context.Context
	data, passphrase []byte
	raw any
	kid, url string
	client *jwkhttp.Client
	httpClient *http.Client
	interval, timeout time.Duration
	onEvent func(jwkhttp.Event)
	alg jwk.Algorithm
	attrs jwk.Attributes
	key, other *jwk.Key
	set, next *jwk.Set
	source jwk.Source
	parser jwk.Parser
	private *ecdsa.PrivateKey
	signer crypto.Signer
	chain []*x509.Certificate
	header jose.Header
	_ = json.Marshal
	_ x509.VerifyOptions`}
)

// compile fails the test unless the calls in one column of a table compile.
func (d dialect) compile(t *testing.T, calls []string) {
	t.Helper()
	var source strings.Builder
	fmt.Fprintf(&source, "package calls\n\nimport (%s\n)\n\nvar (%s\n)\n\n", d.imports, d.variables)
	source.WriteString("func use(...any) {}\n\nfunc _() {\n")
	for _, call := range calls {
		fmt.Fprintf(&source, "\tuse(%s)\n", call)
	}
	source.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "calls.go")
	if err := os.WriteFile(file, []byte(source.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-gcflags=-e", "-o", os.DevNull, file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, source.String())
	}
}

// TestMigrating compiles the calls in the tables of docs/migrating.md: the old ones with the
// libraries that have them, and the new ones with this package. Otherwise a reader would look
// for functions that do not exist.
func TestMigrating(t *testing.T) {
	span := regexp.MustCompile("`([^`]+)`")
	for _, section := range []struct {
		title string
		old   dialect
		rows  int
	}{
		{"From go-jose", fromJOSE, 20},
		{"From jwx", fromJWX, 30},
		{"From jwkset", fromJWKSet, 20},
		{"From keyfunc", fromKeyfunc, 10},
	} {
		t.Run(section.title, func(t *testing.T) {
			_, text, found := strings.Cut(document(t, "docs/migrating.md"), "\n## "+section.title+"\n")
			if !found {
				t.Fatalf("docs/migrating.md has no section %q", section.title)
			}
			text, _, _ = strings.Cut(text, "\n## ")
			rows := 0
			var calls [2][]string
			for line := range strings.Lines(text) {
				cells := strings.Split(line, "|")
				if len(cells) < 2 || strings.HasPrefix(line, "|---") || !strings.Contains(cells[1], "`") {
					continue
				}
				if len(cells) != 5 {
					t.Errorf("got %d cells, want 3: %s", len(cells)-2, line)
					continue
				}
				rows++
				for i := range calls {
					for _, call := range span.FindAllStringSubmatch(cells[i+1], -1) {
						calls[i] = append(calls[i], call[1])
					}
				}
			}
			if rows < section.rows {
				t.Errorf("got %d rows, want at least %d", rows, section.rows)
			}
			section.old.compile(t, calls[0])
			toJWK.compile(t, calls[1])
		})
	}
}

// TestMigratingDifferences: the other libraries behave as the last column of the tables says.
// If one of them changes, the page warns of a difference that does not exist.
func TestMigratingDifferences(t *testing.T) {
	fixed := fixtures(t, "P-256", "oct-256")
	private, secret := fixed[0].PrivateKey(), fixed[1].PrivateKey()
	public := fixed[0].PublicKey()
	oneBad := []byte(`{"keys":[{"kty":"new"},{"kty":"oct","k":"XVk38ty7U6uV1MAzFBPfofgjM9ENR6lSURutSwn1xr0"}]}`)

	if set, err := jwk.ParseSet(oneBad); err != nil || set.Len() != 1 {
		t.Errorf("this package: a set with a bad entry: got %v, %v; want one key", set, err)
	}
	if err := json.Unmarshal(oneBad, new(jose.JSONWebKeySet)); err == nil {
		t.Error("go-jose: a set with a bad entry: got no error")
	}
	if key := (&jose.JSONWebKey{Key: secret}).Public(); key.Valid() {
		t.Error("go-jose: Public of a secret: got a valid key")
	}
	if text, err := json.Marshal(jose.JSONWebKey{Key: private}); err != nil || !strings.Contains(string(text), `"d":`) {
		t.Errorf("go-jose: json.Marshal of a private key: got %v, want d", err)
	}

	imported := make(map[string]jwx.Key)
	for name, key := range map[string]any{"private": private, "public": public, "secret": secret} {
		k, err := jwx.Import(key)
		if err != nil {
			t.Fatal(err)
		}
		imported[name] = k
	}
	if !jwx.Equal(imported["private"], imported["public"]) {
		t.Error("jwx: Equal of a private key and its public half: got false")
	}
	if _, err := jwx.IsPrivateKey(imported["secret"]); err == nil {
		t.Error("jwx: IsPrivateKey of a secret: got no error")
	}
	set := jwx.NewSet()
	if err := set.AddKey(imported["secret"]); err != nil {
		t.Fatal(err)
	}
	if _, err := jwx.PublicSetOf(set); err == nil {
		t.Error("jwx: PublicSetOf with a secret: got no error")
	}
	if set, err := jwx.Parse([]byte(`{"kty":"oct","k":"AAAA"}`)); err != nil || set.Len() != 1 {
		t.Errorf("jwx: Parse of one key: got %v, want a set with one key", err)
	}

	var marshalled jwkset.JWKSMarshal
	if err := json.Unmarshal(oneBad, &marshalled); err != nil {
		t.Fatal(err)
	}
	if _, err := marshalled.ToStorage(); err == nil {
		t.Error("jwkset: a set with a bad entry: got no error")
	}
	storage := jwkset.NewMemoryStorage()
	for range 2 {
		key, err := jwkset.NewJWKFromKey(private, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: "a"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := storage.KeyWrite(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if keys, err := storage.KeyReadAll(t.Context()); err != nil || len(keys) != 2 {
		t.Errorf("jwkset: two keys with one kid: got %d, %v; want both", len(keys), err)
	}
}
