package jwkhttp

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestCheckBody: if this fails, a mistake in the code that writes sets publishes a private key.
func TestCheckBody(t *testing.T) {
	const first = `{"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw"}`
	const second = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	var keys []*jwk.Key
	for _, text := range []string{first, second} {
		k, err := jwk.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	with := func(member string) string { return strings.Replace(second, "}", ","+member+"}", 1) }
	for _, c := range []struct {
		name, body string
		kind       error
		text       string // a part of the error
	}{
		{"whole", `{"keys":[` + first + "," + second + `]}`, nil, ""},
		{"a private member", `{"keys":[` + first + "," + with(`"d":"AA"`) + `]}`, jwk.ErrPrivate, ""},
		{"a private member in another case", `{"keys":[` + first + "," + with(`"D":"AA"`) + `]}`, jwk.ErrPrivate, ""},
		{"a private member deep within", `{"keys":[` + first + "," + with(`"a":[{"b":{"kty":"oct","k":"AA"}}]`) + `]}`, jwk.ErrPrivate, ""},
		{"a private member beside keys", `{"keys":[` + first + "," + second + `],"a":{"kty":"RSA","oth":[1]}}`, jwk.ErrPrivate, ""},
		{"an entry that is a number", `{"keys":[` + first + "," + second + `,7]}`, jwk.ErrPolicy, "more than 2 keys"},
		{"an unknown kty", `{"keys":[` + first + `,{"kty":"new"}]}`, jwk.ErrUnsupported, ""},
		{"cut", `{"keys":[` + first + "," + second, jwk.ErrSyntax, ""},
		{"a key less", `{"keys":[` + first + `]}`, nil, "1 keys, want 2"},
		{"another order", `{"keys":[` + second + "," + first + `]}`, nil, "key 0 is not the key that was written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := checkBody([]byte(c.body), keys)
			switch {
			case c.kind == nil && c.text == "":
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
			case err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text):
				t.Errorf("got %v, want %v with %q", err, c.kind, c.text)
			}
		})
	}
}
