// Package integration tests that keys of package jwk work with the libraries
// that sign and verify tokens. It holds tests alone, in a module of its own, so
// that nothing they need becomes a dependency of jwk.
package integration
