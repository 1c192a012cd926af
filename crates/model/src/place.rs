//! Where somebody is, as far as it is worth telling places apart.

use std::net::IpAddr;

/// One key for all addresses that one subscriber commands: an IPv4 address, or an IPv6 /64 (RFC 6177 hands out no
/// less).
#[must_use]
pub fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
