package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/seed1f6cf2d3/jwk"
)

// TestSecp256k1: what is special about secp256k1. ec_test.go has the cases of all curves, E01
// to E09.
func TestSecp256k1(t *testing.T) {
	o := fixture(t, "secp256k1")
	params := secpParams
	base := o.with("x", wide(params.Gx, 32), "y", wide(params.Gy, 32))
	one := big.NewInt(1)
	base.with("d", wide(one, 32)).key(t)

	for _, tt := range []struct {
		name string
		o    object
		want error
		path string
	}{
		{"K01 off the curve", public(t, "secp256k1").with("y", wide(one, 32)), jwk.ErrInvalid, "/x"},
		{"K01 a point of P-256", public(t, "P-256").with("crv", "secp256k1"), jwk.ErrInvalid, "/x"},
		{"K01 x is p", public(t, "secp256k1").with("x", wide(params.P, 32)), jwk.ErrInvalid, "/x"},
		{"K01 kty OKP", public(t, "secp256k1").with("kty", "OKP"), jwk.ErrUnsupported, "/crv"},
		{"K02 d is 0", base.with("d", wide(new(big.Int), 32)), jwk.ErrInvalid, "/d"},
		{"K02 d is n", base.with("d", wide(params.N, 32)), jwk.ErrInvalid, "/d"},
		{"K02 d is n+1, which is 1 modulo n", base.with("d", wide(new(big.Int).Add(params.N, one), 32)), jwk.ErrInvalid, "/d"},
		{"K02 d of 31 octets", base.with("d", wide(one, 31)), jwk.ErrInvalid, "/d"},
		{"K02 d of 1 octet", base.with("d", wide(one, 1)), jwk.ErrInvalid, "/d"},
		{"K02 d of 40 octets, of which 32 are right", base.with("d", encoded(append(one.FillBytes(make([]byte, 32)), make([]byte, 8)...))), jwk.ErrInvalid, "/d"},
		{"K02 d of another key", base.with("d", wide(big.NewInt(2), 32)), jwk.ErrInvalid, "/d"},
		// Only ES256K uses this curve (RFC 8812, Section 3.3).
		{"use enc", public(t, "secp256k1").with("use", "enc"), jwk.ErrInvalid, "/use"},
		{"key_ops deriveKey", o.with("key_ops", []string{"deriveKey"}), jwk.ErrInvalid, "/key_ops"},
		{"alg ECDH-ES", public(t, "secp256k1").with("alg", "ECDH-ES"), jwk.ErrInvalid, "/alg"},
		{"alg ES256", public(t, "secp256k1").with("alg", "ES256"), jwk.ErrInvalid, "/alg"},
	} {
		t.Run(tt.name, func(t *testing.T) { checkRefused(t, tt.o.json(t), tt.want, tt.path) })
	}
	// 0 is refused as a scalar, not only because it belongs to no point.
	_, err := jwk.Parse(base.with("d", wide(new(big.Int), 32)).json(t))
	if err == nil || !strings.Contains(err.Error(), "not a scalar from 1 to n-1") {
		t.Errorf("K02 d is 0: got %v, want an error about the scalar", err)
	}
}

// TestSecp256k1Signature: the signer makes the deterministic signature (RFC 6979) of d = 1 and
// "Satoshi Nakamoto", a test vector of implementations of Bitcoin, with the lower s.
func TestSecp256k1Signature(t *testing.T) {
	k, err := jwk.New(secp256k1.PrivKeyFromBytes([]byte{1}), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("Satoshi Nakamoto"))
	sig, err := s.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	const want = "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
		"02202442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
	if got := hex.EncodeToString(sig); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	public, ok := s.Public().(*secp256k1.PublicKey)
	if !ok || !public.IsEqual(k.PublicKey().(*secp256k1.PublicKey)) {
		t.Errorf("Public: got %T, want the public key", s.Public())
	}

	// Signatures of many digests verify, and have the lower s.
	half := new(big.Int).Rsh(secpParams.N, 1)
	for i := range byte(32) {
		digest := sha256.Sum256([]byte{i})
		sig, err := s.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ecdsa.ParseDERSignature(sig)
		if err != nil || !parsed.Verify(digest[:], public) {
			t.Fatalf("%x does not verify: %v", sig, err)
		}
		lower := parsed.S()
		octets := lower.Bytes()
		if new(big.Int).SetBytes(octets[:]).Cmp(half) > 0 {
			t.Errorf("s of %x is the higher one", sig)
		}
	}
}

// TestSecp256k1SignerRefuses: the signer signs only SHA-256 digests, because the key is for ES256K.
func TestSecp256k1SignerRefuses(t *testing.T) {
	s, err := fixture(t, "secp256k1").key(t).Signer()
	if err != nil {
		t.Fatal(err)
	}
	digest := bytes.Repeat([]byte{7}, 33)
	for _, tt := range []struct {
		name   string
		digest []byte
		opts   crypto.SignerOpts
	}{
		{"no options", digest[:32], nil},
		{"a message that is not hashed", digest[:32], crypto.Hash(0)},
		{"another hash", digest[:32], crypto.SHA512},
		{"another hash of this size", digest[:32], crypto.SHA3_256},
		{"no such hash", digest[:32], crypto.Hash(999)},
		{"no digest", nil, crypto.SHA256},
		{"a digest of 31 octets", digest[:31], crypto.SHA256},
		{"a digest of 33 octets", digest, crypto.SHA256},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sig, err := s.Sign(nil, tt.digest, tt.opts)
			checkError(t, err, jwk.ErrInvalid, "")
			if sig != nil {
				t.Errorf("got %x beside the error", sig)
			}
		})
	}
}
