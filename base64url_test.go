package jwk

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDecode64Exhaustively tries every string of up to two bytes, and every string of three
// bytes that begins with A. If it fails, a text is accepted that the encoder does not produce,
// or a text that it produces is refused.
func TestDecode64Exhaustively(t *testing.T) {
	canonical := map[string]string{"": ""}
	for i := range 256 {
		one := string([]byte{byte(i)})
		canonical[base64.RawURLEncoding.EncodeToString([]byte(one))] = one
	}
	for i := range 1 << 10 { // the first six bits are zero, which is the character A
		two := string([]byte{byte(i >> 8), byte(i)})
		canonical[base64.RawURLEncoding.EncodeToString([]byte(two))] = two
	}
	accepted := 0
	check := func(text string) {
		got, err := decode64(nil, []byte(text))
		want, ok := canonical[text]
		switch {
		case ok && err != nil:
			t.Fatalf("decode64(%q): got error %v, want nil", text, err)
		case ok && string(got) != want:
			t.Fatalf("decode64(%q): got %x, want %x", text, got, want)
		case !ok && (err == nil || got != nil):
			t.Fatalf("decode64(%q): got %x, %v; want nil and an error", text, got, err)
		case ok:
			accepted++
		}
	}
	check("")
	for i := range 256 {
		check(string([]byte{byte(i)}))
		for j := range 256 {
			check(string([]byte{byte(i), byte(j)}))
			check(string([]byte{'A', byte(i), byte(j)}))
		}
	}
	if accepted != len(canonical) {
		t.Errorf("got %d texts accepted, want all %d", accepted, len(canonical))
	}
}

// TestDecode64: if this fails, a second encoding of a value is accepted, so that one key has
// several texts.
func TestDecode64(t *testing.T) {
	tests := []struct {
		name, text, want string
		ok               bool
	}{
		{"empty", "", "", true},
		{"one octet", "AQ", "\x01", true},
		{"two octets", "AQA", "\x01\x00", true},
		{"three octets", "AQAB", "\x01\x00\x01", true},
		{"four octets", "_-8BAg", "\xff\xef\x01\x02", true},
		{"B01 line feed within", "AQ\nAB", "", false},
		{"B01 line feed at the end", "AQAB\n", "", false},
		{"B01 carriage return and line feed in front", "\r\nAQAB", "", false},
		{"B01 only a carriage return", "AQ\rAB", "", false},
		{"B02 misplaced padding", "AQAB=", "", false},
		{"B02 padding", "AQ==", "", false},
		{"B03 plus", "-w+-", "", false},
		{"B03 slash", "-w/-", "", false},
		{"B04 stray bits after one octet", "AR", "", false},
		{"B04 stray bits after two octets", "AQB", "", false},
		{"B05 a character too many", "AQABA", "", false},
		{"B05 a single character", "A", "", false},
		{"B06 only a line feed", "\n", "", false},
		{"B07 space", "AQ AB", "", false},
		{"B07 tab", "AQAB\t", "", false},
		{"B07 full stop", "AQ.B", "", false},
		{"B07 full-width letters", "ＡＱＡＢ", "", false},
		{"B07 zero octet", "AQA\x00", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode64([]byte("before "), []byte(tt.text))
			if (err == nil) != tt.ok {
				t.Fatalf("got error %v, want success %v", err, tt.ok)
			}
			if tt.ok && string(got) != "before "+tt.want {
				t.Errorf("got %q, want %q appended", got, tt.want)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "not canonical base64url: ") {
				t.Errorf("got error %q, want one that begins with \"not canonical base64url: \"", err)
			}
			if tt.ok && encode64([]byte(tt.want)) != tt.text {
				t.Errorf("encode64: got %q, want %q", encode64([]byte(tt.want)), tt.text)
			}
		})
	}
}

// TestFaults64: each fault of base64url has its own error text. If this fails, the error does
// not say what is wrong with the text, or shows a part of it, which may be secret.
func TestFaults64(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"B01 line feed", "AQABAQAB\nAQAB", "a line break after 8 characters"},
		{"B01 carriage return", "\rAQAB", "a line break after 0 characters"},
		{"B07 space", "A QAB", "white space after 1 character"},
		{"B07 tab at the end", "AQAB\t", "white space after 4 characters"},
		{"B02 padding", "AQ==", "padding: remove it"},
		{"B02 padding within", "AQ==AQAB", "padding: remove it"},
		{"B03 plus", "-w+-", "+ or / where it has - or _"},
		{"B03 slash", "////", "+ or / where it has - or _"},
		{"B02 B03 standard base64", "+/+/AQ==", "+ or / where it has - or _, and padding: remove the padding"},
		{"B04 stray bits", "AR", "stray bits in the last character"},
		{"B05 length", "65537", "5 characters, a length that base64 does not have"},
		{"B05 one character", "A", "1 character, a length that base64 does not have"},
		{"B07 full stop", "AQ.B", "a character that base64url does not have after 2 characters"},
		{"B07 a letter of another script", "AQAÉ", "a character that base64url does not have after 3 characters"},
		{"B07 NUL, and padding before it", "AQ==\x00", "a character that base64url does not have after 4 characters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode64(nil, []byte(tt.text))
			if want := "not canonical base64url: " + tt.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestDecode64RefusesLineBreaks: B01. The decoder of the standard library ignores line breaks.
// If this fails, a text with any number of them at any position is accepted.
func TestDecode64RefusesLineBreaks(t *testing.T) {
	for n := range 10 {
		text := encode64([]byte("0123456789")[:n])
		for at := range len(text) + 1 {
			for count := 1; count <= 8; count++ {
				for _, c := range []string{"\n", "\r"} {
					bad := text[:at] + strings.Repeat(c, count) + text[at:]
					if got, err := decode64(nil, []byte(bad)); err == nil {
						t.Errorf("decode64(%q): got %x, want an error", bad, got)
					}
				}
			}
		}
	}
}

// TestDecodeLoose64: if this fails, Lenient reads a value with a known fault wrongly, or does
// not report the fault as a deviation.
func TestDecodeLoose64(t *testing.T) {
	codes := func(c ...DeviationCode) []DeviationCode { return c }
	tests := []struct {
		name, text, want string
		met              []DeviationCode
	}{
		{"canonical", "AQAB", "\x01\x00\x01", nil},
		{"canonical, empty", "", "", nil},
		{"canonical, the last letters of the alphabet", "-_-_", "\xfb\xff\xbf", nil},
		{"two characters of padding", "AQ==", "\x01", codes(DeviationPadding)},
		{"one character of padding", "AQA=", "\x01\x00", codes(DeviationPadding)},
		{"plus", "++++", "\xfb\xef\xbe", codes(DeviationAlphabet)},
		{"slash", "////", "\xff\xff\xff", codes(DeviationAlphabet)},
		{"plus and slash", "+/+/", "\xfb\xff\xbf", codes(DeviationAlphabet)},
		{"stray bits after one octet", "AR", "\x01", codes(DeviationStrayBits)},
		{"stray bits after two octets", "AQB", "\x01\x00", codes(DeviationStrayBits)},
		{"all deviations", "+/==", "\xfb", codes(DeviationPadding, DeviationAlphabet, DeviationStrayBits)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, met, err := decodeLoose64(tt.text)
			if err != nil {
				t.Fatalf("got error %v, want nil", err)
			}
			if string(got) != tt.want {
				t.Errorf("got %x, want %x", got, tt.want)
			}
			if !slices.Equal(met, tt.met) {
				t.Errorf("got deviations %q, want %q", met, tt.met)
			}
			if _, err := decode64(nil, []byte(tt.text)); (err == nil) != (tt.met == nil) {
				t.Errorf("decode64: got error %v, want an error: %t, because of deviations %q", err, tt.met != nil, tt.met)
			}
		})
	}
}

// TestDecodeLoose64Refuses: if this fails, Lenient guesses the value of a text that is ambiguous
// or damaged.
func TestDecodeLoose64Refuses(t *testing.T) {
	tests := []struct{ name, text string }{
		{"both alphabets, plus and minus", "+-AA"},
		{"both alphabets, slash and underscore", "/_AA"},
		{"both alphabets, far apart", "-" + strings.Repeat("A", 62) + "/"},
		{"padding of a whole text", "AQAB="},
		{"too little padding", "AQ="},
		{"too much padding", "AQA=="},
		{"three characters of padding", "A==="},
		{"four characters of padding", "AQAB===="},
		{"only padding", "===="},
		{"only one character of padding", "="},
		{"padding within", "AQ==AQAB"},
		{"padding in front", "=AQA"},
		{"padding within and at the end", "A=A="},
		{"line feed after padding", "AQ==\n"},
		{"line feed in place of padding", "AQA\n"},
		{"line feed within", "AQ\nAB"},
		{"carriage return within", "AQ\rAB"},
		{"line break that makes the length fit", "A\r\nQ="},
		{"space", "AQ AB"},
		{"space in front", " AQA"},
		{"tab", "AQA\t"},
		{"full stop", "AQ.B"},
		{"percent encoding of padding", "AQ%3D%3D"},
		{"full-width letters", "ＡＱＡＢ"},
		{"zero octet", "AQA\x00"},
		{"a single character", "A"},
		{"a character too many", "AQABA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, met, err := decodeLoose64(tt.text)
			if err == nil || got != nil || met != nil {
				t.Fatalf("got %x, %q, %v; want nil, nil and an error", got, met, err)
			}
			if !strings.HasPrefix(err.Error(), "not canonical base64url: ") {
				t.Errorf("got error %q, want one that begins with \"not canonical base64url: \"", err)
			}
		})
	}
}

// TestDecode64EachPlace puts each octet at each place of texts of all lengths up to two rounds of
// the decoder's loop, and compares the result with encoding/base64. If it fails, one of the
// decoder's loops accepts a character that base64url does not have, or decodes it wrongly.
func TestDecode64EachPlace(t *testing.T) {
	for size := range 25 {
		text := []byte("AQAB_-8BAgMEBQYHCAkKCwwN")[:size]
		for place := range text {
			before := text[place]
			for c := range 256 {
				text[place] = byte(c)
				checkDecode64(t, text)
			}
			text[place] = before
		}
	}
}

// checkDecode64 compares decode64 with the strict decoder of encoding/base64, which skips line
// breaks. It also checks that decode64 appends: nothing before or after its result changes.
func checkDecode64(t *testing.T, text []byte) {
	t.Helper()
	const before, after = "before", "after"
	want, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	ok := err == nil && !bytes.ContainsAny(text, "\r\n")
	dst := []byte(before + strings.Repeat("?", len(want)) + after)
	got, err := decode64(dst[:len(before)], text)
	if (err == nil) != ok {
		t.Fatalf("decode64(%q): got error %v, want success %v", text, err, ok)
	}
	if ok && string(got) != before+string(want) {
		t.Fatalf("decode64(%q): got %q, want %q", text, got, before+string(want))
	}
	if ok && string(dst) != before+string(want)+after {
		t.Fatalf("decode64(%q): got memory %q around the result, want %q", text, dst, before+string(want)+after)
	}
}

// FuzzBase64URL: decode64 must accept the texts that the strict decoder of encoding/base64
// accepts, except texts with line breaks, and return the same octets: encoding/base64 encodes
// them as the same text. decodeLoose64 must return the same octets without a deviation for such a text.
// For any other text it must return an error or a deviation.
func FuzzBase64URL(f *testing.F) {
	seeds := []string{
		"", "A", "AQ", "AR", "AQA", "AQB", "AQAB", "AQABA", "-_-_", "AQ==", "AQA=", "AQAB=", "====",
		"+/+/", "+-AA", "+/==", "AQ\nAB", "AQAB\r\n", "\n", "AQ AB", "AQ.B", "ＡQAB", "\xff\xfe",
		encode64([]byte("a text that is longer than one block of any decoder, which matters to some")),
		"AQAB_-8B*gMEBQYH", "AQAB_-8BAgMEBQ=H", "AQAB_-8BAgMEBQYHCA", "AQAB_-8BAgMEBQYHCB", "AQAB_-8\xc2\xa0AgMEBQYH",
	}
	for _, s := range seeds {
		f.Add(s)
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkDecode64(t, []byte(text))
		got, err := decode64(nil, []byte(text))
		lenient, errLenient := base64.RawURLEncoding.DecodeString(text)
		canonical := errLenient == nil && base64.RawURLEncoding.EncodeToString(lenient) == text
		if (err == nil) != canonical {
			t.Fatalf("decode64(%q): got error %v, want success %v", text, err, canonical)
		}
		if err == nil && string(got) != string(lenient) {
			t.Fatalf("decode64(%q): got %x, want %x", text, got, lenient)
		}
		loose, met, errLoose := decodeLoose64(text)
		if canonical && (errLoose != nil || met != nil || string(loose) != string(got)) {
			t.Fatalf("decodeLoose64(%q): got %x, %q, %v; want %x, nil and nil", text, loose, met, errLoose, got)
		}
		if canonical || errLoose != nil {
			return
		}
		if len(met) == 0 {
			t.Fatalf("decodeLoose64(%q): got %x without a deviation, want one", text, loose)
		}
		if again, err := decode64(nil, []byte(encode64(loose))); err != nil || string(again) != string(loose) {
			t.Fatalf("decode64(encode64(%x)): got %x, %v; want the same octets", loose, again, err)
		}
	})
}

// BenchmarkDecode64 compares decode64 with the decoder of the standard library and the check for
// line breaks that it needs.
func BenchmarkDecode64(b *testing.B) {
	for _, size := range []int{32, 256} { // the octets of an Ed25519 key, and of an RSA-2048 modulus
		octets := make([]byte, size)
		for i := range octets {
			octets[i] = byte(7 * i)
		}
		text := []byte(encode64(octets))
		buf := make([]byte, 0, size)
		b.Run(fmt.Sprintf("%d characters", len(text)), func(b *testing.B) {
			for b.Loop() {
				if got, err := decode64(buf, text); err != nil || len(got) != size {
					b.Fatal(len(got), err)
				}
			}
		})
		b.Run(fmt.Sprintf("%d characters, encoding_base64", len(text)), func(b *testing.B) {
			strict := base64.RawURLEncoding.Strict()
			for b.Loop() {
				if got, err := strict.AppendDecode(buf, text); err != nil || len(got) != strict.DecodedLen(len(text)) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}
