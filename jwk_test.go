package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secpecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// A keyKind has the properties that a test expects of a fixture.
type keyKind struct {
	typ     jwk.KeyType
	crv     jwk.Curve
	bits    int
	use     jwk.Use  // a use that the kind can have
	ops     []string // key_ops of the private half, for that use
	pubOps  []string // key_ops of the public half, nil if it has no such member
	public  []form   // Go forms of the public half; PublicKey returns the first
	private []form   // further Go forms of the private half; PrivateKey returns the first
}

// formOf returns the form for a Go type.
func formOf[T any]() form {
	return form{reflect.TypeFor[T](), func(k *jwk.Key) (any, error) { return jwk.As[T](k) }}
}

var (
	rsaPublic    = formOf[*rsa.PublicKey]()
	rsaPrivate   = formOf[*rsa.PrivateKey]()
	ecdsaPublic  = formOf[*ecdsa.PublicKey]()
	ecdsaPrivate = formOf[*ecdsa.PrivateKey]()
	ecdhPublic   = formOf[*ecdh.PublicKey]()
	ecdhPrivate  = formOf[*ecdh.PrivateKey]()
	edPublic     = formOf[ed25519.PublicKey]()
	edPrivate    = formOf[ed25519.PrivateKey]()
	secpPublic   = formOf[*secp256k1.PublicKey]()
	secpPrivate  = formOf[*secp256k1.PrivateKey]()
	ed448Public  = formOf[ed448.PublicKey]()
	ed448Private = formOf[ed448.PrivateKey]()
	x448Public   = formOf[jwk.X448PublicKey]()
	x448Private  = formOf[jwk.X448PrivateKey]()
	mldsaPublic  = formOf[*mldsa.PublicKey]()
	mldsaPrivate = formOf[*mldsa.PrivateKey]()
	octets       = formOf[[]byte]()
	signer       = formOf[crypto.Signer]()
	decrypter    = formOf[crypto.Decrypter]()

	allForms = []form{
		rsaPublic, rsaPrivate, ecdsaPublic, ecdsaPrivate, ecdhPublic, ecdhPrivate,
		edPublic, edPrivate, secpPublic, secpPrivate, ed448Public, ed448Private, x448Public, x448Private,
		mldsaPublic, mldsaPrivate, octets, signer, decrypter,
	}
)

// rsaExpected returns the properties of an RSA key.
func rsaExpected(bits int) keyKind {
	return keyKind{
		typ: jwk.RSA, bits: bits, use: jwk.UseEnc, ops: []string{"decrypt", "unwrapKey", "wrapKey"}, pubOps: []string{"encrypt", "wrapKey"},
		public: []form{rsaPublic}, private: []form{rsaPrivate, signer, decrypter},
	}
}

// ecExpected returns the properties of an EC key.
func ecExpected(crv jwk.Curve, bits int) keyKind {
	return keyKind{
		typ: jwk.EC, crv: crv, bits: bits, use: jwk.UseSig, ops: []string{"sign"}, pubOps: []string{"verify"},
		public: []form{ecdsaPublic, ecdhPublic}, private: []form{ecdsaPrivate, ecdhPrivate, signer},
	}
}

var akpExpected = keyKind{
	typ: jwk.AKP, use: jwk.UseSig, ops: []string{"sign", "verify"}, pubOps: []string{"verify"},
	public: []form{mldsaPublic}, private: []form{mldsaPrivate, signer},
}

// eachKind runs a test for every fixture.
func eachKind(t *testing.T, run func(t *testing.T, name string, want keyKind)) {
	t.Helper()
	if len(fixtureNames) != len(keyKinds) {
		t.Errorf("got %d fixtures, want %d", len(fixtureNames), len(keyKinds))
	}
	for _, name := range fixtureNames {
		want, ok := keyKinds[name]
		if !ok {
			t.Errorf("fixture %s has no entry in keyKinds", name)
			continue
		}
		t.Run(name, func(t *testing.T) { run(t, name, want) })
	}
}

// TestKeyRoundTrip: if this fails, Parse and the marshaling methods change the text of a key,
// or MarshalJSON writes a private one.
func TestKeyRoundTrip(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		texts := [][]byte{
			fixture(t, name).with("kid", "k", "use", want.use, "vendor", object{"n": 1e21}).json(t),
			[]byte("{ \"vendor\\u0021\" : [1.0e+999, -0, 123456789012345678901234567890,\n\"\\u00e9\\/\"]," + string(fixture(t, name).json(t)[1:])),
		}
		if want.public != nil {
			texts = append(texts, public(t, name).json(t))
		}
		for _, text := range texts {
			input := slices.Concat([]byte(" \n"), text, []byte("\t"))
			k, err := jwk.Parse(input)
			if err != nil {
				t.Fatal(err)
			}
			clear(input) // the key must not share memory with the input
			got, err := k.MarshalPrivateJSON()
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("MarshalPrivateJSON: got %s, %v; want %s", got, err, text)
			}
			clear(got)
			again, err := jwk.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if !again.Equal(k) || again.Thumbprint() != k.Thumbprint() {
				t.Error("Parse of the result: got another key")
			}

			got, err = k.MarshalJSON()
			appended, appendErr := k.AppendJSON([]byte("x"))
			if k.IsPrivate() {
				checkError(t, err, jwk.ErrPrivate, "")
				checkError(t, appendErr, jwk.ErrPrivate, "")
				if got != nil || appended != nil {
					t.Errorf("got %q and %q beside the errors", got, appended)
				}
				continue
			}
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("MarshalJSON: got %s, %v; want %s", got, err, text)
			}
			if appendErr != nil || string(appended) != "x"+string(text) {
				t.Errorf("AppendJSON: got %s, %v; want x%s", appended, appendErr, text)
			}
		}
	})
}

// TestKeyTraits checks the simple methods of a key of each kind, both halves, without
// attributes.
func TestKeyTraits(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		k := fixture(t, name).key(t)
		keys := []*jwk.Key{k}
		if want.public != nil {
			keys = append(keys, public(t, name).key(t))
		}
		for i, k := range keys {
			if k.Type() != want.typ || k.Curve() != want.crv || k.Bits() != want.bits {
				t.Errorf("got %s %s of %d bits, want %s %s of %d", k.Type(), k.Curve(), k.Bits(), want.typ, want.crv, want.bits)
			}
			if got, want := k.IsPrivate(), i == 0; got != want {
				t.Errorf("IsPrivate: got %v, want %v", got, want)
			}
			alg, _ := fixture(t, name)["alg"].(string) // for AKP keys, alg is material
			if k.KeyID() != "" || k.Use() != "" || k.Ops() != 0 || string(k.Algorithm()) != alg || k.Deviations() != nil {
				t.Errorf("attributes of a key without attributes: got %q %q %v %q %v", k.KeyID(), k.Use(), k.Ops(), k.Algorithm(), k.Deviations())
			}
			if got, want := k.Thumbprint(), keys[0].Thumbprint(); got != want {
				t.Errorf("thumbprint: got %v, want %v, as for the other half", got, want)
			}
			wantPublic, wantPrivate := reflect.Type(nil), reflect.Type(nil)
			if want.public != nil {
				wantPublic = want.public[0].typ
			}
			if i == 0 {
				wantPrivate = want.private[0].typ
			}
			if got := reflect.TypeOf(k.PublicKey()); got != wantPublic {
				t.Errorf("PublicKey: got %v, want %v", got, wantPublic)
			}
			if got := reflect.TypeOf(k.PrivateKey()); got != wantPrivate {
				t.Errorf("PrivateKey: got %v, want %v", got, wantPrivate)
			}
		}
	})
}

// TestKeyMembers: if this fails, Members or Member loses a member, or a caller can change the
// key with their results.
func TestKeyMembers(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		o := fixture(t, name).with("kid", "k", "vendor", []int{1})
		k := o.key(t)
		var names []string
		for name, value := range k.Members() {
			names = append(names, name)
			want, err := json.Marshal(o[name])
			if err != nil {
				t.Fatal(err)
			}
			if string(value) != string(want) {
				t.Errorf("Members: got %s for %s, want %s", value, name, want)
			}
			got, ok := k.Member(name)
			if !ok || string(got) != string(want) {
				t.Errorf("Member(%q): got %s, %v; want %s", name, got, ok, want)
			}
			clear(got)
			clear(value)
		}
		if want := slices.Sorted(maps.Keys(o)); !slices.Equal(names, want) {
			t.Errorf("Members: got %v, want %v", names, want)
		}
		for range k.Members() {
			break // an iterator must not panic after a break
		}
		for _, absent := range []string{"KID", "kid ", "", "use"} {
			if v, ok := k.Member(absent); ok || v != nil {
				t.Errorf("Member(%q): got %s, %v", absent, v, ok)
			}
		}
		if got, err := k.MarshalPrivateJSON(); err != nil || !bytes.Equal(got, o.json(t)) {
			t.Errorf("the key changed together with a result: got %s, %v", got, err)
		}
	})
}

// TestKeyPublic: if this fails, Public publishes a private or unknown member, or loses an
// attribute that belongs to the public half.
func TestKeyPublic(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		published := object{
			"kid": "k", "use": want.use, "x5u": "https://example.com/x5u",
			"x5t": encoded(make([]byte, sha1.Size)), "x5t#S256": encoded(make([]byte, sha256.Size)),
			"iat": 1, "nbf": 2, "exp": 3,
		}
		o := fixture(t, name).with("key_ops", want.ops, "vendor", object{"secret": "s"}, "D", "s", "ext", true)
		for name, value := range published {
			o[name] = value
		}
		k := o.key(t)
		got, err := k.Public()
		if want.public == nil {
			checkError(t, err, jwk.ErrPrivate, "")
			if got != nil {
				t.Errorf("got %v beside the error", got)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		expected := public(t, name)
		maps.Copy(expected, published)
		if want.pubOps != nil {
			expected["key_ops"] = want.pubOps
		}
		text, err := got.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var members object
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		if got, want := string(members.json(t)), string(expected.json(t)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got.IsPrivate() || got.PrivateKey() != nil || !got.Equal(public(t, name).key(t)) || got.Thumbprint() != k.Thumbprint() {
			t.Errorf("got %v, want the public half of %v", got, k)
		}
		twice, err := got.Public()
		if err != nil || !twice.Equal(got) {
			t.Fatalf("Public of the public half: got %v, %v; want %v", twice, err, got)
		}
		if again, err := twice.MarshalJSON(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("Public of the public half: got %s, %v; want %s", again, err, text)
		}
		checkNoSecret(t, "the public half", string(text), secretTexts(t, o))
	})
}

// TestKeyPublicOfSmallKey checks that Public and WithAttributes accept a key that Parse
// accepted with another limit of the size.
func TestKeyPublicOfSmallKey(t *testing.T) {
	n := new(big.Int).SetBit(big.NewInt(1), 1023, 1)
	o := object{"kty": "RSA", "n": encoded(n.Bytes()), "e": "AQAB", "kid": "small"}
	k, err := (&jwk.Parser{MinRSABits: 1024}).Parse(o.json(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Public(); err != nil || !got.Equal(k) {
		t.Errorf("Public: got %v, %v; want %v", got, err, k)
	}
	if got, err := k.WithAttributes(jwk.Attributes{KeyID: "2"}); err != nil || !got.Equal(k) || got.KeyID() != "2" {
		t.Errorf("WithAttributes: got %v, %v; want %v with another kid", got, err, k)
	}
}

// TestKeyEqual checks that Equal compares the material of keys, and ignores their attributes.
func TestKeyEqual(t *testing.T) {
	type named struct {
		name string // keys with the same name are equal
		key  *jwk.Key
	}
	var keys []named
	for _, name := range fixtureNames {
		o := fixture(t, name)
		keys = append(keys, named{name, o.key(t)}, named{name, o.with("kid", "other", "x-vendor", 1).key(t)})
		if keyKinds[name].public != nil {
			keys = append(keys, named{name + " public", public(t, name).key(t)}, named{name + " public", public(t, name).with("kid", "other").key(t)})
		}
	}
	// Other keys of the same kinds. One has the octets of a key of another kind.
	keys = append(keys,
		named{"another P-256", newKey(t, func() (*ecdh.PrivateKey, error) { return ecdh.P256().GenerateKey(rand.Reader) })},
		named{"another X25519", newKey(t, func() (*ecdh.PrivateKey, error) { return ecdh.X25519().GenerateKey(rand.Reader) })},
		named{"another oct", object{"kty": "oct", "k": encoded(make([]byte, 32))}.key(t)},
		named{"a longer oct", object{"kty": "oct", "k": fixture(t, "oct-256")["k"].(string)[:40] + "AAAA"}.key(t)},
		named{"another exponent", public(t, "RSA-2048").with("e", "Aw").key(t)},
		named{"X25519 as Ed25519", public(t, "X25519").with("crv", "Ed25519").key(t)},
		named{"the zero Key", new(jwk.Key)},
	)
	for i, a := range keys {
		for j, b := range keys {
			want := a.name == b.name && a.name != "the zero Key"
			if got := a.key.Equal(b.key); got != want {
				t.Errorf("%s (%d) Equal %s (%d): got %v, want %v", a.name, i, b.name, j, got, want)
			}
		}
		if a.key.Equal(nil) {
			t.Errorf("%s equals nil", a.name)
		}
	}
}

// newKey returns a key with the Go key that a function generates.
func newKey[K any](t testing.TB, generate func() (K, error)) *jwk.Key {
	t.Helper()
	material, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwk.New(material, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestKeyAs checks that As returns each Go form of each half, and that New makes the same key
// from it. The errors for a missing private half and for a wrong type differ.
func TestKeyAs(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		private := fixture(t, name).key(t)
		halves := []*jwk.Key{private}
		if want.public != nil {
			halves = append(halves, public(t, name).key(t))
		}
		in := func(list []form, f form) bool {
			return slices.ContainsFunc(list, func(g form) bool { return f.typ == g.typ })
		}
		for _, k := range halves {
			for _, f := range allForms {
				got, err := f.as(k)
				isPublic, isPrivate := in(want.public, f), in(want.private, f)
				switch {
				case isPrivate && !k.IsPrivate():
					checkError(t, err, jwk.ErrPrivate, "")
					checkZero(t, f.typ.String()+" beside an error", got)
				case !isPublic && !isPrivate:
					checkError(t, err, jwk.ErrUnsupported, "")
					checkZero(t, f.typ.String()+" beside an error", got)
				case err != nil:
					t.Errorf("As[%v](%v): %v", f.typ, k, err)
				case !reflect.TypeOf(got).AssignableTo(f.typ):
					t.Errorf("As[%v](%v): got %T", f.typ, k, got)
				default:
					made, err := jwk.New(got, nil)
					if err != nil {
						t.Errorf("New(%T): %v", got, err)
						continue
					}
					half := private
					if isPublic {
						half = halves[1]
					}
					if !made.Equal(half) {
						t.Errorf("New(As[%v]): got %v, want %v", f.typ, made, half)
					}
				}
			}
			_, err := jwk.As[string](k)
			checkError(t, err, jwk.ErrUnsupported, "")
			_, err = jwk.As[*jwk.Key](k)
			checkError(t, err, jwk.ErrUnsupported, "")
		}
		checkRSAPrecomputed(t, private)
	})
	_, err := jwk.As[*rsa.PublicKey](new(jwk.Key))
	checkError(t, err, jwk.ErrInvalid, "")
}

// checkRSAPrecomputed checks that an RSA private key is valid and has its precomputed values.
func checkRSAPrecomputed(t *testing.T, k *jwk.Key) {
	t.Helper()
	if key, ok := k.PrivateKey().(*rsa.PrivateKey); ok {
		if pre := key.Precomputed; pre.Dp == nil || pre.Dq == nil || pre.Qinv == nil {
			t.Error("the RSA key is not precomputed")
		}
		if err := key.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// checkZero checks that the value in an interface is nil or zero.
func checkZero(t *testing.T, what string, v any) {
	t.Helper()
	if v != nil && !reflect.ValueOf(v).IsZero() {
		t.Errorf("%s: got a %T that is not zero", what, v)
	}
}

// TestKeySigner: if this fails, Signer makes signatures that the public half does not verify,
// or works for a key that cannot sign.
func TestKeySigner(t *testing.T) {
	digest := sha256.Sum256([]byte("message"))
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		k := fixture(t, name).key(t)
		signs := slices.ContainsFunc(want.private, func(f form) bool { return f.typ == signer.typ })
		s, err := k.Signer()
		if !signs {
			checkError(t, err, jwk.ErrUnsupported, "")
			if s != nil {
				t.Errorf("got %T beside the error", s)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		pub := public(t, name).key(t)
		publicSigner, err := pub.Signer()
		checkError(t, err, jwk.ErrPrivate, "")
		if publicSigner != nil {
			t.Errorf("got %T beside the error", publicSigner)
		}
		message, opts := digest[:], crypto.SignerOpts(crypto.SHA256)
		if want.crv == jwk.CurveEd25519 || want.crv == jwk.CurveEd448 || want.typ == jwk.AKP {
			message, opts = []byte("message"), crypto.Hash(0)
		}
		sig, err := s.Sign(rand.Reader, message, opts)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(message []byte) bool {
			switch key := pub.PublicKey().(type) {
			case *rsa.PublicKey:
				return rsa.VerifyPKCS1v15(key, crypto.SHA256, message, sig) == nil
			case *ecdsa.PublicKey:
				return ecdsa.VerifyASN1(key, message, sig)
			case ed25519.PublicKey:
				return ed25519.Verify(key, message, sig)
			case *secp256k1.PublicKey:
				parsed, err := secpecdsa.ParseDERSignature(sig)
				return err == nil && parsed.Verify(message, key)
			case ed448.PublicKey:
				return ed448.Verify(key, message, sig, "")
			case *mldsa.PublicKey:
				return mldsa.Verify(key, message, sig, nil) == nil
			}
			return false
		}
		if !verify(message) {
			t.Error("the signature does not verify")
		}
		if message[0] ^= 1; verify(message) {
			t.Error("the signature verifies another message")
		}
		message[0] ^= 1
	})
}

// TestKeyDecrypter checks that an RSA private key decrypts a message to its public half.
func TestKeyDecrypter(t *testing.T) {
	for _, name := range []string{"RSA-2048", "RSA-2048-multi-prime"} {
		pub, err := jwk.As[*rsa.PublicKey](public(t, name).key(t))
		if err != nil {
			t.Fatal(err)
		}
		d, err := jwk.As[crypto.Decrypter](fixture(t, name).key(t))
		if err != nil {
			t.Fatal(err)
		}
		text, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, pub, []byte("message"), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Decrypt(nil, text, &rsa.OAEPOptions{Hash: crypto.SHA256})
		if err != nil || string(got) != "message" {
			t.Errorf("%s: got %q, %v; want the message", name, got, err)
		}
	}
}

// TestKeyAgreement checks that both sides of a key agreement compute the same secret.
func TestKeyAgreement(t *testing.T) {
	for name, curve := range map[string]ecdh.Curve{
		"P-256": ecdh.P256(), "P-384": ecdh.P384(), "P-521": ecdh.P521(), "X25519": ecdh.X25519(),
	} {
		ours, err := jwk.As[*ecdh.PrivateKey](fixture(t, name).key(t))
		if err != nil {
			t.Fatal(err)
		}
		ourPublic, err := jwk.As[*ecdh.PublicKey](public(t, name).key(t))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		a, err := ours.ECDH(theirs.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		b, err := theirs.ECDH(ourPublic)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: got %x and %x, %v; want the same", name, a, b, err)
		}
	}
}

// TestKeySecret: if this fails, Secret returns other octets than k, or a caller that clears
// them changes the key.
func TestKeySecret(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		k := fixture(t, name).key(t)
		secret, err := k.Secret()
		if want.typ != jwk.Oct {
			checkError(t, err, jwk.ErrUnsupported, "")
			if secret != nil {
				t.Error("got octets beside the error")
			}
			return
		}
		text := fixture(t, name)["k"].(string)
		asBytes, asErr := jwk.As[[]byte](k)
		// Each result is a copy: clearing it does not change the other results, nor the key.
		for _, got := range [][]byte{secret, asBytes, k.PrivateKey().([]byte)} {
			if encoded(got) != text || err != nil || asErr != nil {
				t.Errorf("got other octets, %v, %v", err, asErr)
			}
			clear(got)
		}
		if got, err := k.Secret(); err != nil || encoded(got) != text {
			t.Errorf("got other octets, %v, after the copies were cleared", err)
		}
	})
}

// TestKeyFirstCalls: if this fails, concurrent first calls of a key's methods get different
// results.
func TestKeyFirstCalls(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		o := fixture(t, name)
		if want.public != nil {
			o = public(t, name)
		}
		wanted := o.key(t).Thumbprint()
		k := o.key(t)
		const askers = 8
		var keys [askers]crypto.PublicKey
		var thumbs [askers]jwk.Thumbprint
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range askers {
			wg.Go(func() {
				<-start
				keys[i], thumbs[i] = k.PublicKey(), k.Thumbprint()
				_ = k.String()
				for range k.Members() {
				}
			})
		}
		close(start)
		wg.Wait()
		for i := range askers {
			if thumbs[i] != wanted {
				t.Errorf("thumbprint: got %v, want %v", thumbs[i], wanted)
			}
			a, b := reflect.ValueOf(keys[i]), reflect.ValueOf(k.PublicKey())
			if want.crv == jwk.CurveX448 { // an array, and not a pointer or slice
				if keys[i] != k.PublicKey() {
					t.Errorf("got %v, want %v", keys[i], k.PublicKey())
				}
			} else if want.public != nil && a.Pointer() != b.Pointer() {
				t.Error("got two public keys, want one")
			}
		}
	})
}

// TestKeyCopy checks that a copy of a Key is the same key.
func TestKeyCopy(t *testing.T) {
	k := fixture(t, "P-256").key(t)
	c := *k
	if !c.Equal(k) || c.Thumbprint() != k.Thumbprint() || c.PublicKey() != k.PublicKey() {
		t.Error("a copy does not equal the key")
	}
}

// TestKeyUnmarshal checks that encoding/json reads a key into a value and a pointer.
func TestKeyUnmarshal(t *testing.T) {
	var config struct {
		Value   jwk.Key
		Pointer *jwk.Key
		Absent  *jwk.Key
	}
	a, b := fixture(t, "Ed25519"), public(t, "RSA-2048")
	text := `{"Value":` + string(a.json(t)) + `,"Pointer":` + string(b.json(t)) + `,"Absent":null}`
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if !config.Value.Equal(a.key(t)) || !config.Pointer.Equal(b.key(t)) || config.Absent != nil {
		t.Errorf("got %v", config)
	}
	if got, err := json.Marshal(config.Pointer); err != nil || string(got) != string(b.json(t)) {
		t.Errorf("json.Marshal: got %s, %v; want %s", got, err, b.json(t))
	}

	// UnmarshalJSON returns an error, and does not change the key.
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"null":        {`null`, jwk.ErrSyntax},
		"empty":       {`{}`, jwk.ErrInvalid},
		"unsupported": {`{"kty":"XYZ"}`, jwk.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			k := a.key(t)
			checkError(t, k.UnmarshalJSON([]byte(test.text)), test.want, "*")
			if !k.Equal(a.key(t)) {
				t.Error("the key changed")
			}
			err := json.Unmarshal([]byte(`{"K":`+test.text+`}`), &struct{ K jwk.Key }{})
			if !errors.Is(err, test.want) {
				t.Errorf("json.Unmarshal: got %v, want %v", err, test.want)
			}
		})
	}
}

// TestZeroKey: if this fails, a method of the zero Key or of a nil *Key panics, or returns
// neither a zero value nor an error. Methods with value receivers may panic for a nil *Key. A
// method without a row here fails the test.
func TestZeroKey(t *testing.T) {
	noKey := func(err error) error { // checks for ErrInvalid, where no zero value exists
		if !errors.Is(err, jwk.ErrInvalid) {
			return fmt.Errorf("got %v, want %w", err, jwk.ErrInvalid)
		}
		return nil
	}
	some := fixture(t, "P-256").key(t)
	calls := map[string]func(k *jwk.Key) (any, error){
		"Algorithm":  func(k *jwk.Key) (any, error) { return k.Algorithm(), nil },
		"Algorithms": func(k *jwk.Key) (any, error) { return len(slices.Collect(k.Algorithms())), nil },
		"AppendJSON": func(k *jwk.Key) (any, error) { v, err := k.AppendJSON([]byte("x")); return v, noKey(err) },
		"Attributes": func(k *jwk.Key) (any, error) { return k.Attributes(), nil },
		"Bits":       func(k *jwk.Key) (any, error) { return k.Bits(), nil },
		"Certificates": func(k *jwk.Key) (any, error) {
			v, err := k.Certificates()
			return v, err
		},
		"Curve":      func(k *jwk.Key) (any, error) { return k.Curve(), nil },
		"Deviations": func(k *jwk.Key) (any, error) { return k.Deviations(), nil },
		"Encrypt":    func(k *jwk.Key) (any, error) { v, err := k.Encrypt(toPassphrase()); return v, noKey(err) },
		"Equal":      func(k *jwk.Key) (any, error) { return k.Equal(k) || k.Equal(some) || some.Equal(k), nil },
		"Format": func(k *jwk.Key) (any, error) {
			return strings.ReplaceAll(fmt.Sprintf("%v%d", k, *k), "no key", ""), nil
		},
		"GoString":  func(k *jwk.Key) (any, error) { return strings.TrimPrefix(k.GoString(), "no key"), nil },
		"IsPrivate": func(k *jwk.Key) (any, error) { return k.IsPrivate(), nil },
		"JOSE": func(k *jwk.Key) (any, error) {
			v, err := k.JOSE()
			return v.Key, noKey(err)
		},
		"JOSESigner":   func(k *jwk.Key) (any, error) { v, err := k.JOSESigner(jwk.ES256); return v, noKey(err) },
		"JOSEVerifier": func(k *jwk.Key) (any, error) { v, err := k.JOSEVerifier(jwk.ES256); return v, noKey(err) },
		"KeyID":        func(k *jwk.Key) (any, error) { return k.KeyID(), nil },
		"LogValue":     func(k *jwk.Key) (any, error) { return strings.TrimPrefix(k.LogValue().String(), "no key"), nil },
		"MarshalJSON": func(k *jwk.Key) (any, error) {
			v, err := k.MarshalJSON()
			return v, noKey(err)
		},
		"MarshalYAML": func(k *jwk.Key) (any, error) {
			v, err := k.MarshalYAML()
			return v, noKey(err)
		},
		"EncryptPEM": func(k *jwk.Key) (any, error) {
			v, err := k.EncryptPEM(&jwk.EncryptOptions{Passphrase: []byte("x")})
			return v, noKey(err)
		},
		"MarshalDER":        func(k *jwk.Key) (any, error) { v, err := k.MarshalDER(); return v, noKey(err) },
		"MarshalPEM":        func(k *jwk.Key) (any, error) { v, err := k.MarshalPEM(); return v, noKey(err) },
		"MarshalPrivateDER": func(k *jwk.Key) (any, error) { v, err := k.MarshalPrivateDER(); return v, noKey(err) },
		"MarshalPrivatePEM": func(k *jwk.Key) (any, error) { v, err := k.MarshalPrivatePEM(); return v, noKey(err) },
		"VerifyCertificates": func(k *jwk.Key) (any, error) {
			v, err := k.VerifyCertificates(x509.VerifyOptions{})
			return v, noKey(err)
		},
		"MarshalPrivateJSON": func(k *jwk.Key) (any, error) { v, err := k.MarshalPrivateJSON(); return v, noKey(err) },
		"Member":             func(k *jwk.Key) (any, error) { v, ok := k.Member("kty"); return v != nil || ok, nil },
		"Members":            func(k *jwk.Key) (any, error) { return len(maps.Collect(k.Members())), nil },
		"Ops":                func(k *jwk.Key) (any, error) { return k.Ops(), nil },
		"Permits":            func(k *jwk.Key) (any, error) { return k.Permits(0) || k.Permits(jwk.OpVerify), nil },
		"PrivateKey":         func(k *jwk.Key) (any, error) { return k.PrivateKey(), nil },
		"Public":             func(k *jwk.Key) (any, error) { v, err := k.Public(); return v, noKey(err) },
		"PublicKey":          func(k *jwk.Key) (any, error) { return k.PublicKey(), nil },
		"Secret":             func(k *jwk.Key) (any, error) { v, err := k.Secret(); return v, noKey(err) },
		"Signer":             func(k *jwk.Key) (any, error) { v, err := k.Signer(); return v, noKey(err) },
		"String":             func(k *jwk.Key) (any, error) { return strings.TrimPrefix(k.String(), "no key"), nil },
		"Supports":           func(k *jwk.Key) (any, error) { return k.Supports("") || k.Supports(jwk.ES256), nil },
		"Thumbprint":         func(k *jwk.Key) (any, error) { return k.Thumbprint(), nil },
		"ThumbprintHash":     func(k *jwk.Key) (any, error) { v, err := k.ThumbprintHash(crypto.SHA256); return v, noKey(err) },
		"Type":               func(k *jwk.Key) (any, error) { return k.Type(), nil },
		"UnmarshalJSON": func(k *jwk.Key) (any, error) {
			if k == nil {
				return nil, noKey(k.UnmarshalJSON([]byte(`{"kty":"oct","k":"AA"}`)))
			}
			err := k.UnmarshalJSON([]byte("{}"))
			return *k != jwk.Key{}, noKey(err)
		},
		"UnmarshalYAML": func(k *jwk.Key) (any, error) {
			return nil, noKey(k.UnmarshalYAML(fromDecoder(map[string]any{})))
		},
		"Use": func(k *jwk.Key) (any, error) { return k.Use(), nil },
		"WithAttributes": func(k *jwk.Key) (any, error) {
			v, err := k.WithAttributes(jwk.Attributes{KeyID: "k"})
			return v, noKey(err)
		},
		"WithKeyID": func(k *jwk.Key) (any, error) { v, err := k.WithKeyID("k"); return v, noKey(err) },
	}
	typ, value := reflect.TypeFor[*jwk.Key](), reflect.TypeFor[jwk.Key]()
	if typ.NumMethod() != len(calls) {
		t.Errorf("got %d methods, want %d", typ.NumMethod(), len(calls))
	}
	for i := range typ.NumMethod() {
		name := typ.Method(i).Name
		t.Run(name, func(t *testing.T) {
			call, ok := calls[name]
			if !ok {
				t.Fatalf("calls has no row for the method %s", name)
			}
			var k jwk.Key
			got, err := call(&k)
			if err != nil {
				t.Error(err)
			}
			checkZero(t, name, got)
			if _, ofValue := value.MethodByName(name); ofValue {
				return
			}
			if got, err = call(nil); err != nil {
				t.Errorf("nil: %v", err)
			}
			checkZero(t, name+" of nil", got)
		})
	}
	if got, err := json.Marshal(jwk.Key{}); err == nil {
		t.Errorf("json.Marshal: got %s, want an error", got)
	}
	for _, verb := range []string{"%v", "%s", "%+v", "%#v"} { // fmt calls the methods of a nil *Key
		if got := fmt.Sprintf(verb, (*jwk.Key)(nil)); got != "<nil>" {
			t.Errorf("Sprintf(%s): got %s, want <nil>", verb, got)
		}
	}
}

// TestKeyRedaction: if this fails, package fmt, a logger or an encoder shows the secret of a
// key.
func TestKeyRedaction(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, _ keyKind) {
		o := fixture(t, name).with("kid", "the kid")
		secrets := secretTexts(t, o)
		k := o.key(t)
		_, _ = k.PublicKey(), k.Thumbprint()

		// The list of secrets must have texts that the output could contain.
		plain, err := k.MarshalPrivateJSON()
		if err != nil || !strings.Contains(string(plain), secrets[0]) {
			t.Fatalf("MarshalPrivateJSON: got %s, %v, want the private material in it", plain, err)
		}

		h := holder{*k, k, *k, k, *k}
		values := map[string]any{
			"*Key": k, "Key": *k, "**Key": &k,
			"struct": h, "*struct": &h, "nested": struct{ h *holder }{&h},
			"[]*Key": []*jwk.Key{k}, "[]Key": []jwk.Key{*k}, "[]any": []any{k, *k, h}, "array": [1]jwk.Key{*k},
			"map to *Key": map[string]*jwk.Key{"a": k}, "map to Key": map[string]jwk.Key{"a": *k}, "map of Keys": map[jwk.Key]int{*k: 1},
			"Attributes": k.Attributes(), "error": fmt.Errorf("about %v", k),
		}
		for what, v := range values {
			for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "% x", "%s", "%q", "%d", "%o", "%b", "%e", "%t", "%c", "%U", "%p", "%T", "%!"} {
				checkNoSecret(t, what+" "+verb, fmt.Sprintf(verb, v), secrets)
			}
			checkNoSecret(t, what+" printed", fmt.Sprintln(v), secrets)
			for kind, handler := range map[string]func(io.Writer) slog.Handler{
				"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
				"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
			} {
				var log bytes.Buffer
				slog.New(handler(&log)).With("with", v).Info("message", "key", v, slog.Group("g", "key", v))
				checkNoSecret(t, what+" in a "+kind+" log", log.String(), secrets)
			}
			for format, encode := range map[string]func(io.Writer) error{
				"gob":  func(w io.Writer) error { return gob.NewEncoder(w).Encode(v) },
				"XML":  func(w io.Writer) error { return xml.NewEncoder(w).Encode(v) },
				"JSON": func(w io.Writer) error { return json.NewEncoder(w).Encode(v) },
			} {
				var text bytes.Buffer
				err := encode(&text)
				checkNoSecret(t, what+" as "+format, text.String(), secrets)
				if err != nil {
					checkNoSecret(t, what+", the error of "+format, err.Error(), secrets)
				}
			}
		}
		for what, v := range map[string]any{"*Key": k, "Key": *k} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
				if got, want := fmt.Sprintf(verb, v), k.String(); got != want {
					t.Errorf("%s %s: got %s, want %s", what, verb, got, want)
				}
			}
			var text, js bytes.Buffer
			slog.New(slog.NewTextHandler(&text, nil)).Info("m", "key", v)
			slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "key", v)
			quoted := strconv.Quote(k.String())
			if !strings.Contains(text.String(), "key="+quoted) || !strings.Contains(js.String(), `"key":`+quoted) {
				t.Errorf("%s: got logs %s and %s, want %s", what, text.String(), js.String(), quoted)
			}
		}
		for what, v := range map[string]any{
			"Key": *k, "*Key": k, "struct by value": struct{ K jwk.Key }{*k}, "struct by pointer": struct{ K *jwk.Key }{k},
			"slice": []jwk.Key{*k}, "map": map[string]*jwk.Key{"k": k},
		} {
			if got, err := json.Marshal(v); !errors.Is(err, jwk.ErrPrivate) || got != nil {
				t.Errorf("json.Marshal of a %s: got %s, %v; want %v", what, got, err, jwk.ErrPrivate)
			}
		}
	})
}

// TestKeyErrorsAreRedacted: if this fails, the error for a malformed private member shows its
// value.
func TestKeyErrorsAreRedacted(t *testing.T) {
	eachKind(t, func(t *testing.T, name string, want keyKind) {
		o := fixture(t, name)
		secrets := secretTexts(t, o)
		for _, member := range privateNames {
			text, ok := o[member].(string)
			if !ok {
				continue
			}
			swapped := text[:len(text)-2] + "AA"
			for what, value := range map[string]any{
				"padded": text + "=", "line break": text[:20] + "\n" + text[20:], "foreign octet": text[:20] + "\u00e9" + text[20:],
				"long": text + "AAAA", "short": text[:len(text)-4], "altered": swapped, "array": []string{text}, "object": object{text: text},
				"leading zeros": "AAAA" + text,
			} {
				for mode, p := range map[string]*jwk.Parser{"strict": {}, "lenient": {Lenient: true}, "public only": {PublicOnly: true}} {
					k, err := p.Parse(o.with(member, value).json(t))
					if err == nil {
						if want.typ == jwk.Oct || p.Lenient {
							continue // for oct another secret, for Lenient a text that it repairs
						}
						t.Errorf("%s %s, %s: got %v, want an error", member, what, mode, k)
						continue
					}
					checkNoSecret(t, member+" "+what+", "+mode, fmt.Sprintf("%v %+v %#v", err, err, err), secrets)
				}
			}
		}
	})
}

// TestKeyString: if this fails, String writes control characters or a long kid into a log, or
// the thumbprint of a symmetric key.
func TestKeyString(t *testing.T) {
	thumb := public(t, "P-256").key(t).Thumbprint().String()
	for _, test := range []struct {
		name string
		o    object
		want string
	}{
		{"public", public(t, "P-256"), "EC P-256 public thumbprint " + thumb},
		{"private", fixture(t, "P-256"), "EC P-256 private thumbprint " + thumb},
		{"attributes", public(t, "P-256").with("kid", "k1", "use", "sig", "key_ops", []string{"verify"}, "alg", "ES256"),
			`EC P-256 public kid "k1" use sig key_ops [verify] alg ES256 thumbprint ` + thumb},
		{"RSA", public(t, "RSA-3072"), "RSA 3072 public thumbprint " + public(t, "RSA-3072").key(t).Thumbprint().String()},
		// The thumbprint confirms a guess at the secret (RFC 7638, Section 7).
		{"S04 oct", fixture(t, "oct-256").with("alg", "HS256"), "oct 256 secret alg HS256"},
		{"M05 kid with escapes", public(t, "P-256").with("kid", "\u001b[31m\n\u202e"), `EC P-256 public kid "\x1b[31m\n\u202e" thumbprint ` + thumb},
		{"M05 kid with NUL", public(t, "P-256").with("kid", "a\x00b"), `EC P-256 public kid "a\x00b" thumbprint ` + thumb},
		{"M05 kid of 513 octets", public(t, "P-256").with("kid", strings.Repeat("k", 513)), `EC P-256 public kid "` + strings.Repeat("k", 64) + `"... thumbprint ` + thumb},
		{"M05 kid cut within a character", public(t, "P-256").with("kid", "x"+strings.Repeat("é", 64)), `EC P-256 public kid "x` + strings.Repeat("é", 31) + `"... thumbprint ` + thumb},
		{"kid empty", public(t, "P-256").with("kid", ""), `EC P-256 public kid "" thumbprint ` + thumb},
		{"unknown use and alg", public(t, "P-256").with("use", "a\nb", "alg", "\u001b"), `EC P-256 public use "a\nb" alg "\x1b" thumbprint ` + thumb},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := test.o.key(t)
			if got := k.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if kid, ok := test.o["kid"].(string); ok && k.KeyID() != kid {
				t.Errorf("kid: got %q, want %q", k.KeyID(), kid)
			}
		})
	}
}

// TestFixtures: if this fails, a key in testdata/keys.json is missing from fixtureNames, and no
// test reads it.
func TestFixtures(t *testing.T) {
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]jsontext.Value
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(all)), slices.Sorted(slices.Values(fixtureNames)); !slices.Equal(got, want) {
		t.Errorf("got fixtures %v, want %v", got, want)
	}
}
