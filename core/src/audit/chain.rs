//! What ties each record to the one before it.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::ratchet::Ratchet;
use super::{epoch, json};
use crate::isolation::Locked;
use crate::{Error, Kind, Result};

/// Bytes of a key of the chain.
const KEY_LEN: usize = 32;
/// What follows the MAC on every line.
const AFTER_MAC: &[u8] = b"\"}}";
/// `alg` of a record whose MAC is an HMAC-SHA256 under a key of its own.
pub(super) const KEYED: &str = "hmac-sha256-ratchet";
/// `alg` of a record whose MAC is a plain hash.
pub(super) const UNKEYED: &str = "sha256";
/// Most bytes of the `chain` member and what closes the line.
pub(super) const MAX_CHAIN: usize = 256;
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

/// How the MACs of a log are made: HMAC under keys that evolve, or a plain hash.
pub(super) enum Chain {
    Unkeyed,
    /// From the first record on.
    Keyed(Locked<Ratchet>),
    /// From the epoch on whose key lies in this file.
    Sealed(PathBuf),
}

/// The key of one record after the other. In a forked child all of them are out of reach.
pub(super) struct Keys {
    ratchet: Option<Locked<Ratchet>>,
}

impl Chain {
    pub(super) fn new(key: Option<&[u8]>) -> Result<Self> {
        match key {
            None => Ok(Self::Unkeyed),
            Some(key) if key.len() == KEY_LEN => Ok(Self::Keyed(Locked::new(|| Ratchet::new(key)))),
            Some(_) => Err(Error::new(
                Kind::InvalidKey,
                "the key of an audit log has exactly 32 bytes; hint: make one with `cloister keygen`",
            )),
        }
    }

    pub(super) fn is_keyed(&self) -> bool {
        !matches!(self, Self::Unkeyed)
    }

    /// Whether this is a forked child of the process that has the key.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Keyed(start) if start.get().is_err())
    }

    /// As it stands in the records.
    pub(super) fn algorithm(&self) -> &'static str {
        if self.is_keyed() { KEYED } else { UNKEYED }
    }

    pub(super) fn keys(&self) -> Result<Keys> {
        Ok(match self {
            Self::Unkeyed => Keys { ratchet: None },
            Self::Keyed(start) => {
                let start = start.get()?;
                Keys {
                    ratchet: Some(Locked::new(|| start.clone())),
                }
            }
            Self::Sealed(path) => epoch::load(path)?,
        })
    }
}

impl Keys {
    /// From the first record of `epoch` on.
    pub(super) fn at_epoch(epoch: u64, key: &Zeroizing<[u8; KEY_LEN]>) -> Self {
        Self {
            ratchet: Some(Locked::new(|| Ratchet::at_epoch(epoch, key.clone()))),
        }
    }

    pub(super) fn ratchet(&self) -> Option<&Ratchet> {
        self.ratchet.as_ref()?.get().ok()
    }

    /// The MAC of record `seq`; nothing if its key is out of reach.
    pub(super) fn mac(&mut self, seq: u64, previous: &Mac, covered: &[u8]) -> Option<Mac> {
        match &mut self.ratchet {
            Some(ratchet) => {
                let ratchet = ratchet.get_mut().ok()?;
                ratchet.reach(seq).then(|| ratchet.mac([previous, covered]))
            }
            None => Some(digest([previous, covered])),
        }
    }

    /// The MAC of the head that names record `seq`; nothing if its key is out of reach.
    pub(super) fn head_tag(&mut self, seq: u64, text: &[u8]) -> Option<Mac> {
        match &mut self.ratchet {
            Some(ratchet) => {
                let ratchet = ratchet.get_mut().ok()?;
                ratchet.reach(seq.max(1)).then(|| ratchet.tag(text))
            }
            None => Some(digest([&[], text])),
        }
    }

    /// Closes the line that begins at `start` and has all its members but `chain`: appends that member, the brace and the
    /// line feed.
    pub(super) fn seal(
        &mut self,
        lines: &mut Vec<u8>,
        start: usize,
        seq: u64,
        previous: &Mac,
        first_of_file: bool,
    ) -> Option<Mac> {
        let algorithm = if self.ratchet.is_some() {
            KEYED
        } else {
            UNKEYED
        };
        lines.extend_from_slice(b",\"chain\":{\"seq\":");
        json::number(lines, seq);
        lines.extend_from_slice(b",\"alg\":\"");
        lines.extend_from_slice(algorithm.as_bytes());
        lines.push(b'"');
        if first_of_file {
            lines.extend_from_slice(b",\"prev\":\"");
            lines.extend_from_slice(&digits(previous));
            lines.push(b'"');
        }
        lines.extend_from_slice(b",\"mac\":\"");
        let mac = self.mac(seq, previous, &lines[start..])?;
        lines.extend_from_slice(&digits(&mac));
        lines.extend_from_slice(AFTER_MAC);
        lines.push(b'\n');
        Some(mac)
    }
}

fn digest(parts: [&[u8]; 2]) -> Mac {
    Sha256::new()
        .chain_update(parts[0])
        .chain_update(parts[1])
        .finalize()
        .into()
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
    pub(super) fn follows(&self, keys: &mut Keys, previous: &Mac) -> bool {
        keys.mac(self.position.seq, previous, self.covered) == Some(self.position.mac)
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
