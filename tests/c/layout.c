// The layout of every struct that crosses the boundary is part of the ABI: on a 64-bit machine it stays as it is here.
// New fields go at the end of options and of what the library lends, and change only the sizes.
#include <assert.h>
#include <cloister.h>

#define SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#define FIELD(type, field, offset) static_assert(offsetof(type, field) == (offset), #type "." #field)

SIZE(void *, 8);
SIZE(cloister_status, 4);
SIZE(cloister_classification, 4);

SIZE(cloister_str, 16);
FIELD(cloister_str, len, 8);
SIZE(cloister_bytes, 16);
FIELD(cloister_bytes, len, 8);
SIZE(cloister_buffer, 16);
FIELD(cloister_buffer, len, 8);
SIZE(cloister_span, 16);
FIELD(cloister_span, end, 8);
SIZE(cloister_message, 32);
FIELD(cloister_message, content, 16);

SIZE(cloister_finding, 224);
FIELD(cloister_finding, kind, 0);
FIELD(cloister_finding, rule_id, 16);
FIELD(cloister_finding, token, 32);
FIELD(cloister_finding, bytes, 48);
FIELD(cloister_finding, code_points, 64);
FIELD(cloister_finding, utf16, 80);
FIELD(cloister_finding, context, 96);
FIELD(cloister_finding, line, 112);
FIELD(cloister_finding, column, 120);
FIELD(cloister_finding, category, 128);
FIELD(cloister_finding, severity, 132);
FIELD(cloister_finding, confidence, 136);
FIELD(cloister_finding, layers, 140);
FIELD(cloister_finding, what, 144);
FIELD(cloister_finding, label, 160);
FIELD(cloister_finding, near_word, 176);
FIELD(cloister_finding, check, 192);
FIELD(cloister_finding, verdict, 208);
FIELD(cloister_finding, origin, 212);
FIELD(cloister_finding, field, 216);

SIZE(cloister_field, 32);
FIELD(cloister_field, name, 0);
FIELD(cloister_field, value, 16);

SIZE(cloister_secret, 56);
FIELD(cloister_secret, finding, 0);
FIELD(cloister_secret, end_line, 8);
FIELD(cloister_secret, end_column, 16);
FIELD(cloister_secret, snippet, 24);
FIELD(cloister_secret, remediation, 40);

SIZE(cloister_scanner_options, 160);
FIELD(cloister_scanner_options, packs, 8);
FIELD(cloister_scanner_options, min_confidence, 12);
FIELD(cloister_scanner_options, rules_toml, 16);
FIELD(cloister_scanner_options, without, 32);
FIELD(cloister_scanner_options, without_count, 40);
FIELD(cloister_scanner_options, allow, 48);
FIELD(cloister_scanner_options, allow_count, 56);
FIELD(cloister_scanner_options, profile, 64);
FIELD(cloister_scanner_options, rules_yaml, 80);
FIELD(cloister_scanner_options, rules_json, 96);
FIELD(cloister_scanner_options, entries, 112);
FIELD(cloister_scanner_options, entry_count, 120);
FIELD(cloister_scanner_options, min_confidences, 128);
FIELD(cloister_scanner_options, min_confidence_count, 136);
FIELD(cloister_scanner_options, gitleaks_toml, 144);

SIZE(cloister_list_entry, 40);
FIELD(cloister_list_entry, text, 16);
FIELD(cloister_list_entry, flags, 32);

SIZE(cloister_kind_confidence, 24);
FIELD(cloister_kind_confidence, min_confidence, 16);

SIZE(cloister_scrubber_options, 56);
FIELD(cloister_scrubber_options, scanner, 8);
FIELD(cloister_scrubber_options, style, 16);
FIELD(cloister_scrubber_options, policy, 24);
FIELD(cloister_scrubber_options, key, 40);

SIZE(cloister_vault_options, 24);
FIELD(cloister_vault_options, ttl_seconds, 8);
FIELD(cloister_vault_options, capacity, 16);

SIZE(cloister_detector_options, 24);
FIELD(cloister_detector_options, scanner, 8);
FIELD(cloister_detector_options, alert_from, 16);
FIELD(cloister_detector_options, redact_from, 20);

SIZE(cloister_audit_options, 88);
FIELD(cloister_audit_options, max_file_bytes, 8);
FIELD(cloister_audit_options, retention_days, 16);
FIELD(cloister_audit_options, durability, 20);
FIELD(cloister_audit_options, key, 24);
FIELD(cloister_audit_options, interval_ms, 40);
FIELD(cloister_audit_options, on_failure, 44);
FIELD(cloister_audit_options, on_failure_limit, 48);
FIELD(cloister_audit_options, signing_key, 56);
FIELD(cloister_audit_options, access, 72);
FIELD(cloister_audit_options, subjects, 80);

SIZE(cloister_session_options, 72);
FIELD(cloister_session_options, access, 8);
FIELD(cloister_session_options, audit, 16);
FIELD(cloister_session_options, idle_ms, 24);
FIELD(cloister_session_options, absolute_ms, 32);
FIELD(cloister_session_options, reauthenticate_ms, 40);
FIELD(cloister_session_options, reauthenticate, 48);
FIELD(cloister_session_options, drop, 56);
FIELD(cloister_session_options, user_data, 64);

SIZE(cloister_audit_event, 128);
FIELD(cloister_audit_event, event_type, 8);
FIELD(cloister_audit_event, user_id, 24);
FIELD(cloister_audit_event, session_id, 40);
FIELD(cloister_audit_event, action, 56);
FIELD(cloister_audit_event, status, 72);
FIELD(cloister_audit_event, error, 88);
FIELD(cloister_audit_event, data_json, 104);
FIELD(cloister_audit_event, classification, 120);

SIZE(cloister_audit_query_options, 152);
FIELD(cloister_audit_query_options, event_type, 8);
FIELD(cloister_audit_query_options, user_id, 24);
FIELD(cloister_audit_query_options, session_id, 40);
FIELD(cloister_audit_query_options, action, 56);
FIELD(cloister_audit_query_options, status, 72);
FIELD(cloister_audit_query_options, since, 88);
FIELD(cloister_audit_query_options, until, 104);
FIELD(cloister_audit_query_options, filters_json, 120);
FIELD(cloister_audit_query_options, limit, 136);
FIELD(cloister_audit_query_options, classification, 144);
FIELD(cloister_audit_query_options, newest_first, 148);

SIZE(cloister_engine_options, 176);
FIELD(cloister_engine_options, context_tokens, 8);
FIELD(cloister_engine_options, threads, 12);
FIELD(cloister_engine_options, gpu_layers, 16);
FIELD(cloister_engine_options, queue, 20);
FIELD(cloister_engine_options, lockdown, 24);
FIELD(cloister_engine_options, require, 28);
FIELD(cloister_engine_options, sha256, 32);
FIELD(cloister_engine_options, signature, 48);
FIELD(cloister_engine_options, public_key, 64);
FIELD(cloister_engine_options, root_certificates, 80);
FIELD(cloister_engine_options, unchecked_memory, 96);
FIELD(cloister_engine_options, no_speculation, 100);
FIELD(cloister_engine_options, chat_template, 104);
FIELD(cloister_engine_options, adapter, 120);
FIELD(cloister_engine_options, adapter_sha256, 136);
FIELD(cloister_engine_options, adapter_signature, 152);
FIELD(cloister_engine_options, adapter_scale, 168);

SIZE(cloister_chat_options, 96);
FIELD(cloister_chat_options, max_tokens, 8);
FIELD(cloister_chat_options, temperature, 12);
FIELD(cloister_chat_options, top_p, 16);
FIELD(cloister_chat_options, top_k, 20);
FIELD(cloister_chat_options, min_p, 24);
FIELD(cloister_chat_options, repeat_penalty, 28);
FIELD(cloister_chat_options, repeat_last_n, 32);
FIELD(cloister_chat_options, frequency_penalty, 36);
FIELD(cloister_chat_options, presence_penalty, 40);
FIELD(cloister_chat_options, seed, 48);
FIELD(cloister_chat_options, stop, 56);
FIELD(cloister_chat_options, stop_count, 64);
FIELD(cloister_chat_options, cache, 72);
FIELD(cloister_chat_options, public_system, 88);
FIELD(cloister_chat_options, timeout_milliseconds, 92);

SIZE(cloister_backend, 48);
FIELD(cloister_backend, name, 8);
FIELD(cloister_backend, chat, 24);
FIELD(cloister_backend, drop, 32);
FIELD(cloister_backend, user_data, 40);

SIZE(cloister_guard_options, 96);
FIELD(cloister_guard_options, audit, 8);
FIELD(cloister_guard_options, access, 16);
FIELD(cloister_guard_options, scanner, 24);
FIELD(cloister_guard_options, system_prompt, 32);
FIELD(cloister_guard_options, on_secret, 48);
FIELD(cloister_guard_options, classification, 52);
FIELD(cloister_guard_options, without_audit, 56);
FIELD(cloister_guard_options, without_system_prompt, 60);
FIELD(cloister_guard_options, policy, 64);
FIELD(cloister_guard_options, key, 80);

int main(void) { return 0; }
