package jwk

import "encoding/asn1"

// The object identifiers of keys in DER.
var (
	oidRSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}  // RFC 3279, Section 2.3.1
	oidRSAPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10} // RFC 4055, Section 1.2

	// Keys that have no form as a JWK: DSA (RFC 3279, Section 2.3.2), and finite-field
	// Diffie-Hellman of PKCS #3 and X9.42 (Section 2.3.3).
	oidDSA   = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidDH    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
	oidX9_42 = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}

	oidEC        = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}    // RFC 5480, Section 2.1.1
	oidP256      = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7} // RFC 5480, Section 2.1.1.1
	oidP384      = asn1.ObjectIdentifier{1, 3, 132, 0, 34}          // RFC 5480, Section 2.1.1.1
	oidP521      = asn1.ObjectIdentifier{1, 3, 132, 0, 35}          // RFC 5480, Section 2.1.1.1
	oidSecp256k1 = asn1.ObjectIdentifier{1, 3, 132, 0, 10}          // SEC 2, Appendix A.2.1

	// RFC 8410, Section 3.
	oidX25519  = asn1.ObjectIdentifier{1, 3, 101, 110}
	oidX448    = asn1.ObjectIdentifier{1, 3, 101, 111}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidEd448   = asn1.ObjectIdentifier{1, 3, 101, 113}

	// RFC 9881, Section 2.
	oidMLDSA44 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17}
	oidMLDSA65 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18}
	oidMLDSA87 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 19}
)

// commonOIDs are the object identifiers in the keys of most certificates, and their elements in
// DER. readOID finds them there, because cryptobyte allocates each identifier that it reads.
var commonOIDs = [...]struct {
	der string
	id  asn1.ObjectIdentifier
}{
	{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", oidRSA},
	{"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", oidEC},
	{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", oidP256},
	{"\x06\x05\x2b\x81\x04\x00\x22", oidP384},
}
