// Dpop makes DPoP proofs (RFC 9449) and checks them, as a client and a resource server do.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/seed1f6cf2d3/jwk"
)

// proofClaims are the claims of a DPoP proof (RFC 9449, Section 4.2).
type proofClaims struct {
	ID              string           `json:"jti"`
	Method          string           `json:"htm"`
	URI             string           `json:"htu"` // without query and fragment
	IssuedAt        *jwt.NumericDate `json:"iat"`
	AccessTokenHash string           `json:"ath,omitempty"`
}

// makeProof returns the DPoP header of one request.
func makeProof(key *jwk.Key, method, uri, accessToken string) (string, error) {
	opaque, err := key.JOSESigner(jwk.ES256)
	if err != nil {
		return "", err
	}
	options := (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt") // embeds the public half
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: opaque}, options)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(proofClaims{
		ID:              rand.Text(),
		Method:          method,
		URI:             uri,
		IssuedAt:        jwt.NewNumericDate(time.Now()),
		AccessTokenHash: hash(accessToken),
	}).Serialize()
}

// hash returns the ath of an access token.
func hash(accessToken string) string {
	digest := sha256.Sum256([]byte(accessToken))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// proofAlgorithms are the algorithms that the server accepts.
var proofAlgorithms = []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA}

// checkProof checks the proof of a request (RFC 9449, Section 4.3). jkt is the member of that
// name in the cnf claim of the access token. used reports whether a jti came before.
func checkProof(proof, method, uri, accessToken, jkt string, used func(id string) bool) error {
	token, err := jwt.ParseSigned(proof, proofAlgorithms)
	if err != nil {
		return err
	}
	header := token.Headers[0]
	if header.ExtraHeaders[jose.HeaderType] != "dpop+jwt" {
		return errors.New("typ: want dpop+jwt")
	}
	key, err := headerKey(proof)
	if err != nil {
		return err
	}
	verifier, err := key.JOSEVerifier(jwk.Algorithm(header.Algorithm)) // one that the key is for
	if err != nil {
		return err
	}
	var claims proofClaims
	if err := token.Claims(verifier, &claims); err != nil {
		return err
	}
	switch age := time.Since(claims.IssuedAt.Time()); {
	case key.Thumbprint().String() != jkt:
		return errors.New("jwk: not the key that the access token is bound to")
	case claims.Method != method:
		return errors.New("htm: another method")
	case claims.URI != uri:
		return errors.New("htu: another URI")
	case claims.AccessTokenHash != hash(accessToken):
		return errors.New("ath: another access token")
	case age < -5*time.Second || age > time.Minute:
		return errors.New("iat: not now")
	case claims.ID == "" || used(claims.ID):
		return errors.New("jti: missing or used before")
	}
	return nil
}

// headerKey reads the public key in the header of a token in compact serialization.
func headerKey(text string) (*jwk.Key, error) {
	first, _, _ := strings.Cut(text, ".")
	data, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return nil, err
	}
	var header map[string]json.RawMessage // a struct would read "JWK" too
	if err := json.Unmarshal(data, &header); err != nil {
		return nil, err
	}
	parser := jwk.Parser{PublicOnly: true}
	return parser.Parse(header["jwk"])
}

func main() {
	key, err := jwk.Generate(jwk.ES256, nil) // made by the client, and kept
	if err != nil {
		log.Fatal(err)
	}
	// The authorization server puts this into the access token: "cnf": {"jkt": ...}.
	jkt := key.Thumbprint().String()

	const accessToken, uri = "access token", "https://resource.example/orders"
	proof, err := makeProof(key, "GET", uri, accessToken)
	if err != nil {
		log.Fatal(err)
	}
	seen := make(map[string]bool) // a server forgets an entry after a minute
	used := func(id string) bool {
		before := seen[id]
		seen[id] = true
		return before
	}
	fmt.Println("first use:", checkProof(proof, "GET", uri, accessToken, jkt, used))
	fmt.Println("replay:", checkProof(proof, "GET", uri, accessToken, jkt, used))
	fmt.Println("other request:", checkProof(proof, "DELETE", uri, accessToken, jkt, used))
	fmt.Println("other token:", checkProof(proof, "GET", uri, "stolen", jkt, used))

	thief, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	proof, err = makeProof(thief, "GET", uri, accessToken)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("other key:", checkProof(proof, "GET", uri, accessToken, jkt, used))
}
