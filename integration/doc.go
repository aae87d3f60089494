// Package integration proves package jwk against what others wrote: the vectors of
// Project Wycheproof and of the RFCs, the libraries that sign and verify tokens, and
// those that read keys, too. It holds tests alone, in a module of its own, so that
// nothing they need becomes a dependency of jwk.
package integration
