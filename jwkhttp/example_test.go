package jwkhttp_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// exampleProvider starts a server that publishes one new key, and returns options that trust the
// server. A service trusts the authorities of its system instead, and sets no option.
func exampleProvider() (*httptest.Server, *jwkhttp.ClientOptions) {
	key, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	set, err := jwkhttp.NewStaticHandler(jwk.NewSet(key), nil)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/jwks", set)
	server := httptest.NewTLSServer(mux)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/jwks"})
	})
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, &jwkhttp.ClientOptions{RootCAs: roots}
}

// A service asks a client for the key of each token. It must tell a token with an unknown key from
// an outage: the sender of the one is wrong, and the sender of the other can try again.
func ExampleClient() {
	provider, opts := exampleProvider()
	defer provider.Close()
	client, err := jwkhttp.NewClient(provider.URL+"/jwks", opts)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	for _, kid := range []string{"2026-01", "2025-12"} {
		key, err := client.Find(context.Background(), jwk.Query{KeyID: kid, Algorithm: jwk.ES256, Ops: jwk.OpVerify})
		switch {
		case err == nil:
			fmt.Println(http.StatusOK, key.KeyID())
		case errors.Is(err, jwkhttp.ErrFetch):
			fmt.Println(http.StatusServiceUnavailable) // there are no keys, or a newer set cannot be fetched
		default:
			fmt.Println(http.StatusUnauthorized, err)
		}
	}
	// Output:
	// 200 2026-01
	// 401 jwk: no key for kid 2025-12, key_ops verify, alg ES256: no key has that kid
}

// Start fetches the set before the first token comes. OnEvent sees each change.
func ExampleClient_Start() {
	provider, opts := exampleProvider()
	defer provider.Close()
	opts.OnEvent = func(e jwkhttp.Event) {
		if e.Diff != nil {
			fmt.Println(e.Kind, "added:", len(e.Diff.Added), "removed:", len(e.Diff.Removed))
		}
	}
	client, err := jwkhttp.NewClient(provider.URL+"/jwks", opts)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop() // ends the refreshes
	if err := client.Start(ctx); err != nil {
		log.Print(err) // the client tries again, so the service can go on
	}
	fmt.Println("keys:", client.Status().Keys)
	// Output:
	// fetch succeeded added: 1 removed: 0
	// keys: 1
}

// A service that starts while its provider is down has the keys of its last run.
func ExampleClient_Snapshot() {
	provider, opts := exampleProvider()
	client, err := jwkhttp.NewClient(provider.URL+"/jwks", opts)
	if err != nil {
		log.Fatal(err)
	}
	if err := client.Refresh(context.Background()); err != nil {
		log.Fatal(err)
	}
	opts.Snapshot = client.Snapshot() // keep it in a file that only the service can write
	client.Close()
	provider.Close()

	client, err = jwkhttp.NewClient(provider.URL+"/jwks", opts)
	if err != nil {
		log.Fatal(err)
	}
	key, err := client.Find(context.Background(), jwk.Query{KeyID: "2026-01", Algorithm: jwk.ES256})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.KeyID(), client.Status().Fetches)
	// Output: 2026-01 0
}

// Discover finds the set of an issuer. It needs the network, so a service that must start during an
// outage of the issuer calls NewClient with the URL of the set.
func ExampleDiscover() {
	provider, opts := exampleProvider()
	defer provider.Close()
	client, err := jwkhttp.Discover(context.Background(), provider.URL, opts)
	if err != nil {
		log.Fatal(err)
	}
	set, err := client.Set(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len())
	// Output: 1
}

// Clients that register themselves choose the URL of their set. It must not lead into the network
// of the service.
func ExamplePool() {
	pool := jwkhttp.NewPool(&jwkhttp.PoolOptions{
		ClientOptions: jwkhttp.ClientOptions{UntrustedURL: true},
	})
	for _, url := range []string{"https://169.254.169.254/latest/meta-data", "http://client.example/jwks"} {
		client, err := pool.Client(url)
		if err != nil {
			fmt.Println(err)
			continue
		}
		_, err = client.Find(context.Background(), jwk.Query{KeyID: "a", Algorithm: jwk.ES256})
		fmt.Println(err)
	}
	// Output:
	// jwkhttp: "169.254.169.254": the address of the host is not a public address (link-local); AllowPrefixes makes exceptions
	// jwkhttp: "client.example": the scheme of the URL is http, want https; AllowHTTP accepts http too
}
