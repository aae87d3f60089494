package jwk_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// TestNewSaysTheWayOut: the error of New for a wrong Go type names the right type, or the
// function that takes the value.
func TestNewSaysTheWayOut(t *testing.T) {
	k := public(t, "Ed25519").key(t)
	for _, tt := range []struct {
		material any
		says     string
	}{
		{ecdh.PublicKey{}, "want *ecdh.PublicKey: pass a pointer to it"},
		{new([]byte), "want []uint8: pass what it points to"},
		{"secret", "for a secret pass a []byte"},
		{new(string), "for a secret pass a []byte"},
		{json.RawMessage(`{}`), "Parse reads JSON"},
		{map[string]any{}, "Parse reads JSON"},
		{&pem.Block{}, "ParsePEM reads the file, and ParseDER the Bytes"},
		{*k, "it is a Key already; WithAttributes changes its attributes"},
		{k, "it is a Key already; WithAttributes changes its attributes"},
		{jose.JSONWebKey{}, "FromJOSE takes it"},
		{&jose.JSONWebKey{}, "FromJOSE takes it"},
		{&x509.Certificate{}, "FromCertificates takes it"},
		{[]*x509.Certificate{}, "FromCertificates takes it"},
		{&x509.CertificateRequest{}, "it has a PublicKey"},
		{tls.Certificate{}, "New takes its PrivateKey, and FromCertificates its Leaf"},
		{struct{}{}, "want one that New takes, such as *rsa.PublicKey, or a crypto.Signer"},
		{nil, "Go type nil, want one that New takes"},
	} {
		got, err := jwk.New(tt.material, nil)
		if got != nil {
			t.Errorf("%T: got %v beside the error", tt.material, got)
		}
		checkError(t, err, jwk.ErrUnsupported, "")
		if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%T: got %v, want %s", tt.material, err, tt.says)
		}
	}
	// New recognizes the value and the pointer of each type that it takes.
	for _, name := range fixtureNames {
		k := fixture(t, name).key(t)
		for _, material := range []any{k.PublicKey(), k.PrivateKey()} {
			if material == nil {
				continue
			}
			v := reflect.ValueOf(material)
			other := reflect.New(v.Type()) // points to the material
			if v.Kind() == reflect.Pointer {
				other = reflect.Zero(reflect.PointerTo(v.Type()))
				if v.Type().Elem().Kind() == reflect.Struct {
					_, err := jwk.New(v.Elem().Interface(), nil)
					checkError(t, err, jwk.ErrUnsupported, "")
					if want := fmt.Sprintf("want %T: pass a pointer to it", material); !strings.Contains(err.Error(), want) {
						t.Errorf("got %v, want %s", err, want)
					}
				}
			}
			_, err := jwk.New(other.Interface(), nil)
			checkError(t, err, jwk.ErrUnsupported, "")
			if want := fmt.Sprintf("want %T: pass what it points to", material); !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}

// TestAsNamesTheForm: the error of As for a type that differs only by a pointer names the right
// type.
func TestAsNamesTheForm(t *testing.T) {
	check := func(err error, want string) {
		t.Helper()
		checkError(t, err, jwk.ErrUnsupported, "")
		if !strings.HasSuffix(err.Error(), ", want "+want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, o := range []object{public(t, "RSA-2048"), fixture(t, "RSA-2048")} {
		_, err := jwk.As[rsa.PublicKey](o.key(t))
		check(err, "*rsa.PublicKey")
		_, err = jwk.As[rsa.PrivateKey](o.key(t))
		check(err, "*rsa.PrivateKey")
	}
	for _, o := range []object{public(t, "P-256"), fixture(t, "P-256")} {
		_, err := jwk.As[ecdsa.PublicKey](o.key(t))
		check(err, "*ecdsa.PublicKey")
		_, err = jwk.As[ecdh.PrivateKey](o.key(t))
		check(err, "*ecdh.PrivateKey")
	}
	_, err := jwk.As[*ed25519.PublicKey](public(t, "Ed25519").key(t))
	check(err, "ed25519.PublicKey")
	_, err = jwk.As[*ed25519.PrivateKey](public(t, "Ed25519").key(t))
	check(err, "ed25519.PrivateKey")
	_, err = jwk.As[secp256k1.PublicKey](public(t, "secp256k1").key(t))
	check(err, "*secp256k1.PublicKey")
	_, err = jwk.As[*[]byte](fixture(t, "oct-256").key(t))
	check(err, "[]uint8")
	_, err = jwk.As[vault](heldKey(t, newVault(t, "P-256"), nil))
	check(err, "*jwk_test.vault")
	// If As has a type for another kind of key, the error does not name a type.
	_, err = jwk.As[rsa.PublicKey](public(t, "P-256").key(t))
	checkError(t, err, jwk.ErrUnsupported, "")
	if strings.Contains(err.Error(), "want") {
		t.Errorf("got %v, want an error that does not name a type", err)
	}
}
