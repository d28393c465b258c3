// Cloister: text goes to a language model, and identifiers, credentials and the conversation stay in the process.
//
// This file is generated from the sources of the library. It is the reference manual.
//
// The calling contract
// ====================
//
//  1. Names. Types are called cloister_scrubber, functions cloister_<type>_<verb>; _new makes and _free frees; getters
//     are nouns; callbacks are called cloister_<what>_fn; constants begin with CLOISTER_.
//
//  2. Parameters come in this order: the object itself, inputs, a callback with its `user_data`, outputs, and last a
//     `cloister_error **error`, which may be NULL. No parameter is input and output at once.
//
//  3. Results. A function that can fail returns a cloister_status; zero is success; numbers are never reused. Outputs
//     are written only on success. A function that cannot fail returns its value.
//
//  4. Errors. `error`, where given, is always written: NULL on success, else an object that the caller frees with
//     cloister_error_free. Its message is one line and never contains text of the caller, contents of files or keys.
//     There is no thread-local last error.
//
//  5. NULL for a required pointer is CLOISTER_STATUS_NULL_ARGUMENT, or zero or empty from a function that returns a
//     value. Every _free(NULL) does nothing.
//
//  6. Text goes in as cloister_str: UTF-8 with a length, no NUL needed, copied if it is kept. {NULL, 0} is the empty
//     text, {NULL, n} an error. Text comes out as cloister_buffer; cloister_buffer_free wipes, frees and empties it, so
//     that freeing twice is safe. Text that an object lends is a cloister_str again.
//
//  7. Ownership is said in three words: "owned by the caller", who frees it with the _free function of its type;
//     "borrowed until X is freed"; "consumed", which means that the library frees it. Nothing is released with free().
//
//  8. Threads. An object behind `const cloister_x *` may be used by any number of threads at once, one behind
//     `cloister_x *` by one at a time. No thread may use an object while another one frees it. cloister_cancel is the
//     object that is meant to be used from elsewhere.
//
//  9. Callbacks return bool: true goes on, false stops the call with CLOISTER_STATUS_CANCELLED. They run on the calling
//     thread and never after the call has returned, unless their text says otherwise; a callback that is kept comes
//     with a `drop` function for its `user_data`. Text handed to a callback is whole code points. A callback must
//     return: no exception and no longjmp may leave it.
//
// 10. Options are a pointer to a struct that begins with its own size. Start with its _INIT macro and set what you
//     need; zero means the default, and NULL means all defaults. A program compiled for an older version works with a
//     newer library; one compiled for a newer version works too unless it sets what this library does not know, which is
//     CLOISTER_STATUS_UNSUPPORTED_VERSION. Where zero itself must be asked for, CLOISTER_ZERO stands for it.
//
// 11. Enumerations that a function receives are integers with a checked range.
//
// 12. Defects of the library end in CLOISTER_STATUS_PANIC; the place in its source is printed to standard error, the
//     message, which could quote a patient, never. After that, the objects of the call can only be freed.
//
// 13. Versions. CLOISTER_VERSION_... and CLOISTER_ABI_VERSION are those of this header, cloister_version() and
//     cloister_abi_version() those of the library that was loaded.
//
// 14. The shared library is called libcloister.so.0.<minor> before version 1 and libcloister.so.<major> after. Once
//     loaded it stays: dlclose() does not remove it.

#ifndef CLOISTER_H
#define CLOISTER_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CLOISTER_MUST_USE __attribute__((warn_unused_result))
#else
#define CLOISTER_MUST_USE
#endif

// In `durability`: a record counts once it is on the disk; who writes at the same time shares one write. The default.
#define CLOISTER_DURABILITY_GROUP 0

// In `durability`: a record counts once it is on the disk; every record waits alone.
#define CLOISTER_DURABILITY_EACH 1

// In `durability`: a record is on the disk `interval_ms` later; what was recorded since is lost if the process dies.
#define CLOISTER_DURABILITY_INTERVAL 2

// In `durability`: a record counts once the operating system has it; it survives a crash of the process.
#define CLOISTER_DURABILITY_OS 3

// In `on_failure`: cloister_audit_record fails, and so must the operation. The default.
#define CLOISTER_ON_FAILURE_DENY 0

// In `on_failure`: it waits, at most `on_failure_limit` milliseconds, and then fails.
#define CLOISTER_ON_FAILURE_BLOCK 1

// In `on_failure`: it keeps up to `on_failure_limit` records in memory, and fails when there are more.
#define CLOISTER_ON_FAILURE_BUFFER 2

// In an option for which zero means a default: the number zero itself.
#define CLOISTER_ZERO -1

// In `gpu_layers`: every layer of the model.
#define CLOISTER_ALL_LAYERS UINT32_MAX

// In `lockdown`: the engine's threads are confined by the kernel before they touch the model. The default.
#define CLOISTER_LOCKDOWN_ENGINE 0

// In `lockdown`: they are not, and every record of a guarded chat says so.
#define CLOISTER_LOCKDOWN_OFF 1

// In `layers`: characters that look like ASCII or cannot be seen.
#define CLOISTER_LAYER_UNICODE 1

// In `layers`: HTML character references.
#define CLOISTER_LAYER_HTML 2

// In `layers`: percent-encoding.
#define CLOISTER_LAYER_PERCENT 4

// In `layers`: quoted-printable.
#define CLOISTER_LAYER_QUOTED_PRINTABLE 8

// In `layers`: backslash escapes, as in JSON.
#define CLOISTER_LAYER_BACKSLASH 16

// In `layers`: base64.
#define CLOISTER_LAYER_BASE64 32

// In `on_secret`: a text with a secret is refused with CLOISTER_STATUS_BLOCKED. The default.
#define CLOISTER_ON_SECRET_BLOCK 0

// In `on_secret`: a secret is replaced by its token, "[OPENAI_API_KEY]", and never put back.
#define CLOISTER_ON_SECRET_REDACT 1

// In `require`: nothing. What is given is verified all the same. The default.
#define CLOISTER_REQUIRE_NONE 0

// In `require`: a pinned SHA-256, or a signature.
#define CLOISTER_REQUIRE_HASH 1

// In `require`: a signature.
#define CLOISTER_REQUIRE_SIGNATURE 2

// In `packs`: rules for what tells who a person is.
#define CLOISTER_PACK_IDENTIFIERS 1

// In `packs`: rules for what opens a door.
#define CLOISTER_PACK_SECRETS 2

// In `flags`: the value in any case.
#define CLOISTER_ENTRY_ANY_CASE 1

// In `flags`: `text` is a regular expression, of the whole value that is allowed or of the part of a line that is denied.
#define CLOISTER_ENTRY_PATTERN 2

// In `style`: the value becomes its token, "[SSN]". The default.
#define CLOISTER_STYLE_REDACT 0

// In `style`: letters and digits become "*", but for the last four of a value of eight or more: "***-**-6789".
#define CLOISTER_STYLE_MASK 1

// The user is asked again because `reauthenticate_ms` have passed.
#define CLOISTER_OCCASION_TIME_PASSED 0

// The user is asked again because emergency access is about to begin.
#define CLOISTER_OCCASION_BREAK_GLASS 1

// The first part of the version of this header.
#define CLOISTER_VERSION_MAJOR 0

// The second part of the version of this header.
#define CLOISTER_VERSION_MINOR 1

// The third part of the version of this header.
#define CLOISTER_VERSION_PATCH 0

// Counts changes after which a program must be compiled again. Additions do not count.
#define CLOISTER_ABI_VERSION 1

// What a function returns. Zero is success. Numbers are never reused; later versions may add some.
typedef enum {
    // Success.
    CLOISTER_STATUS_OK = 0,
    // A required pointer is NULL.
    CLOISTER_STATUS_NULL_ARGUMENT = 1,
    // An argument is outside its range, or a rule, pattern or option is malformed.
    CLOISTER_STATUS_INVALID_ARGUMENT = 2,
    // Bytes that must be UTF-8 are not.
    CLOISTER_STATUS_INVALID_UTF8 = 3,
    // A file, a role or a record that was named does not exist.
    CLOISTER_STATUS_NOT_FOUND = 4,
    // The operating system refused to read or write.
    CLOISTER_STATUS_IO = 5,
    // The caller's role lacks the permission.
    CLOISTER_STATUS_DENIED = 6,
    // Policy refuses the text, because it contains a secret.
    CLOISTER_STATUS_BLOCKED = 7,
    // A callback returned false, or a cloister_cancel was set.
    CLOISTER_STATUS_CANCELLED = 8,
    // The object is in use, or every place in a queue is taken; try again later.
    CLOISTER_STATUS_BUSY = 9,
    // The model file is malformed, unsuitable, or failed while it was evaluated.
    CLOISTER_STATUS_MODEL = 10,
    // A key does not have 256 bits.
    CLOISTER_STATUS_INVALID_KEY = 11,
    // A ciphertext is malformed, was altered, or belongs to another key, classification or context.
    CLOISTER_STATUS_DECRYPT = 12,
    // The audit record could not be written, so the operation did not take place.
    CLOISTER_STATUS_AUDIT = 13,
    // This build, platform or format version cannot do what was asked.
    CLOISTER_STATUS_UNSUPPORTED = 14,
    // The caller was compiled for a newer version and sets an option that this one does not know.
    CLOISTER_STATUS_UNSUPPORTED_VERSION = 15,
    // The input is longer than the operation can take.
    CLOISTER_STATUS_TOO_LARGE = 16,
    // The object was closed, unloaded or has expired.
    CLOISTER_STATUS_CLOSED = 17,
    // A defect of this library.
    CLOISTER_STATUS_INTERNAL = 18,
    // A defect of this library; the objects of the call can only be freed.
    CLOISTER_STATUS_PANIC = 19,
    // The operation took longer than its caller allowed.
    CLOISTER_STATUS_TIMEOUT = 20,
} cloister_status;

// Why an answer ended.
typedef enum {
    // There is no answer.
    CLOISTER_FINISH_REASON_NONE = 0,
    // The model ended it, or a stop text came up.
    CLOISTER_FINISH_REASON_STOP = 1,
    // `max_tokens` or the context window was reached.
    CLOISTER_FINISH_REASON_LENGTH = 2,
    // The model asks for tools.
    CLOISTER_FINISH_REASON_TOOL_CALLS = 3,
} cloister_finish_reason;

// How sensitive a piece of data is. Zero, where a number is received, means the default.
typedef enum {
    // May be shown to anybody.
    CLOISTER_CLASSIFICATION_PUBLIC = 1,
    // For the organisation.
    CLOISTER_CLASSIFICATION_INTERNAL = 2,
    // Protected health information, privileged or financial data. The default.
    CLOISTER_CLASSIFICATION_SENSITIVE = 3,
} cloister_classification;

// Which side of the house a rule belongs to.
typedef enum {
    // Something that tells who a person is.
    CLOISTER_CATEGORY_IDENTIFIER = 1,
    // Something that opens a door.
    CLOISTER_CATEGORY_SECRET = 2,
} cloister_category;

// How bad it is when a finding leaks.
typedef enum {
    // Tells little by itself.
    CLOISTER_SEVERITY_LOW = 1,
    // Tells something together with other data.
    CLOISTER_SEVERITY_MEDIUM = 2,
    // Identifies a person or opens a service.
    CLOISTER_SEVERITY_HIGH = 3,
    // Opens a service or an account outright.
    CLOISTER_SEVERITY_CRITICAL = 4,
} cloister_severity;

// What a check said about a value.
typedef enum {
    // There was no check.
    CLOISTER_VERDICT_NONE = 0,
    // A checksum or a decoder confirms it.
    CLOISTER_VERDICT_VALID = 1,
    // Nothing speaks against it.
    CLOISTER_VERDICT_PLAUSIBLE = 2,
    // It failed, and is reported all the same because of what stands around it.
    CLOISTER_VERDICT_INVALID = 3,
} cloister_verdict;

// What led to a finding.
typedef enum {
    // The pattern of the rule.
    CLOISTER_ORIGIN_PATTERN = 1,
    // One of the written forms that the rule lists.
    CLOISTER_ORIGIN_SHAPE = 2,
    // A function that reads values of this kind.
    CLOISTER_ORIGIN_MATCHER = 3,
    // A name that was found elsewhere in the same text.
    CLOISTER_ORIGIN_REPEAT = 4,
    // A statistical model of names.
    CLOISTER_ORIGIN_TAGGER = 5,
    // The deny list.
    CLOISTER_ORIGIN_DENY_LIST = 6,
    // A vault that remembers the value from another text.
    CLOISTER_ORIGIN_VAULT = 7,
} cloister_origin;

// Roles and their permissions; what is not granted is denied. Any number of threads may read and change one table at
// once. A guard shares the table: changes apply to it at once, and the table may be freed before the guard.
typedef struct cloister_access cloister_access;

// An answer that a backend is writing. It exists for one call of cloister_backend_chat_fn, on its thread.
typedef struct cloister_answer cloister_answer;

// An open audit log: JSON Lines that show when they were altered. Any number of threads, and several processes, may
// write to one log at once. A guard shares the log, which may be freed before the guard.
typedef struct cloister_audit cloister_audit;

// A flag that stops the operations it was given to. Any number of threads may use one flag at once: this is the object
// that is meant to be used from elsewhere.
typedef struct cloister_cancel cloister_cancel;

// Encrypts and decrypts with one key. Wiped when freed. Any number of threads may use one cipher at once.
typedef struct cloister_cipher cloister_cipher;

// A finished answer of a model. Wiped when freed. Any number of threads may read one completion at once.
typedef struct cloister_completion cloister_completion;

// Finds credentials and reports them without repeating them. Any number of threads may use one detector at once.
typedef struct cloister_detector cloister_detector;

// A loaded model. Any number of threads may use one engine at once; their chats take turns.
typedef struct cloister_engine cloister_engine;

// Why a function failed: a status and one line for people. It never contains text of the caller, a key, or the contents
// of a file. Any number of threads may read one error at once.
typedef struct cloister_error cloister_error;

// The findings of one text, in ascending order, none overlapping. Any number of threads may read one list at once.
typedef struct cloister_findings cloister_findings;

// The walls around a model: text is scanned, scrubbed, recorded, answered, scanned again, restored and recorded. Any
// number of threads may use one guard at once, each with a session of its own.
typedef struct cloister_guard cloister_guard;

// Keys of which one is primary. Wiped when freed. Any number of threads may use and change one ring at once.
typedef struct cloister_keyring cloister_keyring;

// An answer with everything that happened on the way. Wiped when freed. Any number of threads may read one at once.
typedef struct cloister_reply cloister_reply;

// A text that arrives in chunks, for a vault to put values back into it. One thread at a time: a call that finds it in
// use returns CLOISTER_STATUS_BUSY.
typedef struct cloister_restorer cloister_restorer;

// Scrubs a text that comes in chunks. One thread at a time.
typedef struct cloister_scrub_stream cloister_scrub_stream;

// Finds and replaces identifiers. Any number of threads may use one scrubber at once.
typedef struct cloister_scrubber cloister_scrubber;

// The credentials of one text, in ascending order. Any number of threads may read one list at once.
typedef struct cloister_secrets cloister_secrets;

// A conversation of one user: identity, history, and the identifiers to put back. Wiped when freed, when nobody has used
// it for 15 minutes, and 12 hours after it began, unless cloister_session_options say otherwise: a thread of the library
// sees to that. What uses a session that has ended returns CLOISTER_STATUS_CLOSED. One thread at a time, and not from a callback of its own chat: a call that finds the session in use returns CLOISTER_STATUS_BUSY.
typedef struct cloister_session cloister_session;

// Saved conversations in a directory, each encrypted with the key of the person that it is about. Any number of threads, and
// several processes, may use one directory at once.
typedef struct cloister_store cloister_store;

// A list of texts. Any number of threads may read one list at once.
typedef struct cloister_strings cloister_strings;

// The keys of persons in a directory. Any number of threads, and several processes, may use one directory at once. A log
// and a store share the object, which may be freed before them.
typedef struct cloister_subjects cloister_subjects;

// What was found in a text, by kind and number. Belongs to a reply. Any number of threads may read one at once.
typedef struct cloister_summary cloister_summary;

// Remembers which placeholder stands for which value; the same value gets the same placeholder. Wiped when freed, and
// by the first call after it has expired. One thread at a time: a call that finds the vault in use returns
// CLOISTER_STATUS_BUSY.
//
// A vault that has expired restores nothing, so that placeholders stay as they are, and remembers nothing more:
// CLOISTER_STATUS_CLOSED.
//
// Whoever has a vault may use it, until cloister_vault_bind.
typedef struct cloister_vault cloister_vault;

// The outcome of a verification. Any number of threads may read one at once.
typedef struct cloister_verification cloister_verification;

// Text of the caller, or borrowed from an object: UTF-8 of `len` bytes, not NUL-terminated.
//
// {NULL, 0} is the empty text; {NULL, n} is an error. The library copies what it keeps.
typedef struct {
    // The first byte.
    const char *ptr;
    // Bytes, not characters.
    size_t len;
} cloister_str;

// Text or bytes that the caller owns and gives back with cloister_buffer_free, which wipes them.
//
// Start with CLOISTER_BUFFER_INIT. Do not change the fields. A NUL byte that `len` does not count follows the last
// byte, so that text without NULs is also a C string.
typedef struct {
    // The first byte; NULL once freed.
    char *ptr;
    // Bytes, not characters; the NUL at the end not counted.
    size_t len;
} cloister_buffer;

// Bytes of the caller: `len` of them, of any value. {NULL, 0} is none; {NULL, n} is an error.
typedef struct {
    // The first byte.
    const uint8_t *ptr;
    // How many.
    size_t len;
} cloister_bytes;

// How a log is kept. Zero in a field means its default; CLOISTER_ZERO means the number zero.
typedef struct {
    // Set by CLOISTER_AUDIT_OPTIONS_INIT.
    size_t struct_size;
    // A record that would make the file larger begins a new one; CLOISTER_ZERO: never. Default 100 MiB.
    int64_t max_file_bytes;
    // Days that old files are kept; CLOISTER_ZERO: for ever. Default 2192, six years.
    int32_t retention_days;
    // CLOISTER_DURABILITY_...
    uint32_t durability;
    // 32 bytes with which the records are chained, so that nobody without them can compute the chain anew. Copied.
    cloister_bytes key;
    // With CLOISTER_DURABILITY_INTERVAL: milliseconds, default 100.
    uint32_t interval_ms;
    // CLOISTER_ON_FAILURE_...
    uint32_t on_failure;
    // Milliseconds or records, as `on_failure` says.
    uint64_t on_failure_limit;
    // Signs checkpoints, so that whoever has the public key can verify the log: a text from
    // cloister_audit_signing_key_generate, or empty. Copied.
    cloister_str signing_key;
    // Who may use the log, shared with it. With a table, records are written, found, verified and signed through
    // cloister_session_record, cloister_session_query_log and their siblings alone. NULL: whoever has the object.
    const cloister_access *access;
    // Records users, and persons in the members "subject_id" and "patient_id", under their pseudonyms; shared with the log.
    // Queries of the log take ids all the same. NULL: as they are.
    const cloister_subjects *subjects;
} cloister_audit_options;

// One thing that happened: kinds and counts, never values.
typedef struct {
    // Set by CLOISTER_AUDIT_EVENT_INIT.
    size_t struct_size;
    // For example "llm_request", "security_violation".
    cloister_str event_type;
    // Who.
    cloister_str user_id;
    // In which session.
    cloister_str session_id;
    // For example "view_patient_record".
    cloister_str action;
    // "success", "blocked", "failed", "denied" or "cancelled".
    cloister_str status;
    // One line, or empty.
    cloister_str error;
    // Further members of the record, as a JSON object; may be empty.
    cloister_str data_json;
    // A cloister_classification. Default CLOISTER_CLASSIFICATION_SENSITIVE.
    uint32_t classification;
    // Zero.
    uint32_t reserved;
} cloister_audit_event;

// Which records a query returns. Empty text and zero mean any.
typedef struct {
    // Set by CLOISTER_AUDIT_QUERY_OPTIONS_INIT.
    size_t struct_size;
    // The member of that name.
    cloister_str event_type;
    // The member of that name.
    cloister_str user_id;
    // The member of that name.
    cloister_str session_id;
    // The member of that name.
    cloister_str action;
    // The member of that name.
    cloister_str status;
    // From then on: RFC 3339, a date alone, or date and time without a zone, which is UTC.
    cloister_str since;
    // Until then, likewise; a date alone means to the end of that day.
    cloister_str until;
    // Conditions on nested members as a JSON object, for example {"security__pii_scrubbed__gt": 3}; the endings are
    // __gt __gte __lt __lte __ne.
    cloister_str filters_json;
    // At most this many records; zero for all.
    size_t limit;
    // A cloister_classification.
    uint32_t classification;
    // 1 for the newest records first.
    uint32_t newest_first;
} cloister_audit_query_options;

// Writes a key of 32 bytes to `key`, and returns whether it could: a key management service, a TPM, an HSM. Runs once, on
// the calling thread; what it wrote is wiped.
typedef bool (*cloister_key_fn)(void *user_data, uint8_t *key);

// A value that is never reported, or always. Values are compared as they read, through all layers.
typedef struct {
    // Empty for a value that is never reported; else what kind of finding it is wherever it stands.
    cloister_str kind;
    // The value.
    cloister_str text;
    // CLOISTER_ENTRY_...; 0 for the value in the same case.
    uint32_t flags;
    // Zero.
    uint32_t reserved;
} cloister_list_entry;

// How sure a finding of one kind has to be.
typedef struct {
    // The kind, for example "phone".
    cloister_str kind;
    // Findings of it below this confidence are dropped, 0 to 1.
    float min_confidence;
    // Zero.
    uint32_t reserved;
} cloister_kind_confidence;

// Which rules apply. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_SCANNER_OPTIONS_INIT.
    size_t struct_size;
    // CLOISTER_PACK_... added up. Default: what the object that takes these options is for.
    uint32_t packs;
    // Findings below this confidence are dropped, 0 to 1.
    float min_confidence;
    // Further rules, in TOML, of the same form as the built-in ones.
    cloister_str rules_toml;
    // Rule ids or whole kinds that are left out.
    const cloister_str *without;
    // How many.
    size_t without_count;
    // Values that are never reported.
    const cloister_str *allow;
    // How many.
    size_t allow_count;
    // Which identifiers: "default", "us", "hipaa", "gdpr", "pci" or "all".
    cloister_str profile;
    // Further rules, in YAML.
    cloister_str rules_yaml;
    // Further rules, in JSON.
    cloister_str rules_json;
    // What is never reported, and what always is.
    const cloister_list_entry *entries;
    // How many.
    size_t entry_count;
    // What holds for single kinds instead of `min_confidence`.
    const cloister_kind_confidence *min_confidences;
    // How many.
    size_t min_confidence_count;
    // Further rules for secrets: a configuration of gitleaks, in TOML. What of it cannot be applied to a text in linear
    // time is left out; cloister_gitleaks_refusals tells which rules and why.
    cloister_str gitleaks_toml;
} cloister_scanner_options;

// How a detector works. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_DETECTOR_OPTIONS_INIT.
    size_t struct_size;
    // Which rules; NULL for the built-in ones for secrets.
    const cloister_scanner_options *scanner;
    // cloister_detector_detect leaves out what is less sure, 0 to 1. An alert costs somebody's time: 0.7 leaves out what
    // may be a mere word, and random strings without a name.
    float alert_from;
    // cloister_detector_redact leaves in place what is less sure, 0 to 1. What stays in a text cannot be taken back, so that
    // this is usually lower than `alert_from`.
    float redact_from;
} cloister_detector_options;

// A part of a text: from `start` up to, but without, `end`, counted from zero.
typedef struct {
    // The first unit.
    size_t start;
    // One past the last unit.
    size_t end;
} cloister_span;

// One thing found in a text. Never the value itself. Later versions may add fields at the end.
typedef struct {
    // What it is, for example "ssn".
    cloister_str kind;
    // The rule that found it.
    cloister_str rule_id;
    // What a placeholder for it is called, for example "SSN".
    cloister_str token;
    // Where the value is, in bytes of the text.
    cloister_span bytes;
    // The same in Unicode code points.
    cloister_span code_points;
    // The same in UTF-16 units, as Java, JavaScript, C# and Qt count.
    cloister_span utf16;
    // Label and value, in bytes; the same as `bytes` where there is no label.
    cloister_span context;
    // The line in which the value begins, counted from one.
    size_t line;
    // Code points before the value in its line.
    size_t column;
    // Identifier or secret.
    cloister_category category;
    // How bad it is when it leaks.
    cloister_severity severity;
    // How sure the rule is, 0 to 1.
    float confidence;
    // CLOISTER_LAYER_... added up: what was taken off to read the value. Zero where it reads as it is written.
    uint32_t layers;
    // What the rule looks for, in a few words.
    cloister_str what;
    // The label before the value, as the rule has it; empty where there is none.
    cloister_str label;
    // The word near the value that the rule wants there; empty where there is none.
    cloister_str near_word;
    // The name of the check that was made; empty where there was none.
    cloister_str check;
    // What that check said.
    cloister_verdict verdict;
    // What led to the finding.
    cloister_origin origin;
    // Which field of a record the value is in, counted from zero. Zero where a text was scanned.
    size_t field;
} cloister_finding;

// One credential in a text. Never the value itself. Later versions may add fields at the end.
typedef struct {
    // What it is and where, borrowed as this struct is. Never NULL.
    const cloister_finding *finding;
    // The line in which it ends, counted from one.
    size_t end_line;
    // Code points before its end in that line.
    size_t end_column;
    // The line around it with every secret in it as "[REDACTED]".
    cloister_str snippet;
    // What to do about it.
    cloister_str remediation;
} cloister_secret;

// How a model is loaded. Zero in a field means its default; CLOISTER_ZERO means the number zero.
typedef struct {
    // Set by CLOISTER_ENGINE_OPTIONS_INIT.
    size_t struct_size;
    // Context window in tokens. Default: the model's own, at most 8192.
    uint32_t context_tokens;
    // Threads that compute. Default: the cores that this process may use.
    uint32_t threads;
    // Layers on a GPU, in a build that has one; CLOISTER_ALL_LAYERS: all. Default: none.
    uint32_t gpu_layers;
    // Chats that may wait for their turn before CLOISTER_STATUS_BUSY; CLOISTER_ZERO: none. Default 64.
    int32_t queue;
    // CLOISTER_LOCKDOWN_...
    uint32_t lockdown;
    // What must be known of the model file: CLOISTER_REQUIRE_...
    uint32_t require;
    // The SHA-256 that the file must have, in hexadecimal. Empty: any.
    cloister_str sha256;
    // The text of a signature over the file, which must hold: minisign, or a Sigstore bundle of OpenSSF Model Signing.
    cloister_str signature;
    // Whose signature: a minisign public key, or a PEM public key (ECDSA on P-256, P-384, P-521, or Ed25519).
    cloister_str public_key;
    // Or: root certificates, PEM, one of which must vouch for it.
    cloister_str root_certificates;
    // Not zero: the model is loaded even where less memory is free than it is estimated to need.
    uint32_t unchecked_memory;
    // Not zero: one token is evaluated at a time. Else, words that have followed the latest ones before are tried together, and
    // those that the sampler does not pick are taken back, which is faster where an answer repeats parts of its conversation.
    uint32_t no_speculation;
    // A chat template in jinja; empty: the model's own.
    cloister_str chat_template;
    // The path of a LoRA adapter in GGUF that changes the model for every request; empty: none.
    cloister_str adapter;
    // The SHA-256 that the adapter must have, in hexadecimal. Empty: any. `require` holds for both files.
    cloister_str adapter_sha256;
    // The text of a signature over the adapter, by whoever must have signed the model.
    cloister_str adapter_signature;
    // How much of the adapter is added, -1000 to 1000. Default 1: as it was trained.
    float adapter_scale;
    // Zero.
    uint32_t adapter_reserved;
} cloister_engine_options;

// Receives the progress of loading a model, 0 to 1. True goes on, false stops with CLOISTER_STATUS_CANCELLED. Runs on the
// thread that loads, never after its call has returned.
typedef bool (*cloister_progress_fn)(void *user_data, float progress);

// One turn of a conversation. This struct never grows, so that arrays of it can be passed.
typedef struct {
    // "system", "user" or "assistant"; what else is allowed is up to the model's template.
    cloister_str role;
    // The text.
    cloister_str content;
} cloister_message;

// How an answer is generated. Zero in a field means its default; CLOISTER_ZERO means the number zero.
typedef struct {
    // Set by CLOISTER_CHAT_OPTIONS_INIT.
    size_t struct_size;
    // At most this many tokens are generated; CLOISTER_ZERO: until the context window is full. Default 512.
    int32_t max_tokens;
    // Up to 10; CLOISTER_ZERO picks the likeliest token each time. Default 0.2.
    float temperature;
    // Nucleus sampling, above 0 to 1. Default 0.95.
    float top_p;
    // Sample among this many likeliest tokens; CLOISTER_ZERO: all. Default 40.
    int32_t top_k;
    // Drop tokens less likely than this share of the likeliest, up to 1; CLOISTER_ZERO: none. Default 0.05.
    float min_p;
    // Penalty on tokens among the last `repeat_last_n`, 0.1 to 10; 1 is none. Default 1.
    float repeat_penalty;
    // How many tokens back the penalties look; CLOISTER_ZERO: none. Default 64.
    int32_t repeat_last_n;
    // -2 to 2. Default 0.
    float frequency_penalty;
    // -2 to 2. Default 0.
    float presence_penalty;
    // Zero.
    uint32_t reserved;
    // The same seed, up to 4294967295, gives the same answer; CLOISTER_ZERO: the seed zero. Default: drawn anew.
    int64_t seed;
    // The answer ends before the first of these; at most 16, none empty.
    const cloister_str *stop;
    // How many.
    size_t stop_count;
    // What was evaluated is kept under this name, up to 256 bytes, for the next chat of the same name: one for each conversation,
    // user or tenant. Empty: nothing is kept. cloister_engine_forget ends it, or a quarter of an hour without use.
    cloister_str cache;
    // 1: the system message is no secret, and evaluated once for all chats that say so of the same text.
    uint32_t public_system;
    // Ends the chat with CLOISTER_STATUS_TIMEOUT, also while it waits for its turn. Default: none.
    uint32_t timeout_milliseconds;
} cloister_chat_options;

// Receives an answer as it comes, in pieces of whole code points. `text` is borrowed for the call. True goes on, false
// stops the answer with CLOISTER_STATUS_CANCELLED. Runs on the thread that asked, never after its call has returned.
typedef bool (*cloister_text_fn)(void *user_data, cloister_str text);

// The walls of a guard. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_GUARD_OPTIONS_INIT.
    size_t struct_size;
    // The log of every request and response, shared with the guard. NULL needs `without_audit`.
    const cloister_audit *audit;
    // Who may chat, shared with the guard: a session's role needs "read_phi". NULL: everybody may.
    const cloister_access *access;
    // Which rules; NULL for all built-in ones.
    const cloister_scanner_options *scanner;
    // What the model is told before every conversation, without identifiers and secrets; what depends on a person
    // belongs in cloister_session_set_system_prompt. Default: a text that explains the placeholders.
    cloister_str system_prompt;
    // CLOISTER_ON_SECRET_...
    uint32_t on_secret;
    // A cloister_classification, for the records. Default CLOISTER_CLASSIFICATION_SENSITIVE.
    uint32_t classification;
    // 1 to keep no record. Without it and without `audit` there is no guard.
    uint32_t without_audit;
    // 1 to tell the model nothing before a conversation.
    uint32_t without_system_prompt;
    // What is done with identifiers, as in cloister_scrubber_options. Empty: each becomes a placeholder that is put back
    // into the answer. What a policy replaces for good is not put back, and what it keeps the model sees.
    cloister_str policy;
    // 32 bytes for the policy, as in cloister_scrubber_options.
    cloister_bytes key;
} cloister_guard_options;

// Answers a conversation by writing to `answer`. Every pointer but `user_data` is borrowed for the call.
//
// The text is scrubbed: it holds placeholders. Return true when the answer is complete. Return false when it is not:
// the chat then fails with the status given to cloister_answer_fail, else with CLOISTER_STATUS_CANCELLED. Runs on the
// thread that called cloister_guard_chat or cloister_guard_complete, and so on several threads at once. It is kept until `drop`
// was called. It is never asked for a format or for calls of tools: a request for them is CLOISTER_STATUS_UNSUPPORTED.
typedef bool (*cloister_backend_chat_fn)(void *user_data,
                                         const cloister_message *messages,
                                         size_t count,
                                         const cloister_chat_options *options,
                                         const cloister_cancel *cancel,
                                         cloister_answer *answer);

// Frees the `user_data` of a callback that was kept. Runs once, on any thread.
typedef void (*cloister_drop_fn)(void *user_data);

// What answers instead of an engine.
typedef struct {
    // Set by CLOISTER_BACKEND_INIT.
    size_t struct_size;
    // The name that goes into the audit record.
    cloister_str name;
    // Answers. Required.
    cloister_backend_chat_fn chat;
    // Frees `user_data`; may be NULL.
    cloister_drop_fn drop;
    // Handed to both functions.
    void *user_data;
} cloister_backend;

// How a scrubber works. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_SCRUBBER_OPTIONS_INIT.
    size_t struct_size;
    // Which rules; NULL for the built-in ones for identifiers.
    const cloister_scanner_options *scanner;
    // CLOISTER_STYLE_...
    uint32_t style;
    // Zero.
    uint32_t reserved;
    // What is done with each kind, instead of `style`: TOML, JSON, or the name of a ready-made policy ("redact", "mask",
    // "pseudonymise", "surrogates", "hipaa-safe-harbor", "limited-data-set"). Empty for the style. Where `scanner` is
    // NULL, the policy chooses the rules: identifiers and secrets.
    cloister_str policy;
    // 32 bytes, under which the policy makes hashes, tags, surrogates and shifts. Copied.
    cloister_bytes key;
} cloister_scrubber_options;

// A field of a record: of a row of a table, a form or an object.
typedef struct {
    // The name of the column or the member, which is the label of the value; empty where there is none.
    cloister_str name;
    // What stands in it.
    cloister_str value;
} cloister_field;

// Asks a user for a password, a card or a finger, and returns whether it was that user's. `occasion` is one of
// CLOISTER_OCCASION_... It runs on the thread that uses the session, must not use the session, and is kept until `drop` was
// called.
typedef bool (*cloister_reauthenticate_fn)(void *user_data,
                                           cloister_str user,
                                           cloister_str role,
                                           uint32_t occasion);

// Who decides over a session, where it is recorded, and how long it lasts. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_SESSION_OPTIONS_INIT.
    size_t struct_size;
    // The table that is asked, shared with the session. NULL: that of the first guard with a table which it is used with.
    const cloister_access *access;
    // Where beginning, end, refusals and emergency access are recorded, shared with the session; may be NULL.
    const cloister_audit *audit;
    // The session ends when nobody has used it for this many milliseconds. Default 15 minutes; CLOISTER_ZERO: never.
    int64_t idle_ms;
    // The session ends this many milliseconds after it began. Default 12 hours; CLOISTER_ZERO: never.
    int64_t absolute_ms;
    // The user is asked again who is there when this many milliseconds have passed since the last time. Default: never.
    int64_t reauthenticate_ms;
    // Asks. Whoever fails gets CLOISTER_STATUS_DENIED, and is asked again at the next use.
    cloister_reauthenticate_fn reauthenticate;
    // Frees `user_data`; may be NULL.
    cloister_drop_fn drop;
    // Handed to both functions. Consumed on success, and the caller's on failure.
    void *user_data;
} cloister_session_options;

// Bounds of a vault. Zero in a field means its default.
typedef struct {
    // Set by CLOISTER_VAULT_OPTIONS_INIT.
    size_t struct_size;
    // How long values are remembered, in seconds, from when the vault was made. Default: as long as it exists.
    uint64_t ttl_seconds;
    // The most values. Default 1048576.
    uint64_t capacity;
} cloister_vault_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes an empty table. `access` receives an object owned by the caller.
CLOISTER_MUST_USE cloister_status cloister_access_new(cloister_access **access, cloister_error **error);

// Makes the table of a text, TOML or JSON, of at most 4 MiB: `roles`, each with `permissions` and `inherits`, `users`, each
// with a list of roles, and `separate`, a list of lists of roles that exclude each other.
//
// CLOISTER_STATUS_INVALID_ARGUMENT if it is malformed, with the number of the line. Where it lists users, nobody else is let
// in. `access` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_access_parse(cloister_str text,
                                      cloister_access **access,
                                      cloister_error **error);

// Adds a role with `count` permissions, or replaces the role of that name. A guard asks for "read_phi".
//
// A name has 1 to 64 of `A-Z a-z 0-9 _ . : -`. A permission may be given within a scope, "read_phi@clinic/ward-7": it holds
// there and below. Whoever asks without a scope asks for everywhere.
CLOISTER_MUST_USE
cloister_status cloister_access_add_role(const cloister_access *access,
                                         cloister_str role,
                                         const cloister_str *permissions,
                                         size_t count,
                                         cloister_error **error);

// As cloister_access_add_role, for a role that also has the permissions of the `inherited_count` roles `inherited`, and of
// those that they inherit from. CLOISTER_STATUS_NOT_FOUND if one of them is unknown.
CLOISTER_MUST_USE
cloister_status cloister_access_add_role_inheriting(const cloister_access *access,
                                                    cloister_str role,
                                                    const cloister_str *permissions,
                                                    size_t count,
                                                    const cloister_str *inherited,
                                                    size_t inherited_count,
                                                    cloister_error **error);

// Gives a user a role. From the first user on the table lets nobody act who has not been given the role, or one that
// inherits from it. CLOISTER_STATUS_DENIED where the separation of duty forbids it.
CLOISTER_MUST_USE
cloister_status cloister_access_assign(const cloister_access *access,
                                       cloister_str user,
                                       cloister_str role,
                                       cloister_error **error);

// Takes a role from a user. CLOISTER_STATUS_NOT_FOUND if the user does not have it.
CLOISTER_MUST_USE
cloister_status cloister_access_unassign(const cloister_access *access,
                                         cloister_str user,
                                         cloister_str role,
                                         cloister_error **error);

// Lets `count` roles exclude each other: no user may have, and no role inherit from, more than one of them.
CLOISTER_MUST_USE
cloister_status cloister_access_separate(const cloister_access *access,
                                         const cloister_str *roles,
                                         size_t count,
                                         cloister_error **error);

// Whether a user who acts in a role may do what `permission` names, "read_phi@clinic/ward-7" for example, and why.
//
// `allowed` receives the answer. `reason`, which may be NULL, receives the name of the reason as it stands in records,
// "granted" or "not_granted" for example; it is borrowed for ever.
CLOISTER_MUST_USE
cloister_status cloister_access_decide(const cloister_access *access,
                                       cloister_str user,
                                       cloister_str role,
                                       cloister_str permission,
                                       bool *allowed,
                                       cloister_str *reason,
                                       cloister_error **error);

// The users of a table. `users` receives their names, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_access_users(const cloister_access *access,
                                      cloister_strings **users,
                                      cloister_error **error);

// The roles that were given to a user. `roles` receives their names, none for an unknown user, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_access_roles_of(const cloister_access *access,
                                         cloister_str user,
                                         cloister_strings **roles,
                                         cloister_error **error);

// Removes a role. CLOISTER_STATUS_NOT_FOUND if there is none of that name.
CLOISTER_MUST_USE
cloister_status cloister_access_remove_role(const cloister_access *access,
                                            cloister_str role,
                                            cloister_error **error);

// Whether a role has a permission. False for an unknown role, for NULL and for text that is not UTF-8.
bool cloister_access_has_permission(const cloister_access *access,
                                    cloister_str role,
                                    cloister_str permission);

// Succeeds if a role has a permission; otherwise CLOISTER_STATUS_DENIED, for an unknown role too.
CLOISTER_MUST_USE
cloister_status cloister_access_require(const cloister_access *access,
                                        cloister_str role,
                                        cloister_str permission,
                                        cloister_error **error);

// The roles of a table. `roles` receives their names, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_access_roles(const cloister_access *access,
                                      cloister_strings **roles,
                                      cloister_error **error);

// The permissions of a role. `permissions` receives their names, owned by the caller. CLOISTER_STATUS_NOT_FOUND for an
// unknown role.
CLOISTER_MUST_USE
cloister_status cloister_access_permissions(const cloister_access *access,
                                            cloister_str role,
                                            cloister_strings **permissions,
                                            cloister_error **error);

// Frees a table. A guard that shares it keeps it. NULL does nothing.
void cloister_access_free(cloister_access *access);

// Proves what is enforced now: tries on the engine's own thread what its lockdown must refuse, asks the kernel about every
// thread, and hashes the import table and the model.
//
// `engine` may be NULL for the library and the process alone. With `audit`, which may be NULL, the attestation is recorded,
// and where the log has a key it is authenticated by that. `json` receives the document and `html` a page for people,
// each owned by the caller; either may be NULL. `holds`, which may be NULL, receives whether everything that was tried was
// refused and the import table is clean.
CLOISTER_MUST_USE
cloister_status cloister_attest(const cloister_engine *engine,
                                const cloister_audit *audit,
                                cloister_buffer *json,
                                cloister_buffer *html,
                                bool *holds,
                                cloister_error **error);

// Checks an attestation against the key of the log that it was made with. `authentic` receives whether nobody without that key
// has made or altered it.
//
// CLOISTER_STATUS_INVALID_ARGUMENT: `json` is no attestation, or was made without a key.
CLOISTER_MUST_USE
cloister_status cloister_attestation_check(const cloister_audit *audit,
                                           cloister_str json,
                                           bool *authentic,
                                           cloister_error **error);

// Locks every thread of this process, for good: no new connection, no other program or process, and no file written but
// beneath the `count` paths of `writable` and the directory of `audit`. Reading goes on, and so do connections that are open.
// What is refused fails with EPERM or EACCES, and is recorded in `audit`, which may be NULL.
//
// Linux only. Call it first, before other threads are there and before a model is loaded: threads that are there already
// are locked too, but may still write to files. `report`, which may be NULL, receives a JSON object, owned by the caller:
// "threads" that were there, and whether refused calls are "noted".
CLOISTER_MUST_USE
cloister_status cloister_lock_process(const cloister_audit *audit,
                                      const cloister_str *writable,
                                      size_t count,
                                      cloister_buffer *report,
                                      cloister_error **error);

// Switches the overwriting of freed memory off or on, for the whole process. It is on from the start; while it is off, records
// say so.
void cloister_set_wiping(bool on);

// Opens or creates the log file at `path`, whose directory must exist.
//
// `options` may be NULL for the defaults. `audit` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_new(cloister_str path,
                                   const cloister_audit_options *options,
                                   cloister_audit **audit,
                                   cloister_error **error);

// Writes one record. CLOISTER_STATUS_AUDIT if it could not be written; then the operation must not take place.
//
// `event` is what happened. `event_id` receives the id of the record, "evt_" and 12 hexadecimal digits, owned by the
// caller; it may be NULL.
CLOISTER_MUST_USE
cloister_status cloister_audit_record(const cloister_audit *audit,
                                      const cloister_audit_event *event,
                                      cloister_buffer *event_id,
                                      cloister_error **error);

// Returns the records of a log, old files included, that match.
//
// `query` may be NULL for all. `records` receives a JSON array, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_query(const cloister_audit *audit,
                                     const cloister_audit_query_options *query,
                                     cloister_buffer *records,
                                     cloister_error **error);

// As cloister_audit_query, for the log at `path`, without opening it for writing. Of a log that has a key or is signed it reads
// everything: open such a log with its key to query it by its index.
CLOISTER_MUST_USE
cloister_status cloister_audit_query_file(cloister_str path,
                                          const cloister_audit_query_options *query,
                                          cloister_buffer *records,
                                          cloister_error **error);

// Writes records of a query in the form of another system, one line each.
//
// `records_json` is what cloister_audit_query gave; `format` is "ocsf", "ecs", "cef", "syslog" or "fhir"; `host` is the
// name of the machine. `lines` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_export(cloister_str records_json,
                                      cloister_str format,
                                      cloister_str host,
                                      cloister_buffer *lines,
                                      cloister_error **error);

// Checks a log and its old files for edits, deletions, insertions and reordering.
//
// `verification` receives what was found, owned by the caller. Finding problems is success: ask
// cloister_verification_is_intact.
CLOISTER_MUST_USE
cloister_status cloister_audit_verify(const cloister_audit *audit,
                                      cloister_verification **verification,
                                      cloister_error **error);

// As cloister_audit_verify, for the log at `path`, without opening it for writing. `key` is the log's, or empty.
CLOISTER_MUST_USE
cloister_status cloister_audit_verify_file(cloister_str path,
                                           cloister_bytes key,
                                           cloister_verification **verification,
                                           cloister_error **error);

// Brings everything that was recorded to the disk, whatever the durability.
CLOISTER_MUST_USE cloister_status cloister_audit_flush(const cloister_audit *audit, cloister_error **error);

// Places a legal hold (`held` is 1) or releases it (0): while it lasts, no file of the log is deleted. Both are recorded
// with the reason.
CLOISTER_MUST_USE
cloister_status cloister_audit_legal_hold(const cloister_audit *audit,
                                          uint32_t held,
                                          cloister_str reason,
                                          cloister_error **error);

// Begins a sealed log at `path`: on the machine lies only the key of the current 1024 records.
//
// `key` receives the key of the log, 32 bytes, owned by the caller: keep them where the machine cannot read them, for
// cloister_audit_verify_file. cloister_audit_new then needs no key.
CLOISTER_MUST_USE
cloister_status cloister_audit_seal(cloister_str path,
                                    cloister_buffer *key,
                                    cloister_error **error);

// Closes a log, which brings what is in memory to the disk and signs a checkpoint. A guard that shares it keeps it open. NULL does nothing.
void cloister_audit_free(cloister_audit *audit);

// Appends to an answer. `text` is whole code points, and is copied.
//
// CLOISTER_STATUS_CANCELLED when whoever asked wants no more: return false then.
CLOISTER_MUST_USE
cloister_status cloister_answer_write(cloister_answer *answer,
                                      cloister_str text,
                                      cloister_error **error);

// Says how many tokens the prompt and the answer took; zero if it is not said. NULL does nothing.
void cloister_answer_set_usage(cloister_answer *answer, uint32_t prompt_tokens, uint32_t completion_tokens);

// Says why an answer ends. `reason` is a cloister_finish_reason; anything but CLOISTER_FINISH_REASON_LENGTH, and saying
// nothing, counts as CLOISTER_FINISH_REASON_STOP. NULL does nothing.
void cloister_answer_set_finish_reason(cloister_answer *answer,
                                       uint32_t reason);

// Says why a backend is about to return false. `status` is a cloister_status other than CLOISTER_STATUS_OK; a number
// that is none counts as CLOISTER_STATUS_INTERNAL. NULL does nothing.
void cloister_answer_fail(cloister_answer *answer,
                          int32_t status);

// Makes a flag that is not set. `cancel` receives an object owned by the caller.
CLOISTER_MUST_USE cloister_status cloister_cancel_new(cloister_cancel **cancel, cloister_error **error);

// Sets the flag, for good: every operation that has it returns CLOISTER_STATUS_CANCELLED soon. NULL does nothing.
void cloister_cancel_set(const cloister_cancel *cancel);

// Whether the flag is set. False for NULL.
bool cloister_cancel_is_set(const cloister_cancel *cancel);

// Frees a flag. Operations that have it go on and can no longer be stopped by it. NULL does nothing.
void cloister_cancel_free(cloister_cancel *cancel);

// The whole text of an answer, borrowed until the completion, or the reply it belongs to, is freed. Empty for NULL.
cloister_str cloister_completion_text(const cloister_completion *completion);

// Why an answer ended. CLOISTER_FINISH_REASON_NONE for NULL.
cloister_finish_reason cloister_completion_finish_reason(const cloister_completion *completion);

// Tokens of the prompt. Zero for NULL.
uint32_t cloister_completion_prompt_tokens(const cloister_completion *completion);

// Tokens of the prompt that an earlier chat of the same cache had evaluated. Zero for NULL.
uint32_t cloister_completion_cached_tokens(const cloister_completion *completion);

// Tokens of the answer. Zero for NULL.
uint32_t cloister_completion_completion_tokens(const cloister_completion *completion);

// Seconds spent on evaluating the prompt. Zero for NULL.
double cloister_completion_prompt_seconds(const cloister_completion *completion);

// Seconds spent on generating the answer. Zero for NULL.
double cloister_completion_generation_seconds(const cloister_completion *completion);

// Wipes and frees a completion that the caller owns. NULL does nothing.
void cloister_completion_free(cloister_completion *completion);

// Whether ciphers work with a FIPS 140-3 module in its approved mode: only in a library that was built with the feature "fips",
// once the module has passed its self-tests. It says nothing about the rest of the program. Any thread may ask.
bool cloister_cipher_is_fips_mode(void);

// Draws a new key from the operating system.
//
// `key` receives it as base64 text for cloister_cipher_new_from_text, owned by the caller.
CLOISTER_MUST_USE cloister_status cloister_cipher_generate_key(cloister_buffer *key, cloister_error **error);

// Makes a cipher from a key of 32 bytes; anything else is CLOISTER_STATUS_INVALID_KEY.
//
// The key is copied. `cipher` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new(cloister_bytes key,
                                    cloister_cipher **cipher,
                                    cloister_error **error);

// Makes a cipher from a key as text: 64 hexadecimal digits, or base64 of 32 bytes.
//
// The key is copied. `cipher` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new_from_text(cloister_str key,
                                              cloister_cipher **cipher,
                                              cloister_error **error);

// Makes a cipher from the key in a file: 32 bytes or text. CLOISTER_STATUS_DENIED unless the file belongs to this user, is
// closed to others (mode 0600) and is no symbolic link.
//
// `cipher` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new_from_file(cloister_str path,
                                              cloister_cipher **cipher,
                                              cloister_error **error);

// Makes a cipher from the key in an environment variable, as text. CLOISTER_STATUS_NOT_FOUND if it is not set.
//
// `cipher` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new_from_env(cloister_str variable,
                                             cloister_cipher **cipher,
                                             cloister_error **error);

// Makes a cipher from a passphrase with Argon2id (RFC 9106: 64 MiB, 3 passes, 4 lanes).
//
// `passphrase` has at least 12 characters. `salt` has at least 16 bytes, drawn once at random and kept; it is no secret.
// `cipher` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new_from_passphrase(cloister_str passphrase,
                                                    cloister_bytes salt,
                                                    cloister_cipher **cipher,
                                                    cloister_error **error);

// Makes a cipher from the key that a function of the caller's writes.
//
// `source` is called with `user_data` and a place for 32 bytes; false stops with CLOISTER_STATUS_CANCELLED. `cipher` receives
// an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_new_from_source(cloister_key_fn source,
                                                void *user_data,
                                                cloister_cipher **cipher,
                                                cloister_error **error);

// Encrypts bytes into a Cobblestone-256 message (C2SP chunked-encryption) without a header: what other implementations
// read with the same key and context.
//
// `message` receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_encrypt_message(const cloister_cipher *cipher,
                                                cloister_bytes plaintext,
                                                cloister_bytes context,
                                                cloister_buffer *message,
                                                cloister_error **error);

// Decrypts a Cobblestone-256 message of whatever implementation. Errors as of cloister_cipher_decrypt.
//
// `plaintext` receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt_message(const cloister_cipher *cipher,
                                                cloister_bytes message,
                                                cloister_bytes context,
                                                cloister_buffer *plaintext,
                                                cloister_error **error);

// Encrypts the file `source` into a new file `target`, mode 0600. Memory does not grow with it.
//
// `classification` and `context` as of cloister_cipher_encrypt; `content_type` is a media type, or empty.
// CLOISTER_STATUS_INVALID_ARGUMENT if `target` exists.
CLOISTER_MUST_USE
cloister_status cloister_cipher_encrypt_file(const cloister_cipher *cipher,
                                             cloister_str source,
                                             cloister_str target,
                                             uint32_t classification,
                                             cloister_str content_type,
                                             cloister_bytes context,
                                             cloister_error **error);

// Decrypts the file `source` into a new file `target`, mode 0600, which is there only if nothing was altered.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt_file(const cloister_cipher *cipher,
                                             cloister_str source,
                                             cloister_str target,
                                             cloister_bytes context,
                                             cloister_error **error);

// Decrypts a part of an encrypted file: up to `length` bytes from byte `offset` of the plaintext on.
//
// `plaintext` receives the bytes, fewer where the file ends, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt_part(const cloister_cipher *cipher,
                                             cloister_str source,
                                             uint64_t offset,
                                             size_t length,
                                             cloister_bytes context,
                                             cloister_buffer *plaintext,
                                             cloister_error **error);

// Encrypts bytes into an envelope of bytes.
//
// `classification` is a cloister_classification, or 0 for the default; it is bound to the envelope. `context` may be
// empty; decryption needs the same one again, for example the id of the record that the envelope belongs to.
// `envelope` receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_encrypt(const cloister_cipher *cipher,
                                        cloister_bytes plaintext,
                                        uint32_t classification,
                                        cloister_bytes context,
                                        cloister_buffer *envelope,
                                        cloister_error **error);

// Decrypts an envelope of bytes. CLOISTER_STATUS_DECRYPT if it was altered or key or context are not the same.
//
// `plaintext` receives the bytes, owned by the caller. `classification`, which may be NULL, receives the class that is
// bound to the envelope.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt(const cloister_cipher *cipher,
                                        cloister_bytes envelope,
                                        cloister_bytes context,
                                        cloister_buffer *plaintext,
                                        cloister_classification *classification,
                                        cloister_error **error);

// Encrypts bytes into an envelope of text: URL-safe base64 without padding.
//
// As cloister_cipher_encrypt; `envelope` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_encrypt_to_text(const cloister_cipher *cipher,
                                                cloister_bytes plaintext,
                                                uint32_t classification,
                                                cloister_bytes context,
                                                cloister_buffer *envelope,
                                                cloister_error **error);

// Decrypts an envelope of text. As cloister_cipher_decrypt.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt_text(const cloister_cipher *cipher,
                                             cloister_str envelope,
                                             cloister_bytes context,
                                             cloister_buffer *plaintext,
                                             cloister_classification *classification,
                                             cloister_error **error);

// Decrypts what older systems wrote: base64 of nonce, ciphertext and tag, without header, class or context.
//
// `plaintext` receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_cipher_decrypt_legacy(const cloister_cipher *cipher,
                                               cloister_str envelope,
                                               cloister_buffer *plaintext,
                                               cloister_error **error);

// Wipes the key and frees a cipher. NULL does nothing.
void cloister_cipher_free(cloister_cipher *cipher);

// Makes a detector.
//
// `options` may be NULL for the defaults. `detector` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_detector_new(const cloister_detector_options *options,
                                      cloister_detector **detector,
                                      cloister_error **error);

// Finds the credentials of `text` that are worth an alert. `secrets` receives them, owned by the caller.
//
// No snippet shows a credential, be it worth an alert or not.
CLOISTER_MUST_USE
cloister_status cloister_detector_detect(const cloister_detector *detector,
                                         cloister_str text,
                                         cloister_secrets **secrets,
                                         cloister_error **error);

// Replaces every credential of `text` that is sure enough by its token, for example "[OPENAI_API_KEY]".
//
// `redacted` receives the text, owned by the caller. `secrets`, which may be NULL, receives what was found in the
// original, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_detector_redact(const cloister_detector *detector,
                                         cloister_str text,
                                         cloister_buffer *redacted,
                                         cloister_secrets **secrets,
                                         cloister_error **error);

// Frees a detector. NULL does nothing.
void cloister_detector_free(cloister_detector *detector);

// How many credentials a list has. Zero for NULL.
size_t cloister_secrets_count(const cloister_secrets *secrets);

// The credential at `index`, borrowed until the list is freed. NULL beyond the end.
const cloister_secret *cloister_secrets_at(const cloister_secrets *secrets, size_t index);

// Frees a list. NULL does nothing.
void cloister_secrets_free(cloister_secrets *secrets);

// Says what this machine and this build enforce, and what they do not.
//
// `report` receives a JSON object with "version", "cpu_variant" (the build of the CPU backend in use, such as "avx512"; the
// environment variable `CLOISTER_CPU` names another), "cpu_features" (in use), "cpu_features_unused" (this CPU has them and that
// build does not use them), "enforced" and "not_enforced", owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_doctor(cloister_buffer *report,
                                cloister_error **error);

// Begins an emergency access (45 CFR 164.312(a)(2)(ii)): until it ends, the session may also do what the `count`
// `permissions` name; none means "read_phi".
//
// `reason` has 1 to 500 characters in one line; identifiers in it are redacted in the record, which is on the disk before
// anything is allowed. It ends after `limit_ms` milliseconds (zero: 30 minutes; at most 24 hours), with the session, or with
// cloister_session_end_emergency. The session needs a table, in which its role has "break_glass", and a log. `id` receives
// its id for the review, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_session_break_glass(cloister_session *session,
                                             cloister_str reason,
                                             const cloister_str *permissions,
                                             size_t count,
                                             uint64_t limit_ms,
                                             cloister_buffer *id,
                                             cloister_error **error);

// Ends an emergency access before its time; nothing if none is under way.
CLOISTER_MUST_USE
cloister_status cloister_session_end_emergency(cloister_session *session,
                                               cloister_error **error);

// The emergency accesses in the session's log that nobody has judged yet. The session's role needs "review_break_glass".
//
// `records` receives a JSON array of their records, oldest first, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_session_emergencies_to_review(cloister_session *session,
                                                       cloister_buffer *records,
                                                       cloister_error **error);

// Judges an emergency access of somebody else, once. `justified` is 1 or 0; `note` may be empty.
//
// CLOISTER_STATUS_DENIED for one's own; CLOISTER_STATUS_NOT_FOUND if none of this id waits for its review.
CLOISTER_MUST_USE
cloister_status cloister_session_review_emergency(cloister_session *session,
                                                  cloister_str id,
                                                  uint32_t justified,
                                                  cloister_str note,
                                                  cloister_error **error);

// Loads the model file at `path`.
//
// `options` may be NULL for the defaults. `on_progress`, which may be NULL, is told how far it is. `engine` receives an
// object owned by the caller. CLOISTER_STATUS_MODEL: the file is not a model that this library can run.
CLOISTER_MUST_USE
cloister_status cloister_engine_new(cloister_str path,
                                    const cloister_engine_options *options,
                                    cloister_progress_fn on_progress,
                                    void *user_data,
                                    cloister_engine **engine,
                                    cloister_error **error);

// Describes a model.
//
// `info` receives a JSON object, owned by the caller: "name", "architecture", "parameters", "size_bytes", "vocabulary",
// "training_context_tokens", "context_tokens", "embedding_length", "has_chat_template", and what was found out before it was
// loaded: "sha256", "verified" ("none", "hash" or "signature"), "signer" and "adapter_sha256" (or null), "memory" (an object: "weights_bytes",
// "cache_bytes", "compute_bytes", "total_bytes").
CLOISTER_MUST_USE
cloister_status cloister_engine_info(const cloister_engine *engine,
                                     cloister_buffer *info,
                                     cloister_error **error);

// Answers a conversation of `count` messages, through the model's own chat template. No text is scrubbed here: that is
// what a cloister_guard is for.
//
// `options` may be NULL for the defaults, `cancel` for none. `on_text`, which may be NULL, receives the answer as it
// comes. `completion` receives the whole answer, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_engine_chat(const cloister_engine *engine,
                                     const cloister_message *messages,
                                     size_t count,
                                     const cloister_chat_options *options,
                                     const cloister_cancel *cancel,
                                     cloister_text_fn on_text,
                                     void *user_data,
                                     cloister_completion **completion,
                                     cloister_error **error);

// Continues raw text, without a chat template and without scrubbing. As cloister_engine_chat otherwise.
CLOISTER_MUST_USE
cloister_status cloister_engine_generate(const cloister_engine *engine,
                                         cloister_str prompt,
                                         const cloister_chat_options *options,
                                         const cloister_cancel *cancel,
                                         cloister_text_fn on_text,
                                         void *user_data,
                                         cloister_completion **completion,
                                         cloister_error **error);

// Answers a chat-completion request of OpenAI's API, given and answered as JSON, with llama.cpp's additions: sampling,
// "response_format", "grammar", "tools", "logprobs", "prompt_cache_key" and more. A member that is not known is refused.
//
// `request` is the JSON object. With "stream": true, `on_part`, which may be NULL, receives a "chat.completion.chunk" object
// for each piece. `answer` receives the "chat.completion" object, or the last piece of a stream, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_engine_complete(const cloister_engine *engine,
                                         cloister_str request,
                                         const cloister_cancel *cancel,
                                         cloister_text_fn on_part,
                                         void *user_data,
                                         cloister_buffer *answer,
                                         cloister_error **error);

// Gives up what is kept under the name `cache`, which options of a chat gave. Its memory is overwritten when this returns, or, if
// something is being answered, as soon as nothing is.
CLOISTER_MUST_USE
cloister_status cloister_engine_forget(const cloister_engine *engine,
                                       cloister_str cache,
                                       cloister_error **error);

// Saves what is kept under the name `cache`: tokens, and what the model computed of them, encrypted with `cipher`.
//
// `envelope` receives the bytes, owned by the caller. CLOISTER_STATUS_NOT_FOUND: nothing is kept under this name.
CLOISTER_MUST_USE
cloister_status cloister_engine_save(const cloister_engine *engine,
                                     cloister_str cache,
                                     const cloister_cipher *cipher,
                                     cloister_buffer *envelope,
                                     cloister_error **error);

// Keeps what cloister_engine_save gave, under the name `cache`, so that the conversation goes on.
//
// CLOISTER_STATUS_DECRYPT: another key, or an altered envelope. CLOISTER_STATUS_UNSUPPORTED: it belongs to another model or version.
CLOISTER_MUST_USE
cloister_status cloister_engine_restore(const cloister_engine *engine,
                                        cloister_str cache,
                                        const cloister_cipher *cipher,
                                        cloister_bytes envelope,
                                        cloister_error **error);

// Counts the tokens of a text. `tokens` receives the number.
CLOISTER_MUST_USE
cloister_status cloister_engine_count_tokens(const cloister_engine *engine,
                                             cloister_str text,
                                             size_t *tokens,
                                             cloister_error **error);

// Renders a conversation of `count` messages as the model's own chat template does.
//
// `prompt` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_engine_render(const cloister_engine *engine,
                                       const cloister_message *messages,
                                       size_t count,
                                       cloister_buffer *prompt,
                                       cloister_error **error);

// Gives the token ids that cloister_engine_chat evaluates for a conversation of `count` messages.
//
// `length` receives how many there are. `tokens` is memory of the caller's for `capacity` of them, or NULL with a capacity of 0;
// where it is too small, nothing is written to it.
CLOISTER_MUST_USE
cloister_status cloister_engine_chat_tokens(const cloister_engine *engine,
                                            const cloister_message *messages,
                                            size_t count,
                                            int32_t *tokens,
                                            size_t capacity,
                                            size_t *length,
                                            cloister_error **error);

// Lists the system calls that the lockdown refused to the engine's threads so far.
//
// `json` receives an array of objects, owned by the caller: "call", how often ("count"), and whether nobody makes such a call by
// accident ("grave").
CLOISTER_MUST_USE
cloister_status cloister_engine_violations(const cloister_engine *engine,
                                           cloister_buffer *json,
                                           cloister_error **error);

// Frees the model now and stops the chats that run; later calls return CLOISTER_STATUS_CLOSED. The engine itself is
// still to be freed. Twice is once, and NULL does nothing.
void cloister_engine_unload(const cloister_engine *engine);

// Whether the model is loaded. False for NULL.
bool cloister_engine_is_loaded(const cloister_engine *engine);

// Frees an engine. A guard that shares it keeps the model loaded. NULL does nothing.
void cloister_engine_free(cloister_engine *engine);

// How many numbers an embedding of this model has. Zero for NULL.
size_t cloister_engine_embedding_length(const cloister_engine *engine);

// Turns a text into a vector of unit length, the mean over its tokens.
//
// `values` is memory of the caller's for `count` numbers, as many as cloister_engine_embedding_length says.
CLOISTER_MUST_USE
cloister_status cloister_engine_embed(const cloister_engine *engine,
                                      cloister_str text,
                                      float *values,
                                      size_t count,
                                      cloister_error **error);

// Turns a text into a vector by another pooling, "mean", "first" or "last"; `normalize` 1 gives it unit length, 0 the length
// that the model gives.
//
// `values` and `count` as of cloister_engine_embed.
CLOISTER_MUST_USE
cloister_status cloister_engine_embed_with(const cloister_engine *engine,
                                           cloister_str text,
                                           cloister_str pooling,
                                           uint32_t normalize,
                                           float *values,
                                           size_t count,
                                           cloister_error **error);

// What a status means, in a few words. `status` is any number.
//
// Returns a NUL-terminated text that lives as long as the program; "unknown status" for a number that is none.
const char *cloister_status_string(int32_t status);

// The status of an error, the same that the function returned. CLOISTER_STATUS_OK for NULL.
cloister_status cloister_error_status(const cloister_error *error);

// The message of an error: one line, borrowed until the error is freed. Empty for NULL.
cloister_str cloister_error_message(const cloister_error *error);

// Frees an error. NULL does nothing.
void cloister_error_free(cloister_error *error);

// How many findings a list has. Zero for NULL.
size_t cloister_findings_count(const cloister_findings *findings);

// The finding at `index`, borrowed until the list is freed. NULL beyond the end.
const cloister_finding *cloister_findings_at(const cloister_findings *findings, size_t index);

// Frees a list. NULL does nothing.
void cloister_findings_free(cloister_findings *findings);

// Makes a guard around an engine, which the guard shares: it may be freed before the guard.
//
// `options` says which walls there are. `guard` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_guard_new(const cloister_engine *engine,
                                   const cloister_guard_options *options,
                                   cloister_guard **guard,
                                   cloister_error **error);

// Makes a guard around functions of the caller's, which are kept until the guard and every call on it have ended.
//
// `backend` is copied; its `user_data` is consumed on success and stays the caller's on failure. `options` says which
// walls there are. `guard` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_guard_new_with_backend(const cloister_backend *backend,
                                                const cloister_guard_options *options,
                                                cloister_guard **guard,
                                                cloister_error **error);

// Asks the model within the walls: the main job.
//
// `session` is the conversation that `input` goes on with. `options` may be NULL for the defaults, `cancel` for none.
// `on_text`, which may be NULL, receives the restored answer as it comes. `reply` receives the answer with everything
// that happened on the way, owned by the caller.
//
// CLOISTER_STATUS_BLOCKED: `input` holds a secret. CLOISTER_STATUS_DENIED: the session's role may not.
// CLOISTER_STATUS_AUDIT: nothing could be recorded, so nothing was asked. CLOISTER_STATUS_CANCELLED: `on_text` returned
// false, or `cancel` was set. After any failure the session is as it was.
CLOISTER_MUST_USE
cloister_status cloister_guard_chat(const cloister_guard *guard,
                                    cloister_session *session,
                                    cloister_str input,
                                    const cloister_chat_options *options,
                                    const cloister_cancel *cancel,
                                    cloister_text_fn on_text,
                                    void *user_data,
                                    cloister_reply **reply,
                                    cloister_error **error);

// Answers a chat-completion request of OpenAI's API within the walls, given and answered as JSON: "response_format", "grammar",
// "tools", "logprobs" and every other member that cloister_engine_complete takes.
//
// The request is the whole conversation: that of `session` is neither sent nor changed. The session gives the identity, the
// vault and what is kept of the model's work. Its system prompt, or the guard's, stands before a conversation that does not
// begin with one. With "stream": true, `on_part`, which may be NULL, receives a "chat.completion.chunk" object for each piece
// of restored text. `answer` receives the "chat.completion" object, or the last piece of a stream, owned by the caller; its
// member "guard" says what was found in request and response, by kind and number, and has the ids of the records. `cancel` may
// be NULL.
//
// What is the caller's text: messages of all roles, arguments of earlier calls as the JSON that they are, descriptions and
// schemas of tools, "stop". All of it is scanned at once and scrubbed; ids of calls are replaced by others. A value of "enum" or
// "const" in a schema becomes a placeholder, which the model then writes and the caller gets as the value. An answer in JSON
// and the arguments of calls stay JSON: values are escaped where they are put back. In an answer to "grammar", "regex" or
// "lark" they stand as they are.
//
// A schema describes what the model writes, before anything is put back: a string with "pattern", "format" or a length may also
// be a placeholder of the session, because the model would otherwise have to make a value up, and so a value that is put back
// is as the caller wrote it, whatever the schema says. A number can be no placeholder: describe identifiers as strings.
// "logprobs" are about the tokens as the model wrote them, in the last piece of a stream; where a secret was taken out of the
// answer there are none.
//
// CLOISTER_STATUS_INVALID_ARGUMENT: the request is malformed, or an identifier stands in what cannot be changed, which is the
// name of a tool, a "pattern" or a grammar. CLOISTER_STATUS_UNSUPPORTED: the backend is the caller's and takes no formats and
// tools. Otherwise as cloister_guard_chat.
CLOISTER_MUST_USE
cloister_status cloister_guard_complete(const cloister_guard *guard,
                                        cloister_session *session,
                                        cloister_str request,
                                        const cloister_cancel *cancel,
                                        cloister_text_fn on_part,
                                        void *user_data,
                                        cloister_buffer *answer,
                                        cloister_error **error);

// Shows what cloister_guard_chat would find in `input` and send, without sending or recording.
//
// `scrubbed` receives the text as the model would see it, owned by the caller. `findings`, which may be NULL, receives
// what was found in `input`, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_guard_preview(const cloister_guard *guard,
                                       cloister_session *session,
                                       cloister_str input,
                                       cloister_buffer *scrubbed,
                                       cloister_findings **findings,
                                       cloister_error **error);

// Frees a guard. NULL does nothing.
void cloister_guard_free(cloister_guard *guard);

// Makes a ring of one key of 32 bytes, which is the primary one.
//
// The key is copied. `keyring` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_keyring_new(cloister_bytes key,
                                     cloister_keyring **keyring,
                                     cloister_error **error);

// Reads a ring that cloister_keyring_export wrote.
//
// `wrapping` holds the key that it was written with. `keyring` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_keyring_import(const cloister_cipher *wrapping,
                                        cloister_bytes envelope,
                                        cloister_keyring **keyring,
                                        cloister_error **error);

// Writes a ring into an envelope of another key, to be stored.
//
// `envelope` receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_keyring_export(const cloister_keyring *keyring,
                                        const cloister_cipher *wrapping,
                                        cloister_buffer *envelope,
                                        cloister_error **error);

// Makes `key`, 32 bytes, the primary one; those so far go on decrypting.
CLOISTER_MUST_USE
cloister_status cloister_keyring_rotate(const cloister_keyring *keyring,
                                        cloister_bytes key,
                                        cloister_error **error);

// Adds a key of 32 bytes that decrypts.
CLOISTER_MUST_USE
cloister_status cloister_keyring_add(const cloister_keyring *keyring,
                                     cloister_bytes key,
                                     cloister_error **error);

// Enables (1) or disables (0) the key `id`, 16 hexadecimal digits. Not the primary one, and none that was destroyed.
CLOISTER_MUST_USE
cloister_status cloister_keyring_set_enabled(const cloister_keyring *keyring,
                                             cloister_str id,
                                             uint32_t enabled,
                                             cloister_error **error);

// Wipes the key `id` for ever: what was encrypted with it can no longer be read.
CLOISTER_MUST_USE
cloister_status cloister_keyring_destroy(const cloister_keyring *keyring,
                                         cloister_str id,
                                         cloister_error **error);

// Lists the keys: a JSON array of {"id", "state": "enabled", "disabled" or "destroyed", "primary"}.
//
// `keys` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_keyring_keys(const cloister_keyring *keyring,
                                      cloister_buffer *keys,
                                      cloister_error **error);

// Encrypts bytes with the primary key. As cloister_cipher_encrypt.
CLOISTER_MUST_USE
cloister_status cloister_keyring_encrypt(const cloister_keyring *keyring,
                                         cloister_bytes plaintext,
                                         uint32_t classification,
                                         cloister_bytes context,
                                         cloister_buffer *envelope,
                                         cloister_error **error);

// Decrypts an envelope with the key that it names. As cloister_cipher_decrypt.
CLOISTER_MUST_USE
cloister_status cloister_keyring_decrypt(const cloister_keyring *keyring,
                                         cloister_bytes envelope,
                                         cloister_bytes context,
                                         cloister_buffer *plaintext,
                                         cloister_classification *classification,
                                         cloister_error **error);

// Encrypts the content of an envelope again with the primary key, with the same label and context.
//
// `rewrapped` receives the bytes, owned by the caller; empty if the envelope is of the primary key already.
CLOISTER_MUST_USE
cloister_status cloister_keyring_rewrap(const cloister_keyring *keyring,
                                        cloister_bytes envelope,
                                        cloister_bytes context,
                                        cloister_buffer *rewrapped,
                                        cloister_error **error);

// Wipes the keys and frees a ring. NULL does nothing.
void cloister_keyring_free(cloister_keyring *keyring);

// Does what cloister_engine_new does first, and no more: opens the file, checks its header, verifies what `options` ask for,
// and adds up the memory.
//
// `options` may be NULL for the defaults. `report` receives a JSON object, owned by the caller: "name", "architecture",
// "training_context_tokens", "context_tokens", "sha256", "verified" ("none", "hash" or "signature"), "signer" and "adapter_sha256" (or null),
// "memory" (an object: "weights_bytes", "cache_bytes", "compute_bytes", "total_bytes"), "available_bytes" (what is free now,
// or null where the system does not tell). CLOISTER_STATUS_DENIED: the file is not what was pinned or signed.
CLOISTER_MUST_USE
cloister_status cloister_engine_inspect(cloister_str path,
                                        const cloister_engine_options *options,
                                        cloister_buffer *report,
                                        cloister_error **error);

// Makes a pair of keys (Ed25519) for a log that is called `name`, for example "hospital.example/audit".
//
// `signing_key`, for cloister_audit_options, and `public_key` receive texts in the form of Go's note package, owned by the
// caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_signing_key_generate(cloister_str name,
                                                    cloister_buffer *signing_key,
                                                    cloister_buffer *public_key,
                                                    cloister_error **error);

// Signs all records so far. CLOISTER_STATUS_INVALID_ARGUMENT if the log has no signing key.
//
// `checkpoint` receives the signed note (C2SP tlog-checkpoint), owned by the caller: keep it where nobody can alter it
// together with the log, for cloister_audit_verify_public.
CLOISTER_MUST_USE
cloister_status cloister_audit_checkpoint(const cloister_audit *audit,
                                          cloister_buffer *checkpoint,
                                          cloister_error **error);

// Checks the log at `path` with its public key, and against `count` checkpoints that were kept elsewhere.
//
// `key`, the log's own, may be empty; with it the MACs are checked too. `verification` receives what was found, owned by
// the caller. Finding problems is success: ask cloister_verification_is_intact.
CLOISTER_MUST_USE
cloister_status cloister_audit_verify_public(cloister_str path,
                                             cloister_str public_key,
                                             cloister_bytes key,
                                             const cloister_str *checkpoints,
                                             size_t count,
                                             cloister_verification **verification,
                                             cloister_error **error);

// As cloister_audit_query_file, for a log with checkpoints: each record with what proves that it is in the log.
//
// `query` may be NULL for all; it may find up to 100 records, else CLOISTER_STATUS_TOO_LARGE. `proofs` receives, for each
// record in turn, its line and its proof, as of cloister_audit_prove, owned by the caller. That there are no further matches is
// not proven.
CLOISTER_MUST_USE
cloister_status cloister_audit_query_with_proofs(cloister_str path,
                                                 const cloister_audit_query_options *query,
                                                 cloister_str public_key,
                                                 cloister_strings **proofs,
                                                 cloister_error **error);

// Proves that record `seq` is in the log at `path`, showing nothing of the others.
//
// `record` receives its line and `proof` the proof (C2SP tlog-proof), owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_prove(cloister_str path,
                                     uint64_t seq,
                                     cloister_str public_key,
                                     cloister_buffer *record,
                                     cloister_buffer *proof,
                                     cloister_error **error);

// Checks a proof from cloister_audit_prove. `holds` receives whether `record` is in the log with this key.
CLOISTER_MUST_USE
cloister_status cloister_audit_check_proof(cloister_str record,
                                           cloister_str proof,
                                           cloister_str public_key,
                                           bool *holds,
                                           cloister_error **error);

// Proves that the log at `path` only grew since `checkpoint`. CLOISTER_STATUS_AUDIT if it did not.
//
// `proof` receives the proof, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_audit_prove_consistency(cloister_str path,
                                                 cloister_str checkpoint,
                                                 cloister_str public_key,
                                                 cloister_buffer *proof,
                                                 cloister_error **error);

// Checks a proof from cloister_audit_prove_consistency against the older checkpoint. `holds` receives the answer.
CLOISTER_MUST_USE
cloister_status cloister_audit_check_consistency(cloister_str checkpoint,
                                                 cloister_str proof,
                                                 cloister_str public_key,
                                                 bool *holds,
                                                 cloister_error **error);

// The answer with the caller's identifiers put back, borrowed until the reply is freed. Empty for NULL.
cloister_str cloister_reply_text(const cloister_reply *reply);

// The user's message as the model saw it, borrowed until the reply is freed. Empty for NULL.
cloister_str cloister_reply_prompt(const cloister_reply *reply);

// The answer as the model gave it, with placeholders, borrowed until the reply is freed. Empty for NULL.
cloister_str cloister_reply_raw_text(const cloister_reply *reply);

// What was found in the user's message, borrowed until the reply is freed. NULL for NULL.
const cloister_summary *cloister_reply_request(const cloister_reply *reply);

// What was found in the answer, borrowed until the reply is freed. NULL for NULL.
const cloister_summary *cloister_reply_response(const cloister_reply *reply);

// What the model did: tokens, time and why it ended. Borrowed until the reply is freed. NULL for NULL.
const cloister_completion *cloister_reply_completion(const cloister_reply *reply);

// The ids of the records of request and response; empty without an audit log.
//
// Borrowed until the reply is freed. NULL for NULL.
const cloister_strings *cloister_reply_event_ids(const cloister_reply *reply);

// Wipes and frees a reply. NULL does nothing.
void cloister_reply_free(cloister_reply *reply);

// How many identifiers were found. Zero for NULL.
size_t cloister_summary_identifiers(const cloister_summary *summary);

// How many secrets were found. Zero for NULL.
size_t cloister_summary_secrets(const cloister_summary *summary);

// The kinds of identifiers in order of first appearance, borrowed until the reply is freed. NULL for NULL.
const cloister_strings *cloister_summary_identifier_kinds(const cloister_summary *summary);

// The kinds of secrets in order of first appearance, borrowed until the reply is freed. NULL for NULL.
const cloister_strings *cloister_summary_secret_kinds(const cloister_summary *summary);

// Begins a text. `restorer` receives an object owned by the caller.
CLOISTER_MUST_USE cloister_status cloister_restorer_new(cloister_restorer **restorer, cloister_error **error);

// Takes the next chunk, whole code points, and gives the part of the text that is certain, with the values of `vault`.
//
// A placeholder may be cut anywhere: at most 256 bytes are held back. `restored` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_restorer_push(cloister_restorer *restorer,
                                       cloister_vault *vault,
                                       cloister_str chunk,
                                       cloister_buffer *restored,
                                       cloister_error **error);

// Ends the text, and makes the restorer ready for another one.
//
// `restored` receives the rest of it, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_restorer_finish(cloister_restorer *restorer,
                                         cloister_vault *vault,
                                         cloister_buffer *restored,
                                         cloister_error **error);

// Frees a restorer. NULL does nothing.
void cloister_restorer_free(cloister_restorer *restorer);

// Tells which rules of a gitleaks configuration are not taken.
//
// `refusals` receives one line for each, of its id and the reason: "by-path: it is for files of certain paths, and a text
// has no path". It is empty where all are taken, and owned by the caller. Rules whose ids are taken by built-in ones are
// taken under another id.
CLOISTER_MUST_USE
cloister_status cloister_gitleaks_refusals(cloister_str gitleaks_toml,
                                           cloister_buffer *refusals,
                                           cloister_error **error);

// Begins a text that comes in chunks.
//
// What is found is what cloister_scrubber_scrub finds in the whole text, but for three things. A name is found again only
// behind the place where it was found first, and of all names the 256 found last are looked for. A value of more than
// 128 KiB is replaced in pieces. What stands more than 16 KiB before the end of what was pushed has been given out, unless
// a value begins there whose end is not known yet: that is waited for, and what follows it held back, for at most 256 KiB.
//
// `stream` receives an object owned by the caller, which may outlive the scrubber.
CLOISTER_MUST_USE
cloister_status cloister_scrub_stream_new(const cloister_scrubber *scrubber,
                                          cloister_scrub_stream **stream,
                                          cloister_error **error);

// Begins a text about `subject` that comes in chunks: a policy that moves dates moves all those of one subject alike.
//
// As cloister_scrub_stream_new.
CLOISTER_MUST_USE
cloister_status cloister_scrub_stream_new_of(const cloister_scrubber *scrubber,
                                             cloister_str subject,
                                             cloister_scrub_stream **stream,
                                             cloister_error **error);

// Takes a chunk of UTF-8, which may be cut anywhere, inside code points too.
//
// `scrubbed`, which may be NULL, receives the scrubbed text that is certain by now, owned by the caller; it follows what
// was given out before. `findings`, which may be NULL, receives what was found in the original of that text, owned by the
// caller; places count from the beginning of the whole original. After an error nothing of the chunk was taken.
CLOISTER_MUST_USE
cloister_status cloister_scrub_stream_push(cloister_scrub_stream *stream,
                                           cloister_bytes chunk,
                                           cloister_buffer *scrubbed,
                                           cloister_findings **findings,
                                           cloister_error **error);

// Gives the rest as cloister_scrub_stream_push does, and ends the text: what comes later is refused.
//
// A text that ends inside a code point is CLOISTER_STATUS_INVALID_UTF8.
CLOISTER_MUST_USE
cloister_status cloister_scrub_stream_finish(cloister_scrub_stream *stream,
                                             cloister_buffer *scrubbed,
                                             cloister_findings **findings,
                                             cloister_error **error);

// As cloister_scrub_stream_push, with what `vault` can put back, as cloister_vault_scrub does it.
//
// A text takes one of the two to its end. CLOISTER_STATUS_TOO_LARGE if the vault is full, CLOISTER_STATUS_CLOSED if it has
// expired; behind either the stream takes nothing more.
CLOISTER_MUST_USE
cloister_status cloister_vault_scrub_push(cloister_vault *vault,
                                          cloister_scrub_stream *stream,
                                          cloister_bytes chunk,
                                          cloister_buffer *scrubbed,
                                          cloister_findings **findings,
                                          cloister_error **error);

// As cloister_scrub_stream_finish, with what `vault` can put back.
CLOISTER_MUST_USE
cloister_status cloister_vault_scrub_finish(cloister_vault *vault,
                                            cloister_scrub_stream *stream,
                                            cloister_buffer *scrubbed,
                                            cloister_findings **findings,
                                            cloister_error **error);

// Frees a stream, whether it was finished or not. NULL does nothing.
void cloister_scrub_stream_free(cloister_scrub_stream *stream);

// Makes a scrubber.
//
// `options` may be NULL for the defaults. `scrubber` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_scrubber_new(const cloister_scrubber_options *options,
                                      cloister_scrubber **scrubber,
                                      cloister_error **error);

// Replaces every identifier of `text`, for good.
//
// `scrubbed` receives the text without them, owned by the caller. `findings`, which may be NULL, receives what was
// found in the original, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_scrubber_scrub(const cloister_scrubber *scrubber,
                                        cloister_str text,
                                        cloister_buffer *scrubbed,
                                        cloister_findings **findings,
                                        cloister_error **error);

// Replaces every identifier of a text about `subject`, the id of a patient for example, for good.
//
// As cloister_scrubber_scrub; a policy that moves dates moves all those of one subject alike.
CLOISTER_MUST_USE
cloister_status cloister_scrubber_scrub_of(const cloister_scrubber *scrubber,
                                           cloister_str subject,
                                           cloister_str text,
                                           cloister_buffer *scrubbed,
                                           cloister_findings **findings,
                                           cloister_error **error);

// Finds the identifiers of `text` without replacing them.
//
// `findings` receives them, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_scrubber_find(const cloister_scrubber *scrubber,
                                       cloister_str text,
                                       cloister_findings **findings,
                                       cloister_error **error);

// Finds the identifiers of one record, each of whose `fields` is read with its name before it and apart from the others.
//
// `findings` receives them, owned by the caller, in the order of the fields: `field` tells which one, and the places count
// from the beginning of its value.
CLOISTER_MUST_USE
cloister_status cloister_scrubber_find_in_record(const cloister_scrubber *scrubber,
                                                 const cloister_field *fields,
                                                 size_t field_count,
                                                 cloister_findings **findings,
                                                 cloister_error **error);

// Frees a scrubber. NULL does nothing.
void cloister_scrubber_free(cloister_scrubber *scrubber);

// Begins a conversation.
//
// `user` names a person and `role` what they act as; both go into the audit records, and a guard with an access table
// asks it for the role. `session` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_session_new(cloister_str user,
                                     cloister_str role,
                                     cloister_session **session,
                                     cloister_error **error);

// The id of a session in the audit records, borrowed until it is freed: "ses_" and 16 hexadecimal digits. Empty for NULL.
cloister_str cloister_session_id(const cloister_session *session);

// The user of a session, borrowed until it is freed. Empty for NULL.
cloister_str cloister_session_user(const cloister_session *session);

// The role of a session, borrowed until it is freed. Empty for NULL.
cloister_str cloister_session_role(const cloister_session *session);

// The turns of a session so far; a question with its answer is one. Zero for NULL.
size_t cloister_session_turns(const cloister_session *session);

// Says whom a conversation is about, the id of a patient for example.
//
// A policy that moves dates moves all those of one subject alike. `subject` is copied and not sent to the model. Where there
// is a table, "read_phi" is from now on asked for within the scope that is this id, "read_phi@patient:17", and before that
// for everywhere; the id then stands in the records, under its pseudonym where the log has keys of persons.
// CLOISTER_STATUS_DENIED where the session holds a conversation about whom "read_phi" is missing.
CLOISTER_MUST_USE
cloister_status cloister_session_set_subject(cloister_session *session,
                                             cloister_str subject,
                                             cloister_error **error);

// Replaces the system prompt of the guard in this conversation.
//
// `text` takes the same road as the user's: it is scanned and scrubbed before the model sees it. It is copied.
CLOISTER_MUST_USE
cloister_status cloister_session_set_system_prompt(cloister_session *session,
                                                   cloister_str text,
                                                   cloister_error **error);

// Puts identifiers back into a text that holds placeholders of this session, for example a raw answer kept elsewhere.
// Where the session has a table, its role needs "read_phi".
//
// `restored` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_session_restore(cloister_session *session,
                                         cloister_str text,
                                         cloister_buffer *restored,
                                         cloister_error **error);

// Whether a session has ended. True for NULL. CLOISTER_STATUS_BUSY has no place here: a session in use has not ended.
bool cloister_session_has_ended(const cloister_session *session);

// Ends a session: everything in it is wiped, and it can only be freed.
CLOISTER_MUST_USE cloister_status cloister_session_end(cloister_session *session, cloister_error **error);

// Has `hook` called once when the session ends, by whatever cause, on any thread; it must not use the session. A session
// that is freed ends. `user_data` is the hook's, to free it there.
CLOISTER_MUST_USE
cloister_status cloister_session_on_end(cloister_session *session,
                                        cloister_drop_fn hook,
                                        void *user_data,
                                        cloister_error **error);

// Succeeds if the session's role has `permission`, "read_phi@clinic/ward-7" for example, or an emergency access covers it;
// otherwise CLOISTER_STATUS_DENIED, which is recorded. Without a table everything is allowed.
CLOISTER_MUST_USE
cloister_status cloister_session_require(cloister_session *session,
                                         cloister_str permission,
                                         cloister_error **error);

// Forgets and wipes the history and the identifiers of a session. User, role, id and system prompt stay.
CLOISTER_MUST_USE cloister_status cloister_session_clear(cloister_session *session, cloister_error **error);

// Wipes and frees a session. NULL does nothing.
void cloister_session_free(cloister_session *session);

// Writes a record of the application's own, with the user and the id of the session. Its role needs "write_audit_logs".
//
// As cloister_audit_record, which a log with a table refuses.
CLOISTER_MUST_USE
cloister_status cloister_session_record(cloister_session *session,
                                        const cloister_audit *audit,
                                        const cloister_audit_event *event,
                                        cloister_buffer *event_id,
                                        cloister_error **error);

// As cloister_audit_query, which a log with a table refuses. The session's role needs "view_audit_logs"; where it has that for
// the subject of the session alone, only the records about that subject are found. Who looked is itself recorded.
CLOISTER_MUST_USE
cloister_status cloister_session_query_log(cloister_session *session,
                                           const cloister_audit *audit,
                                           const cloister_audit_query_options *query,
                                           cloister_buffer *records,
                                           cloister_error **error);

// As cloister_audit_verify, which a log with a table refuses. The session's role needs "view_audit_logs".
CLOISTER_MUST_USE
cloister_status cloister_session_verify_log(cloister_session *session,
                                            const cloister_audit *audit,
                                            cloister_verification **verification,
                                            cloister_error **error);

// As cloister_audit_checkpoint, which a log with a table refuses. The session's role needs "manage_audit_logs".
CLOISTER_MUST_USE
cloister_status cloister_session_checkpoint_log(cloister_session *session,
                                                const cloister_audit *audit,
                                                cloister_buffer *note,
                                                cloister_error **error);

// As cloister_audit_legal_hold, which a log with a table refuses. The session's role needs "manage_audit_logs".
CLOISTER_MUST_USE
cloister_status cloister_session_hold_log(cloister_session *session,
                                          const cloister_audit *audit,
                                          uint32_t held,
                                          cloister_str reason,
                                          cloister_error **error);

// Begins a conversation with a table, a log and limits of its own.
//
// `user` and `role` as of cloister_session_new. `options` may be NULL for the defaults. `session` receives an object owned
// by the caller. CLOISTER_STATUS_DENIED if the table does not let the user act in that role.
CLOISTER_MUST_USE
cloister_status cloister_session_new_with_options(cloister_str user,
                                                  cloister_str role,
                                                  const cloister_session_options *options,
                                                  cloister_session **session,
                                                  cloister_error **error);

// Opens the directory of a store, or makes it, mode 0700; its parent must exist.
//
// `subjects` has the keys and is shared with the store. `audit`, which is shared too and may be NULL, records every use: none
// takes place that cannot be recorded. `store` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_store_new(cloister_str directory,
                                   const cloister_subjects *subjects,
                                   const cloister_audit *audit,
                                   cloister_store **store,
                                   cloister_error **error);

// As cloister_store_new, with a table that is asked whatever session comes, beside the table of the session.
//
// `access` is shared with the store; NULL for none. What is asked for is asked about the person whose conversations they are:
// "read_phi@patient:17" where the subject is "patient:17".
CLOISTER_MUST_USE
cloister_status cloister_store_new_with_access(cloister_str directory,
                                               const cloister_subjects *subjects,
                                               const cloister_audit *audit,
                                               const cloister_access *access,
                                               cloister_store **store,
                                               cloister_error **error);

// Saves the conversation of a session under the key of its subject, or of its user where it has none.
//
// `classification` is a cloister_classification, or 0 for the default: it says how long the conversation is kept, 365 days
// (public), 180 (internal) or 90 (sensitive). `title` may be empty. A session that was saved or loaded before keeps its id.
// `id` receives it, owned by the caller. The session's role needs "write_phi" if there is a table.
CLOISTER_MUST_USE
cloister_status cloister_store_save(const cloister_store *store,
                                    cloister_session *session,
                                    uint32_t classification,
                                    cloister_str title,
                                    cloister_buffer *id,
                                    cloister_error **error);

// Goes on with a saved conversation of `subject` in `session`, whose own so far is wiped. The session's role needs "read_phi".
//
// CLOISTER_STATUS_NOT_FOUND if there is none of this id, or if it has expired or was erased.
CLOISTER_MUST_USE
cloister_status cloister_store_load(const cloister_store *store,
                                    cloister_session *session,
                                    cloister_str subject,
                                    cloister_str id,
                                    cloister_error **error);

// Lists the conversations of `subject` that have not expired. The session's role needs "read_phi".
//
// `conversations` receives a JSON array, owned by the caller: id, title, user, role, classification, turns, and begun, saved
// and expires in seconds since 1970.
CLOISTER_MUST_USE
cloister_status cloister_store_list(const cloister_store *store,
                                    cloister_session *session,
                                    cloister_str subject,
                                    cloister_buffer *conversations,
                                    cloister_error **error);

// Erases a conversation of `subject`. The session's role needs "erase_phi"; CLOISTER_STATUS_DENIED during a legal hold.
//
// `erasure`, which may be NULL, receives a JSON object, owned by the caller: event_id of the record, conversations, sha256 of
// each, and key_destroyed.
CLOISTER_MUST_USE
cloister_status cloister_store_delete(const cloister_store *store,
                                      cloister_session *session,
                                      cloister_str subject,
                                      cloister_str id,
                                      cloister_buffer *erasure,
                                      cloister_error **error);

// Erases a person: the key of `subject` is destroyed, and all conversations with it. As cloister_store_delete.
CLOISTER_MUST_USE
cloister_status cloister_store_erase_subject(const cloister_store *store,
                                             cloister_session *session,
                                             cloister_str subject,
                                             cloister_buffer *erasure,
                                             cloister_error **error);

// Erases every conversation that is past its retention. Call it once a day. CLOISTER_STATUS_DENIED during a legal hold.
//
// `count`, which may be NULL, receives how many.
CLOISTER_MUST_USE
cloister_status cloister_store_expire(const cloister_store *store,
                                      size_t *count,
                                      cloister_error **error);

// Frees a store; what is saved stays. NULL does nothing.
void cloister_store_free(cloister_store *store);

// How many texts a list has. Zero for NULL.
size_t cloister_strings_count(const cloister_strings *strings);

// The text at `index`, borrowed until the list, or the object that it belongs to, is freed. Empty beyond the end.
cloister_str cloister_strings_at(const cloister_strings *strings,
                                 size_t index);

// Frees a list that the caller owns. NULL does nothing.
void cloister_strings_free(cloister_strings *strings);

// Opens the directory of the keys of persons, or makes it, mode 0700; its parent must exist.
//
// `master` is a key of 32 bytes, copied; CLOISTER_STATUS_INVALID_KEY if the directory belongs to another. `subjects`
// receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_subjects_new(cloister_str directory,
                                      cloister_bytes master,
                                      cloister_subjects **subjects,
                                      cloister_error **error);

// The pseudonym of a person, who gets a key if there is none: "psn_" and 24 hexadecimal digits.
//
// `subject` is the person's id. `pseudonym` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_subjects_pseudonym(const cloister_subjects *subjects,
                                            cloister_str subject,
                                            cloister_buffer *pseudonym,
                                            cloister_error **error);

// Destroys the key of a person for ever: what was encrypted with it can be read by nobody. CLOISTER_STATUS_NOT_FOUND if
// there is none. cloister_store_erase_subject does this and records it.
CLOISTER_MUST_USE
cloister_status cloister_subjects_destroy(const cloister_subjects *subjects,
                                          cloister_str subject,
                                          cloister_error **error);

// Wipes the keys from memory and frees the object; those in the directory stay. NULL does nothing.
void cloister_subjects_free(cloister_subjects *subjects);

// A NUL-terminated C string as a cloister_str, without copying. {NULL, 0} for NULL.
cloister_str cloister_str_from(const char *text);

// Wipes a buffer, frees it, and makes it empty, so that freeing it twice is safe. NULL does nothing.
void cloister_buffer_free(cloister_buffer *buffer);

// Makes an empty vault. `vault` receives an object owned by the caller.
CLOISTER_MUST_USE cloister_status cloister_vault_new(cloister_vault **vault, cloister_error **error);

// Makes an empty vault with a time to live or another capacity.
//
// `options` may be NULL for the defaults. `vault` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_vault_new_with_options(const cloister_vault_options *options,
                                                cloister_vault **vault,
                                                cloister_error **error);

// Binds a vault to a session for good: each use asks the session's table for "read_phi", about its subject, and for
// "write_phi" where the vault is exported or saved; the vault is wiped when the session ends.
//
// Uses then also return CLOISTER_STATUS_DENIED, which is recorded, CLOISTER_STATUS_CLOSED once the session has ended, and
// CLOISTER_STATUS_BUSY while it is in a chat. The session may be freed before the vault.
CLOISTER_MUST_USE
cloister_status cloister_vault_bind(cloister_vault *vault,
                                    cloister_session *session,
                                    cloister_error **error);

// Replaces the identifiers of `text` by what the vault can put back: placeholders such as "[SSN_1]", or what the policy
// of the scrubber says.
//
// `scrubber` finds them; its style does not matter here. `scrubbed` receives the text, owned by the caller. `findings`,
// which may be NULL, receives what was found in the original, owned by the caller. CLOISTER_STATUS_TOO_LARGE if the
// vault is full.
CLOISTER_MUST_USE
cloister_status cloister_vault_scrub(cloister_vault *vault,
                                     const cloister_scrubber *scrubber,
                                     cloister_str text,
                                     cloister_buffer *scrubbed,
                                     cloister_findings **findings,
                                     cloister_error **error);

// Replaces the identifiers of a text about `subject`, the id of a patient for example.
//
// As cloister_vault_scrub; a policy that moves dates moves all those of one subject alike.
CLOISTER_MUST_USE
cloister_status cloister_vault_scrub_of(cloister_vault *vault,
                                        const cloister_scrubber *scrubber,
                                        cloister_str subject,
                                        cloister_str text,
                                        cloister_buffer *scrubbed,
                                        cloister_findings **findings,
                                        cloister_error **error);

// Puts every value back into a text that holds placeholders or surrogates of this vault, as a model may have changed
// them: another case, other brackets or none, markdown, a genitive.
//
// `restored` receives the text, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_vault_restore(cloister_vault *vault,
                                       cloister_str text,
                                       cloister_buffer *restored,
                                       cloister_error **error);

// How many values a vault remembers. Zero for NULL.
size_t cloister_vault_count(const cloister_vault *vault);

// When a vault expires, in seconds since 1970 (UTC). Zero if it does not, and for NULL.
uint64_t cloister_vault_expires_at(const cloister_vault *vault);

// Gives the vault in an encrypted envelope, from which cloister_vault_import goes on.
//
// `context` may be empty; the import needs the same one again, for example the id of the conversation. `envelope`
// receives the bytes, owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_vault_export(cloister_vault *vault,
                                      const cloister_cipher *cipher,
                                      cloister_bytes context,
                                      cloister_buffer *envelope,
                                      cloister_error **error);

// Makes the vault of an envelope, which goes on with the same placeholders and expires when the first one would have.
//
// CLOISTER_STATUS_DECRYPT for another key or context and for an envelope that was altered; CLOISTER_STATUS_CLOSED if the
// vault has expired. `vault` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_vault_import(const cloister_cipher *cipher,
                                      cloister_bytes envelope,
                                      cloister_bytes context,
                                      cloister_vault **vault,
                                      cloister_error **error);

// Writes the vault to the file at `path`, encrypted, in one step, for its owner alone.
//
// `context` as for cloister_vault_export. CLOISTER_STATUS_BUSY, and nothing is written, if another process has saved to
// the file since this vault was opened or saved.
CLOISTER_MUST_USE
cloister_status cloister_vault_save(cloister_vault *vault,
                                    cloister_str path,
                                    const cloister_cipher *cipher,
                                    cloister_bytes context,
                                    cloister_error **error);

// Opens the file at `path` that cloister_vault_save wrote, and goes on with the same placeholders.
//
// Fails as cloister_vault_import does. `vault` receives an object owned by the caller.
CLOISTER_MUST_USE
cloister_status cloister_vault_open(cloister_str path,
                                    const cloister_cipher *cipher,
                                    cloister_bytes context,
                                    cloister_vault **vault,
                                    cloister_error **error);

// Forgets and wipes every value. A time to live begins anew.
CLOISTER_MUST_USE cloister_status cloister_vault_clear(cloister_vault *vault, cloister_error **error);

// Wipes and frees a vault. NULL does nothing.
void cloister_vault_free(cloister_vault *vault);

// Whether nothing was altered, removed, inserted or reordered. False for NULL.
bool cloister_verification_is_intact(const cloister_verification *verification);

// Whether the log is chained with a key: without one it shows accidents, not an insider who computes it anew.
bool cloister_verification_is_keyed(const cloister_verification *verification);

// How many records were read. Zero for NULL.
uint64_t cloister_verification_records(const cloister_verification *verification);

// How many files were read. Zero for NULL.
uint64_t cloister_verification_files(const cloister_verification *verification);

// What is wrong, one line each with file name and line number, never content; empty if the log is intact.
//
// Borrowed until the verification is freed. NULL for NULL.
const cloister_strings *cloister_verification_problems(const cloister_verification *verification);

// How many lines the last good checkpoint covers. Zero without a public key, and for NULL.
uint64_t cloister_verification_covered(const cloister_verification *verification);

// What this result does not say, in plain words; not a sign that anything is wrong.
//
// Borrowed until the verification is freed. NULL for NULL.
const cloister_strings *cloister_verification_notes(const cloister_verification *verification);

// Frees a verification. NULL does nothing.
void cloister_verification_free(cloister_verification *verification);

// The version of the library that was loaded, for example "0.1.0": NUL-terminated, for as long as the program lives.
const char *cloister_version(void);

// The ABI version of the library that was loaded. A program works with it if it equals CLOISTER_ABI_VERSION.
uint32_t cloister_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// A string literal as a cloister_str.
#ifdef __cplusplus
#define CLOISTER_STR(literal) (cloister_str{"" literal, sizeof("" literal) - 1})
#else
#define CLOISTER_STR(literal) ((cloister_str){"" literal, sizeof("" literal) - 1})
#endif

// What variables begin with.
#define CLOISTER_STR_INIT {NULL, 0}
#define CLOISTER_BYTES_INIT {NULL, 0}
#define CLOISTER_BUFFER_INIT {NULL, 0}
#define CLOISTER_SCANNER_OPTIONS_INIT \
    {sizeof(cloister_scanner_options), 0, 0, CLOISTER_STR_INIT, NULL, 0, NULL, 0, CLOISTER_STR_INIT, \
     CLOISTER_STR_INIT, CLOISTER_STR_INIT, NULL, 0, NULL, 0, CLOISTER_STR_INIT}
#define CLOISTER_SCRUBBER_OPTIONS_INIT \
    {sizeof(cloister_scrubber_options), NULL, 0, 0, CLOISTER_STR_INIT, CLOISTER_BYTES_INIT}
#define CLOISTER_VAULT_OPTIONS_INIT {sizeof(cloister_vault_options), 0, 0}
#define CLOISTER_DETECTOR_OPTIONS_INIT {sizeof(cloister_detector_options), NULL, 0, 0}
#define CLOISTER_AUDIT_OPTIONS_INIT \
    {sizeof(cloister_audit_options), 0, 0, 0, CLOISTER_BYTES_INIT, 0, 0, 0, CLOISTER_STR_INIT, NULL, NULL}
#define CLOISTER_SESSION_OPTIONS_INIT \
    {sizeof(cloister_session_options), NULL, NULL, 0, 0, 0, NULL, NULL, NULL}
#define CLOISTER_AUDIT_EVENT_INIT \
    {sizeof(cloister_audit_event), CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, \
     CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, 0, 0}
#define CLOISTER_AUDIT_QUERY_OPTIONS_INIT \
    {sizeof(cloister_audit_query_options), CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, \
     CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, 0, 0, 0}
#define CLOISTER_ENGINE_OPTIONS_INIT \
    {sizeof(cloister_engine_options), 0, 0, 0, 0, 0, 0, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, \
     CLOISTER_STR_INIT, 0, 0, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, CLOISTER_STR_INIT, 0, 0}
#define CLOISTER_CHAT_OPTIONS_INIT \
    {sizeof(cloister_chat_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, CLOISTER_STR_INIT, 0, 0}
#define CLOISTER_BACKEND_INIT {sizeof(cloister_backend), CLOISTER_STR_INIT, NULL, NULL, NULL}
#define CLOISTER_GUARD_OPTIONS_INIT \
    {sizeof(cloister_guard_options), NULL, NULL, NULL, CLOISTER_STR_INIT, 0, 0, 0, 0, CLOISTER_STR_INIT, \
     CLOISTER_BYTES_INIT}

#endif // CLOISTER_H
