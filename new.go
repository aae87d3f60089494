package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"reflect"
	"strings"
)

// New makes a key from a Go key. It copies the material, and makes all checks that [Parse] makes.
// attrs may be nil. The members of the key are in the order in which go-jose writes them.
//
// It takes
//   - *[crypto/rsa.PublicKey], *[crypto/ecdsa.PublicKey], *[crypto/ecdh.PublicKey],
//     [crypto/ed25519.PublicKey], and their private counterparts;
//   - []byte, which makes a symmetric key;
//   - keys that the standard library does not have, or not in every release:
//     *[github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey],
//     [github.com/cloudflare/circl/sign/ed448.PublicKey], [X448PublicKey],
//     *[filippo.io/mldsa.PublicKey], which is the type of crypto/mldsa since Go 1.27, and their
//     private counterparts;
//   - any other [crypto.Signer] or [crypto.Decrypter] whose Public method returns one of these
//     public keys. New does not catch a panic of that method.
//
// A value of the last form holds the private half elsewhere: in a KMS, an HSM, a TPM or an
// agent. The Key keeps this holder, which must be safe for concurrent use if the Key is used
// concurrently.
//   - The Key has the material of the public half, and is written as a public key.
//     [Key.IsPrivate] is false. Calls that need private material return [ErrPrivate].
//   - It permits OpSign if the holder is a crypto.Signer, and OpDecrypt and OpUnwrapKey if the
//     key is an RSA key and the holder is a crypto.Decrypter, unless use, key_ops or alg forbid
//     it.
//   - [Key.Signer], [As], [Key.JOSESigner], [DecryptKey] and [DecryptSet] use the holder.
//   - [Key.WithAttributes] and sets keep the holder, and [Key.Public] does not.
//
// The error is
//   - [ErrUnsupported] for another Go type or curve;
//   - [ErrInvalid] for a key with nil or contradictory parts, or attributes that contradict it;
//   - [ErrSyntax] if Extra gives a registered member the wrong JSON type;
//   - [ErrPolicy] for an RSA key of less than 2048 or more than 8192 bits, and for the other
//     limits of [Parse].
func New(material any, attrs *Attributes) (*Key, error) {
	var w writer
	row, err := writeMaterial(&w, material)
	switch {
	case err != nil:
		return nil, err
	case row != nil:
		return new(Parser).compose(&w, row.kind, attrs)
	}
	switch material.(type) {
	case *ecdsa.PublicKey, *ecdsa.PrivateKey:
		return nil, errorf(ErrUnsupported, "a %T on another curve, want P-256, P-384 or P-521", material)
	}
	if k, held, err := newHeld(material, attrs); held {
		return k, err
	}
	return nil, errMaterial(typeOf(material))
}

// newHeld makes a key from the holder of a private half. ok is false if the value is not a
// holder.
func newHeld(holder any, attrs *Attributes) (k *Key, ok bool, err error) {
	h, ok := holder.(interface{ Public() crypto.PublicKey })
	held := (&heldKey{holder: holder}).ops()
	if !ok || held == 0 {
		return nil, false, nil
	}
	if v := reflect.ValueOf(holder); v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, true, errorf(ErrInvalid, "a nil %T, want one with a private key", holder)
		}
		if v.Elem().Kind() == reflect.Slice {
			return nil, false, nil // such as *ed25519.PrivateKey, which has the methods of the key
		}
	}
	public := h.Public()
	var w writer
	row, err := writeMaterial(&w, public)
	if err != nil {
		return nil, true, errorf(kindOfError(err), "Public() of %T returns a %T that is not a valid key: %s", holder, public, textOf(err.(*Error).Err))
	}
	if row != nil {
		if row.kty != RSA { // a crypto.Decrypter decrypts only with RSA
			held &^= OpDecrypt | OpUnwrapKey
		}
		if held &= row.ops; held == 0 {
			return nil, true, errorf(ErrUnsupported, "Public() of %T returns a key of type %s, which cannot be used with a %s", holder, row.name(), holderKind(holder))
		}
		k, err := new(Parser).compose(&w, row.kind, attrs)
		if err != nil {
			return nil, true, err
		}
		if !k.private { // a []byte, for example, makes a private key
			holdFor(k.key, holder, held)
			if err := publishHalf(k); err != nil {
				return nil, true, err
			}
			return k, true, nil
		}
	}
	return nil, true, errorf(ErrUnsupported, "Public() of %T returns %s, want a public key that New takes, such as *rsa.PublicKey", holder, typeOf(public))
}

// errMaterial returns the error about a value that New does not take. name is its Go type.
func errMaterial(name string) error {
	for _, taken := range goTypes {
		switch {
		case "*"+name == taken:
			return errorf(ErrUnsupported, "Go type %s, want %s: pass a pointer to it", name, taken)
		case name == "*"+taken:
			return errorf(ErrUnsupported, "Go type %s, want %s: pass what it points to", name, taken)
		}
	}
	for _, other := range otherTypes {
		if strings.TrimPrefix(name, "*") == other.name {
			return errorf(ErrUnsupported, "Go type %s, want one that New takes: %s", name, other.wayOut)
		}
	}
	return errorf(ErrUnsupported, "Go type %s, want one that New takes, such as *rsa.PublicKey, or a crypto.Signer", name)
}

// goTypes are the short names of the Go types that New takes.
var goTypes = [...]string{
	"*rsa.PublicKey", "*rsa.PrivateKey", "*ecdsa.PublicKey", "*ecdsa.PrivateKey", "*ecdh.PublicKey", "*ecdh.PrivateKey",
	"ed25519.PublicKey", "ed25519.PrivateKey", "*secp256k1.PublicKey", "*secp256k1.PrivateKey",
	"ed448.PublicKey", "ed448.PrivateKey", "jwk.X448PublicKey", "jwk.X448PrivateKey",
	"*mldsa.PublicKey", "*mldsa.PrivateKey", "[]uint8",
}

// otherTypes are Go types that hold a key but that New does not take, without the star of a
// pointer. wayOut says how to make a Key from them.
var otherTypes = [...]struct{ name, wayOut string }{
	{"string", "Parse reads JSON and ParsePEM reads PEM; for a secret pass a []byte"},
	{"json.RawMessage", "Parse reads JSON"},
	{"jsontext.Value", "Parse reads JSON"},
	{"map[string]interface {}", "Parse reads JSON"},
	{"pem.Block", "ParsePEM reads the file, and ParseDER the Bytes"},
	{"jwk.Key", "it is a Key already; WithAttributes changes its attributes"},
	{"jose.JSONWebKey", "FromJOSE takes it"},
	{"x509.Certificate", "FromCertificates takes it"},
	{"[]*x509.Certificate", "FromCertificates takes it"},
	{"x509.CertificateRequest", "it has a PublicKey"},
	{"tls.Certificate", "New takes its PrivateKey, and FromCertificates its Leaf"},
}

// holderKind returns the name of the interface that a holder implements.
func holderKind(holder any) string {
	if _, ok := holder.(crypto.Signer); ok {
		return "crypto.Signer"
	}
	return "crypto.Decrypter"
}
