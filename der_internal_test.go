package jwk

import (
	"bytes"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// TestElement compares element and unsigned with cryptobyte, for every text of at most four octets
// that matter in a tag, a size or an integer, also with octets after it. If it fails, this package
// reads certificates in another way than crypto/x509.
func TestElement(t *testing.T) {
	octets := []byte{0, 1, 2, 5, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xff}
	tails := [][]byte{nil, make([]byte, 130), make([]byte, 300), make([]byte, 1<<16)}
	found := 0
	check := func(der []byte) {
		for _, tag := range []cbasn1.Tag{cbasn1.INTEGER, cbasn1.SEQUENCE} {
			var want cryptobyte.String
			s := cryptobyte.String(der)
			ok := s.ReadASN1(&want, tag)
			content, rest := element(der, tag)
			whole, _ := wholeElement(der, tag)
			switch {
			case ok != (rest != nil), ok && s.Empty() != isEnd(rest):
				t.Fatalf("%.8x: got %v, %v; want %v, %v", der, rest != nil, isEnd(rest), ok, s.Empty())
			case !ok:
				continue
			case !bytes.Equal(content, want) || !bytes.Equal(rest, s) || len(whole)+len(rest) != len(der):
				t.Fatalf("%.8x: got %d, %d and %d octets, want %d and %d", der, len(content), len(rest), len(whole), len(want), len(s))
			}
			found++
			if tag != cbasn1.INTEGER {
				continue
			}
			var integer []byte
			s = cryptobyte.String(der)
			ok = s.ReadASN1Integer(&integer)
			if got, minimal := unsigned(content); minimal != ok || ok && !bytes.Equal(got, integer) {
				t.Fatalf("%.8x: got integer %x, %v; want %x, %v", der, got, minimal, integer, ok)
			}
		}
	}
	var each func(prefix []byte, more int)
	each = func(prefix []byte, more int) {
		for _, tail := range tails[:min(len(tails), 1+more)] {
			check(append(bytes.Clone(prefix), tail...))
		}
		if more == 0 {
			return
		}
		for _, octet := range octets {
			each(append(prefix[:len(prefix):len(prefix)], octet), more-1)
		}
	}
	each(nil, 4)
	for _, size := range octets { // long sizes
		for _, last := range octets {
			for _, tail := range tails {
				check(append([]byte{0x30, 0x83, size, 1, last}, tail...))
				check(append([]byte{0x30, 0x84, size, 0, 1, last}, tail...))
				check(append([]byte{0x30, 0x84, 1, size, last, 0xff}, tail...))
				check(append([]byte{0x30, 0x85, 0, size, last, 1, 0}, tail...))
			}
		}
	}
	if found < 1000 {
		t.Errorf("got %d elements, want many more", found)
	}
}
