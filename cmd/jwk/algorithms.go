package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// An algorithmReport says what generate makes for an algorithm.
type algorithmReport struct {
	Algorithm jwk.Algorithm `json:"alg"`
	Type      jwk.KeyType   `json:"kty"`
	Curves    []jwk.Curve   `json:"crv,omitempty"` // the default first
	Bits      int           `json:"bits,omitempty"`
	MinBits   int           `json:"min_bits,omitempty"` // with MaxBits, what --bits takes
	MaxBits   int           `json:"max_bits,omitempty"`
	Use       jwk.Use       `json:"use"`
}

var (
	agreementCurves = []jwk.Curve{jwk.CurveP256, jwk.CurveP384, jwk.CurveP521, jwk.CurveX25519, jwk.CurveX448}
	edwardsCurves   = []jwk.Curve{jwk.CurveEd25519, jwk.CurveEd448}
)

// algorithms are all algorithms for which package jwk generates keys. Keys of ECDH-ES have the
// type OKP on X25519 and X448.
var algorithms = []algorithmReport{
	onCurve(jwk.ES256, jwk.EC, jwk.CurveP256),
	onCurve(jwk.ES384, jwk.EC, jwk.CurveP384),
	onCurve(jwk.ES512, jwk.EC, jwk.CurveP521),
	onCurve(jwk.ES256K, jwk.EC, jwk.CurveSecp256k1),
	onCurve(jwk.EdDSA, jwk.OKP, edwardsCurves...),
	onCurve(jwk.Ed25519, jwk.OKP, jwk.CurveEd25519),
	onCurve(jwk.Ed448, jwk.OKP, jwk.CurveEd448),
	ofRSA(jwk.RS256, jwk.UseSig),
	ofRSA(jwk.RS384, jwk.UseSig),
	ofRSA(jwk.RS512, jwk.UseSig),
	ofRSA(jwk.PS256, jwk.UseSig),
	ofRSA(jwk.PS384, jwk.UseSig),
	ofRSA(jwk.PS512, jwk.UseSig),
	{Algorithm: jwk.MLDSA44, Type: jwk.AKP, Use: jwk.UseSig},
	{Algorithm: jwk.MLDSA65, Type: jwk.AKP, Use: jwk.UseSig},
	{Algorithm: jwk.MLDSA87, Type: jwk.AKP, Use: jwk.UseSig},
	symmetric(jwk.HS256, 256, maxSymmetricBits, jwk.UseSig),
	symmetric(jwk.HS384, 384, maxSymmetricBits, jwk.UseSig),
	symmetric(jwk.HS512, 512, maxSymmetricBits, jwk.UseSig),
	onCurve(jwk.ECDHES, jwk.EC, agreementCurves...),
	onCurve(jwk.ECDHESA128KW, jwk.EC, agreementCurves...),
	onCurve(jwk.ECDHESA192KW, jwk.EC, agreementCurves...),
	onCurve(jwk.ECDHESA256KW, jwk.EC, agreementCurves...),
	ofRSA(jwk.RSAOAEP, jwk.UseEnc),
	ofRSA(jwk.RSAOAEP256, jwk.UseEnc),
	ofRSA(jwk.RSAOAEP384, jwk.UseEnc),
	ofRSA(jwk.RSAOAEP512, jwk.UseEnc),
	symmetric(jwk.A128KW, 128, 128, jwk.UseEnc),
	symmetric(jwk.A192KW, 192, 192, jwk.UseEnc),
	symmetric(jwk.A256KW, 256, 256, jwk.UseEnc),
	symmetric(jwk.A128GCMKW, 128, 128, jwk.UseEnc),
	symmetric(jwk.A192GCMKW, 192, 192, jwk.UseEnc),
	symmetric(jwk.A256GCMKW, 256, 256, jwk.UseEnc),
	{Algorithm: jwk.Dir, Type: jwk.Oct, Bits: 256, MinBits: 128, MaxBits: maxSymmetricBits, Use: jwk.UseEnc},
	symmetric(jwk.A128GCM, 128, 128, jwk.UseEnc),
	symmetric(jwk.A192GCM, 192, 192, jwk.UseEnc),
	symmetric(jwk.A256GCM, 256, 256, jwk.UseEnc),
	symmetric(jwk.A128CBCHS256, 256, 256, jwk.UseEnc),
	symmetric(jwk.A192CBCHS384, 384, 384, jwk.UseEnc),
	symmetric(jwk.A256CBCHS512, 512, 512, jwk.UseEnc),
}

const maxSymmetricBits = 8192

func onCurve(alg jwk.Algorithm, kty jwk.KeyType, curves ...jwk.Curve) algorithmReport {
	use := jwk.UseSig
	if strings.HasPrefix(string(alg), "ECDH-ES") {
		use = jwk.UseEnc
	}
	return algorithmReport{Algorithm: alg, Type: kty, Curves: curves, Use: use}
}

func ofRSA(alg jwk.Algorithm, use jwk.Use) algorithmReport {
	return algorithmReport{Algorithm: alg, Type: jwk.RSA, Bits: 2048, MinBits: 2048, MaxBits: 8192, Use: use}
}

func symmetric(alg jwk.Algorithm, bits, most int, use jwk.Use) algorithmReport {
	return algorithmReport{Algorithm: alg, Type: jwk.Oct, Bits: bits, MinBits: bits, MaxBits: most, Use: use}
}

// sizes returns the sizes that --bits takes.
func (a *algorithmReport) sizes() string {
	if a.MinBits == a.MaxBits {
		return strconv.Itoa(a.MinBits)
	}
	return fmt.Sprintf("%d to %d", a.MinBits, a.MaxBits)
}

// types returns the types of keys for the algorithm. The curve decides which one a key has.
func (a *algorithmReport) types() string {
	if slices.Contains(a.Curves, jwk.CurveX25519) {
		return string(a.Type) + " or " + string(jwk.OKP)
	}
	return string(a.Type)
}

func algorithmNames() []string {
	var names []string
	for _, a := range algorithms {
		names = append(names, string(a.Algorithm))
	}
	return names
}

// signatureNames returns the algorithms of tokens.
func signatureNames() []string {
	var names []string
	for _, a := range algorithms {
		if a.Use == jwk.UseSig {
			names = append(names, string(a.Algorithm))
		}
	}
	return names
}

// algorithmNamed returns what is known about an algorithm. The error says which algorithms were
// probably meant.
func algorithmNamed(name string) (algorithmReport, error) {
	i := slices.IndexFunc(algorithms, func(a algorithmReport) bool { return string(a.Algorithm) == name })
	if i >= 0 {
		return algorithms[i], nil
	}
	help := "jwk generate --list shows all"
	if meant := meantAlgorithms(name); meant != "" {
		help = "want " + meant + "; " + help
	}
	return algorithmReport{}, wrongUsage("unknown algorithm %s: %s", terminal.ShortWord(name), help)
}

// meantByName has the algorithms that a person probably means by the name of a key type or a
// cipher. The names are in lower case, without digits at the end and without signs.
var meantByName = map[string]string{
	"rsa":       "RS256 to sign or RSA-OAEP-256 to encrypt",
	"rsapss":    "PS256",
	"rsaoaep":   "RSA-OAEP-256",
	"ec":        "ES256 to sign or ECDH-ES+A256KW to encrypt",
	"ecdsa":     "ES256, ES384 or ES512",
	"ecdh":      "ECDH-ES+A256KW",
	"okp":       "EdDSA to sign or ECDH-ES+A256KW with --crv X25519 to encrypt",
	"ed":        "EdDSA",
	"x":         "ECDH-ES+A256KW with --crv X25519 or X448",
	"curve":     "ECDH-ES+A256KW with --crv X25519",
	"oct":       "HS256 to sign or A256GCM to encrypt",
	"hmac":      "HS256, HS384 or HS512",
	"hmacsha":   "HS256, HS384 or HS512",
	"aes":       "A256GCM to encrypt or A256KW to wrap keys",
	"aesgcm":    "A256GCM",
	"aeskw":     "A256KW",
	"akp":       "ML-DSA-44, ML-DSA-65 or ML-DSA-87",
	"mldsa":     "ML-DSA-44, ML-DSA-65 or ML-DSA-87",
	"dilithium": "ML-DSA-44, ML-DSA-65 or ML-DSA-87",
	"none":      "an algorithm, because an unsigned token needs no key",
}

// meantExactly is the same for names with digits at the end that matter.
var meantExactly = map[string]string{
	"p256":       "ES256 to sign or ECDH-ES+A256KW to encrypt",
	"secp256r1":  "ES256 to sign or ECDH-ES+A256KW to encrypt",
	"prime256v1": "ES256 to sign or ECDH-ES+A256KW to encrypt",
	"p384":       "ES384 to sign or ECDH-ES+A256KW with --crv P-384 to encrypt",
	"secp384r1":  "ES384 to sign or ECDH-ES+A256KW with --crv P-384 to encrypt",
	"p521":       "ES512 to sign or ECDH-ES+A256KW with --crv P-521 to encrypt",
	"secp521r1":  "ES512 to sign or ECDH-ES+A256KW with --crv P-521 to encrypt",
	"es521":      "ES512",
	"secp256k1":  "ES256K",
	"rsa15":      "RSA-OAEP-256, because RSA1_5 is insecure",
}

// meantAlgorithms returns the algorithms that a person probably means by a name, or "".
func meantAlgorithms(name string) string {
	for _, known := range algorithmNames() {
		if strings.EqualFold(plainName(known), plainName(name)) {
			return known
		}
	}
	plain := strings.ToLower(plainName(name))
	if meant, ok := meantExactly[plain]; ok {
		return meant
	}
	if strings.HasPrefix(plain, "pbes2") {
		return "an algorithm and --encrypt, because a passphrase is not generated"
	}
	kind := strings.TrimRight(plain, "0123456789")
	meant := meantByName[kind]
	if bits := plain[len(kind):]; kind == "rsa" && (bits == "2048" || bits == "3072" || bits == "4096") {
		meant += ", with --bits " + bits
	}
	return meant
}

// plainName returns a name without signs, because people write SHA-256, SHA256 and SHA_256.
func plainName(name string) string {
	return strings.NewReplacer("-", "", "_", "", "+", "", " ", "", "/", "").Replace(name)
}

// algorithmTable returns the algorithms for people.
func algorithmTable() *terminal.Table {
	t := &terminal.Table{Columns: []terminal.Column{
		{Name: "ALG"}, {Name: "TYPE"}, {Name: "USE"}, {Name: "SIZE"}, {Name: "--bits", Below: terminal.First}, {Name: "--crv", Below: terminal.First},
	}}
	for _, a := range algorithms {
		size, bits, curves := "", "", ""
		switch {
		case len(a.Curves) > 0:
			size = string(a.Curves[0])
		case a.Bits > 0:
			size = strconv.Itoa(a.Bits) + " bits"
		}
		if a.MinBits != a.MaxBits {
			bits = a.sizes()
		}
		if len(a.Curves) > 1 {
			for i, crv := range a.Curves {
				if i > 0 {
					curves += ", "
				}
				curves += string(crv)
			}
		}
		t.Rows = append(t.Rows, []string{string(a.Algorithm), a.types(), string(a.Use), size, bits, curves})
	}
	return t
}
