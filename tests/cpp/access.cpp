// Roles and permissions: what is not granted is denied.
#include "check.hpp"

int main() {
    const cloister::access access;
    access.add_role("physician", {"read_phi", "write_phi"});
    access.add_role("visitor", {});
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, access.add_role("", {}));

    CHECK(access.has_permission("physician", "read_phi"));
    CHECK(!access.has_permission("visitor", "read_phi"));
    access.require("physician", "write_phi");
    THROWS(CLOISTER_STATUS_DENIED, access.require("visitor", "read_phi"));
    THROWS(CLOISTER_STATUS_DENIED, access.require("nobody", "read_phi"));

    CHECK(access.roles().size() == 2);
    CHECK((access.permissions("physician") == std::vector<std::string>{"read_phi", "write_phi"}));
    THROWS(CLOISTER_STATUS_NOT_FOUND, access.permissions("nobody"));

    access.remove_role("physician");
    THROWS(CLOISTER_STATUS_NOT_FOUND, access.remove_role("physician"));
    CHECK(!access.has_permission("physician", "read_phi"));

    access.add_role("nurse", {"read_phi@clinic/ward-7"});
    access.add_role("chief", {}, {"nurse", "visitor"});
    CHECK(access.has_permission("chief", "read_phi@clinic/ward-7/bed-2"));
    THROWS(CLOISTER_STATUS_DENIED, access.separate({"nurse", "visitor"}));
    access.remove_role("chief");
    access.separate({"nurse", "visitor"});
    access.assign("kim", "nurse");
    THROWS(CLOISTER_STATUS_DENIED, access.assign("kim", "visitor"));
    CHECK(access.decide("kim", "nurse", "read_phi@clinic/ward-7").allowed);
    CHECK(access.decide("kim", "nurse", "read_phi").reason == "out_of_scope");
    CHECK(access.decide("eve", "nurse", "read_phi").reason == "unknown_user");
    CHECK(access.users() == std::vector<std::string>{"kim"});
    CHECK(access.roles_of("kim") == std::vector<std::string>{"nurse"});
    access.unassign("kim", "nurse");
    THROWS(CLOISTER_STATUS_NOT_FOUND, access.unassign("kim", "nurse"));

    const cloister::access written =
        cloister::access::parse("[roles.nurse]\npermissions = [\"read_phi@patient:17\"]\n[users]\nkim = [\"nurse\"]\n");
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister::access::parse("[roles"));
    cloister::session_options options;
    options.access = &written;
    cloister::session kim("kim", "nurse", options);
    THROWS(CLOISTER_STATUS_DENIED, kim.restore("[SSN_1]"));
    kim.set_subject("patient:17");
    cloister::vault vault;
    CHECK(vault.scrub(cloister::scrubber(), "SSN 123-45-6789").text == "SSN [SSN_1]");
    vault.bind(kim);
    CHECK(vault.restore("[SSN_1]") == "123-45-6789");
    THROWS(CLOISTER_STATUS_DENIED, vault.seal(cloister::cipher::from_bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA")));
    kim.end();
    THROWS(CLOISTER_STATUS_CLOSED, vault.restore("[SSN_1]"));
    return 0;
}
