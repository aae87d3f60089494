package jwkhttp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

const (
	unassigned = "not assigned for global unicast"
	noAddress  = "no address" // before the first address or after the last one
)

// registryTests states the kinds of the first and the last address of each block, and of the
// addresses just before and just after it. "" is a public address.
var registryTests = []struct {
	prefix, first, last, before, after string
}{
	{"0.0.0.0/8", "unspecified", "this network", noAddress, ""},
	{"0.0.0.0/32", "unspecified", "unspecified", noAddress, "this network"},
	{"10.0.0.0/8", "private", "private", "", ""},
	{"100.64.0.0/10", "shared", "shared", "", ""},
	{"127.0.0.0/8", "loopback", "loopback", "", ""},
	{"169.254.0.0/16", "link-local", "link-local", "", ""},
	{"172.16.0.0/12", "private", "private", "", ""},
	{"192.0.0.0/24", "IPv4 service continuity", "IETF protocol", "", ""},
	{"192.0.0.0/29", "IPv4 service continuity", "IPv4 service continuity", "", "IPv4 dummy"},
	{"192.0.0.8/32", "IPv4 dummy", "IPv4 dummy", "IPv4 service continuity", "PCP anycast"},
	{"192.0.0.9/32", "PCP anycast", "PCP anycast", "IPv4 dummy", "TURN anycast"},
	{"192.0.0.10/32", "TURN anycast", "TURN anycast", "PCP anycast", "IETF protocol"},
	{"192.0.0.170/32", "NAT64 discovery", "NAT64 discovery", "IETF protocol", "NAT64 discovery"},
	{"192.0.0.171/32", "NAT64 discovery", "NAT64 discovery", "NAT64 discovery", "IETF protocol"},
	{"192.0.2.0/24", "documentation", "documentation", "", ""},
	{"192.31.196.0/24", "AS112", "AS112", "", ""},
	{"192.52.193.0/24", "AMT", "AMT", "", ""},
	{"192.88.99.0/24", "6to4 relay anycast", "6to4 relay anycast", "", ""},
	{"192.88.99.2/32", "6a44 relay anycast", "6a44 relay anycast", "6to4 relay anycast", "6to4 relay anycast"},
	{"192.168.0.0/16", "private", "private", "", ""},
	{"192.175.48.0/24", "AS112", "AS112", "", ""},
	{"198.18.0.0/15", "benchmarking", "benchmarking", "", ""},
	{"198.51.100.0/24", "documentation", "documentation", "", ""},
	{"203.0.113.0/24", "documentation", "documentation", "", ""},
	{"240.0.0.0/4", "reserved", "broadcast", "multicast", noAddress},
	{"255.255.255.255/32", "broadcast", "broadcast", "reserved", noAddress},
	{"::1/128", "loopback", "loopback", "unspecified", "IPv4-compatible"},
	{"::/128", "unspecified", "unspecified", noAddress, "loopback"},
	{"64:ff9b::/96", "NAT64", "NAT64", unassigned, unassigned},
	{"64:ff9b:1::/48", "NAT64", "NAT64", unassigned, unassigned},
	{"100::/64", "discard-only", "discard-only", unassigned, "IPv6 dummy"},
	{"100:0:0:1::/64", "IPv6 dummy", "IPv6 dummy", "discard-only", unassigned},
	{"2001::/23", "Teredo", "IETF protocol", "", ""},
	{"2001::/32", "Teredo", "Teredo", "", "IETF protocol"},
	{"2001:1::1/128", "PCP anycast", "PCP anycast", "IETF protocol", "TURN anycast"},
	{"2001:1::2/128", "TURN anycast", "TURN anycast", "PCP anycast", "SRP anycast"},
	{"2001:1::3/128", "SRP anycast", "SRP anycast", "TURN anycast", "IETF protocol"},
	{"2001:2::/48", "benchmarking", "benchmarking", "IETF protocol", "IETF protocol"},
	{"2001:3::/32", "AMT", "AMT", "IETF protocol", "IETF protocol"},
	{"2001:4:112::/48", "AS112", "AS112", "IETF protocol", "IETF protocol"},
	{"2001:10::/28", "ORCHID", "ORCHID", "IETF protocol", "ORCHIDv2"},
	{"2001:20::/28", "ORCHIDv2", "ORCHIDv2", "ORCHID", "drone ID"},
	{"2001:30::/28", "drone ID", "drone ID", "ORCHIDv2", "IETF protocol"},
	{"2001:db8::/32", "documentation", "documentation", "", ""},
	{"2002::/16", "6to4", "6to4", "", ""},
	{"2620:4f:8000::/48", "AS112", "AS112", "", ""},
	{"3fff::/20", "documentation", "documentation", "", ""},
	{"5f00::/16", "segment routing", "segment routing", unassigned, unassigned},
	{"fc00::/7", "private", "private", unassigned, unassigned},
	{"fe80::/10", "link-local", "link-local", unassigned, "site-local"},
	{"224.0.0.0/4", "multicast", "multicast", "", "reserved"},
	{"::/96", "unspecified", "IPv4-compatible", noAddress, unassigned},
	{"fec0::/10", "site-local", "site-local", "link-local", "multicast"},
	{"ff00::/8", "multicast", "multicast", "site-local", noAddress},
	{"2000::/3", "", "", unassigned, unassigned}, // not a block: the public part of IPv6
	{"8.8.8.8/32", "", "", "", ""},
	{"2606:4700::/32", "", "", "", ""},
}

// If the guard forgets an address, a stranger reaches the network of the service through it. If it
// refuses a public address, a provider cannot be used.
func TestGuardRegistries(t *testing.T) {
	rows := map[netip.Prefix]bool{}
	for _, tt := range registryTests {
		p := netip.MustParsePrefix(tt.prefix)
		rows[p] = true
		first, last := p.Addr(), lastAddr(p)
		checkKind(t, tt.prefix+" first", first, tt.first)
		checkKind(t, tt.prefix+" last", last, tt.last)
		checkKind(t, tt.prefix+" before", first.Prev(), tt.before)
		checkKind(t, tt.prefix+" after", last.Next(), tt.after)
	}
	for _, b := range specialBlocks {
		if !rows[b.prefix] {
			t.Errorf("%v is in specialBlocks and not in registryTests", b.prefix)
		}
		if b.prefix != b.prefix.Masked() {
			t.Errorf("%v has bits after the prefix", b.prefix)
		}
	}
}

func checkKind(t *testing.T, name string, addr netip.Addr, want string) {
	t.Helper()
	if want == noAddress {
		if addr.IsValid() {
			t.Errorf("%s: got %v, want no address", name, addr)
		}
		return
	}
	forms := []netip.Addr{addr}
	if addr.Is4() {
		forms = append(forms, netip.AddrFrom16(addr.As16())) // IPv4-mapped
	}
	for _, a := range forms {
		checkRefusal(t, name, (&guard{}).check(a), want, addr)
	}
}

// checkRefusal tests that err is nil if want is "", and else a refusal with the kind want that does
// not have the address.
func checkRefusal(t *testing.T, name string, err error, want string, addr netip.Addr) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v: got error %q, want nil", name, addr, err)
		}
		return
	}
	r, ok := errors.AsType[refusal](err)
	if !ok || !strings.Contains(string(r), "("+want+")") {
		t.Errorf("%s: %v: got error %v, want a refusal with (%s)", name, addr, err, want)
	}
	if ok && strings.Contains(string(r), addr.String()) {
		t.Errorf("%s: error %q has the address", name, r)
	}
}

func lastAddr(p netip.Prefix) netip.Addr {
	octets := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(octets)*8; bit++ {
		octets[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(octets)
	return last
}

// An exception must open its prefix and nothing else: not the private network behind a translator,
// and not another form of an address.
func TestGuardAllowPrefixes(t *testing.T) {
	tests := []struct {
		name, allow, addr, want string
	}{
		{"in the prefix", "10.1.0.0/16", "10.1.255.255", ""},
		{"after the prefix", "10.1.0.0/16", "10.2.0.0", "private"},
		{"before the prefix", "10.1.0.0/16", "10.0.255.255", "private"},
		{"public besides", "10.1.0.0/16", "8.8.8.8", ""},
		{"bits after the prefix", "10.1.2.3/16", "10.1.0.1", ""},
		{"one of several", "192.168.0.0/24 127.0.0.1/32", "127.0.0.1", ""},
		{"mapped address", "10.1.0.0/16", "::ffff:10.1.2.3", ""},
		{"mapped address outside", "10.1.0.0/16", "::ffff:10.2.2.3", "private"},
		{"mapped prefix", "::ffff:10.1.0.0/112", "10.1.2.3", ""},
		{"mapped prefix, mapped address", "::ffff:10.1.0.0/112", "::ffff:10.1.2.3", ""},
		{"mapped prefix, address outside", "::ffff:10.1.0.0/112", "10.2.2.3", "private"},
		{"all mapped addresses", "::ffff:0:0/96", "127.0.0.1", ""},
		{"all of IPv6 and a mapped address", "::/0", "::ffff:127.0.0.1", "loopback"},
		{"all of IPv6", "::/0", "fd00::1", ""},
		{"all of IPv4", "0.0.0.0/0", "fd00::1", "private"},
		{"compatible form of an exception", "10.1.0.0/16", "::10.1.2.3", "IPv4-compatible"},
		{"6to4 form of an exception", "10.1.0.0/16", "2002:a01:203::1", "6to4"},
		{"zone", "fe80::/10", "fe80::1%eth0", "it has a zone"},
		{"zone on a public address", "::/0", "2606:4700::1%eth0", "it has a zone"},
		{"link-local without a zone", "fe80::/10", "fe80::1", ""},

		{"NAT64 of a public address, no exception", "", "64:ff9b::8.8.8.8", "NAT64"},
		{"NAT64 of an exception, no exception for NAT64", "10.1.0.0/16", "64:ff9b::10.1.2.3", "NAT64"},
		{"NAT64 of a public address", "64:ff9b::/96", "64:ff9b::8.8.8.8", ""},
		{"NAT64 of a private address", "64:ff9b::/96", "64:ff9b::10.1.2.3", "private"},
		{"NAT64 of a metadata address", "64:ff9b::/96", "64:ff9b::169.254.169.254", "link-local"},
		{"NAT64 of an exception", "64:ff9b::/96 10.1.0.0/16", "64:ff9b::10.1.2.3", ""},
		{"NAT64 beside an exception", "64:ff9b::/96 10.1.0.0/16", "64:ff9b::10.2.2.3", "private"},
		{"NAT64 in all of IPv6", "::/0", "64:ff9b::127.0.0.1", "loopback"},
		{"NAT64 in a longer prefix", "64:ff9b::10.1.0.0/112", "64:ff9b::10.1.2.3", "private"},
		{"local NAT64", "64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &guard{}
			for _, s := range strings.Fields(tt.allow) {
				g.allow = append(g.allow, netip.MustParsePrefix(s))
			}
			addr := netip.MustParseAddr(tt.addr)
			checkRefusal(t, tt.name, g.check(addr), tt.want, addr)
		})
	}
}

// A dialer gives control the address as text. A form that control cannot read must be refused.
func TestGuardControl(t *testing.T) {
	tests := []struct {
		address string
		want    string // part of the error, or "" if control returns nil
	}{
		{"8.8.8.8:443", ""},
		{"[2606:4700::1111]:443", ""},
		{"127.0.0.1:443", "(loopback)"},
		{"[::ffff:127.0.0.1]:443", "(loopback)"},
		{"[fe80::1%eth0]:443", "zone"},
		{"/run/socket", "not an IP address"},
		{"8.8.8.8", "not an IP address"},
		{"example.com:443", "not an IP address"},
		{"", "not an IP address"},
	}
	for _, tt := range tests {
		err := (&guard{}).control(t.Context(), "tcp", tt.address, nil)
		if tt.want == "" && err != nil {
			t.Errorf("%q: got error %v, want nil", tt.address, err)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q: got error %v, want %q", tt.address, err, tt.want)
		}
	}
	if err := (&guard{}).check(netip.Addr{}); !errors.Is(err, errNoAddress) {
		t.Errorf("zero Addr: got error %v, want %v", err, errNoAddress)
	}
}
