//! What ties each record to the one before it.

use std::borrow::Cow;
use std::io::Write as _;

use hmac::{Hmac, KeyInit, Mac as _};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{Error, Kind, Result};

/// Bytes of a key of the chain.
const KEY_LEN: usize = 32;
/// What follows the MAC on every line.
const AFTER_MAC: &[u8] = b"\"}}";
/// Characters of a MAC in a line.
const MAC_DIGITS: usize = 64;

/// The largest number of a record: the largest whole number that every JSON reader keeps exactly (RFC 8259 §6).
pub(super) const MAX_SEQ: u64 = (1 << 53) - 1;

/// The MAC of a record.
pub(super) type Mac = [u8; 32];

/// Number and MAC of a record; zero for both stands before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) seq: u64,
    pub(super) mac: Mac,
}

/// The function that makes MACs: HMAC with a key, a plain hash without.
#[derive(Clone)]
pub(super) struct Chain {
    keyed: Option<Hmac<Sha256>>,
}

impl Chain {
    pub(super) fn new(key: Option<&[u8]>) -> Result<Self> {
        let keyed = match key {
            None => None,
            Some(key) if key.len() == KEY_LEN => Hmac::new_from_slice(key).ok(),
            Some(_) => {
                return Err(Error::new(
                    Kind::InvalidKey,
                    "the key of an audit log has exactly 32 bytes; hint: make one with `cloister keygen`",
                ));
            }
        };
        Ok(Self { keyed })
    }

    pub(super) fn is_keyed(&self) -> bool {
        self.keyed.is_some()
    }

    /// As it stands in the records.
    pub(super) fn algorithm(&self) -> &'static str {
        match self.keyed {
            Some(_) => "hmac-sha256",
            None => "sha256",
        }
    }

    pub(super) fn mac(&self, previous: &[u8], covered: &[u8]) -> Mac {
        match &self.keyed {
            Some(hmac) => hmac
                .clone()
                .chain_update(previous)
                .chain_update(covered)
                .finalize()
                .into_bytes()
                .into(),
            None => Sha256::new()
                .chain_update(previous)
                .chain_update(covered)
                .finalize()
                .into(),
        }
    }

    /// Closes a line that has all its members but `chain`: appends that member, the brace and the line feed.
    pub(super) fn seal(
        &self,
        line: &mut Vec<u8>,
        seq: u64,
        previous: &Mac,
        first_of_file: bool,
    ) -> Mac {
        // Writing into a `Vec` cannot fail.
        let _ = write!(
            line,
            r#","chain":{{"seq":{seq},"alg":"{}""#,
            self.algorithm()
        );
        if first_of_file {
            line.extend_from_slice(b",\"prev\":\"");
            line.extend_from_slice(&digits(previous));
            line.push(b'"');
        }
        line.extend_from_slice(b",\"mac\":\"");
        let mac = self.mac(previous, line);
        line.extend_from_slice(&digits(&mac));
        line.extend_from_slice(AFTER_MAC);
        line.push(b'\n');
        mac
    }
}

/// What a line says about its place in the chain.
pub(super) struct Link<'a> {
    pub(super) position: Position,
    pub(super) algorithm: &'a str,
    /// Only on the first record of a file.
    pub(super) previous: Option<Mac>,
    pub(super) event_type: Cow<'a, str>,
    covered: &'a [u8],
}

impl<'a> Link<'a> {
    /// Reads a line without its line feed; nothing if it is not a record.
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Outline<'a> {
            #[serde(borrow)]
            event_type: Cow<'a, str>,
            #[serde(borrow)]
            chain: Member<'a>,
        }
        #[derive(Deserialize)]
        struct Member<'a> {
            seq: u64,
            alg: &'a str,
            prev: Option<&'a str>,
            mac: &'a str,
        }

        let covered = line.strip_suffix(AFTER_MAC)?;
        let covered = covered.get(..covered.len().checked_sub(MAC_DIGITS)?)?;
        let Outline { event_type, chain } = serde_json::from_slice(line).ok()?;
        let at_its_place = covered.ends_with(b",\"mac\":\"")
            && line[covered.len()..].starts_with(chain.mac.as_bytes());
        (at_its_place && (1..=MAX_SEQ).contains(&chain.seq)).then_some(())?;
        Some(Self {
            position: Position {
                seq: chain.seq,
                mac: parse_digits(chain.mac)?,
            },
            algorithm: chain.alg,
            previous: match chain.prev {
                Some(previous) => Some(parse_digits(previous)?),
                None => None,
            },
            event_type,
            covered,
        })
    }

    /// Whether this record follows the one with the MAC `previous` and is unaltered.
    pub(super) fn follows(&self, chain: &Chain, previous: &Mac) -> bool {
        chain.mac(previous, self.covered) == self.position.mac
    }
}

/// Lower-case hexadecimal digits of a MAC.
pub(super) fn digits(mac: &Mac) -> [u8; MAC_DIGITS] {
    let mut digits = [0; MAC_DIGITS];
    // The only error is a destination that is too short.
    let _ = base16ct::lower::encode(mac, &mut digits);
    digits
}

/// The reverse of [`digits`]; upper-case digits are refused, so that each MAC has one spelling.
pub(super) fn parse_digits(text: &str) -> Option<Mac> {
    let mut mac = Mac::default();
    let decoded = base16ct::lower::decode(text, &mut mac).ok()?.len();
    (decoded == mac.len()).then_some(mac)
}
