package jwk_test

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// A lenientText is a PEM file of one key that only Lenient reads.
type lenientText struct {
	name    string
	text    []byte
	want    *jwk.Key
	met     []jwk.Deviation
	refused error  // the kind of the strict error
	says    string // a part of the text of the strict error
}

// lineEndings are the texts that editors and environment variables put in place of line breaks,
// and a part of the strict error.
var lineEndings = []struct{ end, says string }{
	{"\r", "carriage returns between the lines"},
	{`\n`, `the two characters \n between the lines`},
	{`\r\n`, `the two characters \n between the lines`},
	{`\r`, `the two characters \r between the lines`},
	{" ", "blanks between the lines"},
	{"\t", "blanks between the lines"},
	{" \t ", "blanks between the lines"},
	{"", "nothing between the lines"},
	{"\\n\n", `the two characters \n between the lines`},
}

var (
	met      = deviation("", jwk.DeviationLineBreaks)
	metBOM   = deviation("", jwk.DeviationBOM)
	metLabel = deviation("", jwk.DeviationLabel)
	metNULL  = deviation("", jwk.DeviationMissingNULL)
	metTag   = deviation("", jwk.DeviationPublicTag)
	metWidth = deviation("d", jwk.DeviationWidth)
)

// metCRT returns the deviations of members of an RSA key that were 0.
func metCRT(names ...string) (list []jwk.Deviation) {
	for _, name := range names {
		list = append(list, deviation(name, jwk.DeviationMissingCRT))
	}
	return list
}

// withZeros returns the fixture RSA-2048 with 0 for some of its integers.
func withZeros(t testing.TB, names ...string) object {
	t.Helper()
	o := fixture(t, "RSA-2048")
	for _, name := range names {
		o = o.with(name, "AA")
	}
	return o
}

// lenientPEM returns a file for each deviation, and for some of them together.
func lenientPEM(t testing.TB) (tests []lenientText) {
	t.Helper()
	octets := must[[]byte](t)
	add := func(name string, text []byte, want *jwk.Key, refused error, says string, met ...jwk.Deviation) {
		tests = append(tests, lenientText{name, text, want, met, refused, says})
	}
	const bom, accepts = "\uFEFF", "(Parser.Lenient accepts it)"

	for _, name := range asymmetricNames() {
		private, public := fixture(t, name).key(t), public(t, name).key(t)
		for kind, file := range map[string]struct {
			text []byte
			key  *jwk.Key
		}{"private": {octets(private.MarshalPrivatePEM()), private}, "public": {octets(public.MarshalPEM()), public}} {
			add(name+", "+kind+", a byte order mark", join([]byte(bom), file.text), file.key, jwk.ErrSyntax, "a byte order mark before BEGIN", metBOM)
			for _, line := range lineEndings {
				text := bytes.ReplaceAll(file.text, []byte("\n"), []byte(line.end))
				add(fmt.Sprintf("%s, %s, lines end in %q", name, kind, line.end), text, file.key, jwk.ErrSyntax, line.says+" of the block, want line breaks", met)
			}
		}
	}

	ed, p256 := fixture(t, "Ed25519").key(t), fixture(t, "P-256").key(t)
	plain := octets(ed.MarshalPrivatePEM())
	first, others, _ := bytes.Cut(plain, []byte("\n"))
	add("no break after BEGIN", join(first, others), ed, jwk.ErrSyntax, "BEGIN or END is not in a line of its own", met)
	add("no break before END", bytes.Replace(plain, []byte("\n-----END"), []byte("-----END"), 1), ed, jwk.ErrSyntax, "BEGIN or END is not in a line of its own", met)
	add("blanks before BEGIN", join([]byte(" \t"), plain), ed, jwk.ErrSyntax, accepts, met)
	add("lines that are indented", bytes.ReplaceAll(join([]byte("\n"), plain), []byte("\n"), []byte("\n    ")), ed, jwk.ErrSyntax, accepts, met)
	add("text in the line before, carriage returns", join([]byte("words\r"), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r")), []byte("words\r")), ed, jwk.ErrSyntax, accepts, met)
	add("headers, carriage returns", bytes.ReplaceAll(withHeaders(plain, 2, "a: b"), []byte("\n"), []byte("\r")), ed, jwk.ErrSyntax, accepts, met)
	add("a byte order mark, and carriage returns", join([]byte(bom), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r"))), ed, jwk.ErrSyntax, "a byte order mark before BEGIN", met, metBOM)

	// Labels.
	rsaKey, rsaPublic := fixture(t, "RSA-2048").key(t), public(t, "RSA-2048").key(t)
	p256SEC1 := sequence(integer(1), octetString(fixtureOctets(t, "P-256", "d")), explicit(0, marshalASN1(t, oidP256)))
	rsaPKCS1 := rsaPrivateDER(t, 0, fixture(t, "RSA-2048"))
	modulus := sequence(bigInteger(fixture(t, "RSA-2048").integer(t, "n")), integer(65537))
	for _, test := range []struct {
		label string
		der   []byte
		want  *jwk.Key
		says  string
	}{
		{"RSA PRIVATE KEY", octets(rsaKey.MarshalPrivateDER()), rsaKey, "PKCS #8 in a block RSA PRIVATE KEY, want PRIVATE KEY"},
		{"RSA PRIVATE KEY", octets(ed.MarshalPrivateDER()), ed, "PKCS #8 in a block RSA PRIVATE KEY, want PRIVATE KEY"},
		{"RSA PRIVATE KEY", p256SEC1, p256, "SEC 1 in a block RSA PRIVATE KEY, want EC PRIVATE KEY"},
		{"EC PRIVATE KEY", octets(p256.MarshalPrivateDER()), p256, "PKCS #8 in a block EC PRIVATE KEY, want PRIVATE KEY"},
		{"EC PRIVATE KEY", rsaPKCS1, rsaKey, "PKCS #1 in a block EC PRIVATE KEY, want RSA PRIVATE KEY"},
		{"PRIVATE KEY", rsaPKCS1, rsaKey, "PKCS #1 in a block PRIVATE KEY, want RSA PRIVATE KEY"},
		{"PRIVATE KEY", p256SEC1, p256, "SEC 1 in a block PRIVATE KEY, want EC PRIVATE KEY"},
		{"PUBLIC KEY", modulus, rsaPublic, "PKCS #1 in a block PUBLIC KEY, want RSA PUBLIC KEY"},
		{"RSA PUBLIC KEY", octets(rsaPublic.MarshalDER()), rsaPublic, "a SubjectPublicKeyInfo in a block RSA PUBLIC KEY, want PUBLIC KEY"},
	} {
		add(test.says, block(test.label, test.der), test.want, jwk.ErrSyntax, test.says+" "+accepts, metLabel)
	}

	// DER.
	for name, label := range map[string]string{"PKCS #8": "PRIVATE KEY", "SEC 1": "EC PRIVATE KEY"} {
		for _, curve := range scalarsOfZeros(t) {
			der := func(scalar []byte) []byte {
				if label == "PRIVATE KEY" {
					return pkcs8(t, 0, []asn1.ObjectIdentifier{oidECKey, curve.oid}, sequence(integer(1), octetString(scalar)))
				}
				return sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(t, curve.oid)))
			}
			want := must[*jwk.Key](t)(jwk.ParseDER(der(curve.scalar)))
			for what, scalar := range map[string][]byte{
				"an octet less": curve.scalar[1:], "all zeros less": bytes.TrimLeft(curve.scalar, "\x00"),
				"an octet more": append([]byte{0}, curve.scalar...), "32 octets more": append(make([]byte, 32), curve.scalar...),
			} {
				add(fmt.Sprintf("%s, %s, %s", curve.name, name, what), block(label, der(scalar)), want, jwk.ErrInvalid,
					fmt.Sprintf("a scalar of %d octets, want %d for %s %s", len(scalar), len(curve.scalar), curve.name, accepts), metWidth)
			}
		}
	}
	bareRSA := algorithm(t, oidRSAKey)
	infoOf := func(algorithm, key []byte) []byte { return sequence(integer(0), algorithm, octetString(key)) }
	const lacksNULL = "rsaEncryption without parameters, want NULL " + accepts
	add("SubjectPublicKeyInfo without NULL", block("PUBLIC KEY", sequence(bareRSA, bitString(modulus))), rsaPublic, jwk.ErrUnsupported, lacksNULL, metNULL)
	add("PKCS #8 without NULL", block("PRIVATE KEY", infoOf(bareRSA, rsaPKCS1)), rsaKey, jwk.ErrUnsupported, lacksNULL, metNULL)
	noCRT, noPrimes := rsaPrivateDER(t, 0, withZeros(t, "dp", "dq", "qi")), rsaPrivateDER(t, 0, withZeros(t, "p", "q", "dp", "dq", "qi"))
	nullRSA := sequence(marshalASN1(t, oidRSAKey), nullElement)
	for name, wrap := range map[string]func(key []byte) []byte{
		"PKCS #1": func(key []byte) []byte { return block("RSA PRIVATE KEY", key) },
		"PKCS #8": func(key []byte) []byte { return block("PRIVATE KEY", infoOf(nullRSA, key)) },
	} {
		add(name+", zero CRT values", wrap(noCRT), rsaKey, jwk.ErrInvalid, "/dp: is 0, and so are dq and qi (Parser.Lenient computes them)", metCRT("dp", "dq", "qi")...)
		add(name+", zero primes", wrap(noPrimes), rsaKey, jwk.ErrInvalid, "/p: is 0, and so are q, dp, dq and qi (Parser.Lenient computes them)", metCRT("p", "q", "dp", "dq", "qi")...)
	}
	add("ring, Ed25519", block("PRIVATE KEY", explicitPublic(t, "Ed25519", oidEd25519)), ed, jwk.ErrSyntax, "the public key has an explicit tag, as ring wrote it until 2023, want an implicit one "+accepts, metTag)

	// All together.
	worst := bytes.ReplaceAll(block("EC PRIVATE KEY", infoOf(bareRSA, noCRT)), []byte("\n"), []byte(" "))
	add("one of each", join([]byte(bom), worst), rsaKey, jwk.ErrSyntax, "a byte order mark before BEGIN", slices.Concat(metCRT("dp", "dq", "qi"), []jwk.Deviation{metNULL, metLabel, met, metBOM})...)
	add("label, and the tag of ring", block("RSA PRIVATE KEY", pkcs8(t, 1, []asn1.ObjectIdentifier{oidEd25519}, octetString(fixtureOctets(t, "Ed25519", "d")), explicit(1, bitString(fixtureOctets(t, "Ed25519", "x"))))),
		ed, jwk.ErrSyntax, "PKCS #8 in a block RSA PRIVATE KEY", metTag, metLabel)
	return tests
}

// explicitPublic returns PKCS #8 in which the public key has an explicit tag.
func explicitPublic(t testing.TB, name string, oid asn1.ObjectIdentifier) []byte {
	t.Helper()
	return pkcs8(t, 1, []asn1.ObjectIdentifier{oid}, octetString(fixtureOctets(t, name, "d")), explicit(1, bitString(fixtureOctets(t, name, "x"))))
}

// TestExplicitTagOfOthers checks that only Ed25519 keys may have the explicit tag, because ring
// wrote it only for these.
func TestExplicitTagOfOthers(t *testing.T) {
	for name, oid := range map[string]asn1.ObjectIdentifier{"Ed448": oidEd448, "X25519": {1, 3, 101, 110}} {
		for _, p := range []jwk.Parser{{}, {Lenient: true}} {
			_, err := p.ParseDER(explicitPublic(t, name, oid))
			checkError(t, err, jwk.ErrSyntax, "")
			if strings.Contains(err.Error(), "Lenient") {
				t.Errorf("%s: got %q, want no way out by Lenient", name, err)
			}
		}
	}
}

// TestScalarOfZeros checks that a scalar of zeros is refused, and that the error does not suggest
// Lenient, which refuses it too.
func TestScalarOfZeros(t *testing.T) {
	for _, scalar := range [][]byte{{}, {0}, make([]byte, 31), make([]byte, 33)} {
		for _, p := range []jwk.Parser{{}, {Lenient: true}} {
			_, err := p.ParseDER(sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(t, oidP256))))
			checkError(t, err, jwk.ErrInvalid, "*")
			if strings.Contains(err.Error(), "Lenient") {
				t.Errorf("%d octets: got %q, want no way out by Lenient", len(scalar), err)
			}
		}
	}
}

// TestZeroPrimes checks that zeros for dp, dq and qi are computed, and that zeros for p and q are
// left out of the key, because d is enough.
func TestZeroPrimes(t *testing.T) {
	p := jwk.Parser{Lenient: true}
	for _, tt := range []struct {
		zeros []string
		want  string
	}{
		{[]string{"dp", "dq", "qi"}, "kty n e d p q dp dq qi"},
		{[]string{"p", "q", "dp", "dq", "qi"}, "kty n e d"},
	} {
		k, err := p.ParseDER(rsaPrivateDER(t, 0, withZeros(t, tt.zeros...)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for name := range k.Members() {
			names = append(names, name)
		}
		slices.Sort(names)
		want := strings.Fields(tt.want)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("%v are 0: got members %q, want %q", tt.zeros, names, want)
		}
	}
	for _, zeros := range [][]string{{"dp"}, {"qi"}, {"dq", "qi"}, {"p"}} {
		k, err := p.ParseDER(rsaPrivateDER(t, 0, withZeros(t, zeros...)))
		if err == nil {
			t.Fatalf("%v are 0: got %v, want an error", zeros, k)
		}
		checkError(t, err, jwk.ErrInvalid, "*")
	}
}

// TestJoinedFiles checks that the error names a byte order mark between files that were joined, and
// that Lenient reads the block after the mark.
func TestJoinedFiles(t *testing.T) {
	first, second := block("PUBLIC KEY", must[[]byte](t)(public(t, "P-256").key(t).MarshalDER())), block("PUBLIC KEY", must[[]byte](t)(public(t, "Ed25519").key(t).MarshalDER()))
	text := slices.Concat(first, []byte("\uFEFF"), second)
	s, err := jwk.ParsePEM(text)
	if err != nil || s.Len() != 1 || len(s.Skipped()) != 1 || !strings.Contains(s.Skipped()[0].String(), "block 2: jwk: /keys/1: a byte order mark") {
		t.Errorf("got %v, %v, %v; want one key, and block 2 skipped for its byte order mark", s, s.Skipped(), err)
	}
	s, err = (&jwk.Parser{Lenient: true}).ParsePEM(text)
	if err != nil || s.Len() != 2 {
		t.Errorf("Lenient: got %v, %v, want both keys", s, err)
	}
}

// scalarsOfZeros returns for each curve a scalar whose first two octets are 0.
func scalarsOfZeros(t testing.TB) (list []struct {
	name   string
	oid    asn1.ObjectIdentifier
	scalar []byte
}) {
	t.Helper()
	for name, oid := range map[string]asn1.ObjectIdentifier{"P-256": oidP256, "P-384": oidP384, "P-521": {1, 3, 132, 0, 35}, "secp256k1": oidSecp256k1} {
		scalar := fixtureOctets(t, name, "d")
		scalar[0], scalar[1], scalar[2] = 0, 0, 1
		list = append(list, struct {
			name   string
			oid    asn1.ObjectIdentifier
			scalar []byte
		}{name, oid, scalar})
	}
	return list
}

// checkCanonicalPEM checks that a key that Lenient read is written without deviations, in PEM and
// in JSON: the strict Parser must read it.
func checkCanonicalPEM(t *testing.T, k *jwk.Key) {
	t.Helper()
	write := k.MarshalPEM
	if k.IsPrivate() {
		write = k.MarshalPrivatePEM
	}
	s, err := jwk.ParsePEM(must[[]byte](t)(write()))
	if again := theKey(t, s, err); !again.Equal(k) || len(again.Deviations()) > 0 {
		t.Errorf("written in PEM and read strictly: got %v, %v, want %v", again, again.Deviations(), k)
	}
	again, err := jwk.Parse(must[[]byte](t)(k.MarshalPrivateJSON()))
	if err != nil || !again.Equal(k) {
		t.Errorf("written in JSON and read strictly: got %v, %v, want %v", again, err, k)
	}
}

// TestLenientPEM checks that Lenient reads the key of each deviating file and reports all of its
// deviations, and that the strict error names the fault.
func TestLenientPEM(t *testing.T) {
	lenient := &jwk.Parser{Lenient: true}
	for _, test := range lenientPEM(t) {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.ParsePEM(test.text)
			if s != nil {
				t.Errorf("strict: got %v, want no set", s)
			}
			if checkError(t, err, test.refused, "*"); !strings.Contains(err.Error(), test.says) {
				t.Errorf("strict: got %q, want %q in it", err, test.says)
			}

			s, err = lenient.ParsePEM(test.text)
			k := theKey(t, s, err)
			if !k.Equal(test.want) || !sameMembers(t, k, test.want) && !hasDeviation(k, "/p") {
				t.Errorf("got %v, want %v", k, test.want)
			}
			if got := k.Deviations(); !slices.Equal(got, test.met) {
				t.Errorf("got deviations %q, want %q", got, test.met)
			}
			checkCanonicalPEM(t, k)

			// The deviations are the same beside a good key. That key has at most the mark.
			s, err = lenient.ParsePEM(join(test.text, []byte("\n"), goodPEM(t)))
			if err != nil || s.Len() != 2 || !slices.Equal(s.At(0).Deviations(), test.met) {
				t.Fatalf("beside another key: got %v, %v, want two keys", s, err)
			}
			if got, want := s.At(1).Deviations(), slices.Contains(test.met, metBOM); (len(got) == 1 && got[0] == metBOM) != want || !want && len(got) > 0 {
				t.Errorf("the other key: got deviations %q, want the mark %t", got, want)
			}

			// A deviation does not hide a private key from PublicOnly and DecryptPEM.
			_, err = (&jwk.Parser{Lenient: true, PublicOnly: true}).ParsePEM(join(goodPEM(t), test.text))
			if test.want.IsPrivate() {
				checkError(t, err, jwk.ErrPrivate, "")
				_, err = (&jwk.Parser{PublicOnly: true}).ParsePEM(join(goodPEM(t), test.text))
				checkError(t, err, jwk.ErrPrivate, "")
				_, err = jwk.DecryptPEM(join(goodPEM(t), test.text), &jwk.DecryptOptions{Passphrase: passphrase, Parser: lenient})
				checkError(t, err, jwk.ErrDecrypt, "")
			}
		})
	}
}

func hasDeviation(k *jwk.Key, path string) bool {
	return slices.ContainsFunc(k.Deviations(), func(d jwk.Deviation) bool { return string(d.Path) == path })
}
