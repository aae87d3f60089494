package jwk_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log"
	"math/big"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// This example publishes a key with a certificate, and verifies the certificate.
func ExampleKey_VerifyCertificates() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := key.Signer()
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "tokens of example.com"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	published, err := jwk.FromCertificates([]*x509.Certificate{certificate}, &jwk.Attributes{
		KeyID:     key.KeyID(),
		Algorithm: jwk.ES256,
	})
	if err != nil {
		log.Fatal(err)
	}

	roots := x509.NewCertPool()
	roots.AddCert(certificate) // in real life, add the certificate of an authority
	chains, err := published.VerifyCertificates(x509.VerifyOptions{
		Roots: roots,
		// The default would demand a certificate for a TLS server.
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(chains), "chain,", chains[0][0].Subject)
	// Output:
	// 1 chain, CN=tokens of example.com
}
