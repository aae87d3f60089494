package jwktest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// TestClientOnTheClock follows the example of the package documentation: an outage of a day
// takes no time. If this fails, the documentation promises a test that hangs or that does not
// find the outage.
func TestClientOnTheClock(t *testing.T) {
	issuer := jwktest.NewIssuer(t)
	synctest.Test(t, func(t *testing.T) {
		client, err := jwkhttp.NewClient(issuer.URL+"/jwks", issuer.InMemory())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		q := jwk.Query{Algorithm: jwk.RS256}
		if _, err := client.Find(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		issuer.Fail(503)
		time.Sleep(12 * time.Hour)
		if _, err := client.Find(t.Context(), q); err != nil {
			t.Errorf("after 12 hours: got %v, want the old key", err)
		}
		time.Sleep(13 * time.Hour)
		if _, err := client.Find(t.Context(), q); !errors.Is(err, jwkhttp.ErrStale) {
			t.Errorf("after 25 hours: got %v, want ErrStale", err)
		}
		issuer.Set(jwktest.Set(jwk.RS256))
		time.Sleep(10 * time.Minute)
		if _, err := client.Find(t.Context(), q); err != nil {
			t.Errorf("after the outage: got %v, want the key", err)
		}
	})
}

// TestClientOverNetwork: if this fails, a client does not trust the certificate of the server.
func TestClientOverNetwork(t *testing.T) {
	server := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	client, err := jwkhttp.NewClient(server.URL, server.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	q := jwk.Query{KeyID: "test-ES256", Algorithm: jwk.ES256}
	if k, err := client.Find(t.Context(), q); err != nil || k.IsPrivate() {
		t.Errorf("got %v, %v, want the public key", k, err)
	}
	if got := server.Requests(); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}
