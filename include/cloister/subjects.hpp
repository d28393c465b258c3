// One key for each person: erasing a person is destroying a key.
#ifndef CLOISTER_SUBJECTS_HPP
#define CLOISTER_SUBJECTS_HPP

#include <cloister/detail.hpp>

namespace cloister {

// The keys of persons in a directory. Any number of threads, and several processes, may use one directory at once.
class subjects {
public:
    // `master` is a key of 32 bytes.
    subjects(std::string_view directory, std::string_view master)
        : handle_(detail::make<cloister_subjects, cloister_subjects_free>(
              [&](cloister_subjects **made, cloister_error **failure) {
                  return cloister_subjects_new(detail::view(directory), detail::bytes(master), made, failure);
              })) {}

    std::string pseudonym(std::string_view subject) const {
        return detail::text([&](cloister_buffer *pseudonym, cloister_error **failure) {
            return cloister_subjects_pseudonym(handle_.get(), detail::view(subject), pseudonym, failure);
        });
    }

    // Throws CLOISTER_STATUS_NOT_FOUND if the person has no key.
    void destroy(std::string_view subject) const {
        detail::check([&](cloister_error **failure) {
            return cloister_subjects_destroy(handle_.get(), detail::view(subject), failure);
        });
    }

    const cloister_subjects *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_subjects, cloister_subjects_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_SUBJECTS_HPP
