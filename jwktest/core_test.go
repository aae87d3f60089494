//go:build jwk_core

package jwktest_test

import (
	"go/version"
	"runtime"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
)

// leftOut reports whether this build has no keys for an algorithm.
func leftOut(alg jwk.Algorithm) bool {
	return alg == jwk.ES256K || alg == jwk.Ed448 ||
		strings.HasPrefix(string(alg), "ML-DSA") && version.Compare(runtime.Version(), "go1.27") < 0
}
