// The C++17 interface of Cloister: move-only classes over the handles of cloister.h, exceptions for status codes.
//
// A method is const exactly where the C parameter is: const methods may be called by any number of threads at once. Text
// goes in as std::string_view and comes out as std::string. Every function may throw cloister::error.
#ifndef CLOISTER_HPP
#define CLOISTER_HPP

#include <cloister/access.hpp>
#include <cloister/attest.hpp>
#include <cloister/audit.hpp>
#include <cloister/backend.hpp>
#include <cloister/chat.hpp>
#include <cloister/cipher.hpp>
#include <cloister/detail.hpp>
#include <cloister/detector.hpp>
#include <cloister/doctor.hpp>
#include <cloister/engine.hpp>
#include <cloister/findings.hpp>
#include <cloister/guard.hpp>
#include <cloister/keyring.hpp>
#include <cloister/scrubber.hpp>
#include <cloister/session.hpp>
#include <cloister/store.hpp>
#include <cloister/subjects.hpp>

#endif // CLOISTER_HPP
