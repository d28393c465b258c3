//! Long values that anybody may see: public keys, digests, headers of signed tokens, data of pictures.

/// How they begin: `data:` URLs, digests (Subresource Integrity), keys of SSH (RFC 4253), `SubjectPublicKeyInfo` in DER
/// (RFC 5280) of RSA, elliptic curves and Edwards curves, JOSE headers (RFC 7515), pictures, and certificates and public keys in PEM,
/// in base64.
const STARTS: [&str; 26] = [
    "data:",
    "md5-",
    "sha1-",
    "sha256-",
    "sha384-",
    "sha512-",
    "sha256:",
    "sha512:",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNh",
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GN",
    "MIIBIjANBgkqhkiG9w0BAQEFAAOC",
    "MIIBojANBgkqhkiG9w0BAQEFAAOC",
    "MIICIjANBgkqhkiG9w0BAQEFAAOC",
    "MFwwDQYJKoZIhvcNAQEBBQADSwAw",
    "MFkwEwYHKoZIzj0CAQ",
    "MHYwEAYHKoZIzj0CAQ",
    "MCowBQYDK2V",
    "eyJhbGciOi",
    "eyJ0eXAiOi",
    "eyJraWQiOi",
    "eyJlbmMiOi",
    "iVBORw0KGgo",
    "LS0tLS1CRUdJTiBDRVJU",
    "LS0tLS1CRUdJTiBQVUJM",
];

/// Whether `value` begins like such a value. A token whose header is followed by its parts is none.
pub(super) fn is_public(value: &str) -> bool {
    let first = value.as_bytes().first();
    let possible = first.is_some_and(|first| {
        matches!(first, b'd' | b'm' | b's' | b'A' | b'L' | b'M' | b'e' | b'i')
    });
    possible
        && STARTS.iter().any(|start| {
            value.starts_with(start) && !(start.starts_with("ey") && value.contains('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::{STARTS, is_public};

    #[test]
    fn every_start_is_looked_for() {
        for start in STARTS {
            assert!(is_public(start), "{start}");
        }
    }

    #[test]
    fn public_keys_and_digests_are_told_from_private_ones() {
        for public in [
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8GdwtibWe0kpgsFl",
            "sha512-oRKpTQ7sQvEUmJXz6mN0Bq3Hk8hLfl5bPnJ0n2BGmbvL",
            "eyJhbGciOiJSUzI1NiJ9",
        ] {
            assert!(is_public(public), "{public}");
        }
        for private in [
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
            "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.dozjgNryP4J3jVmNHl0w5N",
        ] {
            assert!(!is_public(private), "{private}");
        }
    }
}
