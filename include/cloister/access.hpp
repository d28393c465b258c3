// Who may do what.
#ifndef CLOISTER_ACCESS_HPP
#define CLOISTER_ACCESS_HPP

#include <cloister/detail.hpp>

namespace cloister {

// An answer of a table, and the name of its reason as it stands in records.
struct decision {
    bool allowed;
    std::string reason;
};

// Users, roles and their permissions; what is not granted is denied. Any number of threads may use one table at once.
class access {
public:
    access()
        : handle_(detail::make<cloister_access, cloister_access_free>(
              [](cloister_access **made, cloister_error **failure) { return cloister_access_new(made, failure); })) {}

    // The table of a text, TOML or JSON. Throws CLOISTER_STATUS_INVALID_ARGUMENT with the number of the line.
    static access parse(std::string_view text) {
        return access(detail::make<cloister_access, cloister_access_free>(
            [&](cloister_access **made, cloister_error **failure) {
                return cloister_access_parse(detail::view(text), made, failure);
            }));
    }

    // Adds or replaces a role.
    void add_role(std::string_view role, const std::vector<std::string> &permissions) const {
        const std::vector<cloister_str> names = detail::views(permissions);
        detail::check([&](cloister_error **failure) {
            return cloister_access_add_role(handle_.get(), detail::view(role), names.data(), names.size(), failure);
        });
    }

    // As add_role, with the permissions of other roles as well.
    void add_role(std::string_view role, const std::vector<std::string> &permissions,
                  const std::vector<std::string> &inherited) const {
        const std::vector<cloister_str> names = detail::views(permissions), parents = detail::views(inherited);
        detail::check([&](cloister_error **failure) {
            return cloister_access_add_role_inheriting(handle_.get(), detail::view(role), names.data(), names.size(),
                                                       parents.data(), parents.size(), failure);
        });
    }

    // Gives a user a role; from the first one on nobody else gets in. Throws CLOISTER_STATUS_DENIED where the separation
    // of duty forbids it.
    void assign(std::string_view user, std::string_view role) const {
        detail::check([&](cloister_error **failure) {
            return cloister_access_assign(handle_.get(), detail::view(user), detail::view(role), failure);
        });
    }

    // Throws CLOISTER_STATUS_NOT_FOUND if the user does not have the role.
    void unassign(std::string_view user, std::string_view role) const {
        detail::check([&](cloister_error **failure) {
            return cloister_access_unassign(handle_.get(), detail::view(user), detail::view(role), failure);
        });
    }

    // Lets roles exclude each other.
    void separate(const std::vector<std::string> &roles) const {
        const std::vector<cloister_str> names = detail::views(roles);
        detail::check([&](cloister_error **failure) {
            return cloister_access_separate(handle_.get(), names.data(), names.size(), failure);
        });
    }

    // Whether a user who acts in a role may do what `permission` names, and why.
    decision decide(std::string_view user, std::string_view role, std::string_view permission) const {
        bool allowed = false;
        cloister_str reason = CLOISTER_STR_INIT;
        detail::check([&](cloister_error **failure) {
            return cloister_access_decide(handle_.get(), detail::view(user), detail::view(role),
                                          detail::view(permission), &allowed, &reason, failure);
        });
        return {allowed, detail::copy(reason)};
    }

    std::vector<std::string> users() const {
        const auto found = detail::make<cloister_strings, cloister_strings_free>(
            [&](cloister_strings **made, cloister_error **failure) {
                return cloister_access_users(handle_.get(), made, failure);
            });
        return detail::copy(found.get());
    }

    std::vector<std::string> roles_of(std::string_view user) const {
        const auto found = detail::make<cloister_strings, cloister_strings_free>(
            [&](cloister_strings **made, cloister_error **failure) {
                return cloister_access_roles_of(handle_.get(), detail::view(user), made, failure);
            });
        return detail::copy(found.get());
    }

    // Throws CLOISTER_STATUS_NOT_FOUND if there is no role of that name.
    void remove_role(std::string_view role) const {
        detail::check([&](cloister_error **failure) {
            return cloister_access_remove_role(handle_.get(), detail::view(role), failure);
        });
    }

    bool has_permission(std::string_view role, std::string_view permission) const noexcept {
        return cloister_access_has_permission(handle_.get(), detail::view(role), detail::view(permission));
    }

    // Throws CLOISTER_STATUS_DENIED unless the role has the permission.
    void require(std::string_view role, std::string_view permission) const {
        detail::check([&](cloister_error **failure) {
            return cloister_access_require(handle_.get(), detail::view(role), detail::view(permission), failure);
        });
    }

    std::vector<std::string> roles() const {
        const auto found = detail::make<cloister_strings, cloister_strings_free>(
            [&](cloister_strings **made, cloister_error **failure) {
                return cloister_access_roles(handle_.get(), made, failure);
            });
        return detail::copy(found.get());
    }

    // Throws CLOISTER_STATUS_NOT_FOUND for an unknown role.
    std::vector<std::string> permissions(std::string_view role) const {
        const auto found = detail::make<cloister_strings, cloister_strings_free>(
            [&](cloister_strings **made, cloister_error **failure) {
                return cloister_access_permissions(handle_.get(), detail::view(role), made, failure);
            });
        return detail::copy(found.get());
    }

    const cloister_access *get() const noexcept { return handle_.get(); }

private:
    explicit access(detail::handle<cloister_access, cloister_access_free> handle) : handle_(std::move(handle)) {}

    detail::handle<cloister_access, cloister_access_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_ACCESS_HPP
