// Roles and permissions: what is not granted is denied.
#include "check.h"

int main(void) {
    cloister_access *access = NULL;
    OK(cloister_access_new(&access, &error));

    const cloister_str physician[] = {CLOISTER_STR("read_phi"), CLOISTER_STR("write_phi")};
    OK(cloister_access_add_role(access, CLOISTER_STR("physician"), physician, 2, &error));
    OK(cloister_access_add_role(access, CLOISTER_STR("visitor"), NULL, 0, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_access_add_role(access, CLOISTER_STR(""), NULL, 0, &error));

    CHECK(cloister_access_has_permission(access, CLOISTER_STR("physician"), CLOISTER_STR("read_phi")));
    CHECK(!cloister_access_has_permission(access, CLOISTER_STR("visitor"), CLOISTER_STR("read_phi")));
    CHECK(!cloister_access_has_permission(access, CLOISTER_STR("nobody"), CLOISTER_STR("read_phi")));

    OK(cloister_access_require(access, CLOISTER_STR("physician"), CLOISTER_STR("write_phi"), &error));
    FAILS(CLOISTER_STATUS_DENIED,
          cloister_access_require(access, CLOISTER_STR("visitor"), CLOISTER_STR("read_phi"), &error));
    FAILS(CLOISTER_STATUS_DENIED,
          cloister_access_require(access, CLOISTER_STR("nobody"), CLOISTER_STR("read_phi"), &error));

    cloister_strings *names = NULL;
    OK(cloister_access_roles(access, &names, &error));
    CHECK(cloister_strings_count(names) == 2);
    cloister_strings_free(names);

    OK(cloister_access_permissions(access, CLOISTER_STR("physician"), &names, &error));
    CHECK(cloister_strings_count(names) == 2);
    CHECK(is(cloister_strings_at(names, 0), "read_phi"));
    CHECK(cloister_strings_at(names, 2).len == 0);
    cloister_strings_free(names);
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_access_permissions(access, CLOISTER_STR("nobody"), &names, &error));

    OK(cloister_access_remove_role(access, CLOISTER_STR("physician"), &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_access_remove_role(access, CLOISTER_STR("physician"), &error));
    CHECK(!cloister_access_has_permission(access, CLOISTER_STR("physician"), CLOISTER_STR("read_phi")));

    // A role has the permissions of those that it inherits from, and one within a scope holds there and below.
    const cloister_str ward[] = {CLOISTER_STR("read_phi@clinic/ward-7")};
    const cloister_str parents[] = {CLOISTER_STR("visitor"), CLOISTER_STR("nurse")};
    OK(cloister_access_add_role(access, CLOISTER_STR("nurse"), ward, 1, &error));
    OK(cloister_access_add_role_inheriting(access, CLOISTER_STR("chief"), NULL, 0, parents, 2, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_access_add_role_inheriting(access, CLOISTER_STR("nurse"), NULL, 0, (cloister_str[]){CLOISTER_STR("chief")}, 1,
                                              &error));
    CHECK(cloister_access_has_permission(access, CLOISTER_STR("chief"), CLOISTER_STR("read_phi@clinic/ward-7/bed-2")));
    CHECK(!cloister_access_has_permission(access, CLOISTER_STR("chief"), CLOISTER_STR("read_phi@clinic/ward-70")));

    // Once there are users, nobody else gets in; and duties that are kept apart never meet.
    const cloister_str apart[] = {CLOISTER_STR("nurse"), CLOISTER_STR("visitor")};
    FAILS(CLOISTER_STATUS_DENIED, cloister_access_separate(access, apart, 2, &error));
    OK(cloister_access_remove_role(access, CLOISTER_STR("chief"), &error));
    OK(cloister_access_separate(access, apart, 2, &error));
    OK(cloister_access_assign(access, CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_access_assign(access, CLOISTER_STR("kim"), CLOISTER_STR("visitor"), &error));
    bool allowed = false;
    cloister_str reason = CLOISTER_STR_INIT;
    OK(cloister_access_decide(access, CLOISTER_STR("kim"), CLOISTER_STR("nurse"), CLOISTER_STR("read_phi@clinic/ward-7"),
                              &allowed, &reason, &error));
    CHECK(allowed && is(reason, "granted"));
    OK(cloister_access_decide(access, CLOISTER_STR("eve"), CLOISTER_STR("nurse"), CLOISTER_STR("read_phi@clinic/ward-7"),
                              &allowed, &reason, &error));
    CHECK(!allowed && is(reason, "unknown_user"));
    OK(cloister_access_users(access, &names, &error));
    CHECK(cloister_strings_count(names) == 1 && is(cloister_strings_at(names, 0), "kim"));
    cloister_strings_free(names);
    OK(cloister_access_roles_of(access, CLOISTER_STR("kim"), &names, &error));
    CHECK(cloister_strings_count(names) == 1 && is(cloister_strings_at(names, 0), "nurse"));
    cloister_strings_free(names);
    OK(cloister_access_unassign(access, CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_access_unassign(access, CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &error));

    cloister_access_free(access);

    // A table may come from a text.
    OK(cloister_access_parse(CLOISTER_STR("[roles.nurse]\npermissions = [\"read_phi@patient:17\"]\n[users]\nkim = [\"nurse\"]\n"),
                             &access, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_access_parse(CLOISTER_STR("[roles"), &access, &error));

    // What concerns a person is asked for about that person.
    cloister_session_options options = CLOISTER_SESSION_OPTIONS_INIT;
    options.access = access;
    cloister_session *kim = NULL;
    OK(cloister_session_new_with_options(CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &options, &kim, &error));
    cloister_buffer text = CLOISTER_BUFFER_INIT;
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_restore(kim, CLOISTER_STR("[NAME_1]"), &text, &error));
    OK(cloister_session_set_subject(kim, CLOISTER_STR("patient:18"), &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_restore(kim, CLOISTER_STR("[NAME_1]"), &text, &error));
    OK(cloister_session_set_subject(kim, CLOISTER_STR("patient:17"), &error));
    OK(cloister_session_restore(kim, CLOISTER_STR("[NAME_1]"), &text, &error));
    cloister_buffer_free(&text);

    // A vault that is bound to a session asks it, and is wiped with it.
    cloister_vault *vault = NULL;
    cloister_scrubber *scrubber = NULL;
    OK(cloister_vault_new(&vault, &error));
    OK(cloister_scrubber_new(NULL, &scrubber, &error));
    OK(cloister_vault_scrub(vault, scrubber, CLOISTER_STR("SSN 123-45-6789"), &text, NULL, &error));
    cloister_buffer_free(&text);
    OK(cloister_vault_bind(vault, kim, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_vault_bind(vault, kim, &error));
    OK(cloister_vault_restore(vault, CLOISTER_STR("[SSN_1]"), &text, &error));
    CHECK(contains(held(&text), "123-45-6789"));
    cloister_buffer_free(&text);
    const uint8_t bytes[32] = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1Pm";
    const cloister_bytes key = {bytes, sizeof bytes}, context = {NULL, 0};
    cloister_cipher *cipher = NULL;
    OK(cloister_cipher_new(key, &cipher, &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_vault_export(vault, cipher, context, &text, &error));
    OK(cloister_access_remove_role(access, CLOISTER_STR("nurse"), &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_vault_restore(vault, CLOISTER_STR("[SSN_1]"), &text, &error));
    cloister_session_free(kim);
    FAILS(CLOISTER_STATUS_CLOSED, cloister_vault_restore(vault, CLOISTER_STR("[SSN_1]"), &text, &error));
    OK(cloister_vault_clear(vault, &error));
    CHECK(cloister_vault_count(vault) == 0);

    cloister_cipher_free(cipher);
    cloister_scrubber_free(scrubber);
    cloister_vault_free(vault);
    cloister_access_free(access);
    return 0;
}
