package jwk

// The forms of text that callers pass to functions of this package, and the words for them in
// errors: a caller who passes PEM to Parse reads in the error that ParsePEM reads it. See
// recognize.go for how a form is recognized.

// A door names the exported functions that read one form, such as ParsePEM and DecryptPEM.
type door uint8

const (
	noDoor  door = iota
	doorKey      // Parse
	doorSet      // ParseSet
	doorPEM      // ParsePEM and DecryptPEM
	doorDER      // ParseDER
	doorJWE      // DecryptKey and DecryptSet
	doorAny      // ParseOne
)

// wanted has the words for the form that each door reads.
var wanted = [...]string{
	doorKey: "a JWK in JSON",
	doorSet: "a JWK Set in JSON",
	doorPEM: "PEM (RFC 7468)",
	doorDER: "a key or certificate in DER",
	doorJWE: "a JWE in compact or flattened serialization",
	doorAny: "a key in PEM, DER or JSON",
}

// A form is a form of text that specimen.form recognizes.
type form uint8

const (
	noForm form = iota
	formEmpty
	formUTF16
	formOpenSSH
	formEncryptedPEM
	formOldPEM
	formPEM
	formSSH2
	formPuTTY
	formSSHLine
	formPKCS12
	formCertificate
	formDER
	formKeystore
	formGzip
	formMarkup
	formYAML
	formKey // the forms of an object, from here to formJSON: the first that a member fits counts
	formSet
	formJWEObject
	formJWSObject
	formMetadata
	formServiceAccount
	formPEMObject
	formKeysInCase
	formKtyInCase
	formJWKS
	formJWK
	formJSON // another object, or JSON that is not valid
	formArray
	formQuotedJSON
	formQuotedPEM
	formQuotedToken
	formJWE
	formJWS
	formBase64DER
	formHexDER
	formBase64PEM
	formBase64JSON
	formSSHBlob

	numForms
)

// forms is the table of forms. what is the name of a form in errors, and wayOut is the advice
// that follows it: the function or command that reads or converts the form.
var forms = [numForms]struct {
	what, wayOut string
	reader       door // the door that reads the form, or noDoor
}{
	formEmpty:          {what: "no text"},
	formUTF16:          {what: "UTF-16", wayOut: "convert it to UTF-8"},
	formOpenSSH:        {what: "a file of OpenSSH", wayOut: "sshkey.ParsePrivateKey reads it"},
	formEncryptedPEM:   {"encrypted PEM", "DecryptPEM reads it", doorPEM},
	formOldPEM:         {"PEM that is encrypted in the form before PKCS #8", "openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW converts it", doorPEM},
	formPEM:            {"PEM", "ParsePEM reads it", doorPEM},
	formSSH2:           {what: "an SSH2 key", wayOut: "ssh-keygen -i -f FILE converts it"},
	formPuTTY:          {what: "a file of PuTTY", wayOut: "puttygen FILE -O private-openssh -o NEW converts it"},
	formSSHLine:        {what: "a public key of OpenSSH", wayOut: "sshkey.ParseAuthorizedKey reads it"},
	formPKCS12:         {what: "PKCS #12", wayOut: "openssl pkcs12 -in FILE -nodes -out NEW converts it to PEM"},
	formCertificate:    {"a certificate in DER", "ParseDER reads it", doorDER},
	formDER:            {"DER", "ParseDER reads it", doorDER},
	formKeystore:       {what: "a Java keystore", wayOut: "keytool -importkeystore -deststoretype pkcs12 converts it"},
	formGzip:           {what: "compressed data (gzip)", wayOut: "decompress it"},
	formMarkup:         {what: "HTML or XML"},
	formYAML:           {what: "YAML", wayOut: "convert it to JSON"},
	formSet:            {"a JWK Set", "ParseSet reads it", doorSet},
	formKey:            {"a single JWK", "Parse reads it", doorKey},
	formJWEObject:      {"a JWE in JSON", "DecryptKey or DecryptSet reads it", doorJWE},
	formJWSObject:      {what: "a signed text (JWS in JSON)"},
	formMetadata:       {what: "provider metadata", wayOut: "fetch the set from its jwks_uri"},
	formServiceAccount: {what: "a service account file", wayOut: "ParsePEM reads its private_key"},
	formPEMObject:      {what: "an object that holds PEM", wayOut: "ParsePEM reads each of its strings"},
	formKeysInCase:     {what: `an object with "keys" in another case`, wayOut: "case matters"},
	formKtyInCase:      {what: `an object with "kty" in another case`, wayOut: "case matters"},
	formJWKS:           {what: "an object with a jwks", wayOut: "ParseSet reads that member"},
	formJWK:            {what: "an object with a jwk", wayOut: "Parse reads that member"},
	formArray:          {what: "an array of keys", wayOut: `ParseSet reads it as "keys" of an object`},
	formQuotedJSON:     {what: "a string that holds JSON", wayOut: "unmarshal the string first"},
	formQuotedPEM:      {what: "a string that holds PEM", wayOut: "unmarshal the string, and call ParsePEM"},
	formQuotedToken:    {what: "a string that holds a JWE or a JWT", wayOut: "unmarshal the string first"},
	formJSON:           {"JSON", "Parse reads a JWK, ParseSet a set", doorKey},
	formJWE:            {"a JWE", "DecryptKey or DecryptSet reads it", doorJWE},
	formJWS:            {what: "a signed text (JWT or another JWS)"},
	formBase64DER:      {what: "base64 of DER", wayOut: "decode it, and call ParseDER"},
	formHexDER:         {what: "hexadecimal of DER", wayOut: "decode it, and call ParseDER"},
	formBase64PEM:      {what: "base64 of PEM", wayOut: "decode it, and call ParsePEM"},
	formBase64JSON:     {what: "base64 of JSON", wayOut: "decode it, and call Parse or ParseSet"},
	formSSHBlob:        {what: "a public key of OpenSSH without its type", wayOut: "sshkey.ParseAuthorizedKey reads it after its type"},
}
