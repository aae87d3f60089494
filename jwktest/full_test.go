//go:build !jwk_core

package jwktest_test

import "github.com/seed1f6cf2d3/jwk"

// leftOut reports whether this build has no keys for an algorithm.
func leftOut(jwk.Algorithm) bool { return false }
