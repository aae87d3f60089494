package jwk

import "bytes"

// Blocks of PEM as they are on disks and in settings: editors and environment variables
// change line breaks. Lenient reads these blocks. The strict reader says what is wrong.

// mend reads a block that RFC 7468 does not allow, and sets its fault. The block has a label
// if only its lines are wrong. mend returns the text after such a block.
func (b *pemBlock) mend(before []byte) (rest []byte) {
	label, body, rest, ended := cutBlock(b.text)
	switch {
	case foreignBlock(label) != "":
		b.fault = errLabel(label, "")
		return nil
	case label == "":
		b.fault = errNoBlock("BEGIN without a label and five dashes after it")
		return nil
	case !ended:
		b.fault = errNoBlock("no END of the same label")
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
	b.fault, b.mended = errLines(body), true
	return rest
}

func errNoBlock(why string) *Error { return errorf(ErrSyntax, "not a PEM block (RFC 7468): %s", why) }

// isMarked reports whether a text ends with a byte order mark, as between files that were
// joined.
func isMarked(before []byte) bool { return bytes.HasSuffix(before, []byte(byteOrderMark)) }

func errMarked() *Error {
	return errorf(ErrSyntax, "a byte order mark before BEGIN, want none (Parser.Lenient accepts it)")
}

// errLines is the error for a block whose lines end in another way.
func errLines(body []byte) *Error {
	ends := "nothing"
	switch {
	case bytes.Contains(body, []byte(`\n`)):
		ends = `the two characters \n`
	case bytes.Contains(body, []byte(`\r`)):
		ends = `the two characters \r`
	case bytes.IndexByte(body, '\n') >= 0:
		return errorf(ErrSyntax, "BEGIN or END is not in a line of its own: want line breaks (Parser.Lenient accepts it)")
	case bytes.IndexByte(body, '\r') >= 0:
		ends = "carriage returns"
	case bytes.ContainsAny(body, " \t"):
		ends = "blanks"
	}
	return errorf(ErrSyntax, "the lines of the block are not broken: %s between them, want line breaks (Parser.Lenient accepts it)", ends)
}

// cutBlock cuts a text that begins with -----BEGIN after the label, before the END with the
// same label, and after it. The label is "" if labels in use have another form.
func cutBlock(text []byte) (label string, body, rest []byte, ended bool) {
	text, ok := bytes.CutPrefix(text, []byte(pemBegin))
	first, _, labeled := bytes.Cut(text[:min(len(text), maxLabel+len(pemDashes))], []byte(pemDashes))
	if label = string(first); !ok || !labeled || !isPlainLabel(label) {
		return "", nil, nil, false
	}
	body, rest, ended = bytes.Cut(text[len(label)+len(pemDashes):], []byte(pemEnd+label+pemDashes))
	return label, body, rest, ended
}

// inLines returns a block with a line break where one may have been: after BEGIN, before
// END, and for each run of carriage returns, line breaks, and \r and \n in two characters.
func inLines(label string, body []byte) []byte {
	const end = "\n\n" + pemEnd // the empty line is for a block of headers only
	text := make([]byte, 0, len(body)+len(pemBegin)+len(end)+2*(len(label)+len(pemDashes))+1)
	text = append(text, pemBegin+label+pemDashes+"\n"...)
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '\\' && i+1 < len(body) && (body[i+1] == 'n' || body[i+1] == 'r') {
			i++
			c = '\n'
		}
		switch {
		case c != '\n' && c != '\r':
			text = append(text, c)
		case text[len(text)-1] != '\n':
			text = append(text, '\n')
		}
	}
	return append(text, end+label+pemDashes...)
}

// lineEnds are the ends of lines, right and wrong.
var lineEnds = [...]string{"\n", "\r", `\n`, `\r`}

// endsLine reports whether nothing but blanks follows the last end of a line in a text.
func endsLine(text []byte) bool {
	text = bytes.TrimRight(bytes.TrimSuffix(text, []byte(byteOrderMark)), " \t")
	for _, end := range lineEnds {
		if bytes.HasSuffix(text, []byte(end)) {
			return true
		}
	}
	return len(text) == 0
}

// beginsLine reports whether nothing but blanks is before the first end of a line in a text.
func beginsLine(text []byte) bool {
	text = bytes.TrimLeft(text, " \t")
	for _, end := range lineEnds {
		if bytes.HasPrefix(text, []byte(end)) {
			return true
		}
	}
	return len(text) == 0
}
