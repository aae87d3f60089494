package jwkhttp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// An issuer publishes its keys, and OpenID discovery's document beside them. The set of private
// keys that sign can be given to the Handler, which publishes their public halves. To rotate, the
// issuer stores a set with the next key, waits for twice MaxAge, and only then signs with the key.
func ExampleNewHandler() {
	current, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	var keys atomic.Pointer[jwk.Set]
	keys.Store(jwk.NewSet(current))

	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.Handle("/oauth2/jwks", jwkhttp.NewHandler(keys.Load, &jwkhttp.HandlerOptions{
		MaxAge:    5 * time.Minute,
		OnDropped: func(k *jwk.Key) { log.Printf("not published: %v", k) },
	}))
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"issuer":                                server.URL,
			"jwks_uri":                              server.URL + "/oauth2/jwks",
			"authorization_endpoint":                server.URL + "/oauth2/authorize",
			"response_types_supported":              []string{"code"},
			"subject_types_supported":               []string{"public"},
			"id_token_signing_alg_values_supported": []jwk.Algorithm{jwk.ES256},
		})
	})

	next, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-02"}})
	if err != nil {
		log.Fatal(err)
	}
	keys.Store(keys.Load().With(next))

	response, err := http.Get(server.URL + "/oauth2/jwks")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	set, err := (&jwk.Parser{PublicOnly: true}).ParseSet(body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, response.Header.Get("Cache-Control"))
	for k := range set.All() {
		fmt.Println(k.KeyID(), k.IsPrivate())
	}
	// Output:
	// 200 OK public, max-age=300, must-revalidate
	// 2026-01 false
	// 2026-02 false
}

// A symmetric key has no public half, so it cannot be in a set that is published.
func ExampleNewStaticHandler() {
	shared, err := jwk.Generate(jwk.HS256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "session"}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = jwkhttp.NewStaticHandler(jwk.NewSet(shared), nil)
	fmt.Println(err)
	// Output:
	// jwkhttp: key 0 (oct 256 secret kid "session" use sig alg HS256) cannot be published, leave it out: jwk: oct keys have no public half
}
