package jsonscan

import "strings"

// Members walks over the members of an object that Value has accepted. It reads a string and not
// octets, so that callers do not copy the text of a key, and it skips strings with
// strings.IndexByte, because most of a key is in a few long strings.
type Members struct {
	text string
	pos  int // the opening brace, or what follows the last member: a comma or the closing brace
}

// A Member is the place of a member in the text of its object.
type Member struct {
	Start   int // after the opening brace, or after the comma before the member
	Name    int // the quote that begins the name
	NameEnd int // after the quote that ends the name
	Value   int // the first octet of the value
	End     int // after the value
	After   int // the comma or brace that follows
}

// MembersOf returns a walk over the members of the object that starts at the first octet of text.
func MembersOf(text string) Members { return Members{text: text} }

// Next returns the next member. It returns false after the last one.
func (m *Members) Next() (next Member, ok bool) {
	if m.text[m.pos] == '}' {
		return Member{}, false
	}
	next.Start = m.pos + 1
	next.Name = skipSpace(m.text, next.Start)
	if m.text[next.Name] == '}' { // the object is empty
		return Member{}, false
	}
	next.NameEnd = skipString(m.text, next.Name)
	next.Value = skipSpace(m.text, skipSpace(m.text, next.NameEnd)+len(":"))
	next.End = skipValue(m.text, next.Value)
	next.After = skipSpace(m.text, next.End)
	m.pos = next.After
	return next, true
}

// skipValue returns the index after the value that starts at i.
func skipValue(text string, i int) int {
	for depth := 0; i < len(text); {
		switch text[i] {
		case '"':
			i = skipString(text, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
			continue
		default:
			for i < len(text) && strings.IndexByte(" \t\r\n,]}", text[i]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// skipString returns the index after the string that starts at i.
func skipString(text string, i int) int {
	for start := i; ; {
		n := strings.IndexByte(text[i+1:], '"')
		if n < 0 {
			return len(text) // does not happen: the text is valid
		}
		i += 1 + n
		backslashes := 0
		for i-backslashes > start+1 && text[i-backslashes-1] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 { // else the quote is escaped
			return i + 1
		}
	}
}

// skipSpace returns the index after the white space that starts at i, if any.
func skipSpace(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}
