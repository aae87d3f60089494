package integration

import (
	"bytes"
	"testing"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
	"github.com/seed1f6cf2d3/jwk"
)

// TestEncryptJWX: jwx decrypts keys that this package encrypts by key agreement, and this
// package decrypts keys that jwx encrypts. Otherwise users could not exchange encrypted keys
// with programs that use jwx.
func TestEncryptJWX(t *testing.T) {
	secret := generate(t, jwk.EdDSA)
	want, err := secret.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	for alg, theirs := range map[jwk.Algorithm]jwa.KeyEncryptionAlgorithm{
		jwk.ECDHES:       jwa.ECDH_ES(),
		jwk.ECDHESA128KW: jwa.ECDH_ES_A128KW(),
		jwk.ECDHESA192KW: jwa.ECDH_ES_A192KW(),
		jwk.ECDHESA256KW: jwa.ECDH_ES_A256KW(),
	} {
		for _, curve := range []jwk.Curve{jwk.CurveX25519, jwk.CurveP256, jwk.CurveP384, jwk.CurveP521} {
			t.Run(string(alg)+"/"+string(curve), func(t *testing.T) {
				recipient, err := jwk.Generate(alg, &jwk.GenerateOptions{Curve: curve})
				if err != nil {
					t.Fatal(err)
				}
				text, err := secret.Encrypt(&jwk.EncryptOptions{Recipient: recipient})
				if err != nil {
					t.Fatal(err)
				}
				got, err := jwe.Decrypt(text, jwe.WithKey(theirs, recipient.PrivateKey()))
				if err != nil {
					t.Fatalf("jwx cannot decrypt the key: %v", err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("jwx: got %s, want %s", got, want)
				}

				for _, enc := range []jwa.ContentEncryptionAlgorithm{jwa.A256GCM(), jwa.A128CBC_HS256(), jwa.A256CBC_HS512()} {
					text, err = jwe.Encrypt(want, jwe.WithKey(theirs, recipient.PublicKey()), jwe.WithContentEncryption(enc))
					if err != nil {
						t.Fatal(err)
					}
					k, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: recipient})
					if err != nil {
						t.Fatalf("by jwx with %s: %v", enc, err)
					}
					if !k.Equal(secret) {
						t.Errorf("by jwx with %s: got %v, want %v", enc, k, secret)
					}
				}
			})
		}
	}
}

// TestEncryptJWXKeys does the same with the other algorithms, for which this package uses
// go-jose.
func TestEncryptJWXKeys(t *testing.T) {
	secret := generate(t, jwk.EdDSA)
	want, err := secret.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := generate(t, jwk.RSAOAEP256)
	withAlg := func(k *jwk.Key, alg jwk.Algorithm) *jwk.Key {
		attrs := k.Attributes()
		attrs.Algorithm = alg
		k, err := k.WithAttributes(attrs)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	passphrase := []byte("correct horse battery staple")
	for _, tt := range []struct {
		alg  jwa.KeyEncryptionAlgorithm
		key  *jwk.Key // nil to use the passphrase
		read bool     // this package only decrypts with the algorithm
	}{
		{jwa.RSA_OAEP(), withAlg(rsaKey, jwk.RSAOAEP), false},
		{jwa.RSA_OAEP_256(), rsaKey, false},
		{jwa.RSA_OAEP_384(), withAlg(rsaKey, jwk.RSAOAEP384), true},
		{jwa.RSA_OAEP_512(), withAlg(rsaKey, jwk.RSAOAEP512), true},
		{jwa.A128KW(), generate(t, jwk.A128KW), false},
		{jwa.A192KW(), generate(t, jwk.A192KW), false},
		{jwa.A256KW(), generate(t, jwk.A256KW), false},
		{jwa.A128GCMKW(), generate(t, jwk.A128GCMKW), false},
		{jwa.A192GCMKW(), generate(t, jwk.A192GCMKW), false},
		{jwa.A256GCMKW(), generate(t, jwk.A256GCMKW), false},
		{jwa.DIRECT(), withAlg(generate(t, jwk.A256KW), jwk.Dir), false},
		{jwa.PBES2_HS512_A256KW(), nil, false},
		{jwa.PBES2_HS384_A192KW(), nil, true},
		{jwa.PBES2_HS256_A128KW(), nil, true},
	} {
		t.Run(tt.alg.String(), func(t *testing.T) {
			to := &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1000}
			from := &jwk.DecryptOptions{Passphrase: passphrase}
			var theirs, theirsPublic any = passphrase, passphrase
			if tt.key != nil {
				to = &jwk.EncryptOptions{Recipient: tt.key}
				from = &jwk.DecryptOptions{Key: tt.key}
				theirs, theirsPublic = tt.key.PrivateKey(), tt.key.PublicKey()
				if tt.key.Type() == jwk.Oct {
					theirsPublic = theirs
				}
			}
			if !tt.read {
				text, err := secret.Encrypt(to)
				if err != nil {
					t.Fatal(err)
				}
				got, err := jwe.Decrypt(text, jwe.WithKey(tt.alg, theirs))
				if err != nil {
					t.Fatalf("jwx cannot decrypt the key: %v", err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("jwx: got %s, want %s", got, want)
				}
			}
			text, err := jwe.Encrypt(want, jwe.WithKey(tt.alg, theirsPublic), jwe.WithContentEncryption(jwa.A256GCM()))
			if err != nil {
				t.Fatal(err)
			}
			k, err := jwk.DecryptKey(text, from)
			if err != nil {
				t.Fatalf("by jwx: %v", err)
			}
			if !k.Equal(secret) {
				t.Errorf("by jwx: got %v, want %v", k, secret)
			}
		})
	}
}
