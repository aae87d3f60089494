package jwk

import "bytes"

// The text of PEM blocks in files and settings in which editors or environment variables have
// changed the line breaks or added a byte order mark. The functions here split such a text,
// restore its lines, and name its faults. They do not read the block: pem_block.go does.

// splitBlock splits a text that begins with -----BEGIN into the label, the body before the END
// with the same label, and the rest after that END. label is "" if it is not a plain label,
// and ended reports whether the END is present.
func splitBlock(text []byte) (label string, body, rest []byte, ended bool) {
	text, ok := bytes.CutPrefix(text, []byte(pemBegin))
	first, _, labeled := bytes.Cut(text[:min(len(text), maxLabel+len(pemDashes))], []byte(pemDashes))
	if label = string(first); !ok || !labeled || !isPlainLabel(label) {
		return "", nil, nil, false
	}
	body, rest, ended = bytes.Cut(text[len(label)+len(pemDashes):], []byte(pemEnd+label+pemDashes))
	return label, body, rest, ended
}

// inLines returns a block with its line breaks restored: after BEGIN, before END, and one for
// each run of carriage returns, line breaks, and the two characters \r or \n.
func inLines(label string, body []byte) []byte {
	const end = "\n\n" + pemEnd // the empty line is for a block that has only headers
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

// lineEnds are the ends of lines, the correct one and those that Lenient reads.
var lineEnds = [...]string{"\n", "\r", `\n`, `\r`}

// endsLine reports whether a text is empty or ends with the end of a line, apart from blanks
// and a byte order mark.
func endsLine(text []byte) bool {
	text = bytes.TrimRight(bytes.TrimSuffix(text, []byte(byteOrderMark)), " \t")
	for _, end := range lineEnds {
		if bytes.HasSuffix(text, []byte(end)) {
			return true
		}
	}
	return len(text) == 0
}

// beginsLine reports whether a text is empty or begins with the end of a line, apart from
// blanks.
func beginsLine(text []byte) bool {
	text = bytes.TrimLeft(text, " \t")
	for _, end := range lineEnds {
		if bytes.HasPrefix(text, []byte(end)) {
			return true
		}
	}
	return len(text) == 0
}

// endsWithMark reports whether a text ends with a byte order mark, as between files that were
// joined.
func endsWithMark(text []byte) bool { return bytes.HasSuffix(text, []byte(byteOrderMark)) }

func errMark() *Error {
	return errorf(ErrSyntax, "a byte order mark before BEGIN, want nothing before it (Parser.Lenient accepts it)")
}

func errNoBlock(why string) *Error { return errorf(ErrSyntax, "not a PEM block (RFC 7468): %s", why) }

// errLines returns the error for a block with a body whose lines do not end in a line break.
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
	return errorf(ErrSyntax, "%s between the lines of the block, want line breaks (Parser.Lenient accepts it)", ends)
}
