//go:build jwk_core && (!go1.27 || fips140v1.0)

package jwk

// ML-DSA in a build with the tag jwk_core, if the standard library does not have it.

var (
	mldsa44Kind = leftOut("mldsa.", kindMLDSA44)
	mldsa65Kind = leftOut("mldsa.", kindMLDSA65)
	mldsa87Kind = leftOut("mldsa.", kindMLDSA87)
)

func generateMLDSA(k *kind) (any, error) { return nil, k.errLeftOut() }

func mldsaFromPKCS8(k *kind, _ *writer, _ privateKeyInfo) error { return k.errLeftOut() }
