package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"go/version"
	"math/big"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// TestConversions makes each conversion with keys of each kind. If it fails, the table of
// docs/conversions.md promises a conversion that does not work, or hides one that does. Run it
// with -v to see the table.
func TestConversions(t *testing.T) {
	algorithms := registered(t)
	ca := newAuthority(t)
	var b strings.Builder
	b.WriteString("| | PEM and DER | certificates | go-jose | tokens through go-jose | encrypted to it | OpenSSH |\n")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		keys []*jwk.Key
		some []*jwk.Key // keys that every column except OpenSSH treats as it treats keys
		note string     // names the keys of the row that OpenSSH has
	}{
		{"RSA", fixtures(t, "RSA-2048", "RSA-3072"), fixtures(t, "RSA-2048-multi-prime"), ", of two primes"},
		{"EC P-256, P-384, P-521", fixtures(t, "P-256", "P-384", "P-521"), nil, ""},
		{"EC secp256k1", fixtures(t, "secp256k1"), nil, ""},
		{"OKP Ed25519", fixtures(t, "Ed25519"), nil, ""},
		{"OKP X25519", fixtures(t, "X25519"), nil, ""},
		{"OKP Ed448", fixtures(t, "Ed448"), nil, ""},
		{"OKP X448", fixtures(t, "X448"), nil, ""},
		{"AKP ML-DSA", fixtures(t, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"), nil, ""},
		{"oct", symmetric(t, 16, 24, 32, 48, 64), nil, ""},
	} {
		all := slices.Concat(row.keys, row.some)
		// one returns the cell for some keys. All of them must give the same cell.
		one := func(keys []*jwk.Key, cell func(*jwk.Key) string) string {
			first := cell(keys[0])
			for _, k := range keys[1:] {
				if got := cell(k); got != first {
					t.Errorf("%s: got %q and %q", row.name, first, got)
				}
			}
			return first
		}
		// list returns the names of the algorithms that work with at least one of the keys.
		list := func(does func(*jwk.Key, jwk.Algorithm) bool) string {
			var names []string
			for _, alg := range algorithms {
				if slices.ContainsFunc(all, func(k *jwk.Key) bool { return does(k, alg) }) {
					names = append(names, string(alg))
				}
			}
			if names == nil {
				return "no"
			}
			return strings.Join(names, ", ")
		}
		openSSH := one(row.keys, func(k *jwk.Key) string { return inOpenSSH(t, k) })
		if row.some != nil && one(row.some, func(k *jwk.Key) string { return inOpenSSH(t, k) }) != openSSH {
			openSSH += row.note
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", row.name,
			one(all, func(k *jwk.Key) string { return inDER(t, k) }),
			one(all, func(k *jwk.Key) string { return ca.certifies(t, k) }),
			one(all, func(k *jwk.Key) string { return inJOSE(t, k) }),
			list(func(k *jwk.Key, alg jwk.Algorithm) bool { return signs(t, k, alg) }),
			list(func(k *jwk.Key, alg jwk.Algorithm) bool { return encrypts(t, k, alg) }),
			openSSH)
	}
	t.Logf("\n%s", b.String())
	pasted(t, "docs/conversions.md", "conversions", b.String(), 0)
}

// TestConversionNames: the functions that docs/conversions.md names must exist, or readers search
// for them in vain.
func TestConversionNames(t *testing.T) {
	api := document(t, "testdata/api.txt")
	_, table, ok := strings.Cut(document(t, "docs/conversions.md"), "| into a key | out of a key |")
	if !ok {
		t.Fatal("docs/conversions.md has no table of functions")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	names := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table, -1)
	if len(names) < 20 {
		t.Errorf("got %d names, want at least 20", len(names))
	}
	inSSHKey := map[string]any{
		"sshkey.ParseAuthorizedKey": sshkey.ParseAuthorizedKey, "sshkey.MarshalAuthorizedKey": sshkey.MarshalAuthorizedKey,
		"sshkey.ParsePrivateKey": sshkey.ParsePrivateKey, "sshkey.MarshalPrivateKey": sshkey.MarshalPrivateKey,
		"sshkey.Fingerprint": sshkey.Fingerprint,
	}
	for _, name := range names {
		declared := regexp.MustCompile(`(?m)^(func |method \(\*?\w+\) )` + regexp.QuoteMeta(name[1]) + `\(`)
		if !declared.MatchString(api) && inSSHKey[name[1]] == nil {
			t.Errorf("docs/conversions.md names %s, which does not exist", name[1])
		}
	}
}

// registered returns the algorithms that package jwk has constants for.
func registered(t *testing.T) []jwk.Algorithm {
	t.Helper()
	var list []jwk.Algorithm
	constant := regexp.MustCompile(`(?m)^const \w+ Algorithm = "(.+)"$`)
	for _, line := range constant.FindAllStringSubmatch(document(t, "testdata/api.txt"), -1) {
		list = append(list, jwk.Algorithm(line[1]))
	}
	if !slices.Contains(list, jwk.ES256) || !slices.Contains(list, jwk.Dir) {
		t.Fatalf("got %q, want the algorithms of package jwk", list)
	}
	return list
}

// fixtures returns private keys of testdata/keys.json, without attributes.
func fixtures(t *testing.T, names ...string) []*jwk.Key {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document(t, "testdata/keys.json")), &all); err != nil {
		t.Fatal(err)
	}
	var keys []*jwk.Key
	for _, name := range names {
		k, err := jwk.Parse(all[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		keys = append(keys, plain(t, k))
	}
	return keys
}

// plain returns a key without its attributes, except the alg of an AKP key.
func plain(t *testing.T, k *jwk.Key) *jwk.Key {
	t.Helper()
	k, err := jwk.New(material(k), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func material(k *jwk.Key) any {
	if secret, err := k.Secret(); err == nil {
		return secret
	}
	if k.IsPrivate() {
		return k.PrivateKey()
	}
	return k.PublicKey()
}

// symmetric returns symmetric keys with the given sizes in octets.
func symmetric(t *testing.T, sizes ...int) []*jwk.Key {
	t.Helper()
	var keys []*jwk.Key
	for _, size := range sizes {
		secret := make([]byte, size)
		rand.Read(secret)
		k, err := jwk.New(secret, nil)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// publicHalf returns the public half of a key. It returns a symmetric key unchanged.
func publicHalf(t *testing.T, k *jwk.Key) *jwk.Key {
	t.Helper()
	if k.Type() == jwk.Oct {
		return k
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// checkSame fails the test unless a conversion returned the key it began with.
func checkSame(t *testing.T, what string, got *jwk.Key, err error, want *jwk.Key) {
	t.Helper()
	if err != nil || !got.Equal(want) {
		t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
	}
}

// inDER returns the cell on PEM and DER: the forms in which the package writes and reads a key.
func inDER(t *testing.T, k *jwk.Key) string {
	t.Helper()
	der, err := k.MarshalPrivateDER()
	if _, inPEM := k.MarshalPrivatePEM(); (inPEM == nil) != (err == nil) {
		t.Errorf("%v: in DER: %v, in PEM: %v", k, err, inPEM)
	}
	if errors.Is(err, jwk.ErrUnsupported) {
		return "no"
	}
	if err != nil {
		t.Fatalf("%v: %v", k, err)
	}
	inPEM := func(label string, der []byte) (*jwk.Key, error) {
		set, err := jwk.ParsePEM(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
		if err != nil || set.Len() != 1 {
			return nil, fmt.Errorf("got %v, %v", set, err)
		}
		return set.At(0), nil
	}
	public := publicHalf(t, k)
	spki, err := public.MarshalDER()
	if err != nil {
		t.Fatal(err)
	}
	for label, tc := range map[string]struct {
		der  []byte
		want *jwk.Key
	}{"PUBLIC KEY": {spki, public}, "PRIVATE KEY": {der, k}} {
		got, err := jwk.ParseDER(tc.der)
		checkSame(t, "ParseDER, "+label, got, err, tc.want)
		got, err = inPEM(label, tc.der)
		checkSame(t, "ParsePEM, "+label, got, err, tc.want)
	}
	form := "PKIX, PKCS #8"
	var info struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		t.Fatal(err)
	}
	label, older, name := "", info.Key, ""
	switch k.Type() {
	case jwk.RSA:
		label, name = "RSA PRIVATE KEY", "PKCS #1"
	case jwk.EC: // outside PKCS #8 the private key itself names its curve
		var oid asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &oid); err != nil {
			t.Fatal(err)
		}
		label, name = "EC PRIVATE KEY", "SEC 1"
		older = marshalASN1(t, struct {
			Version int
			D       []byte
			Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
		}{1, octetsOf(t, k, "d"), oid})
	case jwk.AKP:
		if string(info.Key[:2]) == "\x80\x20" && string(info.Key[2:]) == string(octetsOf(t, k, "priv")) {
			form += ", as a seed"
		}
	}
	if label != "" {
		got, err := inPEM(label, older)
		if err == nil && got.Equal(k) {
			form += "; reads " + name
		}
		got, err = jwk.ParseDER(older)
		checkSame(t, "ParseDER, "+name, got, err, k)
	}
	return form
}

func marshalASN1(t *testing.T, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// octetsOf returns the octets of a member in base64url.
func octetsOf(t *testing.T, k *jwk.Key, name string) []byte {
	t.Helper()
	value, ok := k.Member(name)
	if !ok {
		t.Fatalf("%v has no %s", k, name)
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.Trim(string(value), `"`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An authority issues certificates for every kind of public key. crypto/x509 issues them only
// for some.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	der := a.certificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	})
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) certificate(t *testing.T, template *x509.Certificate) []byte {
	t.Helper()
	by := a.cert
	if by == nil {
		by = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// issue returns a certificate for a key. It makes one for another key, replaces the key, and
// signs the result again.
func (a *authority) issue(t *testing.T, public *jwk.Key) []byte {
	t.Helper()
	spki, err := public.MarshalDER()
	if err != nil {
		t.Fatal(err)
	}
	var certificate struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var tbs []asn1.RawValue
	if _, err := asn1.Unmarshal(a.certificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}), &certificate); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(certificate.TBS.FullBytes, &tbs); err != nil {
		t.Fatal(err)
	}
	const subjectPublicKeyInfo = 6 // RFC 5280, Section 4.1: index in a certificate with a version
	tbs[subjectPublicKeyInfo] = asn1.RawValue{FullBytes: spki}
	certificate.TBS = asn1.RawValue{FullBytes: marshalASN1(t, tbs)}
	digest := sha256.Sum256(certificate.TBS.FullBytes)
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	certificate.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return marshalASN1(t, certificate)
}

// certifies returns the cell on certificates: whether the package reads, parses and verifies them.
func (a *authority) certifies(t *testing.T, k *jwk.Key) string {
	t.Helper()
	if k.Type() == jwk.Oct {
		if got, err := k.WithAttributes(jwk.Attributes{Certificates: []*x509.Certificate{a.cert}}); err == nil {
			t.Errorf("got %v with a certificate", got)
		}
		return "no"
	}
	public := publicHalf(t, k)
	leaf := a.issue(t, public)
	text, err := public.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var o members
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	read, err := jwk.Parse(o.with("x5c", [][]byte{leaf, a.cert.Raw}).json(t))
	checkSame(t, "Parse with x5c", read, err, public)
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	_, unparsed := read.Certificates()
	_, unverified := read.VerifyCertificates(x509.VerifyOptions{Roots: roots})
	parsed, err := x509.ParseCertificate(leaf)
	if err != nil {
		if unparsed == nil || unverified == nil {
			t.Errorf("%v: certificates that crypto/x509 cannot parse: got %v and %v, want errors", k, unparsed, unverified)
		}
		return "read, not verified"
	}
	if unparsed != nil || unverified != nil {
		t.Errorf("%v: Certificates: %v, VerifyCertificates: %v", k, unparsed, unverified)
	}
	got, err := jwk.FromCertificates([]*x509.Certificate{parsed, a.cert}, nil)
	checkSame(t, "FromCertificates", got, err, public)
	if _, err := got.VerifyCertificates(x509.VerifyOptions{Roots: x509.NewCertPool()}); !errors.Is(err, jwk.ErrInvalid) {
		t.Errorf("%v: VerifyCertificates without roots: got %v, want %v", k, err, jwk.ErrInvalid)
	}
	return "yes"
}

// inJOSE returns the cell on go-jose: whether its JSONWebKey can hold the key.
func inJOSE(t *testing.T, k *jwk.Key) string {
	t.Helper()
	answer := "yes"
	for _, half := range []*jwk.Key{k, publicHalf(t, k)} {
		j, err := half.JOSE()
		if errors.Is(err, jwk.ErrUnsupported) {
			answer = "no"
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := jwk.FromJOSE(j)
		checkSame(t, "FromJOSE", got, err, half)
	}
	if native := version.Compare(runtime.Version(), "go1.27") >= 0; k.Type() == jwk.AKP && native == (answer == "yes") {
		return "from Go 1.27" // go-jose needs crypto/mldsa
	}
	return answer
}

// signs reports whether a key signs tokens with an algorithm. It fails the test unless the public
// half of the key verifies them.
func signs(t *testing.T, k *jwk.Key, alg jwk.Algorithm) bool {
	t.Helper()
	s, err := k.JOSESigner(alg)
	if err != nil {
		return false
	}
	v, err := publicHalf(t, k).JOSEVerifier(alg)
	if err != nil {
		t.Fatal(err)
	}
	token := sign(t, jose.SignatureAlgorithm(alg), s, "a kid")
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := jws.Verify(v); err != nil || string(got) != payload {
		t.Errorf("%s with %v: got %q, %v", alg, k, got, err)
	}
	return true
}

// encrypts reports whether the package encrypts a key to k with an algorithm and decrypts it again.
func encrypts(t *testing.T, k *jwk.Key, alg jwk.Algorithm) bool {
	t.Helper()
	k, err := k.WithAttributes(jwk.Attributes{Algorithm: alg})
	if err != nil {
		return false
	}
	text, err := k.Encrypt(&jwk.EncryptOptions{Recipient: publicHalf(t, k)})
	if err != nil {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(string(text), ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var params struct {
		Alg jwk.Algorithm `json:"alg"`
	}
	if err := json.Unmarshal(header, &params); err != nil {
		t.Fatal(err)
	}
	got, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: k})
	checkSame(t, "DecryptKey", got, err, k)
	return params.Alg == alg // a key that states A256GCM encrypts with dir
}

// inOpenSSH returns the cell on OpenSSH: whether package sshkey writes a key in the formats of
// OpenSSH and reads it again.
func inOpenSSH(t *testing.T, k *jwk.Key) string {
	t.Helper()
	private, privateErr := sshkey.MarshalPrivateKey(k, nil, "")
	public, publicErr := sshkey.MarshalAuthorizedKey(publicHalf(t, k), "")
	if errors.Is(privateErr, jwk.ErrUnsupported) {
		if publicErr == nil && k.Type() != jwk.RSA { // a public key does not show how many primes the modulus has
			t.Errorf("%v: only the public key is written", k)
		}
		return "no"
	}
	if privateErr != nil || publicErr != nil {
		t.Fatalf("%v: %v, %v", k, privateErr, publicErr)
	}
	got, err := sshkey.ParsePrivateKey(private, nil)
	checkSame(t, "ParsePrivateKey", got, err, k)
	got, _, _, err = sshkey.ParseAuthorizedKey(public)
	checkSame(t, "ParseAuthorizedKey", got, err, publicHalf(t, k))
	return "yes"
}
