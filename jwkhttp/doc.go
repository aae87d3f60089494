// Package jwkhttp fetches JSON Web Key Sets over HTTP and publishes them.
package jwkhttp
