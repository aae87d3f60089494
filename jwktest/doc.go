// Package jwktest provides keys, servers and tokens for the unit tests of programs that use
// JSON Web Keys.
//
// # Keys
//
// [Key] returns a private key for an algorithm, [Set] returns a set of such keys, and [RSA]
// returns an RSA key of a chosen size. The keys are stored in this package. They are the same
// in every run, and no call generates a key, which would take up to seconds for RSA. Every
// algorithm has a key of its own, so that a test does not pass with the key of another
// algorithm.
//
// # Providers
//
// [NewIssuer] starts an OpenID provider. It publishes a set of keys and the metadata of the
// provider, and its method [Issuer.Token] signs tokens. Most tests of services should use it:
// the test of a handler takes five lines, where newHandler and call are the functions of the service
// and its test.
//
//	issuer := jwktest.NewIssuer(t, jwk.ES256)
//	handler := newHandler(issuer.URL, issuer.Options()) // it calls jwkhttp.NewClient or Discover
//	token := issuer.Token(map[string]any{"sub": "alice"}, jwk.ES256)
//	if got := call(handler, token); got != "hello alice" {
//		t.Errorf("got %q, want a greeting", got)
//	}
//
// [NewServer] starts a server that only publishes a set. [Server.Set] rotates the keys of both,
// [Server.Fail] starts an outage, [Server.Delay] makes the answers slow, [Server.Body] replaces
// the set by other bytes, and [Server.Requests] counts the requests. [Server.Options] returns
// options with which a client of package jwkhttp trusts the certificate of the server.
//
// The server is on the loopback interface. To test a client with UntrustedURL, take Options, and
// set AllowPrefixes to 127.0.0.0/8.
//
// # Time
//
// To test what happens over hours, use testing/synctest. Start the server before the bubble.
// Make the client inside the bubble, with the options of [Server.InMemory], which do not use
// the network:
//
//	issuer := jwktest.NewIssuer(t)
//	synctest.Test(t, func(t *testing.T) {
//		client, err := jwkhttp.NewClient(issuer.URL+"/jwks", issuer.InMemory())
//		if err != nil {
//			t.Fatal(err)
//		}
//		defer client.Close()
//		query := jwk.Query{Algorithm: jwk.RS256}
//		_, err = client.Find(t.Context(), query) // fetches the set
//		issuer.Fail(503)
//		time.Sleep(25 * time.Hour) // returns at once
//		_, err = client.Find(t.Context(), query) // jwkhttp.ErrStale
//	})
//
// # These keys protect nothing
//
// The private keys of this package are public knowledge, because everyone can read them in its
// source. A program that trusts one of them accepts tokens from everyone. Package jwk does not
// mark them: it reads and uses them like any other key. The keys never change, so that an audit
// can recognize them by their thumbprints.
//
// Import this package only in tests. It imports testing and net/http/httptest, which do not
// belong in a program.
package jwktest
