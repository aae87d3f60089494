package jwk_test

import (
	"go/types"
	"slices"
	"strings"
	"testing"
)

// TestAPI compares the exported API of each package with a golden file, as Go does in its api
// directory. If this fails, a change of the API may break programs; the diff of the file shows it to
// reviewers.
func TestAPI(t *testing.T) {
	for dir, file := range map[string]string{
		".": "api.txt", "jwkhttp": "api_jwkhttp.txt", "jwktest": "api_jwktest.txt", "sshkey": "api_sshkey.txt",
	} {
		t.Run(dir, func(t *testing.T) {
			got := strings.Join(exportedAPI(sourceOf(t, dir).pkg), "\n") + "\n"
			golden(t, file, []byte(got))
		})
	}
}

// exportedAPI returns one line for each exported constant, variable, type, field, function and
// method, sorted.
func exportedAPI(pkg *types.Package) []string {
	qualify := func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	}
	str := func(typ types.Type) string { return types.TypeString(typ, qualify) }
	list := func(tuple *types.Tuple, variadic bool) string {
		var parts []string
		for i := range tuple.Len() {
			typ := tuple.At(i).Type()
			if variadic && i == tuple.Len()-1 {
				parts = append(parts, "..."+str(typ.(*types.Slice).Elem()))
			} else {
				parts = append(parts, str(typ))
			}
		}
		return strings.Join(parts, ", ")
	}
	signature := func(sig *types.Signature) string {
		var out string
		if n := sig.TypeParams().Len(); n > 0 {
			var parts []string
			for i := range n {
				p := sig.TypeParams().At(i)
				parts = append(parts, p.Obj().Name()+" "+str(p.Constraint()))
			}
			out = "[" + strings.Join(parts, ", ") + "]"
		}
		out += "(" + list(sig.Params(), sig.Variadic()) + ")"
		switch results := list(sig.Results(), false); sig.Results().Len() {
		case 0:
		case 1:
			out += " " + results
		default:
			out += " (" + results + ")"
		}
		return out
	}

	var lines []string
	add := func(parts ...string) { lines = append(lines, strings.Join(parts, "")) }
	methods := func(named *types.Named) {
		for i := range named.NumMethods() {
			if m := named.Method(i); m.Exported() {
				sig := m.Signature()
				add("method (", str(sig.Recv().Type()), ") ", m.Name(), signature(sig))
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			add("const ", name, " ", str(obj.Type()), " = ", obj.Val().ExactString())
		case *types.Var:
			add("var ", name, " ", str(obj.Type()))
		case *types.Func:
			add("func ", name, signature(obj.Signature()))
		case *types.TypeName:
			if obj.IsAlias() {
				add("type ", name, " = ", str(types.Unalias(obj.Type())))
				continue
			}
			named := obj.Type().(*types.Named)
			switch under := named.Underlying().(type) {
			case *types.Struct:
				add("type ", name, " struct")
				for i := range under.NumFields() {
					switch f := under.Field(i); {
					case !f.Exported():
					case f.Embedded():
						add("type ", name, " struct, embedded ", str(f.Type()))
					default:
						add("type ", name, " struct, ", f.Name(), " ", str(f.Type()))
					}
				}
			case *types.Interface:
				add("type ", name, " interface")
				for i := range under.NumMethods() {
					m := under.Method(i)
					if m.Exported() {
						add("type ", name, " interface, ", m.Name(), signature(m.Signature()))
					} else {
						add("type ", name, " interface, unexported methods")
					}
				}
			default:
				add("type ", name, " ", str(under))
			}
			methods(named)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// promisedAPI lists the declarations that the package must have. It may have more. A method that
// is listed with a pointer receiver may have a value receiver, and the other way around.
const promisedAPI = `
func Parse([]byte) (*Key, error)
func ParseSet([]byte) (*Set, error)
type Parser struct, Lenient bool
type Parser struct, FailFast bool
type Parser struct, PublicOnly bool
type Parser struct, UniqueKeyIDs bool
type Parser struct, MinRSABits int
type Parser struct, MaxRSABits int
type Parser struct, MaxKeys int
type Parser struct, MaxBytes int
method (*Parser) Parse([]byte) (*Key, error)
method (*Parser) ParseSet([]byte) (*Set, error)

type Key struct
func New(any, *Attributes) (*Key, error)
method (*Key) Type() KeyType
method (*Key) Curve() Curve
method (*Key) Bits() int
method (*Key) KeyID() string
method (*Key) Use() Use
method (*Key) Ops() Ops
method (*Key) Algorithm() Algorithm
method (*Key) IsPrivate() bool
method (*Key) Permits(Ops) bool
method (*Key) Supports(Algorithm) bool
method (*Key) Deviations() []Deviation
method (*Key) Member(string) (jsontext.Value, bool)
method (*Key) Members() iter.Seq2[string, jsontext.Value]
method (*Key) Attributes() Attributes
method (*Key) WithAttributes(Attributes) (*Key, error)
method (*Key) Certificates() ([]*x509.Certificate, error)
method (*Key) Public() (*Key, error)
method (*Key) PublicKey() crypto.PublicKey
method (*Key) PrivateKey() crypto.PrivateKey
method (*Key) Signer() (crypto.Signer, error)
method (*Key) Secret() ([]byte, error)
func As[T any](*Key) (T, error)
func FromJOSE(jose.JSONWebKey) (*Key, error)
method (*Key) JOSE() (jose.JSONWebKey, error)
method (*Key) JOSESigner(Algorithm) (jose.OpaqueSigner, error)
method (*Key) JOSEVerifier(Algorithm) (jose.OpaqueVerifier, error)
func FindJOSEVerifier(context.Context, Source, jose.Header) (jose.OpaqueVerifier, error)
method (*Set) JOSE() (jose.JSONWebKeySet, error)
method (*Key) Thumbprint() Thumbprint
method (*Key) ThumbprintHash(crypto.Hash) ([]byte, error)
method (*Key) Equal(*Key) bool
method (*Key) MarshalJSON() ([]byte, error)
method (*Key) MarshalPrivateJSON() ([]byte, error)
method (*Key) AppendJSON([]byte) ([]byte, error)
method (*Key) UnmarshalJSON([]byte) error
method (*Key) String() string
method (*Key) GoString() string
method (*Key) Format(fmt.State, rune)
method (*Key) LogValue() slog.Value

type Attributes struct, KeyID string
type Attributes struct, Use Use
type Attributes struct, Ops Ops
type Attributes struct, Algorithm Algorithm
type Attributes struct, Certificates []*x509.Certificate
type Attributes struct, CertificateURL string
type Attributes struct, IssuedAt time.Time
type Attributes struct, NotBefore time.Time
type Attributes struct, Expires time.Time
type Attributes struct, Extra map[string]any

type Set struct
func NewSet(...*Key) *Set
method (*Set) Len() int
method (*Set) At(int) *Key
method (*Set) All() iter.Seq[*Key]
method (*Set) Lookup(string) (*Key, bool)
method (*Set) LookupThumbprint(Thumbprint) (*Key, bool)
method (*Set) Select(Query) iter.Seq[*Key]
method (*Set) Find(context.Context, Query) (*Key, error)
method (*Set) Skipped() []Skipped
method (*Set) Public() *Set
method (*Set) With(...*Key) *Set
method (*Set) Without(...*Key) *Set
method (*Set) Diff(*Set) Diff
method (*Set) Member(string) (jsontext.Value, bool)
method (*Set) MarshalJSON() ([]byte, error)
method (*Set) MarshalPrivateJSON() ([]byte, error)
method (*Set) AppendJSON([]byte) ([]byte, error)
method (*Set) UnmarshalJSON([]byte) error
method (*Set) String() string
method (*Set) LogValue() slog.Value
type Skipped struct, Index int
type Skipped struct, KeyID string
type Skipped struct, JSON jsontext.Value
type Skipped struct, Err error
type Diff struct, Added []*Key
type Diff struct, Removed []*Key
type Diff struct, Changed []*Key
type Deviation struct, Path jsontext.Pointer
type Deviation struct, Code DeviationCode

type Query struct, KeyID string
type Query struct, Use Use
type Query struct, Ops Ops
type Query struct, Algorithm Algorithm
type Query struct, Type KeyType
type Query struct, Curve Curve
type Query struct, Private bool
type Source interface, Find(context.Context, Query) (*Key, error)
type NotFoundError struct
method (*NotFoundError) Error() string

type Thumbprint [32]byte
method (Thumbprint) String() string
method (Thumbprint) URI() string
func ParseThumbprint(string) (Thumbprint, error)
method (Thumbprint) MarshalText() ([]byte, error)
method (*Thumbprint) UnmarshalText([]byte) error

func Generate(Algorithm, *GenerateOptions) (*Key, error)
type GenerateOptions struct, Bits int
type GenerateOptions struct, Curve Curve
type GenerateOptions struct, embedded Attributes

method (*Key) Encrypt(*EncryptOptions) ([]byte, error)
method (*Set) Encrypt(*EncryptOptions) ([]byte, error)
func DecryptKey([]byte, *DecryptOptions) (*Key, error)
func DecryptSet([]byte, *DecryptOptions) (*Set, error)
type EncryptOptions struct, Passphrase []byte
type EncryptOptions struct, Recipient *Key
type EncryptOptions struct, PBES2Count int
type DecryptOptions struct, Passphrase []byte
type DecryptOptions struct, Key *Key
type DecryptOptions struct, MaxPBES2Count int
type DecryptOptions struct, Parser *Parser

var ErrSyntax error
var ErrInvalid error
var ErrUnsupported error
var ErrPolicy error
var ErrPrivate error
var ErrNotFound error
var ErrDecrypt error
type Error struct, Path jsontext.Pointer
type Error struct, Offset int64
type Error struct, Err error

type KeyType string
type Curve string
type Use string
type Algorithm string
const RSA KeyType = "RSA"
const EC KeyType = "EC"
const OKP KeyType = "OKP"
const Oct KeyType = "oct"
const AKP KeyType = "AKP"
const CurveP256 Curve = "P-256"
const CurveP384 Curve = "P-384"
const CurveP521 Curve = "P-521"
const CurveSecp256k1 Curve = "secp256k1"
const CurveEd25519 Curve = "Ed25519"
const CurveEd448 Curve = "Ed448"
const CurveX25519 Curve = "X25519"
const CurveX448 Curve = "X448"
const UseSig Use = "sig"
const UseEnc Use = "enc"
const OpSign Ops = 1
const OpVerify Ops = 2
const OpEncrypt Ops = 4
const OpDecrypt Ops = 8
const OpWrapKey Ops = 16
const OpUnwrapKey Ops = 32
const OpDeriveKey Ops = 64
const OpDeriveBits Ops = 128
const HS256 Algorithm = "HS256"
const HS384 Algorithm = "HS384"
const HS512 Algorithm = "HS512"
const RS256 Algorithm = "RS256"
const RS384 Algorithm = "RS384"
const RS512 Algorithm = "RS512"
const PS256 Algorithm = "PS256"
const PS384 Algorithm = "PS384"
const PS512 Algorithm = "PS512"
const ES256 Algorithm = "ES256"
const ES384 Algorithm = "ES384"
const ES512 Algorithm = "ES512"
const ES256K Algorithm = "ES256K"
const EdDSA Algorithm = "EdDSA"
const Ed25519 Algorithm = "Ed25519"
const Ed448 Algorithm = "Ed448"
const MLDSA44 Algorithm = "ML-DSA-44"
const MLDSA65 Algorithm = "ML-DSA-65"
const MLDSA87 Algorithm = "ML-DSA-87"
const RSAOAEP Algorithm = "RSA-OAEP"
const RSAOAEP256 Algorithm = "RSA-OAEP-256"
const ECDHES Algorithm = "ECDH-ES"
const ECDHESA128KW Algorithm = "ECDH-ES+A128KW"
const ECDHESA192KW Algorithm = "ECDH-ES+A192KW"
const ECDHESA256KW Algorithm = "ECDH-ES+A256KW"
const A128KW Algorithm = "A128KW"
const A192KW Algorithm = "A192KW"
const A256KW Algorithm = "A256KW"
const A128GCMKW Algorithm = "A128GCMKW"
const A192GCMKW Algorithm = "A192GCMKW"
const A256GCMKW Algorithm = "A256GCMKW"
const Dir Algorithm = "dir"
const A128GCM Algorithm = "A128GCM"
const A192GCM Algorithm = "A192GCM"
const A256GCM Algorithm = "A256GCM"
const A128CBCHS256 Algorithm = "A128CBC-HS256"
const A192CBCHS384 Algorithm = "A192CBC-HS384"
const A256CBCHS512 Algorithm = "A256CBC-HS512"
`

// TestPromisedAPI: if this fails, a promised declaration was removed or changed, and programs
// that use it no longer compile. -update does not change this list, unlike the golden file.
func TestPromisedAPI(t *testing.T) {
	// value returns a line with the receiver as a value: a pointer has the methods of its value.
	value := func(line string) string {
		if rest, ok := strings.CutPrefix(line, "method (*"); ok {
			return "method (" + rest
		}
		return line
	}
	have := make(map[string]bool)
	for _, line := range exportedAPI(theSource(t).pkg) {
		have[value(line)] = true
	}
	for line := range strings.Lines(promisedAPI) {
		if line = strings.TrimSpace(line); line != "" && !have[value(line)] {
			t.Errorf("the API lacks %s", line)
		}
	}
}

// TestOptionsCanGrow: the compiler must reject literals of option structs without field names.
// If this fails, a field that a later version adds breaks the programs that write such literals.
func TestOptionsCanGrow(t *testing.T) {
	for dir, names := range map[string][]string{
		".":       {"Attributes", "Query", "EncryptOptions", "DecryptOptions"},
		"jwkhttp": {"ClientOptions", "PoolOptions", "HandlerOptions"},
	} {
		for _, name := range names {
			s, ok := sourceOf(t, dir).pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
			if !ok {
				t.Fatalf("%s is not a struct", name)
			}
			if last := s.Field(s.NumFields() - 1); last.Name() != "_" {
				t.Errorf("%s: got last field %s, want _, so that literals need field names", name, last.Name())
			}
		}
	}
}
