package jwk

import (
	"bytes"
	"encoding/pem"
	"iter"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The blocks of a PEM file (RFC 7468).

// A pemBlock is a block of a file.
type pemBlock struct {
	number  int // in the file, from 1
	offset  int
	text    []byte // all of it, and what follows
	label   string // "" if it cannot be read
	old     bool   // encrypted as RFC 1421 has it
	der     []byte
	crowded bool   // it has more headers than are read
	holds   string // the label of the form of der, "" if that is not known
	private bool   // it holds a private key, or says so
	fault   *Error // why RFC 7468 does not allow it; Lenient reads it if it has a label
	mended  bool   // its lines are not broken as RFC 7468 wants them
}

// plain reports whether the block holds a private key that is not encrypted, or has the
// label of one and is damaged.
func (b *pemBlock) plain() bool {
	return isPrivateLabel(b.holds) || isPrivateLabel(b.label) && !b.old && b.holds != labelEncrypted
}

// mislabeled reports whether the block has the label of one form of key and holds another.
func (b *pemBlock) mislabeled() bool {
	return b.holds != "" && b.holds != b.label &&
		(isPublicLabel(b.label) || isPrivateLabel(b.label) || b.label == labelEncrypted)
}

// exchanged reports whether label and content are both of public keys, or both of private
// keys.
func (b *pemBlock) exchanged() bool {
	return isPublicLabel(b.label) && isPublicLabel(b.holds) || isPrivateLabel(b.label) && isPrivateLabel(b.holds)
}

// met returns the deviations of the text of the block.
func (b *pemBlock) met() *tolerance {
	if !b.mended {
		return nil
	}
	return &tolerance{[]Deviation{{Code: DeviationLineBreaks}}}
}

// parameters reports whether the block holds the parameters of a curve: its name, or a
// sequence that is not a key.
func (b *pemBlock) parameters() bool {
	s := cryptobyte.String(b.der)
	var content cryptobyte.String
	var tag cbasn1.Tag
	return b.holds == "" && s.ReadAnyASN1(&content, &tag) && s.Empty() &&
		(tag == cbasn1.OBJECT_IDENTIFIER || tag == cbasn1.SEQUENCE)
}

// pemBlocks yields the blocks of a file, also those that encoding/pem passes over in
// silence: a block that begins within a line, and an END without BEGIN.
func pemBlocks(data []byte) iter.Seq[pemBlock] {
	begin := []byte("-----BEGIN")
	return func(yield func(pemBlock) bool) {
		start := bytes.Index(data, begin)
		before := data
		if start >= 0 {
			before = data[:start]
		}
		if !strayEnd(before, 0, yield) {
			return
		}
		for start >= 0 {
			text, next := data[start:], -1
			if n := bytes.Index(text[len(begin):], begin); n >= 0 {
				text, next = text[:len(begin)+n], start+len(begin)+n
			}
			block, rest := newPEMBlock(text, start, start == 0 || data[start-1] == '\n', before)
			if !yield(block) || !strayEnd(rest, start+len(text)-len(rest), yield) {
				return
			}
			if before = rest; block.label == "" {
				before = text
			}
			start = next
		}
	}
}

// strayEnd yields the block that a text between blocks ends, if it does. It reports
// whether to go on.
func strayEnd(text []byte, offset int, yield func(pemBlock) bool) bool {
	i := bytes.Index(text, []byte("-----END"))
	return i < 0 || yield(pemBlock{offset: offset, text: text, private: saysPrivate(text[i:]), fault: errNoBlock("END without BEGIN")})
}

// saysPrivate reports whether the first line of a text speaks of a private key.
func saysPrivate(text []byte) bool {
	line, _, _ := bytes.Cut(text[:min(len(text), maxFirstLine)], []byte("\n"))
	return bytes.Contains(bytes.ToUpper(line), []byte("PRIVATE"))
}

// newPEMBlock reads the one block in a text, and returns what follows it. before is the text
// between it and the block before. Nothing of the text may get into an error: if its first
// line is damaged, what follows may be the key.
func newPEMBlock(text []byte, offset int, atLine bool, before []byte) (b pemBlock, rest []byte) {
	b = pemBlock{offset: offset, text: text, private: saysPrivate(text)}
	marked := isMarked(before)
	if atLine || marked {
		if rest, ok := b.read(text); ok {
			if marked {
				b.fault = errMarked()
			}
			return b, rest
		}
	}
	rest = b.mend(before)
	if marked && b.label != "" {
		b.fault = errMarked()
	}
	return b, rest
}

// read reads a block as RFC 7468 has it, and returns what follows it.
func (b *pemBlock) read(text []byte) (rest []byte, ok bool) {
	first, headers, body := cutHeaders(text)
	if b.crowded = bytes.Count(headers, []byte("\n")) > maxPEMHeaders || len(headers) > maxPEMHeaderOctets; b.crowded {
		// What is in the block still tells whether it is private.
		text = slices.Concat(first, body)
	}
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, false
	}
	b.label, b.der = block.Type, block.Bytes
	b.old = strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
	b.holds = labelOf(b.der)
	b.private = b.private || strings.HasSuffix(b.holds, labelPrivate)
	return rest, true
}

// Limits of the headers of a block (RFC 1421), which encoding/pem puts into a map. Known
// blocks have two, Proc-Type and DEK-Info.
const (
	maxPEMHeaders      = 16      // lines
	maxPEMHeaderOctets = 4 << 10 // of all lines together
)

// cutHeaders cuts a block after its first line and after its headers, which are the lines
// that encoding/pem takes for them: those before the first one without a colon.
func cutHeaders(text []byte) (first, headers, body []byte) {
	_, body, _ = bytes.Cut(text, []byte("\n"))
	first = text[:len(text)-len(body)]
	rest := body
	for {
		line, next, whole := bytes.Cut(body, []byte("\n"))
		if !whole || !bytes.Contains(line, []byte(":")) {
			return first, rest[:len(rest)-len(body)], body
		}
		body = next
	}
}

// First lines that say that a private key follows are shorter than this.
const maxFirstLine = 128 // bytes
