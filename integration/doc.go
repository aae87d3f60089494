// Package integration tests package jwk against the work of others: the test vectors of Project
// Wycheproof and of the RFCs, libraries that sign and verify tokens, and other libraries that
// read keys. It also tests the documents.
//
// The package holds only tests. It is a module of its own, so that users of package jwk do not
// depend on the modules that the tests need.
package integration
