use super::*;
use http::HeaderValue;

fn proxies(networks: &[&str]) -> TrustedProxies {
    networks.iter().map(|network| network.parse().unwrap()).collect::<Vec<IpNet>>().into()
}

fn seen(trusted: &TrustedProxies, peer: &str, lines: &[&[u8]]) -> String {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
    }
    trusted.client(peer.parse().unwrap(), &headers).to_string()
}

#[test]
fn a_spoofed_chain_never_moves_the_client() {
    let trusted = proxies(&["10.0.0.0/8", "fd00::/8"]);
    let table: [(&str, &[&[u8]], &str); 23] = [
        // The peer is no proxy: its header is its own claim.
        ("203.0.113.9", &[b"1.1.1.1"], "203.0.113.9"),
        ("203.0.113.9", &[b"10.0.0.1, 1.1.1.1"], "203.0.113.9"),
        ("2001:db8::1", &[b"1.1.1.1"], "2001:db8::1"),
        // One proxy appends the address it saw.
        ("10.0.0.1", &[b"203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &[b"1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &[b"127.0.0.1, 10.0.0.7, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &[b"8.8.8.8, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        // Several lines are one list.
        ("10.0.0.1", &[b"1.1.1.1", b"203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &[b"203.0.113.9", b"10.0.0.2"], "203.0.113.9"),
        // Nothing usable: the proxy itself.
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &[b""], "10.0.0.1"),
        ("10.0.0.1", &[b"unknown"], "10.0.0.1"),
        ("10.0.0.1", &[b"\xff\xfe"], "10.0.0.1"),
        // Garbage stops at the last good hop, and is never jumped over.
        ("10.0.0.1", &[b"1.1.1.1, evil, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", &[b"1.1.1.1,,10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", &[b"1.1.1.1", b"\xff", b"10.0.0.2"], "10.0.0.2"),
        // All hops trusted: the outermost.
        ("10.0.0.1", &[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        // Ports, brackets, mapped addresses.
        ("10.0.0.1", &[b"203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", &[b"[2001:db8::9]:4711"], "2001:db8::9"),
        ("10.0.0.1", &[b"[2001:DB8:0::9]"], "2001:db8::9"),
        ("::ffff:10.0.0.1", &[b"::ffff:203.0.113.9"], "203.0.113.9"),
        ("fd00::1", &[b"203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", &[b"0x7f.1, 010.0.0.2"], "10.0.0.1"),
    ];
    for (peer, lines, client) in table {
        let shown: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(seen(&trusted, peer, lines), client, "{peer} {shown:?}");
    }
}

#[test]
fn nobody_is_trusted_by_default() {
    let none = TrustedProxies::default();
    assert!(none.is_empty());
    assert_eq!(seen(&none, "127.0.0.1", &[b"1.1.1.1"]), "127.0.0.1");
    assert_eq!(seen(&none, "::ffff:127.0.0.1", &[b"1.1.1.1"]), "127.0.0.1");
}

#[test]
fn a_network_written_as_mapped_ipv6_is_the_ipv4_one() {
    let trusted = proxies(&["::ffff:10.0.0.0/104"]);
    assert!(trusted.trusts("10.9.9.9".parse().unwrap()));
    assert!(!trusted.trusts("11.0.0.0".parse().unwrap()));
}
