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

// The blocks of a PEM file (RFC 7468), before keys are made from them.

// A pemBlock is a block of a file.
type pemBlock struct {
	number int    // the number of the block in the file, from 1
	offset int    // the offset of the block in the file
	text   []byte // the block, and the text up to the next block
	label  string // "" if the block cannot be read
	der    []byte

	contentLabel    string // the label that belongs to the form of der, "" if that is unknown
	private         bool   // it holds a private key, or its first line mentions one
	legacyEncrypted bool   // it is encrypted in the form of RFC 1421
	tooManyHeaders  bool   // its headers exceed the limits, and were not read
	repaired        bool   // its line breaks were restored
	fault           *Error // why RFC 7468 does not allow it, or nil; if label is set, Lenient reads it
}

// isUnencryptedPrivate reports whether the block holds a private key that is not encrypted, or
// has the label of one and is damaged.
func (b *pemBlock) isUnencryptedPrivate() bool {
	return isPrivateLabel(b.contentLabel) ||
		isPrivateLabel(b.label) && !b.legacyEncrypted && b.contentLabel != labelEncrypted
}

// isMislabeled reports whether the block has the label of one form of key and holds another.
func (b *pemBlock) isMislabeled() bool {
	return b.contentLabel != "" && b.contentLabel != b.label &&
		(isPublicLabel(b.label) || isPrivateLabel(b.label) || b.label == labelEncrypted)
}

// labelMatchesPrivacy reports whether the label and the content are both of public keys, or
// both of private keys.
func (b *pemBlock) labelMatchesPrivacy() bool {
	return isPublicLabel(b.label) && isPublicLabel(b.contentLabel) ||
		isPrivateLabel(b.label) && isPrivateLabel(b.contentLabel)
}

// deviations returns the deviations of the text of the block.
func (b *pemBlock) deviations() *tolerance {
	if !b.repaired {
		return nil
	}
	return &tolerance{[]Deviation{{Code: DeviationLineBreaks}}}
}

// isParameters reports whether the block holds the parameters of a curve: its name, or a
// sequence that is not a key.
func (b *pemBlock) isParameters() bool {
	s := cryptobyte.String(b.der)
	var content cryptobyte.String
	var tag cbasn1.Tag
	return b.label == labelParameters && b.contentLabel == "" &&
		s.ReadAnyASN1(&content, &tag) && s.Empty() &&
		(tag == cbasn1.OBJECT_IDENTIFIER || tag == cbasn1.SEQUENCE)
}

// pemBlocks yields the blocks of a file. It also yields the faulty blocks that encoding/pem
// ignores, so that no key is lost unnoticed: a BEGIN that does not start a line, and an END
// without BEGIN.
func pemBlocks(data []byte) iter.Seq[pemBlock] {
	begin := []byte("-----BEGIN")
	return func(yield func(pemBlock) bool) {
		start := bytes.Index(data, begin)
		before := data // the text between the last block and this one
		if start >= 0 {
			before = data[:start]
		}
		if !yieldEnd(before, 0, yield) {
			return
		}
		for start >= 0 {
			text, next := data[start:], -1
			if n := bytes.Index(text[len(begin):], begin); n >= 0 {
				text, next = text[:len(begin)+n], start+len(begin)+n
			}
			block, rest := newPEMBlock(text, start, start == 0 || data[start-1] == '\n', before)
			if !yield(block) || !yieldEnd(rest, start+len(text)-len(rest), yield) {
				return
			}
			if before = rest; block.label == "" {
				before = text
			}
			start = next
		}
	}
}

// yieldEnd yields a faulty block for a text between blocks that contains an END. It reports
// whether to continue.
func yieldEnd(text []byte, offset int, yield func(pemBlock) bool) bool {
	i := bytes.Index(text, []byte("-----END"))
	return i < 0 || yield(pemBlock{offset: offset, text: text, private: mentionsPrivate(text[i:]), fault: errNoBlock("END without BEGIN")})
}

// newPEMBlock reads the one block in a text, and returns the rest of the text. before is the
// text between the last block and this one.
//
// No part of the text may get into an error: if the first line is damaged, the text after it
// may be the key.
func newPEMBlock(text []byte, offset int, startsLine bool, before []byte) (b pemBlock, rest []byte) {
	b = pemBlock{offset: offset, text: text, private: mentionsPrivate(text)}
	marked := endsWithMark(before)
	if startsLine || marked {
		if rest, ok := b.read(text); ok {
			if marked {
				b.fault = errMark()
			}
			return b, rest
		}
	}
	rest = b.repair(before)
	if marked && b.label != "" {
		b.fault = errMark()
	}
	return b, rest
}

// read reads a block that RFC 7468 allows, and returns the text after it.
func (b *pemBlock) read(text []byte) (rest []byte, ok bool) {
	first, headers, body := splitHeaders(text)
	b.tooManyHeaders = bytes.Count(headers, []byte("\n")) > maxPEMHeaders || len(headers) > maxPEMHeaderOctets
	if b.tooManyHeaders {
		text = slices.Concat(first, body) // the content still shows whether the block is private
	}
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, false
	}
	b.label, b.der = block.Type, block.Bytes
	b.legacyEncrypted = strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
	b.contentLabel = labelOf(b.der)
	b.private = b.private || strings.HasSuffix(b.contentLabel, labelPrivate)
	return rest, true
}

// Limits of the headers of a block (RFC 1421), because encoding/pem puts them into a map. Known
// blocks have two, Proc-Type and DEK-Info.
const (
	maxPEMHeaders      = 16      // lines
	maxPEMHeaderOctets = 4 << 10 // octets of all lines together
)

// splitHeaders splits a block after its first line and after its headers. The headers are the
// lines before the first line without a colon, as in encoding/pem.
func splitHeaders(text []byte) (first, headers, body []byte) {
	_, body, _ = bytes.Cut(text, []byte("\n"))
	first = text[:len(text)-len(body)]
	afterFirst := body
	for {
		line, next, whole := bytes.Cut(body, []byte("\n"))
		if !whole || !bytes.Contains(line, []byte(":")) {
			return first, afterFirst[:len(afterFirst)-len(body)], body
		}
		body = next
	}
}

// repair reads a block that RFC 7468 does not allow, and sets its fault. If only the line
// breaks are wrong, it restores them, sets the label, and returns the text after the block.
func (b *pemBlock) repair(before []byte) (rest []byte) {
	label, body, rest, ended := splitBlock(b.text)
	switch {
	case foreignBlock(label) != "":
		b.fault = errLabel(label, "")
		return nil
	case label == "":
		b.fault = errNoBlock("BEGIN without a label and five dashes after it")
		return nil
	case !ended:
		b.fault = errNoBlock("no END with the same label")
		return nil
	}
	if _, ok := b.read(inLines(label, body)); !ok {
		b.fault = errNoBlock("no base64 between BEGIN and END")
		return nil
	}
	if !endsLine(before) || !beginsLine(rest) {
		b.label = ""
		b.fault = errNoBlock("text before BEGIN or after END, want these in lines of their own")
		return nil
	}
	b.fault, b.repaired = errLines(body), true
	return rest
}

// maxFirstLine limits the search for PRIVATE in a first line.
const maxFirstLine = 128 // bytes

// mentionsPrivate reports whether the first line of a text contains the word PRIVATE.
func mentionsPrivate(text []byte) bool {
	line, _, _ := bytes.Cut(text[:min(len(text), maxFirstLine)], []byte("\n"))
	return bytes.Contains(bytes.ToUpper(line), []byte("PRIVATE"))
}
