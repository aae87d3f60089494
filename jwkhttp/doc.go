// Package jwkhttp fetches JSON Web Key Sets over HTTP, keeps them fresh, and publishes them (RFC
// 7517, Section 5).
//
// # Fetching
//
// A [Client] has the key set of one URL. It is a [jwk.Source], so everything that takes a Source
// verifies tokens with it:
//
//	client, err := jwkhttp.NewClient("https://issuer.example/jwks", nil)
//	...
//	key, err := client.Find(ctx, jwk.Query{KeyID: kid, Algorithm: jwk.RS256, Ops: jwk.OpVerify})
//
// Make the client once and share it. The first read fetches the set; [Client.Start] fetches it before
// the first read, and refreshes it without reads. [Discover] finds the URL from the metadata of an
// issuer. A [Pool] has a client for each of many URLs.
//
// A read is one atomic load and a lookup in an immutable set. It waits for the network only in these
// cases:
//   - There is no set yet, or the last one is too old. The read waits for a fetch, at most Timeout and
//     one second.
//   - The life of the set has ended. The read waits for a refresh, at most RefreshWait, and then uses
//     the old set.
//   - No key answers the query, and a refresh may bring one. The read waits at most RefreshWait.
//
// All reads wait for the same fetch. After a read has waited in vain, no other read waits for that
// fetch, and during the pause after a failure no read waits at all.
//
// # The life of a set
//
// The life of a set is the max-age of Cache-Control less Age, or else the time from Date to Expires
// (RFC 9111, Section 4.2). It is at least MinTTL and at most MaxTTL, and DefaultTTL if the server states
// no life. These are the parts of the life:
//
//	      0 %  fresh    reads use the set
//	72 to 80 %  due      the next read starts a refresh in the background
//	    100 %  expired  a read waits for a refresh, at most RefreshWait
//	StaleFor   stale    the set is not used any more; a read waits for a fetch, or gets ErrStale
//
// A refresh is conditional (RFC 9110, Section 13.1). If the server answers 304, the set is the same
// pointer, and keeps its life unless the answer states another. A new set replaces the old one as a
// whole, so a key that the server has removed is gone. An answer that is not a set with a usable key
// never replaces a set.
//
// A key that the server has removed is not used after the life of the set, unless a refresh fails or
// takes longer than RefreshWait. Then it is used until a refresh succeeds, at most until StaleFor has
// passed since the last success and the life has ended. A read whose context ends before the refresh
// also uses the old set.
//
// # Limits
//
// All input from the network is hostile. A client accepts
//   - https, with TLS 1.2 or later, unless AllowHTTP is set; no user and no fragment in the URL;
//   - at most 3 redirects, within the same scheme, host and port;
//   - status 200, and 304 if the request was conditional; any content type except text/html;
//   - at most 1 MiB after decompression, 1,000 keys, and 64 KiB of headers;
//   - 3 seconds for a connection, 5 seconds for TLS, and 10 seconds for the whole fetch.
//
// It refuses a set with a private or symmetric key ([jwk.ErrPrivate]), because such a key is exposed. If
// a stranger chose the URL, set UntrustedURL: the client then connects only to public addresses, without
// proxy and redirects. Nothing is fetched from the x5u of a key or the jku of a token.
//
// Unknown keys cause at most one refresh each 30 seconds, after two at once. Refreshes that fail count.
// After a failure, the client pauses for 5 seconds, then 10, 20 and so on up to 5 minutes, each less up
// to a quarter at random, and at least as long as Retry-After asks, but at most 5 minutes.
//
// # Publishing
//
// A [Handler] publishes the public halves of a set, with the headers that let clients cache it:
//
//	http.Handle("/jwks", jwkhttp.NewHandler(current.Load, nil))
//
// # Tests
//
// Package jwktest has fixed keys, a server and an issuer for the tests of programs that use this
// package.
package jwkhttp
