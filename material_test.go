package jwk

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"testing"
)

const (
	toyType KeyType   = "TOY"
	toyAlg  Algorithm = "TOY-12" // which base64url would read, and find bits astray
)

// toyKind is a key type that this package does not have: alg is material, the
// public half is the private one with its bits turned. A kind of key is what
// this file says of one, and a row of the table.
var toyKind = kindRow{
	kind: kind{
		kty:     toyType,
		public:  setOf(mAlg, mPub),
		private: setOf(mPriv),
		ops:     OpSign | OpVerify,
	},
	read: func(k *kind, m *members, _ limits) (material, error) {
		alg, err := m.str(mAlg)
		if err != nil {
			return nil, err
		}
		if alg != string(toyAlg) {
			return nil, m.errorf(mAlg, ErrUnsupported, "want %s", toyAlg)
		}
		pub, octets, err := m.appendSized(nil, mPub, 4, k)
		if err != nil || !m.has(mPriv) {
			return &toyKey{pub: pub}, err
		}
		_, priv, err := m.appendSized(nil, mPriv, 4, k)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(turned(priv), octets) {
			return nil, m.errorf(mPriv, ErrInvalid, "does not belong to pub")
		}
		return &toyKey{pub, priv}, nil
	},
	write: func(k *kind, w *writer, key any) (bool, error) {
		priv, ok := key.(toyPrivate)
		if !ok {
			return false, nil
		}
		w.str("kty", string(toyType))
		w.str("alg", string(toyAlg))
		w.octets("pub", turned([]byte(priv)))
		w.octets("priv", []byte(priv))
		return true, nil
	},
	privateForms: []any{toyPrivate("")},
}

type (
	toyKey struct {
		pub  string
		priv []byte
	}
	toyPrivate string
	toyPublic  string
)

func turned(b []byte) []byte {
	b = bytes.Clone(b)
	for i := range b {
		b[i] = ^b[i]
	}
	return b
}

func (k *toyKey) bits() int                { return 0 }
func (k *toyKey) public() crypto.PublicKey { return toyPublic(k.pub) }
func (k *toyKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return toyPrivate(k.priv)
}
func (k *toyKey) moved(m *members) material {
	next := &toyKey{pub: m.text(mPub)}
	if m.has(mPriv) {
		next.priv = k.priv
	}
	return next
}
func (k *toyKey) forms() iter.Seq[any] { return noForms }
func (k *toyKey) canonical() (a, b, c, d string) {
	return `{"alg":"`, string(toyAlg), `","kty":"TOY","pub":"`, k.pub
}
func (k *toyKey) certified(*publicKeyInfo) bool { return false }
func (k *toyKey) spki() publicKeyInfo           { return publicKeyInfo{} }
func (k *toyKey) pkcs8() privateKeyInfo         { return privateKeyInfo{} }

// TestOneMoreRow adds a row to the table of key types, and one to that of
// algorithms, and finds the key type at every door.
func TestOneMoreRow(t *testing.T) {
	before := kinds
	kinds = append(before[:len(before):len(before)], &toyKind)
	last := &algSpecs[len(algSpecs)-1] // makes room
	spec := *last
	*last = algSpec{alg: toyAlg, use: UseSig, kty: toyType}
	t.Cleanup(func() { kinds, *last = before, spec })

	if k, err := Generate(toyAlg, nil); k != nil || !errors.Is(err, ErrUnsupported) {
		t.Errorf("Generate: got %v, %v, want %v: fresh.go knows how keys are made", k, err, ErrUnsupported)
	}
	k, err := New(toyPrivate("abcd"), &Attributes{KeyID: "OE0p3k3adV4Ip47rYWg2lxT4Pfm7fCeWOww5geUKwQE", Use: UseSig})
	if err != nil {
		t.Fatal(err)
	}
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"use":"sig","kty":"TOY","kid":"OE0p3k3adV4Ip47rYWg2lxT4Pfm7fCeWOww5geUKwQE","alg":"TOY-12","pub":"np2cmw","priv":"YWJjZA"}`
	if string(text) != want {
		t.Errorf("New: got %s, want %s", text, want)
	}
	again, err := k.WithAttributes(k.Attributes())
	if err != nil || !again.Equal(k) || new(normalizer).normal(again.text()) != new(normalizer).normal(k.text()) {
		t.Errorf("WithAttributes: got %v, %v, want %v", again, err, k)
	}
	if a := k.Attributes(); a.Algorithm != toyAlg || a.Extra != nil {
		t.Errorf("Attributes: got %+v, want alg %s", a, toyAlg)
	}
	if _, err := New(toyPrivate("efgh"), &Attributes{Algorithm: MLDSA65}); !errors.Is(err, ErrInvalid) {
		t.Errorf("New for another algorithm: got %v, want %v", err, ErrInvalid)
	}
	public, err := k.Public()
	if err != nil || public.IsPrivate() || public.Thumbprint() != k.Thumbprint() || public.Algorithm() != toyAlg {
		t.Fatalf("Public: got %v, %v", public, err)
	}
	if _, err := As[toyPrivate](public); !errors.Is(err, ErrPrivate) {
		t.Errorf("As[toyPrivate] of the public key: got %v, want %v", err, ErrPrivate)
	}
	if got, err := As[toyPrivate](k); err != nil || got != "abcd" {
		t.Errorf("As[toyPrivate]: got %q, %v, want abcd", got, err)
	}
	set, err := json.Marshal(NewSet(public))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := (&Parser{PublicOnly: true}).ParseSet(set)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parsed.Find(t.Context(), Query{Algorithm: toyAlg, Ops: OpVerify, Type: toyType}); err != nil || !got.Equal(public) {
		t.Errorf("Find: got %v, %v, want %v", got, err, public)
	}

	// What is material may not be null, however lenient the reader.
	lenient := &Parser{Lenient: true}
	for _, text := range []string{
		`{"kty":"TOY","alg":null,"pub":"np2cmw"}`,
		`{"kty":"TOY","alg":"TOY-12","pub":null}`,
	} {
		if k, err := lenient.Parse([]byte(text)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: got %v, %v, want %v", text, k, err, ErrSyntax)
		}
	}
	if k, err := lenient.Parse([]byte(`{"kty":"TOY","alg":"TOY-12","pub":"np2cmw=="}`)); err != nil || !k.Equal(public) {
		t.Errorf("padding: got %v, %v, want %v", k, err, public)
	}
	if _, err := Parse([]byte(`{"kty":"TOY","alg":"TOY-12","pub":"np2cmw","d":"AQ"}`)); !errors.Is(err, ErrInvalid) {
		t.Errorf("d: got %v, want %v", err, ErrInvalid)
	}
	// SHA-256 of {"alg":"TOY-12","kty":"TOY","pub":"np2cmw"}.
	if sum := k.Thumbprint(); hex.EncodeToString(sum[:4]) != "384d29de" {
		t.Errorf("thumbprint: got %x", sum)
	}
}
