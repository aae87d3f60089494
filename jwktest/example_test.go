package jwktest_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// greeter returns the handler of a service that greets the subject of a token. It verifies
// tokens of an issuer with the keys of source.
func greeter(source jwk.Source, issuer string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
		if err != nil {
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		verifier, err := jwk.FindJOSEVerifier(r.Context(), source, token.Headers[0])
		if errors.Is(err, jwkhttp.ErrFetch) {
			http.Error(w, "try again", http.StatusServiceUnavailable) // the keys cannot be fetched now
			return
		}
		if err != nil {
			http.Error(w, "no key", http.StatusUnauthorized)
			return
		}
		var claims jwt.Claims
		if err := token.Claims(verifier, &claims); err != nil {
			http.Error(w, "wrong signature", http.StatusUnauthorized)
			return
		}
		if err := claims.Validate(jwt.Expected{Issuer: issuer}); err != nil {
			http.Error(w, "wrong claims", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "hello %s", claims.Subject)
	})
}

// call calls a handler with a token and returns its answer.
func call(handler http.Handler, token string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return fmt.Sprint(w.Code, " ", strings.TrimSpace(w.Body.String()))
}

// This example tests a handler that verifies tokens. It gives the handler the keys themselves,
// so that nothing is fetched.
func ExampleIssuer_Token() {
	t := new(exampleTB) // in a test, the *testing.T
	defer t.end()

	issuer := jwktest.NewIssuer(t, jwk.RS256)
	handler := greeter(jwktest.Set(jwk.RS256).Public(), issuer.URL)

	fmt.Println(call(handler, issuer.Token(map[string]any{"sub": "alice"}, jwk.RS256)))
	fmt.Println(call(handler, issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, jwk.RS256)))
	issuer.Set(jwk.NewSet(jwktest.RSA(4096))) // a key that the handler does not know
	fmt.Println(call(handler, issuer.Token(nil, jwk.RS256)))
	// Output:
	// 200 hello alice
	// 401 wrong claims
	// 401 no key
}

// The keys never change, so a test can expect the thumbprint of one.
func ExampleKey() {
	key := jwktest.Key(jwk.ES256)
	fmt.Println(key.KeyID(), key.Use(), key.Algorithm())
	fmt.Println(key.Thumbprint())
	// Output:
	// test-ES256 sig ES256
	// fuI0qZzFdyuA7bNOBBgzUgtTk5dvjpHw7kCbayzyFe4
}

// This example fetches a set from a server that rotates its keys and then fails.
func ExampleNewServer() {
	t := new(exampleTB) // in a test, the *testing.T
	defer t.end()

	server := jwktest.NewServer(t, jwktest.Set(jwk.RS256))
	client := server.InMemory().HTTPClient
	fetch := func() {
		response, err := client.Get(server.URL + "/jwks")
		if err != nil {
			log.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			log.Fatal(err)
		}
		set, err := jwk.ParseSet(body)
		if err != nil {
			fmt.Println(response.StatusCode)
			return
		}
		_, found := set.Lookup("test-ES256")
		fmt.Println(response.StatusCode, set.Len(), found)
	}
	fetch()
	server.Set(jwktest.Set(jwk.RS256, jwk.ES256))
	fetch()
	server.Fail(http.StatusBadGateway)
	fetch()
	fmt.Println(server.Requests(), "requests")
	// Output:
	// 200 1 false
	// 200 2 true
	// 502
	// 3 requests
}
