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

    cloister_access_free(access);
    return 0;
}
