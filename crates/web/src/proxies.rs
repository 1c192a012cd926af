//! Which peers may say on whose behalf they call.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use http::HeaderMap;
use ipnet::{IpNet, Ipv4Net};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of the reverse proxies in front of this server; none by default.
///
/// Only a peer inside them is asked for `X-Forwarded-For`. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl Default for TrustedProxies {
    fn default() -> Self {
        Self(Arc::new([]))
    }
}

impl From<Vec<IpNet>> for TrustedProxies {
    /// A network written in IPv4-mapped IPv6 (`::ffff:10.0.0.0/104`) counts as the IPv4 one.
    fn from(networks: Vec<IpNet>) -> Self {
        Self(networks.into_iter().map(canonical_network).collect())
    }
}

impl TrustedProxies {
    /// True if no proxy is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if the address, IPv4-mapped IPv6 read as IPv4, is one of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client: the peer itself unless trusted, else the first untrusted hop of
    /// `X-Forwarded-For` from the right. What stands left of it is the client's own claim and is
    /// never read. An entry that is no address ends the walk at the last good hop.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            let Ok(line) = line.to_str() else { return client };
            for hop in line.rsplit(',') {
                let Some(address) = hop_address(hop) else { return client };
                client = address;
                if !self.trusts(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// An address with or without a port: `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches([' ', '\t']);
    if let Ok(address) = hop.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = hop.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    let bare = hop.strip_prefix('[')?.strip_suffix(']')?;
    bare.parse::<Ipv6Addr>().ok().map(|address| IpAddr::from(address).to_canonical())
}

fn canonical_network(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let Some(prefix) = v6.prefix_len().checked_sub(96) else { return network };
    let mapped = v6.addr().to_ipv4_mapped().and_then(|address| Ipv4Net::new(address, prefix).ok());
    mapped.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests;
