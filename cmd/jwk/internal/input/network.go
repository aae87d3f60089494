package input

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// NetworkReason returns the reason of an error of package jwkhttp in the words of this command.
func NetworkReason(err error) string {
	if e, ok := errors.AsType[*jwkhttp.Error](err); ok && e.Err != nil {
		err = e.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no whole answer in time" // jwkhttp waits for 10 seconds
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return phrases.Replace(strings.TrimPrefix(err.Error(), "jwk: "))
}

// NetworkAdvice returns what helps if there was no answer.
func NetworkAdvice(err error) string {
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && len(bad.UnverifiedCertificates) > 0 {
		text := "; the certificate is " + DescribeCertificate(bad.UnverifiedCertificates[0])
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
			text += "; --ca-file FILE trusts the authority in FILE"
		}
		return text
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "; the server does not speak TLS: is it an http URL?"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return "; is the name spelled correctly?"
	}
	return ""
}

// DescribeCertificate returns the names in a certificate, who made it and how long it is valid.
func DescribeCertificate(c *x509.Certificate) string {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	text := "for " + terminal.Words(names)
	if len(names) == 0 {
		text = "for no host"
	}
	return fmt.Sprintf("%s; subject %s; from %s; valid until %s", text,
		terminal.ShortWord(c.Subject.String()), terminal.ShortWord(c.Issuer.String()), terminal.Time(c.NotAfter))
}
