package jwk_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// keySeeds are texts of keys, good and bad, of every type and with every
// member that is read.
func keySeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, name := range fixtureNames {
		full := fixture(t, name)
		seeds = append(seeds, full.json(t), public(t, name).json(t),
			full.with("kid", "a", "use", "sig", "alg", "none", "iat", 1, "exp", "x", "note", []any{nil, 1.5}).json(t))
		for member, value := range full {
			seeds = append(seeds, full.without(member).json(t), full.with(member, nil).json(t))
			if text, ok := value.(string); ok {
				seeds = append(seeds, full.with(member, padded(text)).json(t), full.with(member, standardAlphabet(text)+"\n").json(t))
			}
		}
	}
	der := certificateOf(t, "P-256")
	seeds = append(seeds,
		public(t, "P-256").with("x5c", []string{std64(der)}).json(t),
		public(t, "P-256").with("x5c", std64(der), "x5t", strings.Repeat("ab", 20), "x5t#S256", url64(make([]byte, 32))).json(t),
		fixture(t, "RSA-2048").without("p", "q", "dp", "dq", "qi").json(t),
		fixture(t, "RSA-2048").without("dp", "dq", "qi").json(t),
		fixture(t, "P-521").with("x", fixture(t, "P-521").zeros(t, "x", 1)).json(t),
		[]byte("\uFEFF"+okpWith("")),
		[]byte(" "+okpWith("\n\"a\" : {\"d\":[1,-0,1e999]}\t,\"\\u0064\":1")+"\r\n"),
		[]byte(okpWith(`"key_ops":["sign","verify","x"],"kid":"\u0000\ud83d\ude00","a":1,"\u0061":2`)),
		[]byte(strings.Replace(okpWith(""), "kty", `\u006bty`, 1)),
		[]byte(`{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`),
		[]byte(`{"kty":"oct","k":"AA","alg":"A128KW"}`),
		[]byte(`null`), []byte(`[]`), []byte(`{}`), []byte(``), []byte(`{"kty":"\ud800"}`),
		[]byte(`{"a":`+strings.Repeat("[", 1000)),
		// What Lenient leaves out, and what hides.
		public(t, "P-256").with("d", nil, "k", "", "oth", []any{}, "use", "", "key_ops", "verify", "x5u", "?", "x5c", []any{}, "x5t", 1).json(t),
		public(t, "P-256").with("x5c", []any{inPEM(der), std64(der)[:64] + "\n" + std64(der)[64:]}, "x5t#S256", "AAAA").json(t),
		public(t, "RSA-2048").with("kty", "RSA-HSM", "use", "enc", "alg", "RS256").json(t),
		[]byte(okpWith(`"D":"AA","a":[{"KTY":"EC","d":"AA"},{"kty":"AKP","seed":"AA"}]`)),
		[]byte(okpWith(strings.Repeat(" ", 5000))),
	)
	reports, err := filepath.Glob("testdata/reports/*.json")
	if err != nil || len(reports) == 0 {
		t.Fatal(err, "no reports")
	}
	for _, name := range reports {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var set struct{ Keys []json.RawMessage }
		if json.Unmarshal(text, &set) == nil { // the list of the reports is no set
			for _, entry := range set.Keys {
				seeds = append(seeds, entry)
			}
		}
	}
	if len(seeds) < 2*len(fixtureNames) {
		t.Fatalf("got %d seeds, want more", len(seeds))
	}
	return seeds
}

// checkFuzzedError makes sure that err is an *Error of exactly one kind, with
// a place within a document of size bytes. It returns the kind.
func checkFuzzedError(t *testing.T, err error, size int) error {
	t.Helper()
	i := slices.IndexFunc(errorKinds, func(kind error) bool { return errors.Is(err, kind) })
	if i < 0 {
		t.Fatalf("got error %q of no kind", err)
	}
	checkError(t, err, errorKinds[i], "*")
	var e *jwk.Error
	if errors.As(err, &e) && (e.Offset < 0 || e.Offset > int64(size) || !e.Path.IsValid()) {
		t.Errorf("%q: got place %q, %d in a document of %d bytes", err, e.Path, e.Offset, size)
	}
	return errorKinds[i]
}

// carriesPrivate reports whether there is an object in a text that has a kty and a
// private member, both in any case, whose value could be private. It is written anew
// here, on encoding/json.
func carriesPrivate(t *testing.T, text []byte) bool {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	// value reads a value and reports what it is, and whether it carries private material.
	var value func() (v any, length int, private bool)
	next := func() json.Token {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return token
	}
	value = func() (v any, length int, private bool) {
		switch token := next(); token {
		case json.Delim('['):
			for ; d.More(); length++ {
				_, _, within := value()
				private = private || within
			}
			next()
			return token, length, private
		case json.Delim('{'):
			var kty, akp, named, seed bool
			for d.More() {
				name := next().(string)
				v, length, within := value()
				private = private || within
				_, isText := v.(string)
				could := length > 0 && (isText || v == json.Delim('[') && strings.EqualFold(name, "oth"))
				kty = kty || strings.EqualFold(name, "kty")
				akp = akp || strings.EqualFold(name, "kty") && v == "AKP"
				named = named || could && slices.ContainsFunc(privateNames, func(n string) bool { return strings.EqualFold(n, name) })
				seed = seed || could && isText && strings.EqualFold(name, "seed")
			}
			next()
			return token, 0, private || kty && (named || akp && seed)
		default:
			s, _ := token.(string)
			return token, len(s), false
		}
	}
	_, _, private := value()
	return private
}

// isUseAtOdds reports whether d is the one deviation that stays in a key's text.
func isUseAtOdds(d jwk.Deviation) bool { return d.Code == jwk.DeviationUse }

// checkFuzzedKey makes sure of what holds for every key: its text is read
// again to an equal key of the same text, and its public half is public.
func checkFuzzedKey(t *testing.T, k *jwk.Key) []byte {
	t.Helper()
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	// Lenient keeps a use that is at odds with alg. Strict reads the text without it.
	p := jwk.Parser{Lenient: slices.ContainsFunc(k.Deviations(), isUseAtOdds)}
	again, err := p.Parse(text)
	if err != nil {
		t.Fatalf("its own text %q is refused: %v", text, err)
	}
	if !again.Equal(k) || !k.Equal(again) || again.Thumbprint() != k.Thumbprint() {
		t.Errorf("its own text %q is of another key", text)
	}
	if twice, err := again.MarshalPrivateJSON(); err != nil || !bytes.Equal(twice, text) {
		t.Errorf("got text %q, %v; want %q", twice, err, text)
	}
	private := carriesPrivate(t, text)
	if k.IsPrivate() && !private {
		t.Errorf("%v is private, and nothing in its text: %q", k, text)
	}
	if published, err := k.MarshalJSON(); (err == nil) == private || err == nil && !bytes.Equal(published, text) {
		t.Errorf("MarshalJSON: got %q, %v of %v", published, err, k)
	}
	pub, err := k.Public()
	if k.Type() == jwk.Oct {
		if pub != nil || !errors.Is(err, jwk.ErrPrivate) {
			t.Errorf("Public: got %v, %v; want %v", pub, err, jwk.ErrPrivate)
		}
		return text
	}
	if err != nil {
		t.Fatalf("Public of %q: %v", text, err)
	}
	if pub.IsPrivate() || pub.Thumbprint() != k.Thumbprint() {
		t.Errorf("Public of %q: got %v", text, pub)
	}
	if kept, err := k.WithAttributes(k.Attributes()); err != nil || !kept.Equal(k) {
		t.Errorf("WithAttributes of its own: got %v, %v", kept, err)
	}
	return text
}

// What parses is marshalled as it was, and parses again to the same key. What
// does not is an error of one kind, and nothing beside it.
func FuzzParse(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		k, err := jwk.Parse(data)
		if !bytes.Equal(data, before) {
			t.Fatal("Parse changed its input")
		}
		if err != nil {
			if k != nil {
				t.Errorf("got key %v beside error %v", k, err)
			}
			checkFuzzedError(t, err, len(data))
			return
		}
		if k == nil {
			t.Fatal("got neither key nor error")
		}
		want := jsontext.Value(bytes.Trim(data, " \t\r\n"))
		text := jsontext.Value(checkFuzzedKey(t, k))
		if len(data) > 4<<10 { // white space may go if there is a lot of it
			text, want = text.Clone(), want.Clone()
			if err := errors.Join(text.Compact(), want.Compact()); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(text, want) {
			t.Errorf("got text %q, want %q", text, data)
		}
		if k.Deviations() != nil {
			t.Errorf("got deviations %q of the strict parser", k.Deviations())
		}
	})
}

// A set that parses is marshalled to one with the same keys and the same
// skipped entries, whose text is then fixed.
func FuzzParseSet(f *testing.F) {
	var all []string
	for _, seed := range keySeeds(f) {
		f.Add(setText(string(seed)))
		if len(seed) < 400 && !strings.Contains(string(seed), `\ud800`) {
			all = append(all, string(seed))
		}
	}
	if len(all) == 0 {
		f.Fatal("no seeds")
	}
	f.Add(setText(all...))
	for _, seed := range []string{
		`{"keys":[]}`, `{}`, `{"keys":null}`, `{"keys":{}}`, `{"keys":[null,1,"d",[{"d":1}],{}]}`,
		`{"a":[1, 2],"keys":[ {"kty":"oct","k":"AAAA"} , {"k":1} ],"\u0062\"":{}}`,
		`{"keys":[],"keys":[]}`, `{"keys":[],"a":1,"\u0061":2}`, ` {"k\u0065ys" : [ ] } `,
		`{"keys":[` + okpWith(`"kid":"a"`) + `,` + okpWith(`"kid":"a"`) + `,` + okpWith(`"kid":1`) + `]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := jwk.ParseSet(data)
		if err != nil {
			if s != nil {
				t.Errorf("got set %v beside error %v", s, err)
			}
			checkFuzzedError(t, err, len(data))
			return
		}
		if s == nil {
			t.Fatal("got neither set nor error")
		}
		text, err := s.MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := jwk.ParseSet(text)
		if err != nil {
			t.Fatalf("its own text %q is refused: %v", text, err)
		}
		if twice, err := again.MarshalPrivateJSON(); err != nil || !bytes.Equal(twice, text) {
			t.Errorf("got text %q, %v; want %q", twice, err, text)
		}
		if again.Len() != s.Len() || len(again.Skipped()) != len(s.Skipped()) {
			t.Fatalf("got %d keys and %d skipped entries, want %d and %d",
				again.Len(), len(again.Skipped()), s.Len(), len(s.Skipped()))
		}
		private := carriesPrivate(t, text)
		for i, k := range slices.Collect(s.All()) {
			if checkFuzzedKey(t, k); !k.Equal(again.At(i)) || k.KeyID() != again.At(i).KeyID() {
				t.Errorf("key %d: got %v, want %v", i, again.At(i), k)
			}
		}
		for i, want := range s.Skipped() {
			got := again.Skipped()[i]
			if got.Index != want.Index || got.KeyID != want.KeyID || !bytes.Equal(got.JSON, want.JSON) {
				t.Errorf("skipped entry %d: got %v, want %v", i, got, want)
			}
			if kind := checkFuzzedError(t, want.Err, len(data)); !errors.Is(got.Err, kind) {
				t.Errorf("skipped entry %d: got %v, want %v", i, got.Err, kind)
			}
		}
		published, err := s.MarshalJSON()
		if (err == nil) == private || err != nil && !errors.Is(err, jwk.ErrPrivate) || err == nil && !bytes.Equal(published, text) {
			t.Errorf("MarshalJSON: got %q, %v; private keys %v", published, err, private)
		}
		if published, err = s.Public().MarshalJSON(); err != nil {
			t.Errorf("Public: %v", err)
		}
		p := jwk.Parser{PublicOnly: true, FailFast: true}
		if _, err := p.ParseSet(published); err != nil {
			t.Errorf("Public is %q: %v", published, err)
		}
	})
}

// The canonical text of what Lenient accepts is one that strict accepts, of
// the same thumbprint, apart from a use at odds with alg. What strict accepts Lenient
// accepts as it is, apart from an empty use or alg.
func FuzzLenient(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := jwk.Parser{Lenient: true}
		strict, errStrict := jwk.Parse(data)
		k, err := p.Parse(data)
		if err != nil {
			if k != nil {
				t.Errorf("got key %v beside error %v", k, err)
			}
			if errStrict == nil {
				t.Errorf("strict accepts it, lenient does not: %v", err)
			}
			checkFuzzedError(t, err, len(data))
			return
		}
		canonical := checkFuzzedKey(t, k)
		again, err := p.Parse(canonical)
		if err != nil || slices.ContainsFunc(again.Deviations(), func(d jwk.Deviation) bool { return !isUseAtOdds(d) }) {
			t.Errorf("lenient on its canonical text %q: %v", canonical, err)
		}
		if errStrict != nil {
			if len(k.Deviations()) == 0 {
				t.Errorf("strict says %v, and lenient tolerates nothing", errStrict)
			}
			return
		}
		if strict.Thumbprint() != k.Thumbprint() || !strict.Equal(k) {
			t.Errorf("got %v, want what strict reads, %v", k, strict)
		}
		if k.Deviations() != nil {
			// An empty use or alg, which strict takes for absent, is all that may be left out.
			for _, d := range k.Deviations() {
				if d != (jwk.Deviation{Path: "/use", Code: jwk.DeviationEmpty}) && d != (jwk.Deviation{Path: "/alg", Code: jwk.DeviationEmpty}) {
					t.Errorf("strict accepts it, lenient finds %q", k.Deviations())
				}
			}
			return
		}
		text, err := strict.MarshalPrivateJSON()
		if err != nil || !bytes.Equal(text, canonical) || strict.Thumbprint() != k.Thumbprint() {
			t.Errorf("got text %q, want that of strict, %q", canonical, text)
		}
	})
}

// derSeeds are keys in DER, good and damaged.
func derSeeds(t testing.TB) [][]byte {
	t.Helper()
	octets := must[[]byte](t)
	var seeds [][]byte
	for _, name := range asymmetricNames() {
		k := fixture(t, name).key(t)
		private, public := octets(k.MarshalPrivateDER()), octets(k.MarshalDER())
		seeds = append(seeds, private, public, private[:len(private)-1], append(bytes.Clone(public), 0), flipped(public, len(public)-1))
		switch key := k.PrivateKey().(type) {
		case *rsa.PrivateKey:
			seeds = append(seeds, x509.MarshalPKCS1PrivateKey(key), x509.MarshalPKCS1PublicKey(&key.PublicKey))
		case *ecdsa.PrivateKey:
			seeds = append(seeds, octets(x509.MarshalECPrivateKey(key)))
		}
	}
	seeds = append(seeds, certificateOf(t, "P-256"), nil, sequence(), sequence(integer(0), integer(1)))
	if len(seeds) < 5*len(asymmetricNames()) {
		t.Fatalf("got %d seeds, want more", len(seeds))
	}
	return seeds
}

// FuzzParseDER makes sure that a key in DER is what it is in JSON, and that it is
// written as others read it.
func FuzzParseDER(f *testing.F) {
	for _, seed := range derSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		k, err := jwk.ParseDER(der)
		if err != nil {
			checkFuzzedError(t, err, len(der))
			return
		}
		checkFuzzedKey(t, k)
		checkFuzzedDER(t, k)
	})
}

// checkFuzzedDER makes sure that a key is read from the DER that is written of
// it, here and by crypto/x509 where that knows its kind.
func checkFuzzedDER(t *testing.T, k *jwk.Key) {
	t.Helper()
	octets := must[[]byte](t)
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	der := octets(k.MarshalDER())
	if again, err := jwk.ParseDER(der); err != nil || !again.Equal(public) {
		t.Errorf("MarshalDER, and parsed again: got %v, %v, want %v", again, err, public)
	}
	if _, err := x509.MarshalPKIXPublicKey(k.PublicKey()); err == nil {
		if _, err := x509.ParsePKIXPublicKey(der); err != nil {
			t.Errorf("crypto/x509 does not read %v: %v", k, err)
		}
	}
	if !k.IsPrivate() {
		return
	}
	der = octets(k.MarshalPrivateDER())
	if again, err := jwk.ParseDER(der); err != nil || !again.Equal(k) {
		t.Errorf("MarshalPrivateDER, and parsed again: got %v, %v, want %v", again, err, k)
	}
	if _, err := x509.MarshalPKCS8PrivateKey(k.PrivateKey()); err == nil {
		if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
			t.Errorf("crypto/x509 does not read %v: %v", k, err)
		}
	}
}

// base64Words are what a key in base64 might show as.
var base64Words = regexp.MustCompile("[A-Za-z0-9+/]{12,}")

// FuzzParsePEM makes sure that a PEM file gives keys and reasons, and nothing
// private where none is wanted.
func FuzzParsePEM(f *testing.F) {
	const passphrase = "a"
	octets := must[[]byte](f)
	var all []byte
	for _, name := range []string{"RSA-2048", "P-256", "Ed448", "ML-DSA-44"} {
		k := fixture(f, name).key(f)
		private, public := octets(k.MarshalPrivatePEM()), octets(k.MarshalPEM())
		encrypted := octets(k.EncryptPEM(&jwk.EncryptOptions{Passphrase: []byte(passphrase), PBES2Count: 1000}))
		f.Add(private)
		f.Add(public)
		f.Add(encrypted)
		all = append(append(append(all, private...), public...), encrypted...)
	}
	certificate := block("CERTIFICATE", certificateOf(f, "P-256"))
	f.Add(append(all, certificate...))
	f.Add(append(certificate, certificate...))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\n-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := jwk.ParsePEM(data)
		if err != nil {
			checkFuzzedError(t, err, len(data))
			if s != nil {
				t.Errorf("got %v beside an error", s)
			}
			return
		}
		for k := range s.All() {
			checkFuzzedDER(t, k)
		}
		for _, entry := range s.Skipped() {
			checkFuzzedError(t, entry.Err, len(data))
			for _, word := range base64Words.FindAllString(entry.Err.Error(), -1) {
				if bytes.Contains(data, []byte(word)) {
					t.Errorf("%v shows what is in the file", entry.Err)
				}
			}
		}
		public, err := (&jwk.Parser{PublicOnly: true}).ParsePEM(data)
		if err != nil {
			checkFuzzedError(t, err, len(data))
		} else if _, err := public.MarshalJSON(); err != nil {
			t.Errorf("PublicOnly: %v", err)
		}
		decrypted, err := jwk.DecryptPEM(data, &jwk.DecryptOptions{Passphrase: []byte(passphrase), MaxPBES2Count: 1000})
		if err != nil {
			checkFuzzedError(t, err, len(data))
		} else if decrypted.Len() < s.Len() {
			t.Errorf("DecryptPEM: got %v, want no less than %v", decrypted, s)
		}
	})
}

// FuzzLenientPEM makes sure that what Lenient reads in PEM is written in a form that the
// strict reader reads as the same key, and that Lenient changes nothing in a file whose
// blocks are all read strictly.
func FuzzLenientPEM(f *testing.F) {
	seeds := 0
	for _, test := range lenientPEM(f) {
		if len(test.text) < 1<<10 { // the larger ones deviate in the same ways
			f.Add(test.text)
			seeds++
		}
	}
	if seeds < 100 {
		f.Fatalf("got %d seeds, want more", seeds)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		strict, errStrict := jwk.ParsePEM(data)
		s, err := (&jwk.Parser{Lenient: true}).ParsePEM(data)
		whole := errStrict == nil && len(strict.Skipped()) == 0
		if err != nil {
			checkFuzzedError(t, err, len(data))
			if whole {
				t.Errorf("got %v, want %v", err, strict)
			}
			return
		}
		for _, entry := range s.Skipped() {
			checkFuzzedError(t, entry.Err, len(data))
		}
		if whole && s.Len() != strict.Len() {
			t.Errorf("got %v, want %v", s, strict)
		}
		for k := range s.All() {
			checkCanonicalPEM(t, k)
			if d := k.Deviations(); whole && len(d) > 0 && !slices.Equal(d, []jwk.Deviation{deviation("", jwk.DeviationBOM)}) {
				t.Errorf("%v: got deviations %v of a file that is read strictly", k, d)
			}
		}
		if public, err := (&jwk.Parser{Lenient: true, PublicOnly: true}).ParsePEM(data); err != nil {
			checkFuzzedError(t, err, len(data))
		} else if _, err := public.MarshalJSON(); err != nil {
			t.Errorf("PublicOnly: %v", err)
		}
	})
}

// Options of a Parser do what they say, and but for Lenient only refuse.
func FuzzParser(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed, uint8(0))
		f.Add(setText(string(seed), okpWith(`"kid":"a"`)), uint8(1))
	}
	twice := setText(okpWith(`"kid":"a"`), `{"kty":"x","kid":"a"}`, `{"d":1}`, okpWith(`"kid":""`))
	for options := range uint8(64) {
		f.Add(twice, options)
		f.Add([]byte(okpWith(`"a":[{"d":1}]`)), options)
	}
	for _, m := range misfits(f) {
		f.Add([]byte(m.text), uint8(0))
		f.Add([]byte(m.text), uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, options uint8) {
		p := jwk.Parser{
			Lenient:      options&1 != 0,
			FailFast:     options&2 != 0,
			PublicOnly:   options&4 != 0,
			UniqueKeyIDs: options&8 != 0,
			MaxKeys:      int(options >> 4),
		}
		wide := jwk.Parser{Lenient: p.Lenient}

		k, err := p.Parse(data)
		whole, errWhole := wide.Parse(data)
		if err != nil {
			checkFuzzedError(t, err, len(data))
			if k != nil {
				t.Errorf("got %v beside error %v", k, err)
			}
			if errWhole == nil && !(p.PublicOnly && errors.Is(err, jwk.ErrPrivate)) {
				t.Errorf("got %v, want only private keys refused", err)
			}
		} else if errWhole != nil || !k.Equal(whole) {
			t.Errorf("got %v; without options %v, %v", k, whole, errWhole)
		} else if _, err := k.MarshalJSON(); p.PublicOnly && err != nil {
			t.Errorf("PublicOnly: got %v: %v", k, err)
		}

		only, errOnly := p.ParseOne(data)
		if errOnly != nil {
			checkFuzzedError(t, errOnly, len(data))
		}
		if (only == nil) != (errOnly != nil) || err == nil && (errOnly != nil || !only.Equal(k)) {
			t.Errorf("ParseOne: got %v, %v; want %v, %v", only, errOnly, k, err)
		}

		s, err := p.ParseSet(data)
		all, errAll := wide.ParseSet(data)
		if err != nil {
			checkFuzzedError(t, err, len(data))
			if s != nil {
				t.Errorf("got %v beside error %v", s, err)
			}
			if options&^1 == 0 && errAll == nil {
				t.Errorf("got %v the second time only", err)
			}
			return
		}
		if errAll != nil || s.Len() != all.Len() || len(s.Skipped()) != len(all.Skipped()) {
			t.Fatalf("got %v; without options %v, %v", s, all, errAll)
		}
		if p.FailFast && s.Skipped() != nil {
			t.Errorf("FailFast: got %v", s.Skipped())
		}
		if n := s.Len() + len(s.Skipped()); p.MaxKeys != 0 && n > p.MaxKeys {
			t.Errorf("MaxKeys: got %d entries, want at most %d", n, p.MaxKeys)
		}
		if _, err := s.MarshalJSON(); p.PublicOnly && err != nil {
			t.Errorf("PublicOnly: got %v: %v", s, err)
		}
		if p.UniqueKeyIDs {
			met := make(map[string]bool)
			for k := range s.All() {
				if _, ok := k.Member("kid"); ok && met[k.KeyID()] {
					t.Errorf("UniqueKeyIDs: got two keys of kid %q", k.KeyID())
				} else if ok {
					met[k.KeyID()] = true
				}
			}
		}
		if !p.Lenient {
			tolerant, err := (&jwk.Parser{Lenient: true}).ParseSet(data)
			if err != nil || tolerant.Len() < s.Len() {
				t.Errorf("Lenient: got %v, %v; want no fewer than %v", tolerant, err, s)
			}
		}
	})
}

// UnmarshalJSON says what Parse and ParseSet say, and changes nothing if it fails.
func FuzzUnmarshalJSON(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
		f.Add(setText(string(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := jwk.Parse(data)
		var key jwk.Key
		if errKey := key.UnmarshalJSON(data); (errKey == nil) != (err == nil) || errKey != nil && errKey.Error() != err.Error() {
			t.Errorf("Key: got %v; Parse says %v", errKey, err)
		}
		if err == nil && !key.Equal(k) || err != nil && key.Type() != "" {
			t.Errorf("Key: got %v, want %v", key, k)
		}
		s, err := jwk.ParseSet(data)
		var set jwk.Set
		if errSet := set.UnmarshalJSON(data); (errSet == nil) != (err == nil) || errSet != nil && errSet.Error() != err.Error() {
			t.Errorf("Set: got %v; ParseSet says %v", errSet, err)
		}
		if err != nil {
			s = new(jwk.Set)
		}
		if set.Len() != s.Len() || len(set.Skipped()) != len(s.Skipped()) {
			t.Errorf("Set: got %v, want %v", set, s)
		}
	})
}

// Every target has a corpus, and every corpus a target: a few small files.
func TestFuzzCorpora(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	for _, folder := range []string{".", "sshkey", "cmd/jwk"} {
		sources := must[[]string](t)(filepath.Glob(folder + "/*_test.go"))
		var targets []string
		for _, source := range sources {
			for _, match := range target.FindAllSubmatch(must[[]byte](t)(os.ReadFile(source)), -1) {
				targets = append(targets, string(match[1]))
			}
		}
		slices.Sort(targets)
		var corpora []string
		for _, entry := range must[[]os.DirEntry](t)(os.ReadDir(folder + "/testdata/fuzz")) {
			corpora = append(corpora, entry.Name())
			inputs := must[[]os.DirEntry](t)(os.ReadDir(folder + "/testdata/fuzz/" + entry.Name()))
			if n := len(inputs); n == 0 || n > 50 {
				t.Errorf("%s: got %d inputs, want 1 to 50", entry.Name(), n)
			}
			for _, input := range inputs {
				if info, err := input.Info(); err != nil || info.Size() > 4<<10 {
					t.Errorf("%s/%s: got %v, %v; want at most 4 KiB", entry.Name(), input.Name(), info.Size(), err)
				}
			}
		}
		if len(targets) == 0 || !slices.Equal(corpora, targets) {
			t.Errorf("%s: got corpora of %q, want those of %q", folder, corpora, targets)
		}
	}
}
