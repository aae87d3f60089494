package jwk_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// A door is a function of the package that reads input from outside.
type door struct {
	name  string
	share int // number of inputs for this door in a thousand
	seeds [][]byte
	read  func(input []byte) (any, error)
	kinds []error // the kinds of its errors; the test must cause each of them and no other
	shut  bool    // the door refuses all input, because the key or the passphrase is wrong
}

// reading converts a function for a door. If the pointer that it returns is nil, the interface
// is nil too.
func reading[T any](read func([]byte) (*T, error)) func([]byte) (any, error) {
	return func(input []byte) (any, error) {
		v, err := read(input)
		if v == nil {
			return nil, err
		}
		return v, err
	}
}

// decrypting converts DecryptKey, DecryptSet or DecryptPEM, with options, for a door.
func decrypting[T any](read func([]byte, *jwk.DecryptOptions) (*T, error), opts *jwk.DecryptOptions) func([]byte) (any, error) {
	return reading(func(input []byte) (*T, error) { return read(input, opts) })
}

// texts returns the contents of the files in testdata that match a pattern.
func texts(t testing.TB, pattern string) [][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	var all [][]byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// rfcKeys returns the texts of the keys that RFCs print.
func rfcKeys(t testing.TB) [][]byte {
	t.Helper()
	var facts []struct{ JWK json.RawMessage }
	if err := json.Unmarshal(texts(t, "rfc.json")[0], &facts); err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for _, f := range facts {
		keys = append(keys, f.JWK)
	}
	return keys
}

// jweSeeds returns the given encrypted texts, and variants of them: each is refused for one
// fault in its header.
func jweSeeds(t testing.TB, good ...[]byte) [][]byte {
	t.Helper()
	seeds := slices.Clone(good)
	for _, text := range good {
		header := headerOf(t, text)
		for _, o := range []object{
			header.with("enc", "A512GCM"), header.with("zip", "DEF"), header.with("cty", "JWT"), header.with("alg", "RSA1_5"),
			header.without("alg"), header.with("p2c", 1), header.with("p2c", int64(1<<40)), header.with("epk", object{}), header.with("n", nil),
		} {
			seeds = append(seeds, withHeader(text, o.json(t)))
		}
		seeds = append(seeds, withHeader(text, []byte(`{"alg"`)), text[1:])
	}
	return seeds
}

// doors returns the functions that read input, each with its seeds and the kinds of its errors.
func doors(t testing.TB) []door {
	octets := must[[]byte](t)
	small := public(t, "RSA-2048").with("n", oddModulus(newRand(1), 1024))
	keys := slices.Concat(keySeeds(t), rfcKeys(t), [][]byte{small.json(t), []byte(`{"kty":"?"}`)})
	slices.SortFunc(keys, bytes.Compare) // some come from maps, whose order is random
	sets := [][]byte{
		[]byte(`{"keys":[` + strings.Repeat("[", 10_001)), []byte(`{}`), []byte(`{"a":{"a":1}}`), setText(), setText("{}", "1"),
		setText(okpWith(`"kid":"a"`), okpWith(`"kid":"a"`)),
	}
	sets = append(sets, texts(t, "provider.jwks.json")...)
	for i, key := range keys {
		sets = append(sets, setText(string(key)), setText(okpWith(`"kid":"a"`), string(key), string(keys[(i+1)%len(keys)])))
	}

	// A key that is too small, one of an unknown kind, and one that is not on its curve.
	p256 := octets(fixture(t, "P-256").key(t).MarshalDER())
	bad := [][]byte{
		sequence(sequence(marshalASN1(t, oidRSAKey), nullElement), bitString(sequence(bigInteger(small.integer(t, "n")), integer(65537)))),
		sequence(algorithm(t, asn1.ObjectIdentifier{1, 2, 3}), bitString(p256)),
		flipped(p256, len(p256)-1),
	}
	encryptedPEM := octets(fixture(t, "P-256").key(t).EncryptPEM(toPassphrase()))
	locked, _ := pem.Decode(encryptedPEM)
	der := slices.Concat(derSeeds(t), bad, [][]byte{locked.Bytes})
	slices.SortFunc(der, bytes.Compare)
	toDecrypt := slices.Concat(texts(t, "*/*.pub.pem"), texts(t, "pem/P-256.pem"), [][]byte{encryptedPEM, []byte("no block")})
	for _, key := range bad {
		toDecrypt = append(toDecrypt, block("PUBLIC KEY", key), join(encryptedPEM, block("PUBLIC KEY", key)))
	}
	files := slices.Concat(toDecrypt, texts(t, "*/*.pem"), [][]byte{
		join(texts(t, "pem/*.pem")...),
		[]byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
	})

	secret, ec, wrapping := secretKey(t), fixture(t, "P-256").key(t), fixture(t, "oct-256").key(t)
	toEC := encrypted(t, secret, &jwk.EncryptOptions{Recipient: ec})
	toOct := encrypted(t, secret, &jwk.EncryptOptions{Recipient: wrapping})
	toWords := encrypted(t, secret, toPassphrase())
	few := &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 2 * fewIterations}
	fewFast := &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 2 * fewIterations, Parser: &jwk.Parser{FailFast: true}}

	parsing := []error{jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy}
	with := func(kinds ...error) []error { return append(slices.Clone(parsing), kinds...) }
	lenient, public := &jwk.Parser{Lenient: true}, &jwk.Parser{PublicOnly: true}
	careful := &jwk.Parser{Lenient: true, FailFast: true, UniqueKeyIDs: true}
	return []door{
		{"Parse", 150, keys, reading(jwk.Parse), parsing, false},
		{"Parse, Lenient", 150, keys, reading(lenient.Parse), parsing, false},
		{"Parse, PublicOnly", 100, keys, reading(public.Parse), with(jwk.ErrPrivate), false},
		{"ParseSet", 85, sets, reading(jwk.ParseSet), []error{jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrPolicy}, false},
		{"ParseSet, Lenient, FailFast, UniqueKeyIDs", 100, sets, reading(careful.ParseSet), parsing, false},
		{"ParseSet, PublicOnly", 50, sets, reading(public.ParseSet), []error{jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrPolicy, jwk.ErrPrivate}, false},
		{"ParseDER", 100, der, reading(jwk.ParseDER), with(jwk.ErrDecrypt), false},
		{"ParseDER, PublicOnly", 50, der, reading(public.ParseDER), with(jwk.ErrPrivate), false},
		{"ParsePEM", 50, files, reading(jwk.ParsePEM), with(jwk.ErrDecrypt), false},
		{"ParsePEM, FailFast", 50, files, reading((&jwk.Parser{FailFast: true}).ParsePEM), with(jwk.ErrDecrypt), false},
		{"ParsePEM, PublicOnly", 20, files, reading(public.ParsePEM), with(jwk.ErrPrivate), false},
		{"DecryptPEM, FailFast", 20, toDecrypt, decrypting(jwk.DecryptPEM, fewFast), with(jwk.ErrDecrypt), false},
		{"DecryptKey, passphrase", 10, jweSeeds(t, toWords), decrypting(jwk.DecryptKey, few), with(jwk.ErrDecrypt), false},
		{"DecryptKey, P-256", 10, jweSeeds(t, toEC), decrypting(jwk.DecryptKey, &jwk.DecryptOptions{Key: ec}), with(jwk.ErrDecrypt), false},
		{"DecryptKey, oct", 10, jweSeeds(t, toOct), decrypting(jwk.DecryptKey, &jwk.DecryptOptions{Key: wrapping}), with(jwk.ErrDecrypt), false},
		{"DecryptSet, passphrase", 5, jweSeeds(t, encryptedSet(t, secretSet(t), toPassphrase())), decrypting(jwk.DecryptSet, few), with(jwk.ErrDecrypt), false},
		{"DecryptKey, another passphrase", 5, jweSeeds(t, toWords), decrypting(jwk.DecryptKey, &jwk.DecryptOptions{Passphrase: []byte("another"), MaxPBES2Count: few.MaxPBES2Count}), with(jwk.ErrDecrypt), true},
		{"DecryptKey, another P-256 key", 5, jweSeeds(t, toEC), decrypting(jwk.DecryptKey, &jwk.DecryptOptions{Key: must[*jwk.Key](t)(jwk.Generate(jwk.ECDHESA256KW, nil))}), with(jwk.ErrDecrypt), true},
		{"DecryptKey, a public key", 5, jweSeeds(t, toEC), decrypting(jwk.DecryptKey, &jwk.DecryptOptions{Key: must[*jwk.Key](t)(ec.Public())}), []error{jwk.ErrPrivate}, true},
		{"ParseThumbprint", 25, [][]byte{[]byte(secret.Thumbprint().String()), []byte(secret.Thumbprint().URI())}, func(input []byte) (any, error) {
			v, err := jwk.ParseThumbprint(string(input))
			if v == (jwk.Thumbprint{}) {
				return nil, err
			}
			return v, err
		}, []error{jwk.ErrInvalid}, false},
	}
}

// words are texts that spoiled inserts.
var words = []string{
	`"`, `\`, `\u0000`, `\ud800`, `null`, `{`, `}`, `[`, `]`, `,`, `:`, `,"d":"AA"`, `,"use":"enc"`, `"kid":"a",`, `-0`, `1e999`,
	"\x00", "\xff", "\uFEFF", "=", "+", "\n", " ", ".", "AAAA", "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n", "-----",
	"\x30\x80", "\x30\x84\xff\xff\xff\xff", "\x02\x01\x00", "\x02\x00", "\x05\x00",
}

// spoiled returns one of the seeds with one to three random changes.
func spoiled(rng *rand.Rand, seeds [][]byte) []byte {
	input := bytes.Clone(seeds[rng.IntN(len(seeds))])
	for range 1 + rng.IntN(3) {
		i := rng.IntN(len(input) + 1)
		j := i + rng.IntN(min(len(input)-i, 64)+1)
		other := seeds[rng.IntN(len(seeds))]
		word := words[rng.IntN(len(words))]
		switch rng.IntN(7) {
		case 0:
			if i < len(input) {
				input[i] ^= 1 << rng.IntN(8)
			}
		case 1:
			if i < len(input) && len(other) > 0 {
				input[i] = other[rng.IntN(len(other))]
			}
		case 2:
			input = slices.Delete(input, i, j)
		case 3:
			input = slices.Insert(input, j, bytes.Clone(input[i:j])...)
		case 4:
			input = slices.Insert(input, i, other[min(i, len(other)):min(j, len(other))]...)
		case 5:
			input = slices.Replace(input, i, j, []byte(word)...)
		default:
			input = slices.Insert(input, i, []byte(word)...)
		}
	}
	return input
}

// A tally counts the results of a door.
type tally struct {
	inputs, read, panics int
	refused              [len(kinds)]int // by kind
	slowest              time.Duration
	slow                 string // the result of the slowest input
}

// kinds are the names of the kinds of error that an input may cause.
var kinds = [...]string{"ErrSyntax", "ErrInvalid", "ErrUnsupported", "ErrPolicy", "ErrPrivate", "ErrDecrypt"}

// try reads an input with a door, and counts and checks the result.
func (c *tally) try(t *testing.T, d *door, input []byte) {
	t.Helper()
	var got any
	var err error
	timed := func() time.Duration {
		defer func() {
			if p := recover(); p != nil {
				c.panics++
				t.Errorf("%s: %q panics: %v", d.name, input, p)
			}
		}()
		start := time.Now()
		got, err = d.read(input)
		return time.Since(start)
	}
	took := timed()
	c.inputs++
	if (got == nil) == (err == nil) {
		t.Errorf("%s: %q: got %v and error %v, want exactly one of them", d.name, input, got, err)
		return
	}
	if err != nil {
		kind := checkFuzzedError(t, err, len(input))
		if c.refused[slices.Index(kinds[:], nameOf(kind))]++; !slices.Contains(d.kinds, kind) {
			t.Errorf("%s: %q: got %v, want one of the kinds %v", d.name, input, err, d.kinds)
		}
	} else {
		c.read++
		if s, ok := got.(*jwk.Set); ok {
			for _, entry := range s.Skipped() {
				checkFuzzedError(t, entry.Err, len(input))
			}
		}
	}
	for i := 0; i < 3 && took > c.slowest; i++ { // again, in case the machine was busy
		took = min(took, timed())
	}
	if took > c.slowest {
		c.slowest, c.slow = took, fmt.Sprint(got)
		if err != nil {
			c.slow = err.Error()
		}
	}
}

// counts returns the row of a table without its last cell.
func (c *tally) counts(name string) string {
	row := fmt.Sprintf("| %s | %d | %d |", name, c.inputs, c.read)
	for _, n := range c.refused {
		row += fmt.Sprintf(" %d |", n)
	}
	return row + fmt.Sprintf(" %d |", c.panics)
}

// row returns the row of a table.
func (c *tally) row(name string) string {
	slow := strings.ToValidUTF8(c.slow[:min(len(c.slow), 60)], "")
	return c.counts(name) + fmt.Sprintf(" %v: %s |\n", c.slowest.Round(time.Microsecond), slow)
}

// TestRobustness: if this fails, a hostile input makes the package panic, or an error has no
// kind or an undocumented one. The test reads 20,000 random variants of valid and invalid
// inputs. The inputs and counts are the same in every run, and SECURITY.md has them. The test
// prints times but does not check them.
func TestRobustness(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1) // so that the signed and encrypted seeds are always the same
	inputs := 20_000
	if testing.Short() {
		inputs /= 10
	}
	rng := newRand(9)
	table := fmt.Sprintf("| door | inputs | read | %s | panics | slowest |\n|%s\n", strings.Join(kinds[:], " | "), strings.Repeat("---|", 5+len(kinds)))
	security := openDocument(t, "SECURITY.md")
	publish := func(name string, c *tally) {
		if !testing.Short() {
			counts := c.counts(name)
			security.row(t, "| "+name+" |", func(row string) bool { return strings.HasPrefix(row, counts) }, fmt.Sprintf("%s %v |", counts, c.slowest.Round(time.Microsecond)))
		}
	}
	shares := 0
	var all tally
	for _, d := range doors(t) {
		shares += d.share
		var c tally
		for _, seed := range d.seeds {
			c.try(t, &d, seed)
		}
		for c.inputs < inputs*d.share/1000 {
			c.try(t, &d, spoiled(rng, d.seeds))
		}
		for _, kind := range d.kinds {
			if c.refused[slices.Index(kinds[:], nameOf(kind))] == 0 {
				t.Errorf("%s: got no error of the kind %v, want one", d.name, kind)
			}
		}
		if (c.read == 0) != d.shut {
			t.Errorf("%s: got %d inputs read; want some: %t", d.name, c.read, !d.shut)
		}
		table += c.row(d.name)
		publish(d.name, &c)

		all.inputs, all.read, all.panics = all.inputs+c.inputs, all.read+c.read, all.panics+c.panics
		for i, n := range c.refused {
			all.refused[i] += n
		}
		if c.slowest > all.slowest {
			all.slowest, all.slow = c.slowest, c.slow
		}
	}
	if shares != 1000 {
		t.Errorf("got shares of %d in all, want 1000", shares)
	}
	publish("all", &all)
	t.Logf("hostile inputs by door\n%s%s", table, all.row("all"))
}
