//! Keys that forget: each record has a key of its own, and from a later key no earlier one can be computed.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

/// Records of an epoch: what somebody who takes the keys from a running process can forge at most of the past.
pub(super) const EPOCH: u64 = 1024;
/// Epochs that are skipped at most to reach a record: a number that somebody wrote into a file must not cost more time
/// than a second. 2^30 records.
const MAX_SKIP: u64 = 1 << 20;

const FIRST_EPOCH: &[u8] = b"cloister audit v1 first epoch";
const NEXT_EPOCH: &[u8] = b"cloister audit v1 next epoch";
const FIRST_RECORD: &[u8] = b"cloister audit v1 first record";
const NEXT_RECORD: &[u8] = b"cloister audit v1 next record";

type Digest = [u8; 32];

/// The key of one record, and that of its epoch, from which the keys of the epoch's records follow.
#[derive(Clone)]
pub(super) struct Ratchet {
    epoch: u64,
    epoch_key: Zeroizing<Digest>,
    epoch_mac: Hmac<Sha256>,
    seq: u64,
    record_mac: Hmac<Sha256>,
}

impl Ratchet {
    /// Stands at the first record of a log.
    pub(super) fn new(master: &[u8]) -> Self {
        Self::at_epoch(0, Zeroizing::new(derive(&keyed(master), FIRST_EPOCH)))
    }

    /// Stands at the first record of `epoch`.
    pub(super) fn at_epoch(epoch: u64, epoch_key: Zeroizing<Digest>) -> Self {
        let epoch_mac = keyed(epoch_key.as_slice());
        Self {
            record_mac: first_record(&epoch_mac),
            seq: first_of(epoch),
            epoch,
            epoch_key,
            epoch_mac,
        }
    }

    /// The epoch and its key, from which this one can be made again.
    pub(super) fn epoch(&self) -> (u64, &Digest) {
        (self.epoch, &self.epoch_key)
    }

    /// Moves to a record; false, and nothing changed, if it lies before this epoch or absurdly far behind it.
    pub(super) fn reach(&mut self, seq: u64) -> bool {
        if seq == self.seq {
            return true;
        }
        let Some(epoch) = seq.checked_sub(1).map(|index| index / EPOCH) else {
            return false;
        };
        if epoch < self.epoch || epoch - self.epoch > MAX_SKIP {
            return false;
        }
        if epoch > self.epoch {
            for _ in self.epoch..epoch {
                let mut next = derive(&self.epoch_mac, NEXT_EPOCH);
                self.epoch_mac = keyed(&next);
                self.epoch_key.copy_from_slice(&next);
                next.zeroize();
            }
            self.epoch = epoch;
        }
        if epoch != (self.seq - 1) / EPOCH || seq < self.seq {
            self.seq = first_of(epoch);
            self.record_mac = first_record(&self.epoch_mac);
        }
        for _ in self.seq..seq {
            let mut next = derive(&self.record_mac, NEXT_RECORD);
            self.record_mac = keyed(&next);
            next.zeroize();
        }
        self.seq = seq;
        true
    }

    /// HMAC-SHA256 under the key of this record.
    pub(super) fn mac(&self, parts: [&[u8]; 2]) -> Digest {
        finish(&self.record_mac, parts)
    }

    /// HMAC-SHA256 under the key of this epoch.
    pub(super) fn tag(&self, text: &[u8]) -> Digest {
        finish(&self.epoch_mac, [b"cloister audit v1 head\0", text])
    }

    /// HMAC-SHA256 under the key of this epoch, of a document that is no part of the log.
    pub(super) fn statement(&self, text: &[u8]) -> Digest {
        finish(&self.epoch_mac, [b"cloister statement v1\0", text])
    }
}

fn first_of(epoch: u64) -> u64 {
    epoch * EPOCH + 1
}

fn first_record(epoch_mac: &Hmac<Sha256>) -> Hmac<Sha256> {
    let mut key = derive(epoch_mac, FIRST_RECORD);
    let mac = keyed(&key);
    key.zeroize();
    mac
}

fn derive(mac: &Hmac<Sha256>, label: &[u8]) -> Digest {
    finish(mac, [label, &[]])
}

fn finish(mac: &Hmac<Sha256>, parts: [&[u8]; 2]) -> Digest {
    mac.clone()
        .chain_update(parts[0])
        .chain_update(parts[1])
        .finalize()
        .into_bytes()
        .into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_road_to_a_record_ends_at_the_same_key() {
        let start = Ratchet::new(&[7; 32]);
        let mut walked = start.clone();
        for seq in 1..=3 * EPOCH {
            assert!(walked.reach(seq));
            if seq % 97 == 0 || seq % EPOCH < 2 {
                let mut jumped = start.clone();
                assert!(jumped.reach(seq));
                assert_eq!(jumped.mac([b"a", b"b"]), walked.mac([b"a", b"b"]));
                assert_eq!(jumped.tag(b"a"), walked.tag(b"a"));
            }
        }
        let (epoch, key) = walked.epoch();
        let mut restored = Ratchet::at_epoch(epoch, Zeroizing::new(*key));
        assert!(restored.reach(walked.seq));
        assert_eq!(restored.mac([b"", b""]), walked.mac([b"", b""]));
    }

    #[test]
    fn an_earlier_epoch_is_out_of_reach() {
        let mut ratchet = Ratchet::new(&[7; 32]);
        assert!(ratchet.reach(2 * EPOCH + 5));
        assert!(ratchet.reach(2 * EPOCH + 1), "the same epoch");
        assert!(!ratchet.reach(2 * EPOCH));
        assert!(!ratchet.reach(0));
        assert!(!ratchet.reach(u64::MAX));
        assert_eq!(ratchet.seq, 2 * EPOCH + 1, "nothing changed");
    }
}
