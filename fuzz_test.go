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

// keySeeds returns texts of valid and invalid keys: of every type, and with every member that
// the parser reads.
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
		public(t, "P-256").with("x5c", std64(der), "x5t", strings.Repeat("ab", 20), "x5t#S256", encoded(make([]byte, 32))).json(t),
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
		// Members that Lenient drops, and private members in unusual places.
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
		if json.Unmarshal(text, &set) == nil { // the list of reports is not a set
			for _, entry := range set.Keys {
				seeds = append(seeds, entry)
			}
		}
	}
	if len(seeds) < 2*len(fixtureNames) {
		t.Fatalf("got %d seeds, want at least %d", len(seeds), 2*len(fixtureNames))
	}
	return seeds
}

// carriesPrivate reports whether an object in a text has a kty and a private member with a value
// that could be private. Upper and lower case in the names do not matter. It is a second
// implementation of the rule in the package, independent of it and based on encoding/json.
func carriesPrivate(t *testing.T, text []byte) bool {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	// value reads a value. It returns its first token, its length, and whether it carries
	// private material.
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

// isUseAtOdds reports whether d is a use that does not fit the alg. This is the only deviation
// that the canonical text of a key still has.
func isUseAtOdds(d jwk.Deviation) bool { return d.Code == jwk.DeviationUse }

// FuzzParse: a key must keep its text, which must parse to an equal key. For any other text,
// Parse must return an error of exactly one kind and no key.
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
				t.Errorf("got key %v and error %v, want only one of them", k, err)
			}
			checkFuzzedError(t, err, len(data))
			return
		}
		if k == nil {
			t.Fatal("got neither key nor error")
		}
		want := jsontext.Value(bytes.Trim(data, " \t\r\n"))
		text := jsontext.Value(checkFuzzedKey(t, k))
		if len(data) > 4<<10 { // the parser may remove white space if there is much of it
			text, want = text.Clone(), want.Clone()
			if err := errors.Join(text.Compact(), want.Compact()); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(text, want) {
			t.Errorf("got text %q, want %q", text, data)
		}
		if k.Deviations() != nil {
			t.Errorf("got deviations %q from the strict parser, want nil", k.Deviations())
		}
	})
}

// FuzzParseSet: the text that a set writes must parse to a set with the same keys and the same
// skipped entries, which writes the same text.
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
				t.Errorf("got set %v and error %v, want only one of them", s, err)
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
			t.Fatalf("ParseSet of the text %q that the set wrote: got %v, want no error", text, err)
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
			t.Errorf("PublicOnly, the text %q of Public: got %v, want no error", published, err)
		}
	})
}

// FuzzLenient: if Lenient accepts a key, its canonical text must have no deviations except a use
// that does not fit the alg. If the strict parser accepts a key, Lenient must accept it
// unchanged, except for an empty use or alg.
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
				t.Errorf("got key %v and error %v, want only one of them", k, err)
			}
			if errStrict == nil {
				t.Errorf("lenient: got %v, want no error, as from the strict parser", err)
			}
			checkFuzzedError(t, err, len(data))
			return
		}
		canonical := checkFuzzedKey(t, k)
		again, err := p.Parse(canonical)
		if err != nil || slices.ContainsFunc(again.Deviations(), func(d jwk.Deviation) bool { return !isUseAtOdds(d) }) {
			t.Errorf("lenient, the canonical text %q: got %v, %v; want no deviations", canonical, again, err)
		}
		if errStrict != nil {
			if len(k.Deviations()) == 0 {
				t.Errorf("lenient: got no deviations, want some, because the strict parser returns %v", errStrict)
			}
			return
		}
		if strict.Thumbprint() != k.Thumbprint() || !strict.Equal(k) {
			t.Errorf("lenient: got %v, want %v, as from the strict parser", k, strict)
		}
		if k.Deviations() != nil {
			// Lenient may drop only an empty use or alg, which the strict parser treats as absent.
			for _, d := range k.Deviations() {
				if d != (jwk.Deviation{Path: "/use", Code: jwk.DeviationEmpty}) && d != (jwk.Deviation{Path: "/alg", Code: jwk.DeviationEmpty}) {
					t.Errorf("lenient: got deviations %q of a key that the strict parser accepts", k.Deviations())
				}
			}
			return
		}
		text, err := strict.MarshalPrivateJSON()
		if err != nil || !bytes.Equal(text, canonical) || strict.Thumbprint() != k.Thumbprint() {
			t.Errorf("lenient: got text %q, want %q, as from the strict parser", canonical, text)
		}
	})
}

// derSeeds returns keys in DER, valid and damaged.
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
		t.Fatalf("got %d seeds, want at least %d", len(seeds), 5*len(asymmetricNames()))
	}
	return seeds
}

// FuzzParseDER: a key read from DER must have the properties of every key, and the DER that it
// writes must be readable here and by crypto/x509.
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

// checkFuzzedDER checks that the DER of a key parses to an equal key, and that crypto/x509
// parses it if it supports the kind of key.
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

// base64Words matches texts in base64 that are long enough to be a part of a key.
var base64Words = regexp.MustCompile("[A-Za-z0-9+/]{12,}")

// FuzzParsePEM: the errors for a PEM file must not show its base64, PublicOnly must return no
// private key, and DecryptPEM must return at least the keys that ParsePEM returns.
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
				t.Errorf("got %v with error %v, want nil", s, err)
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
					t.Errorf("error %q shows %q from the file", entry.Err, word)
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
			t.Errorf("DecryptPEM: got %v, want at least the keys of %v", decrypted, s)
		}
	})
}

// FuzzLenientPEM: the strict parser must read the PEM that a key from a lenient file writes, as
// the same key. If the strict parser reads every block of a file, Lenient must read the same.
func FuzzLenientPEM(f *testing.F) {
	seeds := 0
	for _, test := range lenientPEM(f) {
		if len(test.text) < 1<<10 { // the larger ones deviate in the same ways
			f.Add(test.text)
			seeds++
		}
	}
	if seeds < 100 {
		f.Fatalf("got %d seeds, want at least 100", seeds)
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
				t.Errorf("%v: got deviations %v, want at most the byte order mark, because the strict parser reads the file", k, d)
			}
		}
		if public, err := (&jwk.Parser{Lenient: true, PublicOnly: true}).ParsePEM(data); err != nil {
			checkFuzzedError(t, err, len(data))
		} else if _, err := public.MarshalJSON(); err != nil {
			t.Errorf("PublicOnly: %v", err)
		}
	})
}

// FuzzParser: each option of a Parser must do what its documentation says. Every option except
// Lenient may only refuse more, and must not change a key.
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
				t.Errorf("got %v and error %v, want only one of them", k, err)
			}
			if errWhole == nil && !(p.PublicOnly && errors.Is(err, jwk.ErrPrivate)) {
				t.Errorf("got %v, want an error only for private keys", err)
			}
		} else if errWhole != nil || !k.Equal(whole) {
			t.Errorf("got %v, want %v, %v, as without the options", k, whole, errWhole)
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
				t.Errorf("got %v and error %v, want only one of them", s, err)
			}
			if options&^1 == 0 && errAll == nil {
				t.Errorf("got %v, want no error, as from the second parser with the same options", err)
			}
			return
		}
		if errAll != nil || s.Len() != all.Len() || len(s.Skipped()) != len(all.Skipped()) {
			t.Fatalf("got %v, want %v, %v, as without the options", s, all, errAll)
		}
		if p.FailFast && s.Skipped() != nil {
			t.Errorf("FailFast: got skipped entries %v, want nil", s.Skipped())
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
					t.Errorf("UniqueKeyIDs: got two keys with the kid %q", k.KeyID())
				} else if ok {
					met[k.KeyID()] = true
				}
			}
		}
		if !p.Lenient {
			tolerant, err := (&jwk.Parser{Lenient: true}).ParseSet(data)
			if err != nil || tolerant.Len() < s.Len() {
				t.Errorf("Lenient: got %v, %v; want at least the keys of %v", tolerant, err, s)
			}
		}
	})
}

// FuzzUnmarshalJSON: UnmarshalJSON must return the same keys and errors as Parse and ParseSet,
// and must leave its receiver unchanged if it returns an error.
func FuzzUnmarshalJSON(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
		f.Add(setText(string(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := jwk.Parse(data)
		var key jwk.Key
		if errKey := key.UnmarshalJSON(data); (errKey == nil) != (err == nil) || errKey != nil && errKey.Error() != err.Error() {
			t.Errorf("Key: got error %v, want %v, as from Parse", errKey, err)
		}
		if err == nil && !key.Equal(k) || err != nil && key.Type() != "" {
			t.Errorf("Key: got %v, want %v", key, k)
		}
		s, err := jwk.ParseSet(data)
		var set jwk.Set
		if errSet := set.UnmarshalJSON(data); (errSet == nil) != (err == nil) || errSet != nil && errSet.Error() != err.Error() {
			t.Errorf("Set: got error %v, want %v, as from ParseSet", errSet, err)
		}
		if err != nil {
			s = new(jwk.Set)
		}
		if set.Len() != s.Len() || len(set.Skipped()) != len(s.Skipped()) {
			t.Errorf("Set: got %v, want %v", set, s)
		}
	})
}

// TestFuzzCorpora: if this fails, a fuzz target runs in CI without the inputs that were found
// for it, or a corpus has no target, or it has grown too large for the repository.
func TestFuzzCorpora(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	for _, folder := range []string{".", "sshkey", "cmd/jwk", "cmd/jwk/internal/setfile"} {
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
			t.Errorf("%s: got corpora for %q, want one for each of %q", folder, corpora, targets)
		}
	}
}
