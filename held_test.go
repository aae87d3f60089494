package jwk_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"testing"

	"github.com/cloudflare/circl/sign/ed448"
	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A vault is a crypto.Signer like the client of a KMS or HSM. Its PIN must not appear in any
// output.
type vault struct {
	pin    string
	signer crypto.Signer
	fail   error
	bend   func(signature []byte) []byte // changes signatures, as a fault would
	asked  []crypto.SignerOpts
}

const vaultPIN = "correct-horse-battery-staple-4711"

func (v *vault) Public() crypto.PublicKey { return v.signer.Public() }

func (v *vault) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	v.asked = append(v.asked, opts)
	if v.fail != nil {
		return nil, v.fail
	}
	signature, err := v.signer.Sign(rand, digest, opts)
	if err == nil && v.bend != nil {
		signature = v.bend(signature)
	}
	return signature, err
}

// A safe is a crypto.Decrypter that does not sign.
type safe struct {
	pin   string
	key   *rsa.PrivateKey
	fail  error
	plain []byte // returned instead of the right text
	asked []crypto.DecrypterOpts
}

func (s *safe) Public() crypto.PublicKey { return &s.key.PublicKey }

func (s *safe) Decrypt(rand io.Reader, text []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	s.asked = append(s.asked, opts)
	if s.fail != nil {
		return nil, s.fail
	}
	if s.plain != nil {
		return s.plain, nil
	}
	return s.key.Decrypt(rand, text, opts)
}

// A machine signs and decrypts.
type machine struct {
	*vault
	*safe
}

func (m machine) Public() crypto.PublicKey { return m.vault.Public() }

func newVault(t testing.TB, name string) *vault {
	return &vault{pin: vaultPIN, signer: signerOf(t, name)}
}

func newSafe(t testing.TB, name string) *safe {
	return &safe{pin: vaultPIN, key: must[*rsa.PrivateKey](t)(jwk.As[*rsa.PrivateKey](fixture(t, name).key(t)))}
}

func heldKey(t testing.TB, holder any, attrs *jwk.Attributes) *jwk.Key {
	t.Helper()
	k, err := jwk.New(holder, attrs)
	if err != nil {
		t.Fatalf("New(%T): %v", holder, err)
	}
	return k
}

// heldSigners are the fixtures that sign, each with its algorithms.
var heldSigners = []struct {
	name string
	algs []jwk.Algorithm
}{
	{"RSA-2048", []jwk.Algorithm{jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512}},
	{"P-256", []jwk.Algorithm{jwk.ES256}},
	{"P-384", []jwk.Algorithm{jwk.ES384}},
	{"P-521", []jwk.Algorithm{jwk.ES512}},
	{"secp256k1", []jwk.Algorithm{jwk.ES256K}},
	{"Ed25519", []jwk.Algorithm{jwk.EdDSA, jwk.Ed25519}},
	{"Ed448", []jwk.Algorithm{jwk.EdDSA, jwk.Ed448}},
	{"ML-DSA-44", []jwk.Algorithm{jwk.MLDSA44}},
	{"ML-DSA-87", []jwk.Algorithm{jwk.MLDSA87}},
}

// TestHeldElsewhere checks that a key in a KMS or on a YubiKey, which is a crypto.Signer of some
// other type (lestrrat-go/jwx#556, crewjam/saml#657), signs with every algorithm. For everything
// else the key must be its public half.
func TestHeldElsewhere(t *testing.T) {
	for _, tt := range heldSigners {
		for _, alg := range tt.algs {
			t.Run(tt.name+" "+string(alg), func(t *testing.T) {
				holder := newVault(t, tt.name)
				attrs := &jwk.Attributes{KeyID: "kms-1", Algorithm: alg, Use: jwk.UseSig}
				k := heldKey(t, holder, attrs)
				half := heldKey(t, holder.Public(), attrs)
				checkHeld(t, k, half, holder)
				token := signedJWS(t, alg, joseSigner(t, k, alg))
				checkVerifies(t, alg, token, half)
				other, err := k.WithKeyID("kms-2")
				if err != nil {
					t.Fatal(err)
				}
				checkVerifies(t, alg, signedJWS(t, alg, joseSigner(t, other, alg)), half)
				if len(holder.asked) == 0 {
					t.Error("the holder was not asked")
				}
			})
		}
	}
}

func checkVerifies(t *testing.T, alg jwk.Algorithm, token string, half *jwk.Key) {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := jws.Verify(joseVerifier(t, half, alg)); err != nil || string(payload) != joseText {
		t.Errorf("got %s, %v, want %s", payload, err, joseText)
	}
}

// checkHeld checks that k is a key whose private half is held elsewhere, and that half is its
// public half.
func checkHeld(t *testing.T, k, half *jwk.Key, holder *vault) {
	t.Helper()
	if k.IsPrivate() || k.PrivateKey() != nil || !k.Permits(jwk.OpSign) || !k.Permits(jwk.OpVerify) || k.Permits(jwk.OpDecrypt) {
		t.Errorf("IsPrivate, PrivateKey, Permits: got %v, %v, %v, %v, %v", k.IsPrivate(), k.PrivateKey(), k.Permits(jwk.OpSign), k.Permits(jwk.OpVerify), k.Permits(jwk.OpDecrypt))
	}
	if !k.Equal(half) || k.Thumbprint() != half.Thumbprint() {
		t.Errorf("got %v, want the material of %v", k, half)
	}
	if got, want := k.String(), strings.Replace(half.String(), " public", " public, private half held elsewhere,", 1); got != want {
		t.Errorf("String: got %s, want %s", got, want)
	}
	text, err := k.MarshalJSON()
	if want := string(privateKeyText(t, half)); err != nil || string(text) != want {
		t.Errorf("MarshalJSON: got %s, %v, want %s", text, err, want)
	}
	if der, err := k.MarshalDER(); err != nil || len(der) == 0 {
		t.Errorf("MarshalDER: got %x, %v", der, err)
	}

	signer, err := k.Signer()
	if err != nil || signer != crypto.Signer(holder) {
		t.Errorf("Signer: got %T, %v, want the holder", signer, err)
	}
	if s, err := jwk.As[crypto.Signer](k); err != nil || s != signer {
		t.Errorf("As[crypto.Signer]: got %T, %v, want the holder", s, err)
	}
	if s, err := jwk.As[*vault](k); err != nil || s != holder {
		t.Errorf("As[*vault]: got %T, %v, want the holder", s, err)
	}
	if s, err := jwk.As[any](k); err != nil || s != any(holder) {
		t.Errorf("As[any]: got %T, %v, want the holder", s, err)
	}
	if p, err := jwk.As[crypto.PublicKey](k); err != nil || fmt.Sprint(p) != fmt.Sprint(half.PublicKey()) || fmt.Sprint(k.PublicKey()) != fmt.Sprint(p) {
		t.Errorf("As[crypto.PublicKey]: got %v, %v, want %v", p, err, half.PublicKey())
	}
	_, err = jwk.As[crypto.PrivateKey](k)
	checkError(t, err, jwk.ErrPrivate, "")
	_, err = k.Secret()
	checkError(t, err, jwk.ErrUnsupported, "")
	for what, marshal := range map[string]func() ([]byte, error){
		"MarshalPrivateJSON": k.MarshalPrivateJSON, "MarshalPrivateDER": k.MarshalPrivateDER, "MarshalPrivatePEM": k.MarshalPrivatePEM,
		"Encrypt":    func() ([]byte, error) { return k.Encrypt(&jwk.EncryptOptions{Passphrase: []byte("x")}) },
		"EncryptPEM": func() ([]byte, error) { return k.EncryptPEM(&jwk.EncryptOptions{Passphrase: []byte("x")}) },
		"the set's": func() ([]byte, error) {
			return jwk.NewSet(half, k).Encrypt(&jwk.EncryptOptions{Passphrase: []byte("x")})
		},
	} {
		text, err := marshal()
		if text != nil {
			t.Errorf("%s: got %s beside the error", what, text)
		}
		path := ""
		if what == "the set's" {
			path = "/keys/1"
		}
		checkError(t, err, jwk.ErrPrivate, path)
	}

	for what, made := range map[string]func() (*jwk.Key, error){
		"WithAttributes": func() (*jwk.Key, error) { return k.WithAttributes(jwk.Attributes{KeyID: k.KeyID()}) },
		"WithKeyID":      func() (*jwk.Key, error) { return k.WithKeyID(k.KeyID()) },
		"Find": func() (*jwk.Key, error) {
			return jwk.NewSet().With(half, k).Find(t.Context(), jwk.Query{KeyID: k.KeyID(), Ops: jwk.OpSign})
		},
	} {
		got, err := made()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if s, err := got.Signer(); err != nil || s != signer {
			t.Errorf("%s: got %T, %v, want the holder", what, s, err)
		}
	}
	public, err := k.Public()
	if err != nil || public.Permits(jwk.OpSign) || public.String() != half.String() {
		t.Errorf("Public: got %v, %v, want %v", public, err, half)
	}
	_, err = public.Signer()
	checkError(t, err, jwk.ErrPrivate, "")
	if published := jwk.NewSet(k).Public(); published.At(0).Permits(jwk.OpSign) {
		t.Errorf("Set.Public: got %v, which signs", published)
	}
	if text, err := jwk.NewSet(k).MarshalJSON(); err != nil || string(text) != setOf(string(privateKeyText(t, half))) {
		t.Errorf("Set.MarshalJSON: got %s, %v", text, err)
	}
}

// TestHeldInSets checks that queries find a held key by the operations of its holder, but not as a
// private key, in sets with and without an index.
func TestHeldInSets(t *testing.T) {
	held := heldKey(t, newVault(t, "Ed25519"), nil)
	for _, n := range []int{1, 40} {
		var keys []*jwk.Key
		for range n {
			keys = append(keys, public(t, "Ed25519").key(t))
		}
		s := jwk.NewSet(append(keys, held)...)
		for _, tt := range []struct {
			q    jwk.Query
			want *jwk.Key
		}{
			{jwk.Query{Ops: jwk.OpSign}, held}, {jwk.Query{Ops: jwk.OpSign, Algorithm: jwk.EdDSA}, held},
			{jwk.Query{Ops: jwk.OpVerify}, keys[0]}, {jwk.Query{Private: true}, nil}, {jwk.Query{Private: true, Ops: jwk.OpSign}, nil},
		} {
			got, err := s.Find(context.Background(), tt.q)
			if got != tt.want && !(got != nil && tt.want != nil && got.String() == tt.want.String()) {
				t.Errorf("%d keys, Find(%+v): got %v, %v, want %v", n, tt.q, got, err, tt.want)
			}
		}
	}
	_, err := jwk.NewSet(heldKey(t, newVault(t, "RSA-2048"), nil)).Find(t.Context(), jwk.Query{Ops: jwk.OpDecrypt})
	if !errors.Is(err, jwk.ErrNotFound) || !strings.Contains(err.Error(), "its private half is held elsewhere, for sign") {
		t.Errorf("got %v, want what the holder does", err)
	}
}

// TestHeldPermits checks that use, key_ops and alg restrict the operations of the holder.
func TestHeldPermits(t *testing.T) {
	both := machine{newVault(t, "RSA-2048"), newSafe(t, "RSA-2048")}
	for _, tt := range []struct {
		name   string
		holder any
		attrs  jwk.Attributes
		want   jwk.Ops
	}{
		{"a signer", both.vault, jwk.Attributes{}, jwk.OpSign},
		{"a decrypter", both.safe, jwk.Attributes{}, jwk.OpDecrypt | jwk.OpUnwrapKey},
		{"both", both, jwk.Attributes{}, jwk.OpSign | jwk.OpDecrypt | jwk.OpUnwrapKey},
		{"both, for signatures", both, jwk.Attributes{Use: jwk.UseSig}, jwk.OpSign},
		{"both, to unwrap", both, jwk.Attributes{Ops: jwk.OpUnwrapKey}, jwk.OpUnwrapKey},
		{"both, by alg", both, jwk.Attributes{Algorithm: jwk.RSAOAEP}, jwk.OpDecrypt | jwk.OpUnwrapKey},
		{"a signer, to verify", both.vault, jwk.Attributes{Ops: jwk.OpVerify}, 0},
		{"a signer, for encryption", both.vault, jwk.Attributes{Use: jwk.UseEnc}, 0},
	} {
		k := heldKey(t, tt.holder, &tt.attrs)
		for _, op := range []jwk.Ops{jwk.OpSign, jwk.OpDecrypt, jwk.OpUnwrapKey} {
			if got := k.Permits(op); got != (tt.want&op != 0) {
				t.Errorf("%s: Permits(%v): got %v", tt.name, op, got)
			}
		}
	}
}

// An ecSafe is a crypto.Decrypter with an EC key. No algorithm of JOSE can use it.
type ecSafe struct{ public crypto.PublicKey }

func (s ecSafe) Public() crypto.PublicKey { return s.public }

func (s ecSafe) Decrypt(io.Reader, []byte, crypto.DecrypterOpts) ([]byte, error) {
	return nil, errors.New("never asked")
}

// An ecMachine is an ecSafe that is a crypto.Signer too.
type ecMachine struct {
	*vault
	safe ecSafe
}

func (m ecMachine) Decrypt(rand io.Reader, message []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	return m.safe.Decrypt(rand, message, opts)
}

// TestHeldDecrypterOfEC checks that a crypto.Decrypter with an EC key is refused, and that such a
// key can only sign if its holder is a crypto.Signer too.
func TestHeldDecrypterOfEC(t *testing.T) {
	_, err := jwk.New(ecSafe{public(t, "P-256").key(t).PublicKey()}, nil)
	checkError(t, err, jwk.ErrUnsupported, "")
	signer := newVault(t, "P-256")
	k := heldKey(t, ecMachine{signer, ecSafe{signer.Public()}}, nil)
	if !k.Permits(jwk.OpSign) || k.Permits(jwk.OpDecrypt) || k.Permits(jwk.OpUnwrapKey) {
		t.Errorf("got permits of %v, want sign and neither decrypt nor unwrapKey", k)
	}
}

// TestHeldIsPublished checks that encoding/json writes the public half of a key that is held
// elsewhere, also in a set. Its key_ops must be the operations of a verifier, or clients cannot
// use it.
func TestHeldIsPublished(t *testing.T) {
	k := heldKey(t, newVault(t, "P-256"), &jwk.Attributes{KeyID: "a", Ops: jwk.OpSign})
	named := must[*jwk.Key](t)(k.WithKeyID("b"))
	for _, k := range []*jwk.Key{k, named} {
		half := must[*jwk.Key](t)(k.Public())
		want := string(must[[]byte](t)(half.MarshalJSON()))
		if got := string(must[[]byte](t)(k.MarshalJSON())); got != want || !strings.Contains(got, `"key_ops":["verify"]`) {
			t.Errorf("MarshalJSON: got %s, want %s", got, want)
		}
		if got := string(must[[]byte](t)(jwk.NewSet(k).MarshalJSON())); got != `{"keys":[`+want+`]}` {
			t.Errorf("MarshalJSON of a set: got %s, want %s", got, want)
		}
		if !k.Permits(jwk.OpSign) {
			t.Errorf("Permits(OpSign) of %v: got false", k)
		}
		read := must[*jwk.Key](t)(jwk.Parse([]byte(want)))
		if !read.Permits(jwk.OpVerify) {
			t.Errorf("Permits(OpVerify) of what was published, %s: got false", want)
		}
	}
}

// TestHeldSignerOptions checks that a holder gets the options that crypto/rsa, crypto/ecdsa and
// crypto/ed25519 get, because clients of a KMS expect these.
func TestHeldSignerOptions(t *testing.T) {
	for _, tt := range []struct {
		name string
		alg  jwk.Algorithm
		want crypto.SignerOpts
	}{
		{"RSA-2048", jwk.RS256, crypto.SHA256}, {"P-384", jwk.ES384, crypto.SHA384}, {"Ed25519", jwk.EdDSA, crypto.Hash(0)}, {"Ed25519", jwk.Ed25519, crypto.Hash(0)},
	} {
		v := newVault(t, tt.name)
		signedJWS(t, tt.alg, joseSigner(t, heldKey(t, v, nil), tt.alg))
		if len(v.asked) != 1 || v.asked[0] != tt.want {
			t.Errorf("%s: got %v, want %v", tt.alg, v.asked, tt.want)
		}
	}
	v := newVault(t, "RSA-2048")
	signedJWS(t, jwk.PS384, joseSigner(t, heldKey(t, v, nil), jwk.PS384))
	if opts, ok := v.asked[0].(*rsa.PSSOptions); !ok || opts.Hash != crypto.SHA384 || opts.SaltLength != rsa.PSSSaltLengthEqualsHash {
		t.Errorf("PS384: got %+v, want a salt as long as SHA-384", v.asked[0])
	}
}

// TestHeldFaults checks that a wrong signature of a holder is an error. A wrong signature that is
// published can reveal the key.
func TestHeldFaults(t *testing.T) {
	cut := func(b []byte) []byte { return b[:len(b)-1] }
	flip := func(b []byte) []byte { b[len(b)-1] ^= 1; return b }
	for _, tt := range []struct {
		name, what string
		alg        jwk.Algorithm
		bend       func([]byte) []byte
	}{
		{"RSA-2048", "a flipped bit", jwk.RS256, flip},
		{"RSA-2048", "a flipped bit", jwk.PS256, flip},
		{"RSA-2048", "one octet less", jwk.RS256, cut},
		{"RSA-2048", "one octet more", jwk.RS256, func(b []byte) []byte { return append(b, 0) }},
		{"RSA-2048", "nothing", jwk.PS256, func([]byte) []byte { return nil }},
		{"P-256", "a flipped bit", jwk.ES256, flip},
		{"P-256", "one octet less", jwk.ES256, cut},
		{"P-256", "nothing", jwk.ES256, func([]byte) []byte { return nil }},
		{"P-256", "r and s side by side", jwk.ES256, func([]byte) []byte { return make([]byte, 64) }},
		{"P-256", "zeros", jwk.ES256, func([]byte) []byte { return []byte{0x30, 6, 2, 1, 0, 2, 1, 0} }},
		{"P-256", "negative numbers", jwk.ES256, func([]byte) []byte { return []byte{0x30, 6, 2, 1, 0xff, 2, 1, 0xfe} }},
		{"secp256k1", "a flipped bit", jwk.ES256K, flip},
		{"Ed25519", "a flipped bit", jwk.EdDSA, flip},
		{"Ed25519", "nothing", jwk.Ed25519, func([]byte) []byte { return nil }},
		{"Ed448", "one octet less", jwk.Ed448, cut},
		{"ML-DSA-44", "a flipped bit", jwk.MLDSA44, flip},
	} {
		v := newVault(t, tt.name)
		v.bend = tt.bend
		signature, err := joseSigner(t, heldKey(t, v, nil), tt.alg).SignPayload([]byte("a.b"), jose.SignatureAlgorithm(tt.alg))
		if signature != nil {
			t.Errorf("%s, %s: got a signature", tt.alg, tt.what)
		}
		checkError(t, err, jwk.ErrInvalid, "")
	}
	// A salt of another length than the algorithm needs is a fault too.
	wrong := &resalted{newVault(t, "RSA-2048")}
	_, err := joseSigner(t, heldKey(t, wrong, nil), jwk.PS256).SignPayload([]byte("a.b"), jose.PS256)
	checkError(t, err, jwk.ErrInvalid, "")
}

// A resalted signer uses the longest salt that fits, which PS256 does not allow.
type resalted struct{ *vault }

func (r *resalted) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.vault.Sign(rand, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: opts.HashFunc()})
}

type vaultError struct{ code int }

func (e *vaultError) Error() string {
	return "vault is sealed\n\x1b[31m" + strings.Repeat("x", 300)
}

// TestHeldFails checks that the error of a holder is repeated in one line and cut, so that it
// cannot forge lines of a log, and that errors.As finds it.
func TestHeldFails(t *testing.T) {
	for _, cause := range []error{&vaultError{7}, fmt.Errorf("signing: %w", &vaultError{7}), rsa.ErrDecryption, context.DeadlineExceeded} {
		for _, name := range []string{"RSA-2048", "P-256", "Ed25519"} {
			v := newVault(t, name)
			v.fail = cause
			alg := map[string]jwk.Algorithm{"RSA-2048": jwk.PS256, "P-256": jwk.ES256, "Ed25519": jwk.EdDSA}[name]
			_, err := joseSigner(t, heldKey(t, v, nil), alg).SignPayload([]byte("a.b"), jose.SignatureAlgorithm(alg))
			checkError(t, err, jwk.ErrUnsupported, "")
			if !errors.Is(err, cause) {
				t.Errorf("got %v, want one that is %v", err, cause)
			}
			if text := err.Error(); len(text) > 300 || strings.ContainsAny(text, "\n\x1b") {
				t.Errorf("got %q, want one line of at most 300 bytes", text)
			}
		}
	}
	var found *vaultError
	v := newVault(t, "P-256")
	v.fail = &vaultError{7}
	_, err := joseSigner(t, heldKey(t, v, nil), jwk.ES256).SignPayload([]byte("a.b"), jose.ES256)
	if !errors.As(err, &found) || found.code != 7 {
		t.Errorf("errors.As: got %v, want the error of the holder", found)
	}
}

// TestHeldDecrypts checks that a key with a crypto.Decrypter decrypts texts for its public half,
// with each algorithm of the RSA-OAEP family.
func TestHeldDecrypts(t *testing.T) {
	content := fixture(t, "Ed25519").key(t)
	for alg, newHash := range map[jwk.Algorithm]func() hash.Hash{
		jwk.RSAOAEP: sha1.New, jwk.RSAOAEP256: sha256.New, jwk.RSAOAEP384: sha512.New384, jwk.RSAOAEP512: sha512.New,
	} {
		t.Run(string(alg), func(t *testing.T) {
			cek := make([]byte, 32)
			rand.Read(cek)
			s := newSafe(t, "RSA-2048")
			wrapped, err := rsa.EncryptOAEP(newHash(), rand.Reader, &s.key.PublicKey, cek, nil)
			if err != nil {
				t.Fatal(err)
			}
			direct := heldKey(t, cek, nil)
			header := string(object{"alg": string(alg), "enc": "A256GCM"}.json(t))
			jwe := withPart(t, directJWE(t, direct, header, string(privateKeyText(t, content))), "encrypted_key", wrapped)
			for what, k := range map[string]*jwk.Key{
				"a decrypter": heldKey(t, s, nil), "both": heldKey(t, machine{newVault(t, "RSA-2048"), s}, &jwk.Attributes{Algorithm: alg}),
				"to unwrap": heldKey(t, s, &jwk.Attributes{Ops: jwk.OpUnwrapKey}),
			} {
				s.asked = nil
				if got := decrypted(t, jwe, &jwk.DecryptOptions{Key: k}); !got.Equal(content) {
					t.Errorf("%s: got %v, want %v", what, got, content)
				}
				opts, ok := s.asked[0].(*rsa.OAEPOptions)
				if !ok || len(s.asked) != 1 || opts.Hash.New().Size() != newHash().Size() || opts.Label != nil || opts.MGFHash != 0 {
					t.Errorf("%s: got options %+v", what, s.asked)
				}
				if d, err := jwk.As[crypto.Decrypter](k); err != nil || d == nil {
					t.Errorf("As[crypto.Decrypter]: got %T, %v", d, err)
				}
			}

			k := heldKey(t, s, nil)
			opts := &jwk.DecryptOptions{Key: k}
			// A failure of the holder has the same text as a wrong key. errors.As finds its error.
			s.fail = &vaultError{7}
			checkNotDecrypted(t, jwe, opts, jwk.ErrDecrypt, "")
			_, err = jwk.DecryptKey(jwe, opts)
			_, plain := jwk.DecryptKey(jwe, &jwk.DecryptOptions{Key: fixture(t, "RSA-3072").key(t)})
			var found *vaultError
			if !errors.As(err, &found) || err.Error() != plain.Error() {
				t.Errorf("got %q, want the text %q and the error of the holder", err, plain)
			}
			s.fail = nil
			for _, wrong := range [][]byte{{}, make([]byte, 31), make([]byte, 32), make([]byte, 33), make([]byte, 1<<16)} {
				s.plain = wrong
				checkNotDecrypted(t, jwe, opts, jwk.ErrDecrypt, "")
			}
			s.plain = nil
			s.asked = nil
			checkNotDecrypted(t, withPart(t, jwe, "encrypted_key", wrapped[1:]), opts, jwk.ErrDecrypt, "")
			if s.asked != nil {
				t.Error("the holder was asked for a text that is too short")
			}
			// A holder that only signs cannot decrypt.
			checkNotDecrypted(t, jwe, &jwk.DecryptOptions{Key: heldKey(t, newVault(t, "RSA-2048"), nil)}, jwk.ErrPrivate, "")
		})
	}
	sealed, err := content.Encrypt(&jwk.EncryptOptions{Recipient: heldKey(t, newSafe(t, "RSA-2048"), nil)})
	if err != nil {
		t.Fatal(err)
	}
	if got := decrypted(t, sealed, &jwk.DecryptOptions{Key: heldKey(t, newSafe(t, "RSA-2048"), nil)}); !got.Equal(content) {
		t.Errorf("got %v, want %v", got, content)
	}
	set, err := jwk.NewSet(content).Encrypt(&jwk.EncryptOptions{Recipient: heldKey(t, newSafe(t, "RSA-2048"), nil)})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := jwk.DecryptSet(set, &jwk.DecryptOptions{Key: heldKey(t, newSafe(t, "RSA-2048"), nil)}); err != nil || !s.At(0).Equal(content) {
		t.Errorf("DecryptSet: got %v, %v", s, err)
	}
	_, err = heldKey(t, newSafe(t, "RSA-2048"), nil).Signer()
	checkError(t, err, jwk.ErrPrivate, "")
	_, err = heldKey(t, newSafe(t, "RSA-2048"), nil).JOSESigner(jwk.RS256)
	checkError(t, err, jwk.ErrPrivate, "")
}

// A holderOf is a signer whose Public returns any value.
type holderOf struct{ public crypto.PublicKey }

func (h holderOf) Public() crypto.PublicKey { return h.public }

func (h holderOf) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }

// TestHeldRefused checks the errors for signers whose Public does not return a key that this
// package knows. The errors name the type that Public returned.
func TestHeldRefused(t *testing.T) {
	pub := must[*rsa.PublicKey](t)(jwk.As[*rsa.PublicKey](public(t, "RSA-2048").key(t)))
	ed := must[ed25519.PrivateKey](t)(jwk.As[ed25519.PrivateKey](fixture(t, "Ed25519").key(t)))
	ed4 := must[ed448.PrivateKey](t)(jwk.As[ed448.PrivateKey](fixture(t, "Ed448").key(t)))
	for _, tt := range []struct {
		name   string
		holder any
		want   error
		says   string
	}{
		{"nil public key", holderOf{}, jwk.ErrUnsupported, "Public() of jwk_test.holderOf returns nil, want a public key that New takes, such as *rsa.PublicKey"},
		{"a value", holderOf{*pub}, jwk.ErrUnsupported, "Public() of jwk_test.holderOf returns rsa.PublicKey, want"},
		{"another type", holderOf{"RSA"}, jwk.ErrUnsupported, "Public() of jwk_test.holderOf returns string, want"},
		{"a nil pointer in it", holderOf{(*rsa.PublicKey)(nil)}, jwk.ErrInvalid, "Public() of jwk_test.holderOf returns a *rsa.PublicKey that is not a valid key"},
		{"a nil point in it", holderOf{&ecdsa.PublicKey{}}, jwk.ErrInvalid, "Public() of jwk_test.holderOf returns a *ecdsa.PublicKey"},
		{"octets", holderOf{[]byte("secret")}, jwk.ErrUnsupported, "Public() of jwk_test.holderOf returns []uint8, want"},
		{"a private key", holderOf{ed}, jwk.ErrUnsupported, "Public() of jwk_test.holderOf returns ed25519.PrivateKey, want"},
		{"one that does not sign", holderOf{public(t, "X25519").key(t).PublicKey()}, jwk.ErrUnsupported, "X25519"},
		{"half an Ed25519 key", holderOf{ed25519.PublicKey{1}}, jwk.ErrInvalid, ""},
		{"a nil pointer", (*vault)(nil), jwk.ErrInvalid, "a nil *jwk_test.vault"},
		{"a pointer to a key", &ed, jwk.ErrUnsupported, "Go type *ed25519.PrivateKey, want ed25519.PrivateKey: pass what it points to"},
		{"a pointer to an Ed448 key", &ed4, jwk.ErrUnsupported, "Go type *ed448.PrivateKey, want ed448.PrivateKey: pass what it points to"},
		{"nil", nil, jwk.ErrUnsupported, "Go type nil"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := jwk.New(tt.holder, nil)
			if k != nil {
				t.Errorf("got %v beside the error", k)
			}
			checkError(t, err, tt.want, "*")
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %s", err, tt.says)
			}
		})
	}
	// Limits and attributes are checked as for every key.
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, err = jwk.New(&vault{signer: small}, nil)
	checkError(t, err, jwk.ErrPolicy, "/n")
	_, err = jwk.New(newVault(t, "P-256"), &jwk.Attributes{Algorithm: jwk.RS256})
	checkError(t, err, jwk.ErrInvalid, "/alg")
}

// TestHeldDoesNotPrint checks that no printer shows the secrets of a holder, also if the key hides
// private members.
func TestHeldDoesNotPrint(t *testing.T) {
	hidden := newSecrets()
	hidden.add(fixture(t, "P-256"))
	hidden.add(fixture(t, "RSA-2048"))
	for name, holder := range map[string]any{
		"a signer": newVault(t, "P-256"), "a decrypter": newSafe(t, "RSA-2048"), "both": machine{newVault(t, "RSA-2048"), newSafe(t, "RSA-2048")},
	} {
		for _, attrs := range []*jwk.Attributes{nil, {Extra: map[string]any{"backup": fixture(t, "P-256")}}} {
			k := heldKey(t, holder, attrs)
			use(jwk.NewSet(k))
			values := wrappings(k, jwk.NewSet(k))
			if signer, err := k.JOSESigner(map[bool]jwk.Algorithm{true: jwk.ES256, false: jwk.RS256}[k.Type() == jwk.EC]); err == nil {
				values["a JOSESigner"] = signer
			}
			for what, value := range values {
				w := walk(value)
				w.check(t, hidden)
				printed := fmt.Sprintf("%v %+v %#v %s %p", value, value, value, value, value)
				if strings.Contains(w.text.String()+printed, vaultPIN) {
					t.Errorf("%s, %s: the PIN shows", name, what)
				}
			}
		}
	}
	if !strings.Contains(walk(newVault(t, "P-256")).text.String(), vaultPIN) {
		t.Error("the walker finds no PIN in the holder itself")
	}
}

// TestHeldJOSE checks that go-jose gets the public half, and that FromJOSE accepts a holder as New
// does.
func TestHeldJOSE(t *testing.T) {
	v := newVault(t, "P-256")
	j := must[jose.JSONWebKey](t)(heldKey(t, v, nil).JOSE())
	if !j.IsPublic() {
		t.Errorf("got %T, want the public half", j.Key)
	}
	k, err := jwk.FromJOSE(jose.JSONWebKey{Key: v, KeyID: "a"})
	if err != nil || !k.Permits(jwk.OpSign) || k.KeyID() != "a" {
		t.Errorf("FromJOSE: got %v, %v", k, err)
	}
}
