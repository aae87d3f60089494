package jwk

import "iter"

// okpPublic is the public half of an OKP key, and what keys of every curve have
// in common by it.
type okpPublic struct {
	kind *kind
	x    string // base64url
}

func (k *okpPublic) size() int { return len(k.x) * 6 / 8 }

// octets returns x, which was checked when it was read.
func (k *okpPublic) octets() []byte {
	x, _ := decode64(make([]byte, 0, k.size()), []byte(k.x))
	return x
}

func (k *okpPublic) bits() int { return 8 * k.size() }

func (k *okpPublic) forms() iter.Seq[any] { return noForms }

func (k *okpPublic) canonical() (a, b, c, d string) {
	return `{"crv":"`, string(k.kind.crv), `","kty":"OKP","x":"`, k.x
}

// name is that of the curve in DER (RFC 8410, Section 3).
func (k *okpPublic) name() algorithmID { return k.kind.algorithms[0] }

func (k *okpPublic) certified(spki *publicKeyInfo) bool {
	return spki.algorithm.Equal(k.name().algorithm) && string(k.octets()) == string(spki.key)
}

func (k *okpPublic) spki() publicKeyInfo { return publicKeyInfo{k.name(), k.octets()} }
