//go:build jwk_core && (!go1.27 || fips140v1.0)

package jwk

// What stands for ML-DSA in a build with the tag jwk_core, where the standard library does
// not have it.

var akpKind = leftOut("mldsa.", kindAKP)

func generateAKP(Algorithm) (any, error) { return nil, akpKind.errLeftOut() }

func akpFromSPKI(*writer, publicKeyInfo) error   { return akpKind.errLeftOut() }
func akpFromPKCS8(*writer, privateKeyInfo) error { return akpKind.errLeftOut() }
