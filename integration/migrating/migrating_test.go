//go:debug x509usefallbackroots=1

package migrating_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	jwx "github.com/lestrrat-go/jwx/v3/jwt"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/integration/migrating/after"
	"github.com/seed1f6cf2d3/jwk/integration/migrating/before"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// TestMain makes every client of this program trust the certificate that servers of package httptest
// have. So the programs before and after need no options that only a test would set.
func TestMain(m *testing.M) {
	server := httptest.NewTLSServer(nil)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	server.Close()
	x509.SetFallbackRoots(roots)
	m.Run()
}

// A verifier verifies a token and returns its subject.
type verifier func(ctx context.Context, text string) (subject string, err error)

// A program makes a verifier for an issuer that publishes its set at a URL.
type program func(ctx context.Context, issuer, url string) (verifier, error)

// programs are the programs of packages before and after.
var programs = []struct {
	file          string
	before, after program
}{
	{
		"golangjwt.go",
		func(ctx context.Context, _, url string) (verifier, error) {
			return golangJWT(before.GolangJWT(ctx, url))
		},
		func(ctx context.Context, _, url string) (verifier, error) {
			return golangJWT(after.GolangJWT(ctx, url))
		},
	},
	{
		"oidc.go",
		func(ctx context.Context, issuer, url string) (verifier, error) {
			return idToken(before.OIDC(ctx, issuer, url, config))
		},
		func(ctx context.Context, issuer, url string) (verifier, error) {
			return idToken(after.OIDC(ctx, issuer, url, config))
		},
	},
	{
		"discovery.go",
		func(ctx context.Context, issuer, _ string) (verifier, error) {
			return idToken(before.Discovery(ctx, issuer, config))
		},
		func(ctx context.Context, issuer, _ string) (verifier, error) {
			return idToken(after.Discovery(ctx, issuer, config))
		},
	},
	{
		"jwx.go",
		func(ctx context.Context, _, url string) (verifier, error) { return jwxToken(before.JWX(ctx, url)) },
		func(ctx context.Context, _, url string) (verifier, error) { return jwxToken(after.JWX(ctx, url)) },
	},
}

func golangJWT(verify func(context.Context, string) (*jwt.Token, error), err error) (verifier, error) {
	return func(ctx context.Context, text string) (string, error) {
		token, err := verify(ctx, text)
		if err != nil {
			return "", err
		}
		return token.Claims.GetSubject()
	}, err
}

var config = &oidc.Config{ClientID: "client", SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256}}

func idToken(v *oidc.IDTokenVerifier, err error) (verifier, error) {
	return func(ctx context.Context, text string) (string, error) {
		token, err := v.Verify(ctx, text)
		if err != nil {
			return "", err
		}
		return token.Subject, nil
	}, err
}

func jwxToken(verify func(context.Context, []byte) (jwx.Token, error), err error) (verifier, error) {
	return func(ctx context.Context, text string) (string, error) {
		token, err := verify(ctx, []byte(text))
		if err != nil {
			return "", err
		}
		subject, _ := token.Subject()
		return subject, nil
	}, err
}

// newKey returns a private key for ES256.
func newKey(t *testing.T, kid string) *jwk.Key {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: kid}})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// tokenBy returns a token of an issuer that a key signed, which the issuer need not publish.
func tokenBy(t *testing.T, issuer string, key *jwk.Key) string {
	t.Helper()
	signer := jwktest.NewIssuer(t)
	signer.Set(jwk.NewSet(key))
	return signer.Token(map[string]any{"iss": issuer, "sub": "alice", "aud": "client"}, jwk.ES256)
}

// published is the key that issuers publish.
func published() *jwk.Key { return jwktest.Key(jwk.ES256) }

// TestMigratedToken: the program before and the program after verify the same token, and refuse the
// same forged token. If it fails, a service that changes the lines of docs/migrating.md rejects its
// users.
func TestMigratedToken(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.ES256)
	good := tokenBy(t, issuer.URL, published())
	forged := tokenBy(t, issuer.URL, newKey(t, published().KeyID()))
	for _, p := range programs {
		for name, start := range map[string]program{"before/": p.before, "after/": p.after} {
			t.Run(name+p.file, func(t *testing.T) {
				verify, err := start(t.Context(), issuer.URL, issuer.URL+"/jwks")
				if err != nil {
					t.Fatal(err)
				}
				if subject, err := verify(t.Context(), good); err != nil || subject != "alice" {
					t.Errorf("got %q, %v, want alice", subject, err)
				}
				if subject, err := verify(t.Context(), forged); err == nil {
					t.Errorf("a forged token: got %q, want an error", subject)
				}
			})
		}
	}
}

// TestThreeLines: docs/migrating.md promises that three lines of a service change. If it fails, the
// move costs more than the page says. The check of an error is not counted.
func TestThreeLines(t *testing.T) {
	for _, p := range programs {
		old := make(map[string]bool)
		for _, line := range linesOf(t, "before/"+p.file) {
			old[line] = true
		}
		var added []string
		for _, line := range linesOf(t, "after/"+p.file) {
			if !old[line] && !slices.Contains([]string{"package after", "if err != nil {", "return nil, err", "}"}, line) {
				added = append(added, line)
			}
		}
		if len(added) != 3 {
			t.Errorf("%s: got %d changed lines, want 3:\n%s", p.file, len(added), strings.Join(added, "\n"))
		}
	}
}

// linesOf returns the lines of a file without their indentation.
func linesOf(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// A behavior has the differences between clients that docs/migrating.md lists in its last table.
type behavior struct {
	NewKey      bool // a token with a new kid is verified
	ForMadeUp   int  // requests for 5 tokens with different made-up kids
	ForForged   int  // requests for 5 tokens with a bad signature
	BadEntry    bool // a token is verified although the set has an entry that is malformed
	PrivateKey  bool // a token is verified although the set has private keys
	UnsafeFetch bool // a token is verified with a set from an http URL
}

// observe returns the behavior of a program.
func observe(t *testing.T, p program) (got behavior) {
	t.Helper()
	// start makes a verifier after prepare has changed what the issuer publishes.
	start := func(prepare func(*jwktest.Issuer)) (*jwktest.Issuer, verifier) {
		issuer := jwktest.NewIssuer(t, jwk.ES256)
		prepare(issuer)
		// Register of jwx waits for a good set until its context ends.
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		t.Cleanup(cancel)
		verify, err := p(ctx, issuer.URL, issuer.URL+"/jwks")
		if err != nil {
			return issuer, func(context.Context, string) (string, error) { return "", err }
		}
		verify(t.Context(), tokenBy(t, issuer.URL, published())) // the first fetch
		return issuer, verify
	}
	verifies := func(issuer *jwktest.Issuer, verify verifier, key *jwk.Key) bool {
		settle()
		_, err := verify(t.Context(), tokenBy(t, issuer.URL, key))
		return err == nil
	}
	unchanged := func(*jwktest.Issuer) {}

	issuer, verify := start(unchanged)
	next := newKey(t, "next")
	issuer.Set(jwk.NewSet(published(), next))
	got.NewKey = verifies(issuer, verify, next)

	issuer, verify = start(unchanged)
	before := issuer.Requests()
	for i := range 5 {
		verifies(issuer, verify, newKey(t, fmt.Sprint("made up ", i)))
	}
	got.ForMadeUp = issuer.Requests() - before

	issuer, verify = start(unchanged)
	before = issuer.Requests()
	for range 5 {
		verifies(issuer, verify, newKey(t, published().KeyID()))
	}
	got.ForForged = issuer.Requests() - before

	issuer, verify = start(func(issuer *jwktest.Issuer) {
		text, err := jwk.NewSet(published()).Public().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		issuer.Body([]byte(strings.Replace(string(text), `[`, `[{"kty":"EC","kid":"bad","crv":"P-256","x":"AA","y":"AA"},`, 1)))
	})
	got.BadEntry = verifies(issuer, verify, published())

	issuer, verify = start(func(issuer *jwktest.Issuer) {
		text, err := jwk.NewSet(published()).MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		issuer.Body(text)
	})
	got.PrivateKey = verifies(issuer, verify, published())

	got.UnsafeFetch = fromHTTP(t, p)
	return got
}

// settle waits until go-oidc has no fetch under way. RemoteKeySet returns the result of a fetch before its
// goroutine ends, and a token that comes in between shares this fetch.
func settle() {
	stacks := make([]byte, 1<<20)
	for range 100_000 {
		if !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("RemoteKeySet")) {
			return
		}
		runtime.Gosched()
	}
}

// fromHTTP reports whether a program uses a set from an http URL.
func fromHTTP(t *testing.T, p program) bool {
	t.Helper()
	mux := http.NewServeMux()
	plain := httptest.NewServer(mux)
	defer plain.Close()
	mux.Handle("/jwks", jwkhttp.NewHandler(func() *jwk.Set { return jwk.NewSet(published()) }, nil))
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, plain.URL, plain.URL+"/jwks")
	})
	verify, err := p(t.Context(), plain.URL, plain.URL+"/jwks")
	if err != nil {
		return false
	}
	_, err = verify(t.Context(), tokenBy(t, plain.URL, published()))
	return err == nil
}

// TestDifferences: the clients differ as the table in docs/migrating.md says. If it fails, the page
// warns of a difference that does not exist, or a service meets one that the page does not name.
func TestDifferences(t *testing.T) {
	after := behavior{NewKey: true, ForMadeUp: 2, BadEntry: true}
	before := map[string]behavior{
		"golangjwt.go": {NewKey: true, ForMadeUp: 1, PrivateKey: true, UnsafeFetch: true},
		"oidc.go":      {NewKey: true, ForMadeUp: 5, ForForged: 5, UnsafeFetch: true},
		"discovery.go": {NewKey: true, ForMadeUp: 5, ForForged: 5, UnsafeFetch: true},
		"jwx.go":       {PrivateKey: true, UnsafeFetch: true},
	}
	for _, p := range programs {
		t.Run(p.file, func(t *testing.T) {
			if got, want := observe(t, p.before), before[p.file]; got != want {
				t.Errorf("before: got %+v, want %+v", got, want)
			}
			if got := observe(t, p.after); got != after {
				t.Errorf("after: got %+v, want %+v", got, after)
			}
		})
	}
}
