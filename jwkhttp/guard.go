package jwkhttp

import (
	"context"
	"net/netip"
	"syscall"
)

// A guard decides which addresses a Client with UntrustedURL may connect to: the public ones, and
// those in allow. An address is public if it can be the address of any server on the Internet.
type guard struct {
	allow []netip.Prefix // the exceptions
}

// A block is a range of addresses that are not public.
type block struct {
	prefix netip.Prefix
	kind   string // what error texts call an address in it
}

// specialBlocks holds every row of IANA's special-purpose address registries for IPv4 and IPv6
// (RFC 6890, RFC 8190), as of 9 October 2025. It includes the rows that IANA marks as globally
// reachable: they serve one protocol each, and no key set is published there. The rows after the
// empty line are not in these registries.
//
// The registry for IPv6 also has ::ffff:0:0/96, the IPv4-mapped addresses. It is not in this
// table, because check judges them by the IPv4 address within.
var specialBlocks = [...]block{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},               // RFC 791, Section 3.2
	{netip.MustParsePrefix("0.0.0.0/32"), "unspecified"},               // RFC 1122, Section 3.2.1.3
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},                   // RFC 1918
	{netip.MustParsePrefix("100.64.0.0/10"), "shared"},                 // RFC 6598
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},                 // RFC 1122, Section 3.2.1.3
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},            // RFC 3927
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},                // RFC 1918
	{netip.MustParsePrefix("192.0.0.0/24"), "IETF protocol"},           // RFC 6890, Section 2.1
	{netip.MustParsePrefix("192.0.0.0/29"), "IPv4 service continuity"}, // RFC 7335
	{netip.MustParsePrefix("192.0.0.8/32"), "IPv4 dummy"},              // RFC 7600
	{netip.MustParsePrefix("192.0.0.9/32"), "PCP anycast"},             // RFC 7723
	{netip.MustParsePrefix("192.0.0.10/32"), "TURN anycast"},           // RFC 8155
	{netip.MustParsePrefix("192.0.0.170/32"), "NAT64 discovery"},       // RFC 8880, RFC 7050
	{netip.MustParsePrefix("192.0.0.171/32"), "NAT64 discovery"},       // RFC 8880, RFC 7050
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},           // RFC 5737
	{netip.MustParsePrefix("192.31.196.0/24"), "AS112"},                // RFC 7535
	{netip.MustParsePrefix("192.52.193.0/24"), "AMT"},                  // RFC 7450
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relay anycast"},    // RFC 7526
	{netip.MustParsePrefix("192.88.99.2/32"), "6a44 relay anycast"},    // RFC 6751
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},               // RFC 1918
	{netip.MustParsePrefix("192.175.48.0/24"), "AS112"},                // RFC 7534
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},           // RFC 2544
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},        // RFC 5737
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},         // RFC 5737
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},                 // RFC 1112, Section 4
	{netip.MustParsePrefix("255.255.255.255/32"), "broadcast"},         // RFC 919, Section 7
	{netip.MustParsePrefix("::1/128"), "loopback"},                     // RFC 4291, Section 2.5.3
	{netip.MustParsePrefix("::/128"), "unspecified"},                   // RFC 4291, Section 2.5.2
	{netip.MustParsePrefix("64:ff9b::/96"), "NAT64"},                   // RFC 6052
	{netip.MustParsePrefix("64:ff9b:1::/48"), "NAT64"},                 // RFC 8215
	{netip.MustParsePrefix("100::/64"), "discard-only"},                // RFC 6666
	{netip.MustParsePrefix("100:0:0:1::/64"), "IPv6 dummy"},            // RFC 9780
	{netip.MustParsePrefix("2001::/23"), "IETF protocol"},              // RFC 2928
	{netip.MustParsePrefix("2001::/32"), "Teredo"},                     // RFC 4380
	{netip.MustParsePrefix("2001:1::1/128"), "PCP anycast"},            // RFC 7723
	{netip.MustParsePrefix("2001:1::2/128"), "TURN anycast"},           // RFC 8155
	{netip.MustParsePrefix("2001:1::3/128"), "SRP anycast"},            // RFC 9665
	{netip.MustParsePrefix("2001:2::/48"), "benchmarking"},             // RFC 5180
	{netip.MustParsePrefix("2001:3::/32"), "AMT"},                      // RFC 7450
	{netip.MustParsePrefix("2001:4:112::/48"), "AS112"},                // RFC 7535
	{netip.MustParsePrefix("2001:10::/28"), "ORCHID"},                  // RFC 4843
	{netip.MustParsePrefix("2001:20::/28"), "ORCHIDv2"},                // RFC 7343
	{netip.MustParsePrefix("2001:30::/28"), "drone ID"},                // RFC 9374
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},          // RFC 3849
	{netip.MustParsePrefix("2002::/16"), "6to4"},                       // RFC 3056
	{netip.MustParsePrefix("2620:4f:8000::/48"), "AS112"},              // RFC 7534
	{netip.MustParsePrefix("3fff::/20"), "documentation"},              // RFC 9637
	{netip.MustParsePrefix("5f00::/16"), "segment routing"},            // RFC 9602
	{netip.MustParsePrefix("fc00::/7"), "private"},                     // RFC 4193
	{netip.MustParsePrefix("fe80::/10"), "link-local"},                 // RFC 4291, Section 2.5.6

	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"}, // RFC 5771
	{netip.MustParsePrefix("::/96"), "IPv4-compatible"}, // RFC 4291, Section 2.5.5.1
	{netip.MustParsePrefix("fec0::/10"), "site-local"},  // RFC 3879
	{netip.MustParsePrefix("ff00::/8"), "multicast"},    // RFC 4291, Section 2.7
}

var (
	// globalUnicast is the only part of IPv6 that IANA has assigned for global unicast
	// (RFC 4291, Section 2.4; RFC 3513, Section 4).
	globalUnicast = netip.MustParsePrefix("2000::/3")

	// nat64 is the prefix that a translator takes off, to connect to the IPv4 address in the last
	// 32 bits (RFC 6052, Section 2.1).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// check returns nil if a connection to addr is allowed. The error is a refusal that names the kind
// of the address and not the address, because the person who chose the URL may see it.
//
// An operator can choose any other prefix for NAT64 (RFC 6052, Section 2.2), and check cannot know
// it: the translator must refuse private IPv4 addresses itself.
func (g *guard) check(addr netip.Addr) error {
	if !addr.IsValid() {
		return errNoAddress
	}
	if addr.Zone() != "" { // for one link of this machine
		return refusal("the address of the host is not a public address (it has a zone)")
	}
	addr = addr.Unmap() // Go dials an IPv4-mapped address as IPv4
	if nat64.Contains(addr) {
		return g.checkNAT64(addr)
	}
	if kind := specialKind(addr); kind != "" && !g.allows(addr) {
		return notPublic(kind)
	}
	return nil
}

// checkNAT64 returns nil if AllowPrefixes has addr, and a connection to the IPv4 address within is
// allowed too. An exception for NAT64 is then no way into the private network behind a translator.
func (g *guard) checkNAT64(addr netip.Addr) error {
	if !g.allows(addr) {
		return notPublic("NAT64")
	}
	octets := addr.As16()
	return g.check(netip.AddrFrom4([4]byte(octets[12:])))
}

// allows reports whether addr, which is not IPv4-mapped, is in one of the exceptions.
func (g *guard) allows(addr netip.Addr) bool {
	for _, p := range g.allow {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// specialKind returns the kind of the smallest block that has addr, or "" if addr is public.
func specialKind(addr netip.Addr) string {
	kind, bits := "", -1
	for _, b := range specialBlocks {
		if b.prefix.Bits() > bits && b.prefix.Contains(addr) {
			kind, bits = b.kind, b.prefix.Bits()
		}
	}
	if kind == "" && addr.Is6() && !globalUnicast.Contains(addr) {
		return "not assigned for global unicast"
	}
	return kind
}

func notPublic(kind string) error {
	return refusal("the address of the host is not a public address (" + kind +
		"); AllowPrefixes makes exceptions")
}

// control refuses a connection to an address that check refuses. A [net.Dialer] calls it as its
// ControlContext for each address that the name of the host resolves to, after the resolution and
// before it connects. A name that resolves to another address the next time cannot get past it.
func (g *guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	addrPort, err := netip.ParseAddrPort(address)
	if err != nil {
		return errNoAddress
	}
	return g.check(addrPort.Addr())
}

const errNoAddress = refusal("the address of the host is not an IP address")
