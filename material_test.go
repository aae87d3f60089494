package jwk

import (
	"bytes"
	"crypto"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
)

const (
	toyType KeyType   = "TOY"
	toyAlg  Algorithm = "TOY-12" // valid base64url with stray bits, which Lenient must not repair
)

// toyKind is the row of a key type that this package does not have. Its public half is the private
// half with all bits inverted, and alg is part of its material.
var toyKind = &kindRow{
	kind: &kind{
		kty:     toyType,
		public:  1<<mAlg | 1<<mPub,
		private: 1 << mPriv,
		ops:     OpSign | OpVerify,
	},
	family:       toyFamily{},
	privateForms: []any{toyPrivate("")},
}

type toyFamily struct{}

func (toyFamily) read(k *kind, m *members, _ limits) (material, error) {
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
}

func (toyFamily) write(k *kind, w *writer, key any) (bool, error) {
	priv, ok := key.(toyPrivate)
	if !ok {
		return false, nil
	}
	w.str("kty", string(toyType))
	w.str("alg", string(toyAlg))
	w.octets("pub", turned([]byte(priv)))
	w.octets("priv", []byte(priv))
	return true, nil
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
func (k *toyKey) boundTo(m *members) material {
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

// addRow adds a row to the table of kinds, and one to the table of algorithms, for one test.
func addRow(t *testing.T, row *kindRow, spec algSpec) {
	t.Helper()
	before := kinds
	kinds = append(before[:len(before):len(before)], row)
	last := &algSpecs[len(algSpecs)-1] // replaced, because the table is an array
	replaced := *last
	*last = spec
	t.Cleanup(func() { kinds, *last = before, replaced })
}

// TestOneMoreRow adds a key type by one row in each of two tables. If it fails, a new key type
// needs changes elsewhere, too.
func TestOneMoreRow(t *testing.T) {
	addRow(t, toyKind, algSpec{alg: toyAlg, use: UseSig, kty: toyType})
	if k, err := Generate(toyAlg, nil); k != nil || !errors.Is(err, ErrUnsupported) {
		t.Errorf("Generate: got %v, %v, want %v: newGoKey has no case for it", k, err, ErrUnsupported)
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
	if err != nil || !again.Equal(k) || new(normalizer).normalize(again.text()) != new(normalizer).normalize(k.text()) {
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

	// Lenient removes attributes that are null, but not material.
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

const mlkemAlg Algorithm = "ML-KEM-768"

// mlkemKind is the row of a further kind of AKP key. alg selects it.
var mlkemKind = &kindRow{
	kind: &kind{
		kty:       AKP,
		alg:       mlkemAlg,
		public:    1<<mAlg | 1<<mPub,
		private:   1 << mPriv,
		ops:       OpDeriveKey | OpDeriveBits,
		noDER:     true,
		draftSeed: draftSeedName,
	},
	family:       mlkemFamily{},
	privateForms: []any{(*mlkem.DecapsulationKey768)(nil)},
}

type mlkemFamily struct{}

func (mlkemFamily) read(k *kind, m *members, _ limits) (material, error) {
	text, pub, err := m.appendSized(nil, mPub, mlkem.EncapsulationKeySize768, k)
	if err != nil {
		return nil, err
	}
	if _, err := mlkem.NewEncapsulationKey768(pub); err != nil {
		return nil, m.errorf(mPub, ErrInvalid, "not an encapsulation key")
	}
	if !m.has(mPriv) {
		return &mlkemKey{text, nil}, nil
	}
	_, seed, err := m.appendSized(nil, mPriv, mlkem.SeedSize, k)
	if err != nil {
		return nil, err
	}
	key, err := mlkem.NewDecapsulationKey768(seed)
	if err != nil || !bytes.Equal(key.EncapsulationKey().Bytes(), pub) {
		return nil, m.errorf(mPriv, ErrInvalid, "does not belong to pub")
	}
	return &mlkemKey{text, key}, nil
}

func (mlkemFamily) write(k *kind, w *writer, key any) (bool, error) {
	switch key := key.(type) {
	case *mlkem.EncapsulationKey768:
		writeAKP(k, w, key.Bytes(), nil)
	case *mlkem.DecapsulationKey768:
		writeAKP(k, w, key.EncapsulationKey().Bytes(), key.Bytes())
	default:
		return false, nil
	}
	return true, nil
}

type mlkemKey struct {
	pub  string
	priv *mlkem.DecapsulationKey768
}

func (k *mlkemKey) bits() int { return 0 }
func (k *mlkemKey) public() crypto.PublicKey {
	octets, _ := decode64(nil, []byte(k.pub))
	key, _ := mlkem.NewEncapsulationKey768(octets)
	return key
}
func (k *mlkemKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}
func (k *mlkemKey) boundTo(m *members) material {
	next := &mlkemKey{pub: m.text(mPub)}
	if m.has(mPriv) {
		next.priv = k.priv
	}
	return next
}
func (k *mlkemKey) forms() iter.Seq[any] { return noForms }
func (k *mlkemKey) canonical() (a, b, c, d string) {
	return `{"alg":"`, string(mlkemAlg), `","kty":"AKP","pub":"`, k.pub
}
func (k *mlkemKey) certified(*publicKeyInfo) bool { return false }
func (k *mlkemKey) spki() publicKeyInfo           { return publicKeyInfo{} }
func (k *mlkemKey) pkcs8() privateKeyInfo         { return privateKeyInfo{} }

// TestOneMoreAKPRow adds ML-KEM-768 by one row, beside the AKP rows for ML-DSA. If it fails, a new
// kind of AKP key needs changes elsewhere, too, or ML-DSA keys change by it.
func TestOneMoreAKPRow(t *testing.T) {
	goKey, err := mlkem.NewDecapsulationKey768(bytes.Repeat([]byte{7}, mlkem.SeedSize))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := New(goKey, nil); k != nil || !errors.Is(err, ErrUnsupported) {
		t.Errorf("New without the row: got %v, %v, want %v", k, err, ErrUnsupported)
	}
	addRow(t, mlkemKind, algSpec{alg: mlkemAlg, use: UseEnc, kty: AKP})

	if k, err := Generate(mlkemAlg, nil); k != nil || !errors.Is(err, ErrUnsupported) {
		t.Errorf("Generate: got %v, %v, want %v: newGoKey has no case for it", k, err, ErrUnsupported)
	}
	for _, alg := range []Algorithm{MLDSA44, MLDSA65, MLDSA87} {
		if k, err := Generate(alg, nil); err != nil || k.Algorithm() != alg {
			t.Errorf("Generate(%s): got %v, %v, want a key", alg, k, err)
		}
	}
	k, err := New(goKey, &Attributes{KeyID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if k.Type() != AKP || k.Algorithm() != mlkemAlg || !k.IsPrivate() || !k.Supports(mlkemAlg) || k.Supports(MLDSA65) {
		t.Errorf("New: got %v, want a private key for %s", k, mlkemAlg)
	}
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err := Parse(text); err != nil || !parsed.Equal(k) {
		t.Errorf("Parse: got %v, %v, want %v", parsed, err, k)
	}
	if got, err := As[*mlkem.DecapsulationKey768](k); err != nil || got != k.PrivateKey() {
		t.Errorf("As: got %v, %v, want the private key", got, err)
	}
	public, err := k.Public()
	if err != nil || public.IsPrivate() || public.Algorithm() != mlkemAlg {
		t.Fatalf("Public: got %v, %v, want a public key", public, err)
	}
	if _, err := As[*mlkem.DecapsulationKey768](public); !errors.Is(err, ErrPrivate) {
		t.Errorf("As of the public key: got %v, want %v", err, ErrPrivate)
	}
	pub := encode64(goKey.EncapsulationKey().Bytes())
	sum := sha256.Sum256([]byte(`{"alg":"ML-KEM-768","kty":"AKP","pub":"` + pub + `"}`))
	if k.Thumbprint() != sum || public.Thumbprint() != sum {
		t.Errorf("Thumbprint: got %v and %v, want %x", k.Thumbprint(), public.Thumbprint(), sum)
	}

	// A set with keys of both algorithms.
	signing, err := Generate(MLDSA44, nil)
	if err != nil {
		t.Fatal(err)
	}
	verifying, err := signing.Public()
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(NewSet(verifying, public))
	if err != nil {
		t.Fatal(err)
	}
	set, err := (&Parser{PublicOnly: true}).ParseSet(written)
	if err != nil || set.Len() != 2 {
		t.Fatalf("ParseSet: got %v, %v, want two keys", set, err)
	}
	if got, ok := set.Lookup("1"); !ok || !got.Equal(public) {
		t.Errorf("Lookup: got %v, want %v", got, public)
	}
	for alg, want := range map[Algorithm]*Key{mlkemAlg: public, MLDSA44: verifying} {
		if got, err := set.Find(t.Context(), Query{Algorithm: alg, Type: AKP}); err != nil || !got.Equal(want) {
			t.Errorf("Find(%s): got %v, %v, want %v", alg, got, err, want)
		}
	}

	// Refused, and repaired.
	for text, want := range map[string]error{
		`{"kty":"AKP","alg":"ML-KEM-512","pub":"` + pub + `"}`:               ErrUnsupported,
		`{"kty":"AKP","alg":"ML-DSA-44","pub":"` + pub + `"}`:                ErrInvalid,
		`{"kty":"AKP","pub":"` + pub + `"}`:                                  ErrInvalid,
		`{"kty":"AKP","alg":"ML-KEM-768","pub":"` + pub + `","seed":"AAAA"}`: ErrInvalid,
		`{"kty":"AKP","alg":"ML-KEM-768","pub":"` + pub + `","d":"AAAA"}`:    ErrInvalid,
		`{"kty":"AKP","alg":"ML-KEM-512","pub":"` + pub + `","d":"AAAA"}`:    ErrUnsupported, // alg selects the row
		`{"kty":"AKP","alg":"ML-KEM-512","pub":"` + pub + `","seed":"AAAA"}`: ErrUnsupported,
		`{"kty":"AKP","alg":"ML-KEM-768","pub":"` + pub + `","use":"sig"}`:   ErrInvalid,
	} {
		if k, err := Parse([]byte(text)); k != nil || !errors.Is(err, want) {
			t.Errorf("Parse(%s...): got %v, %v, want %v", text[:40], k, err, want)
		}
	}
	for _, text := range []string{
		string(text),
		`{"kty":"AKP","alg":"ML-KEM-512","pub":"` + pub + `","d":"AAAA"}`,
		`{"kty":"AKP","alg":"ML-KEM-512","pub":"` + pub + `","seed":"AAAA"}`,
	} {
		if k, err := (&Parser{PublicOnly: true}).Parse([]byte(text)); k != nil || !errors.Is(err, ErrPrivate) {
			t.Errorf("PublicOnly, %s...: got %v, %v, want %v", text[:40], k, err, ErrPrivate)
		}
	}
	if got := k.meets(specOf(MLDSA44)); got != kindDiffers {
		t.Errorf("meets(ML-DSA-44): got %v, want %v", got, kindDiffers)
	}
	var w writer
	if err := writePKCS8(mlkemKind, &w, privateKeyInfo{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("writePKCS8: got %v, want %v", err, ErrUnsupported)
	}
	lenient := &Parser{Lenient: true}
	seed := encode64(goKey.Bytes())
	loose := strings.ReplaceAll(string(text), seed, seed+"==")
	if got, err := lenient.Parse([]byte(loose)); err != nil || !got.Equal(k) {
		t.Errorf("Lenient: got %v, %v, want %v", got, err, k)
	}
	if k, err := lenient.Parse([]byte(`{"kty":"AKP","alg":null,"pub":"` + pub + `"}`)); k != nil || !errors.Is(err, ErrSyntax) {
		t.Errorf("Lenient, alg null: got %v, %v, want %v", k, err, ErrSyntax)
	}
}
