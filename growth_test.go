//go:build !race

package jwk_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// These tests show that the cost of a hostile text is at most proportional to its size. They do
// not run with the race detector: it allocates memory itself and would take minutes.

// The sizes of the texts, in octets.
const (
	smallText = 64 << 10
	largeText = 16 << 20 // the default of Parser.MaxBytes
)

// maxMemoryGrowth limits the growth of memory: for each of its octets a large text may allocate
// at most 1.5 times as much as a small one, plus one octet. The tests print times but do not
// check them, because machines differ. BenchmarkHostileGrowth compares times.
const maxMemoryGrowth = 1.5

// A shape is a kind of hostile text that can have any size.
type shape struct {
	name string
	read func(p *jwk.Parser, text []byte) error
	text func(size int) []byte
	want error   // the kind of the error, or nil if read succeeds
	most float64 // the maximum of octets allocated for each octet of a large text
	many bool    // the default of MaxKeys refuses the text long before its end
}

// The functions that read shapes.
func readKey(p *jwk.Parser, text []byte) error { _, err := p.Parse(text); return err }
func readSet(p *jwk.Parser, text []byte) error { _, err := p.ParseSet(text); return err }
func readPEM(p *jwk.Parser, text []byte) error { _, err := p.ParsePEM(text); return err }
func readDER(p *jwk.Parser, text []byte) error { _, err := p.ParseDER(text); return err }
func readJWE(p *jwk.Parser, text []byte) error {
	_, err := jwk.DecryptSet(text, &jwk.DecryptOptions{Passphrase: passphrase, Parser: p})
	return err
}

// leniently returns a function that calls read with Lenient set in the Parser.
func leniently(read func(*jwk.Parser, []byte) error) func(*jwk.Parser, []byte) error {
	return func(p *jwk.Parser, text []byte) error {
		loose := *p
		loose.Lenient = true
		return read(&loose, text)
	}
}

// filled returns a function that makes a text of at most size octets: before, then unit as
// often as it fits, then after.
func filled(before, unit, after string) func(size int) []byte {
	return func(size int) []byte {
		return []byte(before + strings.Repeat(unit, (size-len(before)-len(after))/len(unit)) + after)
	}
}

// listed is like filled, but its units are numbered and separated by commas.
func listed(before string, unit func(i int) string, after string) func(size int) []byte {
	return func(size int) []byte {
		b := append(make([]byte, 0, size), before...)
		for i := 0; ; i++ {
			u := unit(i)
			if len(b)+len(u)+1+len(after) > size {
				return append(bytes.TrimSuffix(b, []byte(",")), after...)
			}
			b = append(append(b, u...), ',')
		}
	}
}

// numbered returns a function that makes units from a format and a number.
func numbered(format string) func(i int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

// always returns a function that makes the same unit for every number.
func always(unit string) func(i int) string { return func(int) string { return unit } }

// around returns the parts of a text before and after its @.
func around(text string) (before, after string) {
	before, after, _ = strings.Cut(text, "@")
	return before, after
}

// withMember returns the text of a valid key with an additional member, split into the parts
// before and after the value of the member.
func withMember(name string) (before, after string) { return around(okpWith(`"` + name + `":@`)) }

// sequences returns DER of nested SEQUENCEs, each with a length in four octets.
func sequences(size int) []byte {
	b := make([]byte, 0, size)
	for size -= 6; size > 0; size -= 6 {
		b = append(b, 0x30, 0x84, byte(size>>24), byte(size>>16), byte(size>>8), byte(size))
	}
	return b
}

// certificateShapes returns shapes of PEM files with certificates that certify each other.
func certificateShapes(t testing.TB) []shape {
	t.Helper()
	signer := signerOf(t, "P-256")
	pemOf := func(by *issuer) string { return string(block("CERTIFICATE", by.cert.Raw)) }
	a, b := (*issuer)(nil).certify(t, "a", true, signer), (*issuer)(nil).certify(t, "b", true, signer)
	leaf, ab, ba := pemOf(a.certify(t, "leaf", false, signer)), pemOf(a.certify(t, "b", true, signer)), pemOf(b.certify(t, "a", true, signer))
	// A leaf whose key is a point of small order: its coordinate is replaced by 0.
	raw := a.certify(t, "leaf", false, signerOf(t, "Ed25519")).cert.Raw
	weak := string(block("CERTIFICATE", bytes.Replace(raw, fixtureOctets(t, "Ed25519", "x"), make([]byte, 32), 1)))
	big := string(block("CERTIFICATE", sized(t, a.cert.Raw, 40<<10)))
	named := (*issuer)(nil).certify(t, "n1000001", true, signer).certify(t, "n1000000", true, signer).cert.Raw
	chain := func(size int) []byte {
		var text []byte
		for i := 1_000_000; len(text) < size-1000; i++ {
			der := bytes.Replace(named, []byte("n1000001"), fmt.Appendf(nil, "n%d", i+1), 1)
			text = append(text, block("CERTIFICATE", bytes.Replace(der, []byte("n1000000"), fmt.Appendf(nil, "n%d", i), 1))...)
		}
		return text
	}
	return []shape{
		{"certificates of one issuer, and it last", readPEM, filled("", leaf, pemOf(a)), nil, 40, true},
		{"certificates of one large issuer", readPEM, filled(big, leaf, ""), nil, 80, true},
		{"certificates of one large issuer, for a key that is refused", readPEM, filled(big, weak, ""), jwk.ErrInvalid, 80, true},
		{"certificates of many issuers of one name", readPEM, filled(leaf, ab+leaf+pemOf(a), ""), nil, 40, true},
		{"authorities in a circle", readPEM, filled(ba, ab, ""), jwk.ErrInvalid, 40, true},
		{"authorities of one name, and a leaf", readPEM, filled("", ba, leaf), nil, 40, true},
		{"a chain of thousands", readPEM, chain, nil, 40, true},
	}
}

// shapes returns all kinds of hostile text.
func shapes(t testing.TB) []shape {
	octets := must[[]byte](t)
	value, end := withMember("a")
	kid, kidEnd := withMember("kid")
	ops, opsEnd := withMember("key_ops")
	x5c, x5cEnd := withMember("x5c")
	set, setEnd := around(setOf("@"))
	const (
		modulus, exponent = `{"kty":"RSA","e":"AQAB","n":"`, `{"kty":"RSA","n":"AQAB","e":"`
		begin, ending     = "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n"
		depth             = 60
	)
	oneLine, oneLineEnd, _ := strings.Cut(strings.ReplaceAll(string(octets(public(t, "Ed25519").key(t).MarshalPEM())), "\n", ""), "MC")
	oneLineEnd = "MC" + oneLineEnd
	arrays := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	objects := strings.Repeat(`{"name":`, depth) + "1" + strings.Repeat("}", depth)
	long := strings.Repeat("name", 500)
	jwe := strings.Split(string(encryptedSet(t, secretSet(t), toPassphrase())), ".")
	jweHeader, jweParts := jwe[0]+".", "."+strings.Join(jwe[2:], ".")
	jweKey, jweTag := strings.Join(jwe[:3], ".")+".", "."+jwe[4]

	return append(certificateShapes(t), []shape{
		{"a string", readKey, filled(value+`"`, "x", `"`+end), nil, 1.1, false},
		{"a string, not ASCII", readKey, filled(value+`"`, "\u20ac", `"`+end), nil, 1.1, false},
		{"a string without end", readKey, filled(value+`"`, "x", ""), jwk.ErrSyntax, 1.1, false},
		{`a kid of \u0041`, readKey, filled(kid+`"`, `\u0041`, `"`+kidEnd), nil, 2.5, false},
		{"a number", readKey, filled(value, "7", end), nil, 1.1, false},
		{"white space", readKey, filled("", " ", ""), jwk.ErrSyntax, 1.1, false},
		{"white space between tokens", readKey, filled(value, " \n", "1"+end), nil, 2.1, false}, // the parser removes the white space
		{"white space around the key", readKey, filled(okpWith(""), " ", ""), nil, 2.1, false},
		{"arrays, 60 deep, in a row", readKey, listed(value+"[", always(arrays), "]"+end), nil, 1.1, false},
		{"objects, 60 deep, in a row", readKey, listed(value+"[", always(objects), "]"+end), nil, 3, false},
		{"arrays, too deep", readKey, filled(value, "[", ""), jwk.ErrPolicy, 1.1, false},
		{"an object of long names, without end", readKey, filled(value+"{", `"`+long+`":1,`, ""), jwk.ErrSyntax, 20, false},
		{"arrays in an array", readKey, listed(value+"[", always("[]"), "]"+end), nil, 1.1, false},
		{"members of an object", readKey, listed(value+"{", numbered(`"%x":1`), "}"+end), nil, 20, false},
		{"members of the key", readKey, listed(value+"1,", numbered(`"m%x":1`), end), nil, 20, false},
		{"members, long names that differ at the end", readKey, listed(value+"1,", numbered(`"`+long+`%x":1`), end), nil, 10, false},
		{"one member again and again", readKey, listed(value+"1,", always(`"b":1`), end), jwk.ErrSyntax, 1.1, false},
		{"members d, escaped, in objects", readKey, listed(value+"[", always(`{"\u0064":1}`), "]"+end), nil, 2, false},
		{"members kty and d in objects", readKey, listed(value+"[", always(`{"kty":1,"d":""}`), "]"+end), nil, 1.1, false},
		{"x5c of numbers, lenient", leniently(readKey), listed(x5c+"[", always("1"), "]"+x5cEnd), jwk.ErrSyntax, 20, false},
		{"null members of the key, lenient", leniently(readKey), listed(value+`1,"d":null,"use":null,`, numbered(`"m%x":null`), end), nil, 80, false},
		{"key_ops", readKey, listed(ops+"[", numbered(`"%x"`), "]"+opsEnd), jwk.ErrPolicy, 1.1, false},
		{"32 long key_ops that differ at the end", readKey, func(size int) []byte {
			op := strings.Repeat("x", size/32-8)
			return listed(ops+"[", numbered(`"`+op+`%02d"`), "]"+opsEnd)(32 * (len(op) + 6))
		}, nil, 1.2, false},
		{"x5c of empty strings", readKey, listed(x5c+"[", always(`""`), "]"+x5cEnd), jwk.ErrPolicy, 1.1, false},
		{"an RSA modulus", readKey, filled(modulus, "____", `"}`), jwk.ErrPolicy, 2, false},
		{"an RSA exponent", readKey, filled(exponent, "____", `"}`), jwk.ErrInvalid, 2, false},
		{"a symmetric key", readKey, filled(`{"kty":"oct","k":"`, "____", `"}`), nil, 3, false},
		{"a symmetric key in another base64, lenient", leniently(readKey), filled(`{"kty":"oct","k":"`, "++/+", `+w=="}`), nil, 20, false},

		{"members of the set", readSet, listed(set+"],", numbered(`"%x":1`), "}"), nil, 25, false},
		{`entries {"kty":1}`, readSet, listed(set, always(`{"kty":1}`), setEnd), nil, 110, true}, // about 800 octets for each skipped entry, even a small one
		{"keys of one kid", readSet, listed(set, always(okpWith(`"kid":"a"`)), setEnd), nil, 7, true},
		{"keys of the ROCA form", readSet, listed(set, structuredKey(), setEnd), nil, 4, true},
		{"keys, each with its kid", readSet, listed(set, numbered(okpWith(`"kid":"%x"`)), setEnd), nil, 6, true},

		{"no block", readPEM, filled("", "x\n", ""), jwk.ErrSyntax, 0.1, false},
		{"-----BEGIN", readPEM, filled("", "-----BEGIN", ""), jwk.ErrSyntax, 140, true},
		{"-----BEGIN X-----, lenient", leniently(readPEM), filled("", "-----BEGIN X-----", ""), jwk.ErrSyntax, 90, true},
		{"-----END X-----, in lines", readPEM, filled("", "-----END X-----\n", ""), jwk.ErrSyntax, 1.1, false},
		{"a block of -----END X-----, in lines", readPEM, filled(begin, "-----END X-----\n", ending), jwk.ErrSyntax, 4, false},
		{"a block of headers", readPEM, filled(begin, "a: b\n", "\nAAAA\n"+ending), jwk.ErrPolicy, 1.2, false},
		{"a block of headers, each with its name", readPEM, func(size int) []byte {
			headers := listed(begin, numbered("%x: 1"), "\n\nAAAA\n"+ending)(size)
			return bytes.ReplaceAll(headers, []byte(","), []byte("\n"))
		}, jwk.ErrPolicy, 1.2, false},
		{"a block", readPEM, filled(begin, strings.Repeat("MIIB", 16)+"\n", ending), jwk.ErrSyntax, 2, false},
		{"a block without end", readPEM, filled(begin, "-", "\n"), jwk.ErrSyntax, 1.1, false},
		{"empty blocks", readPEM, filled("", begin+ending, ""), jwk.ErrSyntax, 30, true},
		{"a key in block after block", readPEM, filled("", string(octets(public(t, "Ed25519").key(t).MarshalPEM())), ""), nil, 14, true},
		{"a certificate in block after block", readPEM, filled("", string(block("CERTIFICATE", certificateOf(t, "P-256"))), ""), nil, 25, true},
		{"white space in a block on one line", leniently(readPEM), filled(oneLine, " ", oneLineEnd), nil, 6, false},
		{"carriage returns in a block", leniently(readPEM), filled(oneLine, "\r", oneLineEnd), nil, 6, false},
		{`\n in two characters, in a block`, leniently(readPEM), filled(oneLine, `\n`, oneLineEnd), nil, 6, false},
		{`\n in two characters, in a block, strict`, readPEM, filled(oneLine, `\n`, oneLineEnd), jwk.ErrSyntax, 6, false},
		{"backslashes in a block", leniently(readPEM), filled(oneLine, `\`, oneLineEnd), jwk.ErrSyntax, 6, false},
		{"headers in a block on one line", leniently(readPEM), filled(oneLine, `a: b\n`, oneLineEnd), jwk.ErrPolicy, 6, false},
		{"blocks on one line", leniently(readPEM), filled("", strings.ReplaceAll(string(octets(public(t, "Ed25519").key(t).MarshalPEM())), "\n", " "), ""), nil, 20, true},
		{"blanks between blocks", leniently(readPEM), filled(oneLine+oneLineEnd, " ", oneLine+oneLineEnd), nil, 6, false},

		{"SEQUENCE in SEQUENCE", readDER, sequences, jwk.ErrSyntax, 0.1, false},
		{"an RSA modulus in DER", readDER, func(size int) []byte {
			return sequence(tlv(2, bytes.Repeat([]byte{0x7f}, size-16)), integer(65537))
		}, jwk.ErrPolicy, 7, false},

		{"dots", readJWE, filled("", ".", ""), jwk.ErrSyntax, 0.1, false},
		{"a header", readJWE, filled("", "AAAA", "."+jwe[1]+jweParts), jwk.ErrPolicy, 0.1, false},
		{"an encrypted key", readJWE, filled(jweHeader, "AAAA", jweParts), jwk.ErrInvalid, 4, false},
		{"a ciphertext", readJWE, filled(jweKey, "AAAA", jweTag), jwk.ErrDecrypt, 5, false},
	}...)
}

// A cost is the time and memory that a function takes.
type cost struct {
	time           time.Duration
	octets, allocs uint64 // of the heap
	stack          uint64 // octets by which the stacks of all goroutines grew
}

// maxStack is the maximum of stack that reading a text may take. A goroutine keeps its stack
// after the call.
const maxStack = 128 << 10 // octets

// measure runs f up to three times, and stops after a tenth of a second. It returns the shortest
// time and the memory of the last run. Each run has its own goroutine, whose stack is small at
// first.
func measure(f func()) (c cost) {
	c.time = math.MaxInt64
	total := time.Duration(0)
	for range 3 {
		var before, after runtime.MemStats
		var took time.Duration
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.ReadMemStats(&before)
			start := time.Now()
			f()
			took = time.Since(start)
			runtime.ReadMemStats(&after)
		}()
		<-done
		c = cost{min(c.time, took), after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs, 0}
		if after.StackInuse > before.StackInuse { // the stacks of other goroutines may shrink
			c.stack = after.StackInuse - before.StackInuse
		}
		if total += took; total > time.Second/10 {
			break
		}
	}
	return c
}

func (c cost) String() string {
	return fmt.Sprintf("%.1f ms, %.1f MB", float64(c.time)/1e6, float64(c.octets)/1e6)
}

// each returns the cost of one of n parts.
func (c cost) each(n int) (nanoseconds, octets float64) {
	return float64(c.time) / float64(n), float64(c.octets) / float64(n)
}

// meanOctets returns the mean number of octets of the heap that a call of f allocates.
func meanOctets(f func()) float64 {
	const calls = 64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / calls
}

// measureBoth measures two functions.
func measureBoth(f [2]func()) [2]cost { return [2]cost{measure(f[0]), measure(f[1])} }

// TestHostileGrowth: if this fails, a peer can make a program allocate much more memory than the
// size of a document suggests. The test reads hostile texts of two sizes and prints the cost of
// each octet. Texts that the default of MaxKeys refuses are read with a higher limit; the last
// column of the table has the cost of the refusal by default.
func TestHostileGrowth(t *testing.T) {
	sizes := [2]int{smallText, largeText}
	if testing.Short() {
		sizes[1] = 1 << 20
	}
	raised := &jwk.Parser{MaxKeys: math.MaxInt}
	var table strings.Builder
	fmt.Fprintf(&table, "| shape | verdict | ns/B, %d KiB | ns/B, %[2]d KiB | B/B, %[1]d KiB | B/B, %[2]d KiB | allocations | in all | by default |\n|%[3]s\n",
		sizes[0]>>10, sizes[1]>>10, strings.Repeat("---|", 9))

	security := openDocument(t, "SECURITY.md")
	var largest shape
	var most cost
	all := shapes(t)
	security.replace(t, regexp.MustCompile(`\d+ forms of hostile text`), fmt.Sprintf("%d forms of hostile text", len(all)))
	for _, s := range all {
		var length [2]int
		var read [2]func()
		verdict := "read"
		for i, size := range sizes {
			text := s.text(size)
			length[i] = len(text)
			if len(text) > size || len(text) < size*3/4 {
				t.Fatalf("%s: got a text of %d octets, want about %d", s.name, len(text), size)
			}
			read[i] = func() {
				err := s.read(raised, text)
				switch {
				case s.want != nil:
					checkError(t, err, s.want, "*")
					verdict = nameOf(s.want)
				case err != nil:
					t.Errorf("%s, %d octets: %v", s.name, len(text), err)
				}
			}
		}
		c := measureBoth(read)
		nsBefore, before := c[0].each(length[0])
		nsAfter, after := c[1].each(length[1])
		if after > maxMemoryGrowth*before+1 || sizes[1] == largeText && after > s.most {
			t.Errorf("%s: got %.2f octets allocated for each of %d, want at most %v, and %v times the %.2f of a small text", s.name, after, length[1], s.most, maxMemoryGrowth, before)
		}
		if c[1].stack > maxStack {
			t.Errorf("%s: got stacks that grew by %d octets, want at most %d", s.name, c[1].stack, maxStack)
		}
		if !s.many && c[1].octets > most.octets {
			largest, most = s, c[1]
		}
		byDefault := "the same"
		if s.many && sizes[1] == largeText {
			text := s.text(largeText)
			var err error
			d := measure(func() { err = s.read(new(jwk.Parser), text) })
			checkError(t, err, jwk.ErrPolicy, "*")
			// The size of the text, and 2,000 octets for each of 10,000 entries.
			if limit := uint64(len(text)) + 10_000*2000; d.octets > limit {
				t.Errorf("%s, by default: got %d octets allocated, want at most %d", s.name, d.octets, limit)
			}
			byDefault = "ErrPolicy: " + d.String()
		}
		fmt.Fprintf(&table, "| %s | %s | %.2f | %.2f | %.2f | %.2f | %d | %v | %s |\n",
			s.name, verdict, nsBefore, nsAfter, before, after, c[1].allocs, c[1], byDefault)
		if prefix := "| " + s.name + " | " + verdict + " |"; sizes[1] == largeText && slices.Contains(publishedShapes, s.name+", "+verdict) {
			// The seed of a map is random, and decides how often its tables split.
			before := meanOctets(read[0]) / float64(length[0])
			security.row(t, prefix, func(row string) bool { return sameMemory(row, before, after) },
				fmt.Sprintf("%s %.2f | %.2f | %.2f | %.2f | %v | %s |", prefix, nsBefore, nsAfter, before, after, c[1], byDefault))
		}
	}

	// A text of one octet more than MaxBytes is not read at all.
	text := make([]byte, largeText+1)
	for _, door := range []func(*jwk.Parser, []byte) error{readKey, readSet, readPEM, readDER, readJWE} {
		var err error
		c := measure(func() { err = door(new(jwk.Parser), text) })
		checkError(t, err, jwk.ErrPolicy, "")
		if c.octets > 4096 {
			t.Errorf("%v: got %d octets allocated, want at most 4096", err, c.octets)
		}
	}
	t.Logf("cost of each octet of hostile text\n%s", &table)
	t.Logf("maximum that a text of %d MiB allocates by default: %.1f MB, for %s", sizes[1]>>20, float64(most.octets)/1e6, largest.name)
}

// publishedShapes are the shapes in the table of SECURITY.md, each with the kind of its error or
// "read".
var publishedShapes = []string{
	"a string, read", "a kid of \\u0041, read", "a number, read", "white space between tokens, read",
	"arrays, 60 deep, in a row, read", "arrays, too deep, ErrPolicy", "members of the key, read",
	"one member again and again, ErrSyntax", "an RSA modulus, ErrPolicy", "null members of the key, lenient, read",
	"members of the set, read", `entries {"kty":1}, read`, "keys of one kid, read", "keys of the ROCA form, read",
	"keys, each with its kid, read", "-----BEGIN, ErrSyntax", "a block of headers, each with its name, ErrPolicy",
	"a key in block after block, read", "SEQUENCE in SEQUENCE, ErrSyntax", "a header, ErrPolicy", "a ciphertext, ErrDecrypt",
}

// sameMemory reports whether a row of SECURITY.md has the measured numbers of octets that a
// shape allocates for each octet of a small and of a large text. It ignores differences of up
// to a tenth, which the garbage collector causes.
func sameMemory(row string, before, after float64) bool {
	cells := strings.Split(row, "|")
	if len(cells) < 7 {
		return false
	}
	for i, want := range [2]float64{before, after} {
		got, err := strconv.ParseFloat(strings.TrimSpace(cells[5+i]), 64)
		if err != nil || math.Abs(got-want) > max(0.1*want, 0.05) {
			return false
		}
	}
	return true
}

// TestDiffOfNestedMembers: if this fails, Diff writes the text of a nested member again at each
// level around it, and a deeply nested member of a hostile set makes it slow. The test measures
// memory, which grows with each such copy.
func TestDiffOfNestedMembers(t *testing.T) {
	const size = 1 << 20
	diff := func(depth int) func() {
		content := strings.Repeat(`{"b":1,"a":"name"},`, size/20) + "1"
		nested := strings.Repeat(`{"b":1,"a":`, depth) + "[" + content + "]" + strings.Repeat("}", depth)
		sets := [2]*jwk.Set{}
		for i := range sets {
			sets[i] = parsedSet(t, new(jwk.Parser), setOf(okpWith(fmt.Sprintf(`"i":%d,"a":%s`, i, nested))))
		}
		return func() {
			if d := sets[0].Diff(sets[1]); len(d.Changed) != 1 {
				t.Errorf("got %+v, want one changed key", d)
			}
		}
	}
	c := measureBoth([2]func(){diff(1), diff(58)})
	t.Logf("Diff of keys of %d octets: %v at 1 level, %v at 58", size, c[0], c[1])
	if c[1].octets > 2*c[0].octets {
		t.Errorf("got %d octets allocated at 58 levels, want at most twice the %d at 1", c[1].octets, c[0].octets)
	}
}

// A hostileChain is a kind of x5c whose certificates can have any size.
type hostileChain struct {
	name  string
	chain func(size int) [][]byte
	host  string // the DNSName to verify, or "" to verify no name
	as    any    // a pointer to the error type of crypto/x509 that the error wraps
}

// hostileChains returns kinds of x5c for the fixture P-256 that are large, or that contain texts
// which crypto/x509 repeats in its errors.
func hostileChains(t testing.TB) []hostileChain {
	root := (*issuer)(nil).certify(t, "root", true, signerOf(t, "P-384"))
	leaf := func(by *issuer, spoil func(*x509.Certificate)) []byte {
		return by.certify(t, "leaf", false, signerOf(t, "P-256"), spoil).cert.Raw
	}
	hostile := func(size int) string { return strings.Repeat("a\n\x1b[31m", size/8) }
	some := func(size, each int, unit func(i int) string) (list []string) {
		for i := range size / each {
			list = append(list, unit(i))
		}
		return list
	}
	one := func(spoil func(c *x509.Certificate, size int)) func(int) [][]byte {
		return func(size int) [][]byte {
			return [][]byte{leaf(root, func(c *x509.Certificate) { spoil(c, size) })}
		}
	}
	return []hostileChain{
		{"a name of a host", one(func(c *x509.Certificate, size int) { c.DNSNames = []string{hostile(size)} }), "host.example", new(x509.HostnameError)},
		{"names of hosts", one(func(c *x509.Certificate, size int) {
			c.DNSNames = some(size, 24, func(i int) string { return fmt.Sprintf("n%08d\n.a.example", i) })
		}), "host.example", new(x509.HostnameError)},
		{"a name of a host, unknown authority", one(func(c *x509.Certificate, size int) { c.DNSNames = []string{hostile(size)} }), "", new(x509.UnknownAuthorityError)},
		{"the name of an issuer", func(size int) [][]byte {
			// The signature is by another key. crypto/x509 names the issuer in its error.
			inter := root.certify(t, hostile(size), true, signerOf(t, "P-521"))
			impostor := &issuer{inter.cert, signerOf(t, "P-384")}
			template := *impostor.cert
			template.PublicKey, template.SignatureAlgorithm = impostor.key.Public(), x509.UnknownSignatureAlgorithm
			impostor.cert = &template
			return [][]byte{leaf(impostor, func(*x509.Certificate) {}), inter.cert.Raw}
		}, "", new(x509.UnknownAuthorityError)},
		{"a critical extension", one(func(c *x509.Certificate, size int) {
			c.ExtraExtensions = []pkix.Extension{{Id: oidGOST, Critical: true, Value: make([]byte, size)}}
		}), "", new(x509.UnhandledCriticalExtension)},
		{"10 certificates, names, and constraints for them, in a circle", func(size int) [][]byte {
			limited := func(i int) func(*x509.Certificate) {
				return func(c *x509.Certificate) {
					c.SerialNumber, c.DNSNames = big.NewInt(int64(i)), []string{fmt.Sprint(i)}
					c.ExcludedDNSDomains = some(size, 24, func(i int) string { return fmt.Sprintf("x%08d.b.example", i) })
				}
			}
			// All intermediates have the same name and key, so that each could be the issuer of
			// each other.
			inter := root.certify(t, "intermediate", true, signerOf(t, "P-521"))
			chain := [][]byte{leaf(inter, func(c *x509.Certificate) {
				c.DNSNames = some(size, 24, func(i int) string { return fmt.Sprintf("n%08d.a.example", i) })
			})}
			for i := range 9 {
				chain = append(chain, inter.certify(t, "intermediate", true, signerOf(t, "P-521"), limited(i+1)).cert.Raw)
			}
			return chain
		}, "", nil},
	}
}

// TestHostileCertificates: if this fails, a peer can make VerifyCertificates allocate much
// memory, or write long or multi-line texts into a log. The test verifies hostile chains of two
// sizes and prints the cost of each octet of the JWK. TestCertificateLimits shows that larger
// chains and larger RSA keys are refused.
func TestHostileCertificates(t *testing.T) {
	sizes := [2]int{6 << 10, 60 << 10}
	var table strings.Builder
	fmt.Fprintf(&table, "| chain | call | ns/B, %d KiB each | ns/B, %[2]d KiB each | B/B, %[1]d KiB | B/B, %[2]d KiB | in all |\n|%[3]s\n", sizes[0]>>10, sizes[1]>>10, strings.Repeat("---|", 7))
	const most = 12 // octets that are allocated for each octet of the JWK
	for _, h := range hostileChains(t) {
		opts := x509.VerifyOptions{Roots: x509.NewCertPool(), DNSName: h.host, CurrentTime: time.Unix(1_750_000_000, 0), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
		var length [2]int
		var parse, verify [2]func()
		for i, size := range sizes {
			text := public(t, "P-256").with("x5c", x5c(h.chain(size)...)).json(t)
			length[i] = len(text)
			k, err := jwk.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", h.name, err)
			}
			parse[i] = func() {
				if _, err := k.Certificates(); err != nil {
					t.Errorf("%s: %v", h.name, err)
				}
			}
			verify[i] = func() {
				_, err := k.VerifyCertificates(opts)
				checkError(t, err, jwk.ErrInvalid, "/x5c")
				if h.as != nil && !errors.As(err, h.as) {
					t.Errorf("%s: got %v, want a %T too", h.name, err, h.as)
				}
				if text := err.Error(); len(text) > 250 || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
					t.Errorf("%s: got %d octets, %.300q; want a short line", h.name, len(text), text)
				}
			}
		}
		for name, call := range map[string][2]func(){"Certificates": parse, "VerifyCertificates": verify} {
			c := measureBoth(call)
			nsBefore, before := c[0].each(length[0])
			nsAfter, after := c[1].each(length[1])
			if after > maxMemoryGrowth*before+1 || after > most {
				t.Errorf("%s, %s: got %.2f octets allocated for each of %d, want at most %v, and %v times the %.2f of a small one", h.name, name, after, length[1], most, maxMemoryGrowth, before)
			}
			fmt.Fprintf(&table, "| %s | %s | %.2f | %.2f | %.2f | %.2f | %v |\n", h.name, name, nsBefore, nsAfter, before, after, c[1])
		}
	}
	t.Logf("cost of each octet of a hostile chain\n%s", &table)

	// A certificate that is too long must not be decoded.
	value, end := withMember("x5c")
	text := filled(value+`["`, "MIIA", `"]`+end)(largeText)
	c := measure(func() {
		_, err := jwk.Parse(text)
		checkError(t, err, jwk.ErrPolicy, "/x5c")
	})
	if limit := uint64(len(text) + len(text)/10); c.octets > limit {
		t.Errorf("got %d octets allocated for %d, want at most %d", c.octets, len(text), limit)
	}
}

// TestGrowthOfSets: if this fails, a method of Set costs more memory for each key in a large set
// than in a small one, and an attacker who adds keys to a set can exhaust a program. The test
// calls the methods on sets of 100 and 10,000 keys and prints the cost of each key. It also
// tries sets in which all keys are the same and share one kid.
func TestGrowthOfSets(t *testing.T) {
	const few, many = 100, 10_000 // the default of Parser.MaxKeys
	rng := newRand(7)
	text := func(n int, hostile bool) []byte {
		entries := make([]string, n)
		for i := range entries {
			x := make([]byte, 31) // the last octet is 1, so that x is less than the prime
			for j := range x {
				x[j] = byte(rng.Uint32())
			}
			entries[i] = fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":"%x","x":"%s"}`, i, encoded(append(x, 1)))
			if hostile {
				entries[i] = okpWith(`"kid":"0"`)
			}
		}
		return setText(entries...)
	}
	ctx := context.Background()
	for _, hostile := range []bool{false, true} {
		kind := map[bool]string{false: "different keys", true: "the same key"}[hostile]
		small, large := parsedSet(t, new(jwk.Parser), string(text(few, hostile))), parsedSet(t, new(jwk.Parser), string(text(many, hostile)))
		var table strings.Builder
		fmt.Fprintf(&table, "| %s | ns/key, %d keys | ns/key, %[3]d keys | B/key, %[2]d keys | B/key, %[3]d keys |\n|---|---|---|---|---|\n", kind, few, many)
		for _, tt := range []struct {
			name string
			do   func(s *jwk.Set, keys []*jwk.Key) bool
		}{
			{"NewSet", func(s *jwk.Set, keys []*jwk.Key) bool { return jwk.NewSet(keys...).Len() == len(keys) }},
			{"With", func(s *jwk.Set, keys []*jwk.Key) bool { return s.With(keys...).Len() == 2*len(keys) }},
			{"Without", func(s *jwk.Set, keys []*jwk.Key) bool { return s.Without(keys...).Len() == 0 }},
			{"Diff of its reverse", func(s *jwk.Set, keys []*jwk.Key) bool {
				reverse := slices.Clone(keys)
				slices.Reverse(reverse)
				return s.Diff(jwk.NewSet(reverse...)).Added == nil
			}},
			{"Diff of other nested members", func(s *jwk.Set, keys []*jwk.Key) bool {
				nested := strings.Repeat(`{"a":[`, 25) + "%d" + strings.Repeat("]}", 25)
				others := [2][]*jwk.Key{}
				for i := range others {
					for _, k := range keys {
						other, err := k.WithAttributes(jwk.Attributes{Extra: map[string]any{"nested": jsontext.Value(fmt.Sprintf(nested, i))}})
						if err != nil {
							return false
						}
						others[i] = append(others[i], other)
					}
				}
				return len(jwk.NewSet(others[0]...).Diff(jwk.NewSet(others[1]...)).Changed) == len(keys)
			}},
			{"Diff of nothing", func(s *jwk.Set, keys []*jwk.Key) bool { return len(s.Diff(new(jwk.Set)).Removed) == len(keys) }},
			{"Public", func(s *jwk.Set, keys []*jwk.Key) bool { return s.Public().Len() == len(keys) }},
			{"MarshalJSON", func(s *jwk.Set, keys []*jwk.Key) bool { _, err := s.MarshalJSON(); return err == nil }},
			{"JOSE", func(s *jwk.Set, keys []*jwk.Key) bool { _, err := s.JOSE(); return err == nil }},
			{"Lookup of each kid", func(s *jwk.Set, keys []*jwk.Key) bool {
				for _, k := range keys {
					if _, ok := s.Lookup(k.KeyID()); !ok {
						return false
					}
				}
				return true
			}},
			{"LookupThumbprint of each", func(s *jwk.Set, keys []*jwk.Key) bool {
				for _, k := range keys {
					if _, ok := s.LookupThumbprint(k.Thumbprint()); !ok {
						return false
					}
				}
				return true
			}},
			{"Select by alg", func(s *jwk.Set, keys []*jwk.Key) bool {
				n := 0
				for range s.Select(jwk.Query{Algorithm: jwk.EdDSA}) {
					n++
				}
				return n == len(keys)
			}},
			{"Equal of its reverse", func(s *jwk.Set, keys []*jwk.Key) bool {
				reverse := slices.Clone(keys)
				slices.Reverse(reverse)
				return s.Equal(jwk.NewSet(reverse...))
			}},
			{"FindAll", func(s *jwk.Set, keys []*jwk.Key) bool {
				all, err := s.FindAll(ctx, jwk.Query{Algorithm: jwk.EdDSA})
				return err == nil && len(all) == len(keys)
			}},
			{"Find without a result, once", func(s *jwk.Set, keys []*jwk.Key) bool {
				_, err := s.Find(ctx, jwk.Query{KeyID: "0", Algorithm: jwk.RS256})
				return errors.Is(err, jwk.ErrNotFound)
			}},
		} {
			var do [2]func()
			for i, s := range [2]*jwk.Set{small, large} {
				keys := slices.Collect(s.All())
				do[i] = func() {
					if !tt.do(s, keys) {
						t.Errorf("%s, %s, of %d keys: wrong result", tt.name, kind, s.Len())
					}
				}
			}
			c := measureBoth(do)
			before, memBefore := c[0].each(few)
			after, memAfter := c[1].each(many)
			if memAfter > maxMemoryGrowth*memBefore+64 {
				t.Errorf("%s, %s: got %.0f octets allocated for each key of %d, want at most %v times the %.0f of %d", tt.name, kind, memAfter, many, maxMemoryGrowth, memBefore, few)
			}
			fmt.Fprintf(&table, "| %s | %.0f | %.0f | %.0f | %.0f |\n", tt.name, before, after, memBefore, memAfter)
		}
		t.Logf("cost of sets\n%s", &table)
	}
}

// TestROCACost: if this fails, a set of moduli of the ROCA form (CVE-2017-15361) makes a program
// slow. Refusing such a key must not need an exponentiation, which takes about 250 times as long
// as parsing a sound key. The test measures memory, which an exponentiation also needs.
// BenchmarkHostileGrowth measures the time.
func TestROCACost(t *testing.T) {
	const keys = 200
	var octets [2]float64
	for i, text := range [2][]byte{soundKeys(t, keys), structuredKeys(keys)} {
		_, octets[i] = measure(func() {
			s, err := jwk.ParseSet(text)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := s.Len(), []int{keys, 0}[i]; got != want {
				t.Fatalf("got %d keys, want %d", got, want)
			}
		}).each(keys)
	}
	t.Logf("a sound RSA-2048 key allocates %.0f octets, a key of the ROCA form %.0f", octets[0], octets[1])
	if octets[1] > 2*octets[0] {
		t.Errorf("a key of the ROCA form allocates %.0f octets, want at most twice the %.0f of a sound one", octets[1], octets[0])
	}
}

// soundKeys returns the text of a set of n RSA-2048 keys.
func soundKeys(t testing.TB, n int) []byte {
	key := string(public(t, "RSA-2048").json(t))
	entries := make([]string, n)
	for i := range entries {
		entries[i] = strings.Replace(key, `"kty"`, fmt.Sprintf(`"kid":"%d","kty"`, i), 1)
	}
	return []byte(setOf(entries...))
}

// structuredKeys returns the text of a set of n RSA-2048 keys of the ROCA form.
func structuredKeys(n int) []byte {
	structured := structuredKey()
	entries := make([]string, n)
	for i := range entries {
		entries[i] = structured(i)
	}
	return []byte(setOf(entries...))
}

// BenchmarkHostileGrowth measures the time for each octet of hostile texts of two sizes. If the
// time grew with the square of the size, the rate of the large text would be 256 times lower.
func BenchmarkHostileGrowth(b *testing.B) {
	raised := &jwk.Parser{MaxKeys: math.MaxInt}
	for _, s := range shapes(b) {
		for _, size := range [2]int{smallText, largeText} {
			text := s.text(size)
			b.Run(fmt.Sprintf("%s/%dKiB", s.name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					s.read(raised, text)
				}
			})
		}
	}
	const keys = 2_000
	for name, text := range map[string][]byte{"sound RSA keys": soundKeys(b, keys), "RSA keys of the ROCA form": structuredKeys(keys)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				jwk.ParseSet(text)
			}
		})
	}
}

// TestBlanksAreNotKept: if this fails, a small key keeps a large document of white space in
// memory as long as the key exists.
func TestBlanksAreNotKept(t *testing.T) {
	const size = 4 << 20
	blanks := strings.Repeat(" \n\t\r", size/4)
	key := okpWith("")
	retained := func(parse func() any) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		kept := parse()
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
		return max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
	}
	for _, tt := range []struct {
		name, text string
		p          jwk.Parser
		set        bool
	}{
		{"before a key", blanks + key, jwk.Parser{}, false},
		{"after a key", key + blanks, jwk.Parser{}, false},
		{"within a key", okpWith(`"a"` + blanks + ":1"), jwk.Parser{}, false},
		{"within a member", okpWith(`"a":[1,` + blanks + "2]"), jwk.Parser{}, false},
		{"in a key that Lenient corrects", okpWith(`"kid":null` + blanks), jwk.Parser{Lenient: true}, false},
		{"after a byte order mark", "\uFEFF" + blanks + key, jwk.Parser{Lenient: true}, false},
		{"around a set", blanks + setOf(key) + blanks, jwk.Parser{}, true},
		{"in a set", setOf(key+blanks, "1"+blanks, key), jwk.Parser{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := []byte(tt.text)
			var parsed any
			got := retained(func() any {
				var err error
				if tt.set {
					parsed, err = tt.p.ParseSet(text)
				} else {
					parsed, err = tt.p.Parse(text)
				}
				if err != nil {
					t.Fatal(err)
				}
				return parsed
			})
			if got > size/8 {
				t.Errorf("got %d octets kept of a text of %d, want at most %d", got, len(text), size/8)
			}
			if k, ok := parsed.(*jwk.Key); ok && strings.HasPrefix(tt.text, "\uFEFF") && !slices.Equal(k.Deviations(), []jwk.Deviation{deviation("", jwk.DeviationBOM)}) {
				t.Errorf("got deviations %q, want the byte order mark", k.Deviations())
			}
			if s, ok := parsed.(*jwk.Set); ok {
				for _, e := range s.Skipped() {
					var at *jwk.Error
					if !errors.As(e.Err, &at) || text[at.Offset] != '1' || string(e.JSON) != "1" {
						t.Errorf("got %s at %v, want 1 and its offset in the document", e.JSON, at)
					}
				}
			}
		})
	}
}
