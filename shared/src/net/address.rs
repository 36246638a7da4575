//! Which IP addresses belong to the public internet.
//!
//! The sources are the IANA special-purpose address registries (RFC 6890) and the RFCs named at
//! each range. The comparison is numeric: a pattern over an address's text always misses one of
//! its spellings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 ranges that are not public, each with the length of its prefix.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    // "This network"; systems take 0.0.0.0 for loopback. RFC 791, RFC 1122.
    (Ipv4Addr::UNSPECIFIED, 8),
    // Private use. RFC 1918.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Carrier-grade NAT. RFC 6598.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback. RFC 1122.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, with the metadata services of the clouds. RFC 3927.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Private use. RFC 1918.
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // IETF protocol assignments. RFC 6890.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation, TEST-NET-1. RFC 5737.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relay anycast of 6to4, deprecated. RFC 7526.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Private use. RFC 1918.
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarking. RFC 2544.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation, TEST-NET-2. RFC 5737.
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    // Documentation, TEST-NET-3. RFC 5737.
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast. RFC 5771.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and the limited broadcast. RFC 1112, RFC 919.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only IPv6 range that IANA gives out for global unicast. RFC 4291, RFC 3587.
///
/// Outside it lie, among others, `::` and `::1`, the IPv4-compatible and IPv4-mapped addresses
/// (RFC 4291), NAT64 `64:ff9b::/96` (RFC 6052) and `64:ff9b:1::/48` (RFC 8215), discard-only
/// `100::/64` (RFC 6666), segment routing `5f00::/16` (RFC 9602), unique local `fc00::/7`
/// (RFC 4193), link-local `fe80::/10` (RFC 4291), site-local `fec0::/10` (RFC 3879) and multicast
/// `ff00::/8` (RFC 4291). Those that carry an IPv4 address are refused whatever they carry: no name
/// needs them to be reached.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The ranges within [`GLOBAL_V6`] that are not public, each with the length of its prefix.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    // IETF protocol assignments: Teredo (RFC 4380), benchmarking (RFC 5180), ORCHID (RFC 4843,
    // RFC 7343) and others. RFC 2928.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation. RFC 3849.
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4, which carries an IPv4 address. RFC 3056.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // Documentation. RFC 9637.
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether `ip` is an ordinary address of the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|&range| covers_v4(range, ip)),
        IpAddr::V6(ip) => {
            covers_v6(GLOBAL_V6, ip) && !SPECIAL_V6.iter().any(|&range| covers_v6(range, ip))
        }
    }
}

fn covers_v4((network, length): (Ipv4Addr, u32), ip: Ipv4Addr) -> bool {
    (network.to_bits() ^ ip.to_bits()).leading_zeros() >= length
}

fn covers_v6((network, length): (Ipv6Addr, u32), ip: Ipv6Addr) -> bool {
    (network.to_bits() ^ ip.to_bits()).leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::is_public;

    /// What is refused, written down once more from the registries and for both families in full.
    const REFUSED: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001::/32",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        // The rest of what is not 2000::/3.
        "::/3",
        "4000::/2",
        "8000::/1",
    ];

    /// The address as one digit for each bit, so that the comparison shares nothing with the code.
    fn bits(ip: IpAddr) -> String {
        let octets = match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        octets
            .iter()
            .flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1))
            .map(|bit| if bit == 0 { '0' } else { '1' })
            .collect()
    }

    fn prefix(range: &str) -> (bool, String) {
        let (network, length) = range.split_once('/').expect("a slash");
        let network: IpAddr = network.parse().expect("an address");
        let length: usize = length.parse().expect("a length");
        (network.is_ipv4(), bits(network)[..length].to_owned())
    }

    fn in_table(ip: IpAddr) -> bool {
        REFUSED.iter().any(|range| {
            let (is_v4, prefix) = prefix(range);
            is_v4 == ip.is_ipv4() && bits(ip).starts_with(&prefix)
        })
    }

    fn from_bits(bits: &str) -> IpAddr {
        let value = u128::from_str_radix(bits, 2).expect("binary digits");
        match u32::try_from(value) {
            Ok(value) if bits.len() == 32 => IpAddr::from(value.to_be_bytes()),
            _ => IpAddr::from(value.to_be_bytes()),
        }
    }

    fn neighbour(ip: IpAddr, step: i8) -> IpAddr {
        let stepped = |value: u128, max: u128| {
            let value = if step < 0 {
                value.wrapping_sub(1)
            } else {
                value.wrapping_add(1)
            };
            value & max
        };
        match ip {
            IpAddr::V4(ip) => {
                let value = stepped(u128::from(ip.to_bits()), u128::from(u32::MAX));
                IpAddr::from(u32::try_from(value).expect("32 bits").to_be_bytes())
            }
            IpAddr::V6(ip) => IpAddr::from(stepped(ip.to_bits(), u128::MAX).to_be_bytes()),
        }
    }

    #[test]
    fn every_range_is_refused_from_its_first_address_to_its_last() {
        for range in REFUSED {
            let (is_v4, prefix) = prefix(range);
            let width = if is_v4 { 32 } else { 128 };
            let first = from_bits(&format!("{prefix:0<width$}"));
            let last = from_bits(&format!("{prefix:1<width$}"));
            assert!(!is_public(first), "{range}: {first}");
            assert!(!is_public(last), "{range}: {last}");
            for beside in [neighbour(first, -1), neighbour(last, 1)] {
                assert_eq!(
                    is_public(beside),
                    !in_table(beside),
                    "{range}: beside it, {beside}"
                );
            }
        }
    }

    #[test]
    fn ordinary_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "52.219.170.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700:4700::1111",
            "2a05:d018::1",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[test]
    fn an_ipv4_address_inside_an_ipv6_address_does_not_make_it_public() {
        for text in [
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::8.8.8.8",
            "2002:808:808::1",
            "2001:0:808:808::1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn agrees_with_the_table_on_ipv4(octets: [u8; 4]) {
            let ip = IpAddr::from(octets);
            prop_assert_eq!(is_public(ip), !in_table(ip), "{}", ip);
        }

        #[test]
        fn agrees_with_the_table_on_ipv6(octets: [u8; 16]) {
            let ip = IpAddr::from(octets);
            prop_assert_eq!(is_public(ip), !in_table(ip), "{}", ip);
        }

        #[test]
        fn agrees_with_the_table_near_every_range(
            index in 0..REFUSED.len(),
            flipped in 0_usize..129,
            rest: [u8; 16],
        ) {
            // A random address of the range, or with one bit of its prefix turned over, just beside.
            let (is_v4, mut prefix) = prefix(REFUSED[index]);
            if flipped < prefix.len() {
                let other = if &prefix[flipped..=flipped] == "0" { "1" } else { "0" };
                prefix.replace_range(flipped..=flipped, other);
            }
            let tail = bits(IpAddr::from(rest));
            let width = if is_v4 { 32 } else { 128 };
            let ip = from_bits(&format!("{prefix}{}", &tail[..width - prefix.len()]));
            prop_assert_eq!(is_public(ip), !in_table(ip), "{}", ip);
        }
    }
}
