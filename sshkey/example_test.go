package sshkey_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// This example reads an authorized_keys file into a set. It leaves out lines with options,
// because a JWK cannot express the limits that they set.
func ExampleParseAuthorizedKey() {
	file := []byte(`# who may log in
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMuYul6UKlh7LJ9qcR8o4sa6LSeoL2AWWeeMijqhfuf alice@example.com
cert-authority ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMuYul6UKlh7LJ9qcR8o4sa6LSeoL2AWWeeMijqhfuf ca
ssh-dss AAAAB3NzaC1kc3MAAACBAL4= bob@example.com
`)
	set := jwk.NewSet()
	n := 0
	for line := range bytes.Lines(file) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		key, comment, options, err := sshkey.ParseAuthorizedKey(line)
		switch {
		case errors.Is(err, jwk.ErrUnsupported):
			fmt.Printf("line %d: %v\n", n, err)
			continue
		case err != nil:
			log.Fatalf("line %d: %v", n, err)
		case len(options) > 0:
			fmt.Printf("line %d: left out for its options %q\n", n, options)
			continue
		}
		key, err = key.WithAttributes(jwk.Attributes{KeyID: comment, Algorithm: jwk.EdDSA})
		if err != nil {
			log.Fatal(err)
		}
		set = set.With(key)
	}
	fmt.Println(set.Len(), set.At(0).KeyID(), set.At(0).Permits(jwk.OpVerify))
	// Output:
	// line 3: left out for its options ["cert-authority"]
	// line 4: jwk: SSH key type "ssh-dss", want one of ssh-rsa, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-ed25519
	// 1 alice@example.com true
}

// This example turns a private key of ssh-keygen into a JWK that signs tokens. The kid is the
// thumbprint, as in keys of [jwk.Generate].
func ExampleParsePrivateKey() {
	data, err := os.ReadFile("testdata/ed25519.encrypted")
	if err != nil {
		log.Fatal(err)
	}
	_, err = sshkey.ParsePrivateKey(data, []byte("wrong"))
	fmt.Println(errors.Is(err, jwk.ErrDecrypt), err)

	key, err := sshkey.ParsePrivateKey(data, []byte("correct horse"))
	if err != nil {
		log.Fatal(err)
	}
	key, err = key.WithAttributes(jwk.Attributes{
		KeyID:     key.Thumbprint().String(),
		Use:       jwk.UseSig,
		Algorithm: jwk.EdDSA,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Permits(jwk.OpSign), key.KeyID())
	// Output:
	// true jwk: wrong passphrase, or altered text
	// true frMWRkBBjw8nUS8e2SkFVYiadhrNcWmduFREd9mSnew
}

// This example generates a key and writes both files of a login: the private key for ssh -i, and
// the line for the server.
func ExampleMarshalPrivateKey() {
	key, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		log.Fatal(err)
	}
	data, err := sshkey.MarshalPrivateKey(key, []byte("correct horse battery staple"), "alice@example.com")
	if err != nil {
		log.Fatal(err)
	}
	// os.WriteFile("id_ed25519", data, 0o600)
	line, err := sshkey.MarshalAuthorizedKey(key, "alice@example.com")
	if err != nil {
		log.Fatal(err)
	}
	begin, _, _ := bytes.Cut(data, []byte("\n"))
	fmt.Printf("%s\n%s...\n", begin, line[:len("ssh-ed25519")])

	// A public key cannot be written as a private key file.
	public, err := key.Public()
	if err != nil {
		log.Fatal(err)
	}
	_, err = sshkey.MarshalPrivateKey(public, nil, "")
	fmt.Println(errors.Is(err, jwk.ErrPrivate))
	// Output:
	// -----BEGIN OPENSSH PRIVATE KEY-----
	// ssh-ed25519...
	// true
}

// This example prints the fingerprint of a key, as ssh-keygen -l does.
func ExampleFingerprint() {
	key, err := jwk.Parse([]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil {
		log.Fatal(err)
	}
	fingerprint, err := sshkey.Fingerprint(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fingerprint)
	// Output: SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8
}
