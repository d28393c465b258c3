//! What an audit log proves to whoever has its public key alone.

use cloister_core::audit::{self, Expected, PublicKey, SigningKey};

use crate::audit::{cloister_audit, cloister_audit_query_options, read_query};
use crate::boundary::{borrow, call, elements, out};
use crate::error::{Result, cloister_error, cloister_status};
use crate::strings::cloister_strings;
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};
use crate::verification::cloister_verification;

/// Makes a pair of keys (Ed25519) for a log that is called `name`, for example "hospital.example/audit".
///
/// `signing_key`, for cloister_audit_options, and `public_key` receive texts in the form of Go's note package, owned by the
/// caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_signing_key_generate(
    name: cloister_str,
    signing_key: *mut cloister_buffer,
    public_key: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let name = name.read("name")?;
            let signing = out(signing_key, "signing_key")?;
            let public = out(public_key, "public_key")?;
            let key = SigningKey::generate(name)?;
            signing.write(cloister_buffer::from_text(key.to_text()?.into_inner()));
            public.write(cloister_buffer::from_text(key.public_key().to_string()));
            Ok(())
        })
    }
}

/// Signs all records so far. CLOISTER_STATUS_INVALID_ARGUMENT if the log has no signing key.
///
/// `checkpoint` receives the signed note (C2SP tlog-checkpoint), owned by the caller: keep it where nobody can alter it
/// together with the log, for cloister_audit_verify_public.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_checkpoint(
    audit: *const cloister_audit,
    checkpoint: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let audit = borrow(audit, "audit")?;
            let place = out(checkpoint, "checkpoint")?;
            place.write(cloister_buffer::from_text(audit.0.checkpoint()?));
            Ok(())
        })
    }
}

/// Checks the log at `path` with its public key, and against `count` checkpoints that were kept elsewhere.
///
/// `key`, the log's own, may be empty; with it the MACs are checked too. `verification` receives what was found, owned by
/// the caller. Finding problems is success: ask cloister_verification_is_intact.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_verify_public(
    path: cloister_str,
    public_key: cloister_str,
    key: cloister_bytes,
    checkpoints: *const cloister_str,
    count: usize,
    verification: *mut *mut cloister_verification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let key = Some(key.read("key")?).filter(|key| !key.is_empty());
            let checkpoints = elements(checkpoints, count, "checkpoints")?
                .iter()
                .map(|note| note.read("checkpoints").map(str::to_owned))
                .collect::<Result<Vec<_>>>()?;
            let place = out(verification, "verification")?;
            let public_key = read_key(public_key)?;
            let expected = Expected {
                key,
                public_key: Some(&public_key),
                checkpoints: &checkpoints,
            };
            place.give(audit::verify_against(path, &expected)?.into());
            Ok(())
        })
    }
}

/// As cloister_audit_query_file, for a log with checkpoints: each record with what proves that it is in the log.
///
/// `query` may be NULL for all; it may find up to 100 records, else CLOISTER_STATUS_TOO_LARGE. `proofs` receives, for each
/// record in turn, its line and its proof, as of cloister_audit_prove, owned by the caller. That there are no further matches is
/// not proven.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_query_with_proofs(
    path: cloister_str,
    query: *const cloister_audit_query_options,
    public_key: cloister_str,
    proofs: *mut *mut cloister_strings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let query = read_query(query)?;
            let place = out(proofs, "proofs")?;
            let key = read_key(public_key)?;
            let found = audit::query_with_proofs(path, &query, &key)?;
            let texts = found.into_iter().flat_map(|it| [it.record, it.proof]);
            place.give(cloister_strings::new(texts.collect()));
            Ok(())
        })
    }
}

/// Proves that record `seq` is in the log at `path`, showing nothing of the others.
///
/// `record` receives its line and `proof` the proof (C2SP tlog-proof), owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_prove(
    path: cloister_str,
    seq: u64,
    public_key: cloister_str,
    record: *mut cloister_buffer,
    proof: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let (record, proof) = (out(record, "record")?, out(proof, "proof")?);
            let public_key = read_key(public_key)?;
            let proven = audit::prove(path, seq, &public_key)?;
            record.write(cloister_buffer::from_text(proven.record));
            proof.write(cloister_buffer::from_text(proven.proof));
            Ok(())
        })
    }
}

/// Checks a proof from cloister_audit_prove. `holds` receives whether `record` is in the log with this key.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_check_proof(
    record: cloister_str,
    proof: cloister_str,
    public_key: cloister_str,
    holds: *mut bool,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let place = out(holds, "holds")?;
            let public_key = read_key(public_key)?;
            let (record, proof) = (record.read("record")?, proof.read("proof")?);
            place.write(audit::check_proof(record, proof, &public_key));
            Ok(())
        })
    }
}

/// Proves that the log at `path` only grew since `checkpoint`. CLOISTER_STATUS_AUDIT if it did not.
///
/// `proof` receives the proof, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_prove_consistency(
    path: cloister_str,
    checkpoint: cloister_str,
    public_key: cloister_str,
    proof: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (path, old) = (path.read("path")?, checkpoint.read("checkpoint")?);
            let place = out(proof, "proof")?;
            let public_key = read_key(public_key)?;
            let grown = audit::prove_consistency(path, old, &public_key)?;
            place.write(cloister_buffer::from_text(grown.proof));
            Ok(())
        })
    }
}

/// Checks a proof from cloister_audit_prove_consistency against the older checkpoint. `holds` receives the answer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_check_consistency(
    checkpoint: cloister_str,
    proof: cloister_str,
    public_key: cloister_str,
    holds: *mut bool,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let place = out(holds, "holds")?;
            let public_key = read_key(public_key)?;
            let (old, proof) = (checkpoint.read("checkpoint")?, proof.read("proof")?);
            place.write(audit::check_consistency(old, proof, &public_key));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
unsafe fn read_key(text: cloister_str) -> Result<PublicKey> {
    // SAFETY: the caller's.
    Ok(unsafe { text.read("public_key") }?.parse()?)
}
