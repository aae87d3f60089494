// Config reads keys that are values in a configuration, in JSON and in YAML, and writes them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/seed1f6cf2d3/jwk"
	"gopkg.in/yaml.v3"
)

// A config holds a private key and the public keys of partners.
type config struct {
	Issuer     string         `json:"issuer" yaml:"issuer"`
	SigningKey jwk.PrivateKey `json:"signing_key" yaml:"signing_key"` // written with its private half
	Partner    *jwk.Key       `json:"partner,omitempty" yaml:"partner,omitempty"`
	Trusted    *jwk.Set       `json:"trusted,omitempty" yaml:"trusted,omitempty"`
}

// The keys are test keys, which protect nothing.
const inJSON = `{
	"issuer": "https://issuer.example",
	"signing_key": {
		"kty": "OKP", "crv": "Ed25519", "kid": "2026-01",
		"x": "B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw",
		"d": "D3eUXn7vlOPdKAJPSBXpckh2liTEeXSUxJTKrcpa0a4"
	}
}`

const inYAML = `
issuer: https://issuer.example
signing_key:
  kty: OKP
  crv: Ed25519
  kid: 2026-01
  x: B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw
  d: D3eUXn7vlOPdKAJPSBXpckh2liTEeXSUxJTKrcpa0a4
partner:
  kty: EC
  crv: P-256
  kid: "2026"   # a kid of digits needs the quotes
  x: giPxObAoXyf-s5rKBgWA5DTId9mWrMXFVAX6-qV1faM
  y: Dpfiv3GeKD4Z4urfxrQ-OMEfhGFiNbFtngmrvtl6Ir0
trusted:
  keys: []
`

func main() {
	var fromJSON, fromYAML config
	if err := json.Unmarshal([]byte(inJSON), &fromJSON); err != nil {
		log.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(inYAML), &fromYAML); err != nil {
		log.Fatal(err)
	}
	fmt.Println("same key:", fromJSON.SigningKey.Equal(fromYAML.SigningKey))
	fmt.Println("partner:", fromYAML.Partner.KeyID(), fromYAML.Partner.Curve())

	// Printing a configuration shows no secret.
	fmt.Println(fromJSON.SigningKey)

	// encoding/json writes the secret, because the field is a PrivateKey.
	text, err := json.Marshal(fromJSON)
	if err != nil {
		log.Fatal(err)
	}
	var again config
	if err := json.Unmarshal(text, &again); err != nil {
		log.Fatal(err)
	}
	fmt.Println("written and read:", again.SigningKey.Equal(fromJSON.SigningKey))

	// A Key is for public keys: a private one is read, and an error to write.
	var wrong struct {
		SigningKey jwk.Key `json:"signing_key"`
	}
	if err := json.Unmarshal([]byte(inJSON), &wrong); err != nil {
		log.Fatal(err)
	}
	_, err = json.Marshal(wrong)
	fmt.Println("refused:", errors.Is(err, jwk.ErrPrivate))
}
