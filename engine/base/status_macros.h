#ifndef TRIMARAN_ENGINE_BASE_STATUS_MACROS_H_
#define TRIMARAN_ENGINE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Early returns for functions whose result is an absl::Status or an
// absl::StatusOr. The expression is evaluated once; an error is passed on
// unchanged, with its payloads.
//
// Thread: any.

// Evaluates an absl::Status and returns it unless it is OK.
//
//   TRIMARAN_RETURN_IF_ERROR(log.Append(entries));
#define TRIMARAN_RETURN_IF_ERROR(...) \
  TRIMARAN_RETURN_IF_ERROR_IMPL_(     \
      TRIMARAN_STATUS_NAME_(trimaran_status_, __COUNTER__), __VA_ARGS__)

// Evaluates an absl::StatusOr and returns its error, or moves its value into
// `lhs`, which is a variable or the declaration of one:
//
//   TRIMARAN_ASSIGN_OR_RETURN(const Term term, log.TermAt(index));
//
// A declaration lives on in the enclosing scope, so that this macro is two
// statements: it cannot be the body of an unbraced if. `lhs` holds no comma
// outside parentheses; name a type such as std::map<K, V> by an alias.
#define TRIMARAN_ASSIGN_OR_RETURN(lhs, ...) \
  TRIMARAN_ASSIGN_OR_RETURN_IMPL_(          \
      TRIMARAN_STATUS_NAME_(trimaran_value_, __COUNTER__), lhs, __VA_ARGS__)

// The names are numbered, so that a use inside a lambda in the expression of
// another use shadows nothing.
#define TRIMARAN_STATUS_NAME_(prefix, number) \
  TRIMARAN_STATUS_NAME_CONCAT_(prefix, number)
#define TRIMARAN_STATUS_NAME_CONCAT_(prefix, number) prefix##number

#define TRIMARAN_RETURN_IF_ERROR_IMPL_(name, ...)                              \
  do {                                                                         \
    if (::absl::Status name = (__VA_ARGS__); ABSL_PREDICT_FALSE(!name.ok())) { \
      return name;                                                             \
    }                                                                          \
  } while (false)

#define TRIMARAN_ASSIGN_OR_RETURN_IMPL_(name, lhs, ...) \
  auto name = (__VA_ARGS__);                            \
  if (ABSL_PREDICT_FALSE(!name.ok())) {                 \
    return ::std::move(name).status();                  \
  }                                                     \
  lhs = *::std::move(name)

#endif  // TRIMARAN_ENGINE_BASE_STATUS_MACROS_H_
