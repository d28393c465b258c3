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
    return 0;
}
