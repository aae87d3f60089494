package jwktest_test

import (
	"fmt"
	"log"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// This example tests a handler that fetches the keys of its issuer.
func ExampleNewIssuer() {
	t := new(exampleTB) // in a test, the *testing.T
	defer t.end()

	issuer := jwktest.NewIssuer(t, jwk.ES256)
	keys, err := jwkhttp.NewClient(issuer.URL+"/jwks", issuer.Options())
	if err != nil {
		log.Fatal(err)
	}
	defer keys.Close()
	handler := greeter(keys, issuer.URL)
	token := issuer.Token(map[string]any{"sub": "alice"}, jwk.ES256)

	fmt.Println(call(handler, token))
	issuer.Fail(503) // the handler goes on with the keys that it has
	fmt.Println(call(handler, token))
	// Output:
	// 200 hello alice
	// 200 hello alice
}
