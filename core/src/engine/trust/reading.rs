//! One pass over a model file, however many digests are asked for.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use blake2::Blake2b512;
use minisign_verify::StreamVerifier;
use sha2::{Digest as _, Sha256};

use crate::{Error, Kind, Result};

/// Bytes read at once.
const PART: usize = 1 << 20;

/// What is to be found out.
pub(super) struct Reading<'s> {
    sha256: Sha256,
    blake2: Option<Blake2b512>,
    signature: Option<StreamVerifier<'s>>,
}

/// What was found out.
pub(super) struct Found {
    pub(super) sha256: [u8; 32],
    pub(super) blake2: Option<[u8; 64]>,
    /// Whether the signature is one over these bytes.
    pub(super) signed: Option<bool>,
}

impl<'s> Reading<'s> {
    pub(super) fn new() -> Self {
        Self {
            sha256: Sha256::new(),
            blake2: None,
            signature: None,
        }
    }

    /// Asks for BLAKE2b-512 too.
    pub(super) fn with_blake2(&mut self) {
        self.blake2 = Some(Blake2b512::new());
    }

    /// Asks whether a signature holds.
    pub(super) fn check(&mut self, signature: StreamVerifier<'s>) {
        self.signature = Some(signature);
    }

    /// Reads the file from its beginning to its end.
    pub(super) fn read(
        mut self,
        mut file: &File,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Found> {
        let failed = |error| Error::io("cannot read the model file", &error);
        file.rewind().map_err(failed)?;
        let mut part = vec![0; PART];
        loop {
            let length = file.read(&mut part).map_err(failed)?;
            if length == 0 {
                break;
            }
            if !go_on() {
                return Err(Error::new(Kind::Cancelled, "the loading was cancelled"));
            }
            let bytes = &part[..length];
            self.sha256.update(bytes);
            if let Some(blake2) = &mut self.blake2 {
                blake2.update(bytes);
            }
            if let Some(signature) = &mut self.signature {
                signature.update(bytes);
            }
        }
        Ok(Found {
            sha256: self.sha256.finalize().into(),
            blake2: self.blake2.map(|it| it.finalize().into()),
            signed: self.signature.map(|mut it| it.finalize().is_ok()),
        })
    }
}
