//! What no C caller may get wrong unpunished: NULL, lengths, UTF-8, sizes of options, double frees, use from two places.
//!
//! These tests run under Miri too; what Miri cannot do, or would need an hour for, is left out there.

use std::ffi::{CStr, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr::{null, null_mut};

use cloister::*;

/// Text that no error may repeat.
const PATIENT: &str = "Patient John Doe, SSN 123-45-6789";

fn str(text: &str) -> cloister_str {
    cloister_str::borrowed(text)
}

fn text_of(text: cloister_str) -> String {
    if text.len == 0 {
        return String::new();
    }
    // SAFETY: the library lends whole texts.
    let bytes = unsafe { std::slice::from_raw_parts(text.ptr.cast::<u8>(), text.len) };
    String::from_utf8(bytes.to_vec()).expect("the library lends UTF-8")
}

/// Calls a function that must fail, and returns its status and message after checking what holds for every error.
fn failure(
    mut call: impl FnMut(*mut *mut cloister_error) -> cloister_status,
) -> (cloister_status, String) {
    let mut error = null_mut();
    let status = call(&raw mut error);
    assert_ne!(status, cloister_status::Ok);
    assert!(!error.is_null(), "a failure comes with an error");
    // SAFETY: an error of the library, freed once.
    let (said, message) = unsafe {
        (
            cloister_error_status(error),
            text_of(cloister_error_message(error)),
        )
    };
    // SAFETY: as above.
    unsafe { cloister_error_free(error) };
    assert_eq!(said, status);
    assert!(!message.is_empty() && !message.contains('\n'), "{message}");
    assert!(
        !message.contains("John") && !message.contains("6789"),
        "{message}"
    );
    assert_eq!(call(null_mut()), status, "the error may be left out");
    (status, message)
}

fn refuses_null(name: &str, call: impl FnMut(*mut *mut cloister_error) -> cloister_status) {
    let (status, message) = failure(call);
    assert_eq!(status, cloister_status::NullArgument, "{name}: {message}");
    assert!(message.ends_with("is NULL"), "{name}: {message}");
}

/// A call that must succeed; `error` is then NULL whatever it was before.
fn succeeds(call: impl FnOnce(*mut *mut cloister_error) -> cloister_status) {
    let mut error = std::ptr::dangling_mut();
    assert_eq!(call(&raw mut error), cloister_status::Ok);
    assert!(error.is_null());
}

fn access() -> *mut cloister_access {
    let mut access = null_mut();
    // SAFETY: an output of this function's.
    succeeds(|error| unsafe { cloister_access_new(&raw mut access, error) });
    access
}

fn cipher() -> *mut cloister_cipher {
    let key = *b"k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    let mut cipher = null_mut();
    // SAFETY: a key and an output of this function's.
    succeeds(|error| unsafe {
        cloister_cipher_new(cloister_bytes::borrowed(&key), &raw mut cipher, error)
    });
    cipher
}

fn session() -> *mut cloister_session {
    let mut session = null_mut();
    // SAFETY: texts and an output of this function's.
    succeeds(|error| unsafe {
        cloister_session_new(str("dr.lee"), str("physician"), &raw mut session, error)
    });
    session
}

#[test]
fn every_null_is_an_error() {
    let empty = cloister_str::EMPTY;
    let none = cloister_bytes::borrowed(&[]);
    // SAFETY: NULL is what the contract allows here.
    unsafe {
        refuses_null("scrubber_new", |e| {
            cloister_scrubber_new(null(), null_mut(), e)
        });
        refuses_null("scrubber_scrub", |e| {
            cloister_scrubber_scrub(null(), empty, null_mut(), null_mut(), e)
        });
        refuses_null("scrubber_find", |e| {
            cloister_scrubber_find(null(), empty, null_mut(), e)
        });
        refuses_null("scrubber_find_in_record", |e| {
            cloister_scrubber_find_in_record(null(), null(), 0, null_mut(), e)
        });
        refuses_null("vault_new", |e| cloister_vault_new(null_mut(), e));
        refuses_null("vault_scrub", |e| {
            cloister_vault_scrub(null_mut(), null(), empty, null_mut(), null_mut(), e)
        });
        refuses_null("vault_restore", |e| {
            cloister_vault_restore(null_mut(), empty, null_mut(), e)
        });
        refuses_null("vault_clear", |e| cloister_vault_clear(null_mut(), e));
        refuses_null("vault_new_with_options", |e| {
            cloister_vault_new_with_options(null(), null_mut(), e)
        });
        refuses_null("vault_scrub_of", |e| {
            cloister_vault_scrub_of(null_mut(), null(), empty, empty, null_mut(), null_mut(), e)
        });
        refuses_null("scrubber_scrub_of", |e| {
            cloister_scrubber_scrub_of(null(), empty, empty, null_mut(), null_mut(), e)
        });
        refuses_null("vault_export", |e| {
            cloister_vault_export(null_mut(), null(), none, null_mut(), e)
        });
        refuses_null("vault_import", |e| {
            cloister_vault_import(null(), none, none, null_mut(), e)
        });
        refuses_null("vault_save", |e| {
            cloister_vault_save(null_mut(), empty, null(), none, e)
        });
        refuses_null("vault_open", |e| {
            cloister_vault_open(empty, null(), none, null_mut(), e)
        });
        refuses_null("vault_bind", |e| {
            cloister_vault_bind(null_mut(), null_mut(), e)
        });
        refuses_null("session_set_subject", |e| {
            cloister_session_set_subject(null_mut(), empty, e)
        });
        refuses_null("detector_new", |e| {
            cloister_detector_new(null(), null_mut(), e)
        });
        refuses_null("detector_detect", |e| {
            cloister_detector_detect(null(), empty, null_mut(), e)
        });
        refuses_null("detector_redact", |e| {
            cloister_detector_redact(null(), empty, null_mut(), null_mut(), e)
        });
        refuses_null("audit_new", |e| {
            cloister_audit_new(empty, null(), null_mut(), e)
        });
        refuses_null("audit_record", |e| {
            cloister_audit_record(null(), null(), null_mut(), e)
        });
        refuses_null("audit_query", |e| {
            cloister_audit_query(null(), null(), null_mut(), e)
        });
        refuses_null("audit_query_file", |e| {
            cloister_audit_query_file(empty, null(), null_mut(), e)
        });
        refuses_null("audit_verify", |e| {
            cloister_audit_verify(null(), null_mut(), e)
        });
        refuses_null("audit_verify_file", |e| {
            cloister_audit_verify_file(empty, none, null_mut(), e)
        });
        refuses_null("cipher_generate_key", |e| {
            cloister_cipher_generate_key(null_mut(), e)
        });
        refuses_null("cipher_encrypt", |e| {
            cloister_cipher_encrypt(null(), none, 0, none, null_mut(), e)
        });
        refuses_null("cipher_decrypt", |e| {
            cloister_cipher_decrypt(null(), none, none, null_mut(), null_mut(), e)
        });
        refuses_null("cipher_encrypt_to_text", |e| {
            cloister_cipher_encrypt_to_text(null(), none, 0, none, null_mut(), e)
        });
        refuses_null("cipher_decrypt_text", |e| {
            cloister_cipher_decrypt_text(null(), empty, none, null_mut(), null_mut(), e)
        });
        refuses_null("cipher_decrypt_legacy", |e| {
            cloister_cipher_decrypt_legacy(null(), empty, null_mut(), e)
        });
    }
}

#[test]
fn every_null_is_an_error_for_proofs() {
    let (empty, none) = (cloister_str::EMPTY, cloister_bytes::borrowed(&[]));
    // SAFETY: NULL is what these tests are about; every call refuses it before it reads anything.
    unsafe {
        refuses_null("attestation_check", |e| {
            cloister_attestation_check(null(), empty, null_mut(), e)
        });
        refuses_null("audit_check_consistency", |e| {
            cloister_audit_check_consistency(empty, empty, empty, null_mut(), e)
        });
        refuses_null("audit_check_proof", |e| {
            cloister_audit_check_proof(empty, empty, empty, null_mut(), e)
        });
        refuses_null("audit_checkpoint", |e| {
            cloister_audit_checkpoint(null(), null_mut(), e)
        });
        refuses_null("audit_export", |e| {
            cloister_audit_export(str("[]"), str("ecs"), str("host"), null_mut(), e)
        });
        refuses_null("audit_flush", |e| cloister_audit_flush(null(), e));
        refuses_null("audit_legal_hold", |e| {
            cloister_audit_legal_hold(null(), 1, empty, e)
        });
        refuses_null("audit_query_with_proofs", |e| {
            cloister_audit_query_with_proofs(empty, null(), empty, null_mut(), e)
        });
        refuses_null("audit_prove", |e| {
            cloister_audit_prove(empty, 1, empty, null_mut(), null_mut(), e)
        });
        refuses_null("audit_prove_consistency", |e| {
            cloister_audit_prove_consistency(empty, empty, empty, null_mut(), e)
        });
        refuses_null("audit_seal", |e| cloister_audit_seal(empty, null_mut(), e));
        refuses_null("audit_signing_key_generate", |e| {
            cloister_audit_signing_key_generate(str("log"), null_mut(), null_mut(), e)
        });
        refuses_null("audit_verify_public", |e| {
            cloister_audit_verify_public(empty, empty, none, null(), 1, null_mut(), e)
        });
        refuses_null("gitleaks_refusals", |e| {
            cloister_gitleaks_refusals(empty, null_mut(), e)
        });
        refuses_null("lock_process", |e| {
            cloister_lock_process(null(), null(), 1, null_mut(), e)
        });
        assert_eq!(cloister_verification_covered(null()), 0);
        assert!(cloister_verification_notes(null()).is_null());
    }
    cloister_set_wiping(true);
}

#[test]
fn every_null_is_an_error_for_files_messages_and_keyrings() {
    let (empty, none) = (cloister_str::EMPTY, cloister_bytes::borrowed(&[]));
    // SAFETY: NULL is what these tests are about; every call refuses it before it reads anything.
    unsafe {
        refuses_null("cipher_decrypt_file", |e| {
            cloister_cipher_decrypt_file(null(), empty, empty, none, e)
        });
        refuses_null("cipher_encrypt_file", |e| {
            cloister_cipher_encrypt_file(null(), empty, empty, 0, empty, none, e)
        });
        refuses_null("cipher_decrypt_part", |e| {
            cloister_cipher_decrypt_part(null(), empty, 0, 1, none, null_mut(), e)
        });
        refuses_null("cipher_decrypt_message", |e| {
            cloister_cipher_decrypt_message(null(), none, none, null_mut(), e)
        });
        refuses_null("cipher_encrypt_message", |e| {
            cloister_cipher_encrypt_message(null(), none, none, null_mut(), e)
        });
        refuses_null("cipher_new_from_env", |e| {
            cloister_cipher_new_from_env(empty, null_mut(), e)
        });
        refuses_null("cipher_new_from_file", |e| {
            cloister_cipher_new_from_file(empty, null_mut(), e)
        });
        refuses_null("cipher_new_from_source", |e| {
            cloister_cipher_new_from_source(None, null_mut(), null_mut(), e)
        });
        refuses_null("cipher_new_from_passphrase", |e| {
            cloister_cipher_new_from_passphrase(empty, none, null_mut(), e)
        });
        refuses_null("keyring_new", |e| cloister_keyring_new(none, null_mut(), e));
        refuses_null("keyring_add", |e| cloister_keyring_add(null(), none, e));
        refuses_null("keyring_rotate", |e| {
            cloister_keyring_rotate(null(), none, e)
        });
        refuses_null("keyring_set_enabled", |e| {
            cloister_keyring_set_enabled(null(), empty, 1, e)
        });
        refuses_null("keyring_destroy", |e| {
            cloister_keyring_destroy(null(), empty, e)
        });
        refuses_null("keyring_encrypt", |e| {
            cloister_keyring_encrypt(null(), none, 0, none, null_mut(), e)
        });
        refuses_null("keyring_decrypt", |e| {
            cloister_keyring_decrypt(null(), none, none, null_mut(), null_mut(), e)
        });
        refuses_null("keyring_rewrap", |e| {
            cloister_keyring_rewrap(null(), none, none, null_mut(), e)
        });
        refuses_null("keyring_keys", |e| {
            cloister_keyring_keys(null(), null_mut(), e)
        });
        refuses_null("keyring_export", |e| {
            cloister_keyring_export(null(), null(), null_mut(), e)
        });
        refuses_null("keyring_import", |e| {
            cloister_keyring_import(null(), none, null_mut(), e)
        });
    }
}

#[test]
fn every_null_is_an_error_for_what_comes_in_chunks() {
    let (empty, none) = (cloister_str::EMPTY, cloister_bytes::borrowed(&[]));
    // SAFETY: NULL is what these tests are about; every call refuses it before it reads anything.
    unsafe {
        refuses_null("restorer_new", |e| cloister_restorer_new(null_mut(), e));
        refuses_null("restorer_push", |e| {
            cloister_restorer_push(null_mut(), null_mut(), empty, null_mut(), e)
        });
        refuses_null("restorer_finish", |e| {
            cloister_restorer_finish(null_mut(), null_mut(), null_mut(), e)
        });
        refuses_null("scrub_stream_new", |e| {
            cloister_scrub_stream_new(null(), null_mut(), e)
        });
        refuses_null("scrub_stream_push", |e| {
            cloister_scrub_stream_push(null_mut(), none, null_mut(), null_mut(), e)
        });
        refuses_null("scrub_stream_finish", |e| {
            cloister_scrub_stream_finish(null_mut(), null_mut(), null_mut(), e)
        });
        refuses_null("scrub_stream_new_of", |e| {
            cloister_scrub_stream_new_of(null(), cloister_str::EMPTY, null_mut(), e)
        });
        refuses_null("vault_scrub_push", |e| {
            cloister_vault_scrub_push(null_mut(), null_mut(), none, null_mut(), null_mut(), e)
        });
        refuses_null("vault_scrub_finish", |e| {
            cloister_vault_scrub_finish(null_mut(), null_mut(), null_mut(), null_mut(), e)
        });
    }
}

#[test]
fn every_null_is_an_error_on_the_road_too() {
    let empty = cloister_str::EMPTY;
    // SAFETY: NULL is what the contract allows here.
    unsafe {
        refuses_null("access_new", |e| cloister_access_new(null_mut(), e));
        refuses_null("access_parse", |e| {
            cloister_access_parse(empty, null_mut(), e)
        });
        refuses_null("access_add_role", |e| {
            cloister_access_add_role(null(), empty, null(), 0, e)
        });
        refuses_null("access_remove_role", |e| {
            cloister_access_remove_role(null(), empty, e)
        });
        refuses_null("access_add_role_inheriting", |e| {
            cloister_access_add_role_inheriting(null(), empty, null(), 0, null(), 0, e)
        });
        refuses_null("access_assign", |e| {
            cloister_access_assign(null(), empty, empty, e)
        });
        refuses_null("access_unassign", |e| {
            cloister_access_unassign(null(), empty, empty, e)
        });
        refuses_null("access_separate", |e| {
            cloister_access_separate(null(), null(), 0, e)
        });
        refuses_null("access_decide", |e| {
            cloister_access_decide(null(), empty, empty, empty, null_mut(), null_mut(), e)
        });
        refuses_null("access_users", |e| {
            cloister_access_users(null(), null_mut(), e)
        });
        refuses_null("access_roles_of", |e| {
            cloister_access_roles_of(null(), empty, null_mut(), e)
        });
        refuses_null("access_require", |e| {
            cloister_access_require(null(), empty, empty, e)
        });
        refuses_null("access_roles", |e| {
            cloister_access_roles(null(), null_mut(), e)
        });
        refuses_null("access_permissions", |e| {
            cloister_access_permissions(null(), empty, null_mut(), e)
        });
        refuses_null("cancel_new", |e| cloister_cancel_new(null_mut(), e));
        refuses_null("answer_write", |e| {
            cloister_answer_write(null_mut(), empty, e)
        });
        refuses_null("guard_new_with_backend", |e| {
            cloister_guard_new_with_backend(null(), null(), null_mut(), e)
        });
        refuses_null("guard_chat", |e| {
            cloister_guard_chat(
                null(),
                null_mut(),
                empty,
                null(),
                null(),
                None,
                null_mut(),
                null_mut(),
                e,
            )
        });
        refuses_null("guard_complete", |e| {
            cloister_guard_complete(
                null(),
                null_mut(),
                empty,
                null(),
                None,
                null_mut(),
                null_mut(),
                e,
            )
        });
        refuses_null("guard_preview", |e| {
            cloister_guard_preview(null(), null_mut(), empty, null_mut(), null_mut(), e)
        });
        refuses_null("session_new", |e| {
            cloister_session_new(empty, empty, null_mut(), e)
        });
        refuses_null("session_set_system_prompt", |e| {
            cloister_session_set_system_prompt(null_mut(), empty, e)
        });
        refuses_null("session_restore", |e| {
            cloister_session_restore(null_mut(), empty, null_mut(), e)
        });
    }
}

#[test]
fn every_null_is_an_error_for_sessions_and_what_they_keep() {
    let empty = cloister_str::EMPTY;
    // SAFETY: NULL is what the contract allows here.
    unsafe {
        refuses_null("session_new_with_options", |e| {
            cloister_session_new_with_options(empty, empty, null(), null_mut(), e)
        });
        refuses_null("session_end", |e| cloister_session_end(null_mut(), e));
        refuses_null("session_on_end", |e| {
            cloister_session_on_end(null_mut(), None, null_mut(), e)
        });
        refuses_null("session_require", |e| {
            cloister_session_require(null_mut(), empty, e)
        });
        refuses_null("session_break_glass", |e| {
            cloister_session_break_glass(null_mut(), empty, null(), 0, 0, null_mut(), e)
        });
        refuses_null("session_end_emergency", |e| {
            cloister_session_end_emergency(null_mut(), e)
        });
        refuses_null("session_emergencies_to_review", |e| {
            cloister_session_emergencies_to_review(null_mut(), null_mut(), e)
        });
        refuses_null("session_review_emergency", |e| {
            cloister_session_review_emergency(null_mut(), empty, 0, empty, e)
        });
        refuses_null("session_record", |e| {
            cloister_session_record(null_mut(), null(), null(), null_mut(), e)
        });
        refuses_null("session_query_log", |e| {
            cloister_session_query_log(null_mut(), null(), null(), null_mut(), e)
        });
        refuses_null("session_verify_log", |e| {
            cloister_session_verify_log(null_mut(), null(), null_mut(), e)
        });
        refuses_null("session_checkpoint_log", |e| {
            cloister_session_checkpoint_log(null_mut(), null(), null_mut(), e)
        });
        refuses_null("session_hold_log", |e| {
            cloister_session_hold_log(null_mut(), null(), 0, empty, e)
        });
        refuses_null("subjects_new", |e| {
            cloister_subjects_new(empty, cloister_bytes::borrowed(&[7; 32]), null_mut(), e)
        });
        refuses_null("subjects_pseudonym", |e| {
            cloister_subjects_pseudonym(null(), empty, null_mut(), e)
        });
        refuses_null("subjects_destroy", |e| {
            cloister_subjects_destroy(null(), empty, e)
        });
        refuses_null("store_new_with_access", |e| {
            cloister_store_new_with_access(empty, null(), null(), null(), null_mut(), e)
        });
        refuses_null("store_new", |e| {
            cloister_store_new(empty, null(), null(), null_mut(), e)
        });
        refuses_null("store_save", |e| {
            cloister_store_save(null(), null_mut(), 0, empty, null_mut(), e)
        });
        refuses_null("store_load", |e| {
            cloister_store_load(null(), null_mut(), empty, empty, e)
        });
        refuses_null("store_list", |e| {
            cloister_store_list(null(), null_mut(), empty, null_mut(), e)
        });
        refuses_null("store_delete", |e| {
            cloister_store_delete(null(), null_mut(), empty, empty, null_mut(), e)
        });
        refuses_null("store_erase_subject", |e| {
            cloister_store_erase_subject(null(), null_mut(), empty, null_mut(), e)
        });
        refuses_null("store_expire", |e| {
            cloister_store_expire(null(), null_mut(), e)
        });
        refuses_null("session_clear", |e| cloister_session_clear(null_mut(), e));
        refuses_null("doctor", |e| cloister_doctor(null_mut(), e));
    }
}

#[test]
#[cfg(feature = "llama")]
fn every_null_is_an_error_for_the_engine() {
    let empty = cloister_str::EMPTY;
    // SAFETY: NULL is what the contract allows here.
    unsafe {
        refuses_null("engine_new", |e| {
            cloister_engine_new(empty, null(), None, null_mut(), null_mut(), e)
        });
        refuses_null("engine_inspect", |e| {
            cloister_engine_inspect(empty, null(), null_mut(), e)
        });
        refuses_null("engine_info", |e| {
            cloister_engine_info(null(), null_mut(), e)
        });
        refuses_null("engine_chat", |e| {
            cloister_engine_chat(
                null(),
                null(),
                0,
                null(),
                null(),
                None,
                null_mut(),
                null_mut(),
                e,
            )
        });
        refuses_null("engine_generate", |e| {
            cloister_engine_generate(
                null(),
                empty,
                null(),
                null(),
                None,
                null_mut(),
                null_mut(),
                e,
            )
        });
        refuses_null("engine_complete", |e| {
            cloister_engine_complete(null(), empty, null(), None, null_mut(), null_mut(), e)
        });
        refuses_null("engine_forget", |e| {
            cloister_engine_forget(null(), empty, e)
        });
        refuses_null("engine_save", |e| {
            cloister_engine_save(null(), empty, null(), null_mut(), e)
        });
        refuses_null("engine_restore", |e| {
            cloister_engine_restore(null(), empty, null(), cloister_bytes::borrowed(&[]), e)
        });
        refuses_null("engine_violations", |e| {
            cloister_engine_violations(null(), null_mut(), e)
        });
        succeeds(|e| cloister_attest(null(), null(), null_mut(), null_mut(), null_mut(), e));
        refuses_null("engine_embed", |e| {
            cloister_engine_embed(null(), empty, null_mut(), 0, e)
        });
        refuses_null("engine_embed_with", |e| {
            cloister_engine_embed_with(null(), empty, empty, 1, null_mut(), 0, e)
        });
        refuses_null("engine_count_tokens", |e| {
            cloister_engine_count_tokens(null(), empty, null_mut(), e)
        });
        refuses_null("engine_render", |e| {
            cloister_engine_render(null(), null(), 0, null_mut(), e)
        });
        refuses_null("engine_chat_tokens", |e| {
            cloister_engine_chat_tokens(null(), null(), 0, null_mut(), 0, null_mut(), e)
        });
        refuses_null("guard_new", |e| {
            cloister_guard_new(null(), null(), null_mut(), e)
        });
        assert_eq!(cloister_engine_embedding_length(null()), 0);
        assert!(!cloister_engine_is_loaded(null()));
        cloister_engine_unload(null());
        cloister_engine_free(null_mut());
    }
}

#[test]
fn every_accessor_of_null_is_empty_and_every_free_of_null_does_nothing() {
    let empty = cloister_str::EMPTY;
    // SAFETY: NULL is what the contract allows here.
    unsafe {
        assert_eq!(cloister_error_status(null()), cloister_status::Ok);
        assert_eq!(text_of(cloister_error_message(null())), "");
        assert_eq!(cloister_str_from(null()).len, 0);
        assert_eq!(cloister_strings_count(null()), 0);
        assert_eq!(cloister_strings_at(null(), 0).len, 0);
        assert_eq!(cloister_findings_count(null()), 0);
        assert!(cloister_findings_at(null(), 0).is_null());
        assert_eq!(cloister_secrets_count(null()), 0);
        assert!(cloister_secrets_at(null(), 0).is_null());
        assert_eq!(cloister_vault_count(null()), 0);
        assert_eq!(cloister_vault_expires_at(null()), 0);
        assert!(!cloister_verification_is_intact(null()));
        assert!(!cloister_verification_is_keyed(null()));
        assert_eq!(cloister_verification_records(null()), 0);
        assert_eq!(cloister_verification_files(null()), 0);
        assert!(cloister_verification_problems(null()).is_null());
        assert!(!cloister_access_has_permission(null(), empty, empty));
        assert!(!cloister_cancel_is_set(null()));
        cloister_cancel_set(null());
        assert_eq!(cloister_completion_text(null()).len, 0);
        assert_eq!(
            cloister_completion_finish_reason(null()),
            cloister_finish_reason::None
        );
        assert_eq!(cloister_completion_prompt_tokens(null()), 0);
        assert_eq!(cloister_completion_cached_tokens(null()), 0);
        assert_eq!(cloister_completion_completion_tokens(null()), 0);
        assert!(cloister_completion_prompt_seconds(null()) <= 0.0);
        assert!(cloister_completion_generation_seconds(null()) <= 0.0);
        cloister_answer_set_usage(null_mut(), 1, 1);
        cloister_answer_set_finish_reason(null_mut(), 1);
        cloister_answer_fail(null_mut(), 5);
        assert_eq!(cloister_session_id(null()).len, 0);
        assert_eq!(cloister_session_user(null()).len, 0);
        assert_eq!(cloister_session_role(null()).len, 0);
        assert_eq!(cloister_session_turns(null()), 0);
        assert!(cloister_session_has_ended(null()));
        assert_eq!(cloister_reply_text(null()).len, 0);
        assert_eq!(cloister_reply_prompt(null()).len, 0);
        assert_eq!(cloister_reply_raw_text(null()).len, 0);
        assert!(cloister_reply_request(null()).is_null());
        assert!(cloister_reply_response(null()).is_null());
        assert!(cloister_reply_completion(null()).is_null());
        assert!(cloister_reply_event_ids(null()).is_null());
        assert_eq!(cloister_summary_identifiers(null()), 0);
        assert_eq!(cloister_summary_secrets(null()), 0);
        assert!(cloister_summary_identifier_kinds(null()).is_null());
        assert!(cloister_summary_secret_kinds(null()).is_null());

        cloister_access_free(null_mut());
        cloister_audit_free(null_mut());
        cloister_buffer_free(null_mut());
        cloister_cancel_free(null_mut());
        cloister_cipher_free(null_mut());
        cloister_completion_free(null_mut());
        cloister_detector_free(null_mut());
        cloister_error_free(null_mut());
        cloister_findings_free(null_mut());
        cloister_guard_free(null_mut());
        cloister_keyring_free(null_mut());
        cloister_reply_free(null_mut());
        cloister_restorer_free(null_mut());
        cloister_scrub_stream_free(null_mut());
        cloister_scrubber_free(null_mut());
        cloister_secrets_free(null_mut());
        cloister_session_free(null_mut());
        cloister_store_free(null_mut());
        cloister_subjects_free(null_mut());
        cloister_strings_free(null_mut());
        cloister_vault_free(null_mut());
        cloister_verification_free(null_mut());
    }
}

#[test]
fn these_tests_call_every_exported_function() {
    let tests = include_str!("boundary.rs");
    for name in include_str!("../../tests/vectors/exports.txt").lines() {
        assert!(
            tests.contains(&format!("{name}(")),
            "`{name}` is not tested here"
        );
    }
}

#[test]
fn the_ciphers_say_whether_a_fips_module_does_their_work() {
    assert_eq!(cloister_cipher_is_fips_mode(), cfg!(feature = "fips"));
}

#[test]
fn a_null_text_with_a_length_is_an_error() {
    let access = access();
    let torn = cloister_str {
        ptr: null(),
        len: 3,
    };
    // SAFETY: a live table; the torn text is what is tested.
    let (status, message) =
        failure(|error| unsafe { cloister_access_add_role(access, torn, null(), 0, error) });
    assert_eq!(status, cloister_status::NullArgument);
    assert_eq!(message, "`role` is NULL");
    // SAFETY: as above.
    let (status, _) = failure(|error| unsafe {
        cloister_access_add_role(access, str("nurse"), null(), 2, error)
    });
    assert_eq!(status, cloister_status::NullArgument);
    // SAFETY: made above.
    unsafe { cloister_access_free(access) };
}

#[test]
fn a_length_beyond_memory_is_an_error() {
    let access = access();
    let endless = cloister_str {
        ptr: c"x".as_ptr(),
        len: usize::MAX,
    };
    // SAFETY: a live table; the length is refused before it is used.
    let (status, _) = failure(|error| unsafe {
        cloister_access_require(access, endless, str("read_phi"), error)
    });
    assert_eq!(status, cloister_status::InvalidArgument);
    // SAFETY: made above.
    unsafe { cloister_access_free(access) };
}

#[test]
fn text_that_is_not_utf_8_is_an_error_that_says_where_and_repeats_nothing() {
    let access = access();
    let mut bytes = PATIENT.as_bytes().to_vec();
    bytes.push(0xff);
    let broken = cloister_str {
        ptr: bytes.as_ptr().cast(),
        len: bytes.len(),
    };
    // SAFETY: a live table and a readable text.
    let (status, message) =
        failure(|error| unsafe { cloister_access_require(access, broken, str("read_phi"), error) });
    assert_eq!(status, cloister_status::InvalidUtf8);
    assert_eq!(
        message,
        format!("`role` is not UTF-8 at byte {}", PATIENT.len())
    );
    // SAFETY: as above.
    assert!(!unsafe { cloister_access_has_permission(access, broken, str("read_phi")) });
    // SAFETY: made above.
    unsafe { cloister_access_free(access) };
}

#[test]
fn errors_of_the_core_never_contain_the_callers_text() {
    let (access, cipher) = (access(), cipher());
    let mut buffer = cloister_buffer::EMPTY;
    let place = &raw mut buffer;
    let (mut names, mut made, mut found) = (null_mut(), null_mut(), null_mut());
    let none = cloister_bytes::borrowed(&[]);
    // SAFETY: live objects and texts.
    unsafe {
        failure(|error| cloister_access_require(access, str(PATIENT), str(PATIENT), error));
        failure(|error| cloister_access_permissions(access, str(PATIENT), &raw mut names, error));
        failure(|error| cloister_access_remove_role(access, str(PATIENT), error));
        failure(|error| cloister_cipher_new_from_text(str(PATIENT), &raw mut made, error));
        failure(|error| {
            cloister_cipher_decrypt_text(cipher, str(PATIENT), none, place, null_mut(), error)
        });
        failure(|error| cloister_cipher_decrypt_legacy(cipher, str(PATIENT), place, error));
        failure(|error| {
            let mut query = query_of_size(size_of::<cloister_audit_query_options>());
            query.filters_json = str(PATIENT);
            cloister_audit_query_file(str("nowhere"), &raw const query, place, error)
        });
        failure(|error| cloister_audit_query_file(str(PATIENT), null(), place, error));
        failure(|error| {
            let mut options: cloister_scrubber_options = MaybeUninit::zeroed().assume_init();
            options.struct_size = size_of::<cloister_scrubber_options>();
            options.policy = str(PATIENT);
            let mut scrubber = null_mut();
            cloister_scrubber_new(&raw const options, &raw mut scrubber, error)
        });
        failure(|error| {
            let mut vault = null_mut();
            cloister_vault_open(str(PATIENT), cipher, none, &raw mut vault, error)
        });
        failure(|error| cloister_audit_verify_file(str(PATIENT), none, &raw mut found, error));
        cloister_access_free(access);
        cloister_cipher_free(cipher);
    }
}

fn query_of_size(size: usize) -> cloister_audit_query_options {
    // SAFETY: all zero is the default of every options struct.
    let mut query: cloister_audit_query_options = unsafe { MaybeUninit::zeroed().assume_init() };
    query.struct_size = size;
    query
}

/// A caller of a later version, whose struct has one more field.
#[repr(C)]
struct Later {
    known: cloister_audit_query_options,
    unknown: u64,
}

/// The status of a query whose options are good or bad; the log does not exist, which is found out last.
fn queried(query: *const cloister_audit_query_options) -> cloister_status {
    let mut records = cloister_buffer::EMPTY;
    // SAFETY: the caller's options, and an output of this function's.
    failure(|error| unsafe {
        cloister_audit_query_file(str("/nonexistent/log"), query, &raw mut records, error)
    })
    .0
}

#[test]
fn options_grow_both_ways() {
    let size = size_of::<cloister_audit_query_options>();
    assert_eq!(queried(null()), cloister_status::NotFound);
    assert_eq!(
        queried(&raw const *Box::new(query_of_size(size))),
        cloister_status::NotFound
    );

    // An older caller: the fields after its size are not read, although they would be refused.
    let mut older = query_of_size(size_of::<usize>());
    older.newest_first = 7;
    assert_eq!(queried(&raw const older), cloister_status::NotFound);
    older.struct_size = size;
    assert_eq!(queried(&raw const older), cloister_status::InvalidArgument);

    // A newer caller: welcome as long as it does not use what this library does not know.
    let mut newer = Later {
        known: query_of_size(size_of::<Later>()),
        unknown: 0,
    };
    assert_eq!(
        queried((&raw const newer).cast()),
        cloister_status::NotFound
    );
    newer.unknown = 1;
    assert_eq!(
        queried((&raw const newer).cast()),
        cloister_status::UnsupportedVersion
    );
}

#[test]
fn an_absurd_size_of_options_is_an_error() {
    for size in [0, 1, 7, 9, 4097, usize::MAX] {
        let query = query_of_size(size);
        assert_eq!(
            queried(&raw const query),
            cloister_status::InvalidArgument,
            "{size}"
        );
    }
}

#[test]
fn a_buffer_may_be_freed_twice_and_ends_with_a_nul() {
    let mut key = cloister_buffer::EMPTY;
    // SAFETY: an output of this function's.
    succeeds(|error| unsafe { cloister_cipher_generate_key(&raw mut key, error) });
    // SAFETY: text of the library, followed by a NUL.
    assert_eq!(unsafe { CStr::from_ptr(key.ptr) }.count_bytes(), key.len);
    assert_eq!(key.len, 44);
    for _ in 0..2 {
        // SAFETY: a buffer of the library's, emptied the first time.
        unsafe { cloister_buffer_free(&raw mut key) };
        assert!(key.ptr.is_null());
        assert_eq!(key.len, 0);
    }
}

#[test]
fn outputs_are_written_only_on_success() {
    let cipher = cipher();
    let mut plaintext = cloister_buffer {
        ptr: std::ptr::dangling_mut(),
        len: 77,
    };
    let mut class = cloister_classification::Public;
    // SAFETY: a live cipher, outputs of this function's.
    failure(|error| unsafe {
        cloister_cipher_decrypt(
            cipher,
            cloister_bytes::borrowed(b"not an envelope"),
            cloister_bytes::borrowed(b""),
            &raw mut plaintext,
            &raw mut class,
            error,
        )
    });
    assert_eq!(plaintext.len, 77);
    assert_eq!(class, cloister_classification::Public);
    // SAFETY: made above.
    unsafe { cloister_cipher_free(cipher) };
}

#[test]
fn enumerations_have_a_checked_range() {
    let cipher = cipher();
    let mut envelope = cloister_buffer::EMPTY;
    // SAFETY: a live cipher, an output of this function's.
    let (status, _) = failure(|error| unsafe {
        let text = cloister_bytes::borrowed(b"text");
        cloister_cipher_encrypt(cipher, text, 4, text, &raw mut envelope, error)
    });
    assert_eq!(status, cloister_status::InvalidArgument);
    // SAFETY: made above.
    unsafe { cloister_cipher_free(cipher) };
}

#[test]
fn what_was_encrypted_comes_back_with_its_classification() {
    let cipher = cipher();
    let (mut envelope, mut plaintext) = (cloister_buffer::EMPTY, cloister_buffer::EMPTY);
    let mut class = cloister_classification::Public;
    let context = cloister_bytes::borrowed(b"record 7");
    // SAFETY: a live cipher, texts and outputs of this function's.
    unsafe {
        succeeds(|error| {
            cloister_cipher_encrypt(
                cipher,
                cloister_bytes::borrowed(PATIENT.as_bytes()),
                cloister_classification::Internal as u32,
                context,
                &raw mut envelope,
                error,
            )
        });
        succeeds(|error| {
            let sealed = cloister_bytes {
                ptr: envelope.ptr.cast(),
                len: envelope.len,
            };
            cloister_cipher_decrypt(
                cipher,
                sealed,
                context,
                &raw mut plaintext,
                &raw mut class,
                error,
            )
        });
        let text = cloister_str {
            ptr: plaintext.ptr,
            len: plaintext.len,
        };
        assert_eq!(text_of(text), PATIENT);
        assert_eq!(class, cloister_classification::Internal);
        cloister_buffer_free(&raw mut envelope);
        cloister_buffer_free(&raw mut plaintext);
        cloister_cipher_free(cipher);
    }
}

#[test]
fn lists_lend_their_texts() {
    let access = access();
    let permissions = [str("read_phi"), str("write_phi")];
    let mut names = null_mut();
    // SAFETY: a live table, texts and outputs of this function's.
    unsafe {
        succeeds(|error| {
            cloister_access_add_role(access, str("nurse"), permissions.as_ptr(), 2, error)
        });
        succeeds(|error| cloister_access_roles(access, &raw mut names, error));
        assert_eq!(cloister_strings_count(names), 1);
        assert_eq!(text_of(cloister_strings_at(names, 0)), "nurse");
        assert_eq!(cloister_strings_at(names, 1).len, 0);
        cloister_strings_free(names);
        cloister_access_free(access);
    }
}

#[test]
fn a_session_says_who_it_is_and_can_be_cleared() {
    let session = session();
    // SAFETY: a live session.
    unsafe {
        assert_eq!(text_of(cloister_session_user(session)), "dr.lee");
        assert_eq!(text_of(cloister_session_role(session)), "physician");
        assert!(text_of(cloister_session_id(session)).starts_with("ses_"));
        assert_eq!(cloister_session_turns(session), 0);
        succeeds(|error| cloister_session_clear(session, error));
        cloister_session_free(session);
    }
}

/// A backend that uses, while it answers, the session it answers for.
struct Meddler {
    session: *mut cloister_session,
    dropped: *mut u32,
}

unsafe extern "C" fn meddle(
    user_data: *mut c_void,
    _messages: *const cloister_message,
    count: usize,
    options: *const cloister_chat_options,
    _cancel: *const cloister_cancel,
    answer: *mut cloister_answer<'_>,
) -> bool {
    assert!(count >= 1);
    // SAFETY: the data given to the guard, and what the guard lends for this call.
    unsafe {
        let meddler = &*user_data.cast::<Meddler>();
        assert_eq!((*options).max_tokens, CLOISTER_ZERO);
        assert_eq!((*options).seed, i64::from(CLOISTER_ZERO));
        let (status, message) = failure(|error| cloister_session_clear(meddler.session, error));
        assert_eq!(status, cloister_status::Busy);
        assert_eq!(
            message,
            "`session` is in use; hint: use it from one thread at a time"
        );
        succeeds(|error| cloister_answer_write(answer, str("done"), error));
        cloister_answer_set_usage(answer, 3, 1);
        cloister_answer_set_finish_reason(answer, cloister_finish_reason::Length as u32);
    }
    true
}

unsafe extern "C" fn count_drop(user_data: *mut c_void) {
    // SAFETY: the data given to the guard.
    unsafe { *(*user_data.cast::<Meddler>()).dropped += 1 };
}

#[test]
#[cfg_attr(miri, ignore = "compiles every rule")]
fn a_session_in_use_is_busy_and_a_kept_callback_is_dropped_once() {
    let session = session();
    let mut dropped = 0;
    let mut meddler = Meddler {
        session,
        dropped: &raw mut dropped,
    };
    let backend = cloister_backend {
        struct_size: size_of::<cloister_backend>(),
        name: str("meddler"),
        chat: Some(meddle),
        drop: Some(count_drop),
        user_data: (&raw mut meddler).cast(),
    };
    // SAFETY: all zero is the default of every options struct.
    let mut walls: cloister_guard_options = unsafe { MaybeUninit::zeroed().assume_init() };
    walls.struct_size = size_of::<cloister_guard_options>();
    let mut guard = null_mut();

    // A guard that was not made has consumed nothing.
    // SAFETY: a backend, options and an output of this function's.
    let (status, _) = failure(|error| unsafe {
        cloister_guard_new_with_backend(&raw const backend, &raw const walls, &raw mut guard, error)
    });
    assert_eq!(status, cloister_status::InvalidArgument);
    assert!(guard.is_null());
    assert_eq!(dropped, 0);

    walls.without_audit = 1;
    // SAFETY: as above.
    succeeds(|error| unsafe {
        cloister_guard_new_with_backend(&raw const backend, &raw const walls, &raw mut guard, error)
    });
    // SAFETY: all zero is the default of every options struct.
    let mut options: cloister_chat_options = unsafe { MaybeUninit::zeroed().assume_init() };
    options.struct_size = size_of::<cloister_chat_options>();
    options.max_tokens = CLOISTER_ZERO;
    options.seed = CLOISTER_ZERO.into();
    let mut reply = null_mut();
    // SAFETY: live objects and an output of this function's.
    unsafe {
        succeeds(|error| {
            cloister_guard_chat(
                guard,
                session,
                str("hello"),
                &raw const options,
                null(),
                None,
                null_mut(),
                &raw mut reply,
                error,
            )
        });
        assert_eq!(text_of(cloister_reply_text(reply)), "done");
        let completion = cloister_reply_completion(reply);
        assert_eq!(cloister_completion_prompt_tokens(completion), 3);
        assert_eq!(
            cloister_completion_finish_reason(completion),
            cloister_finish_reason::Length
        );
        assert_eq!(cloister_session_turns(session), 1);
        cloister_reply_free(reply);
        assert_eq!(dropped, 0);
        cloister_guard_free(guard);
        assert_eq!(dropped, 1);
        cloister_session_free(session);
    }
}

#[test]
fn the_version_is_that_of_the_crate() {
    // SAFETY: a NUL-terminated text that lives for ever.
    let version = unsafe { CStr::from_ptr(cloister_version()) };
    assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    assert_eq!(cloister_abi_version(), CLOISTER_ABI_VERSION);
}

#[test]
fn every_number_has_a_status_string() {
    for number in [0, 1, 19, 20, -1, i32::MAX] {
        // SAFETY: a NUL-terminated text that lives for ever.
        let text = unsafe { CStr::from_ptr(cloister_status_string(number)) };
        assert!(!text.is_empty());
    }
}
