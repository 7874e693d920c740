#ifndef TRIMARAN_ENGINE_BASE_CHECK_H_
#define TRIMARAN_ENGINE_BASE_CHECK_H_

#include <cstddef>
#include <ostream>
#include <type_traits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"

// Assertions about this program itself. They stay on in release builds: a
// replica that has found its own state impossible must stop before it tells
// its peers or its disk. Input from outside is never asserted on; it is
// validated, and answered with a Status.
//
//   TRIMARAN_CHECK(queue.empty()) << "while stopping " << name;
//   TRIMARAN_CHECK_LE(applied, commit) << "group " << group;
//
// Operands are evaluated exactly once, and the streamed message only when the
// check fails. Failing prints "file:line: check failed: expression (left vs.
// right) message" to stderr and aborts. Nothing else in the library aborts.
//
// The comparing forms print both operands: anything with an operator<<, and
// enums as numbers. Integers of different signedness compare by value.
//
// TRIMARAN_DCHECK and its comparing forms are the same in debug builds, or
// where TRIMARAN_DCHECKS is defined. Elsewhere they are compiled and never
// evaluated. Use them only where a profile shows that a check costs something.
//
// Thread: any.

#define TRIMARAN_CHECK(condition)                                          \
  ABSL_PREDICT_TRUE(static_cast<bool>(condition))                          \
  ? static_cast<void>(0)                                                   \
  : ::trimaran::check_internal::Abort() &                                  \
          ::trimaran::check_internal::FailureMessage(                      \
              ::trimaran::check_internal::BeginFailure(__FILE__, __LINE__, \
                                                       #condition))

#define TRIMARAN_CHECK_EQ(a, b) TRIMARAN_CHECK_OP_(Equal, ==, a, b)
#define TRIMARAN_CHECK_NE(a, b) TRIMARAN_CHECK_OP_(NotEqual, !=, a, b)
#define TRIMARAN_CHECK_LT(a, b) TRIMARAN_CHECK_OP_(Less, <, a, b)
#define TRIMARAN_CHECK_LE(a, b) TRIMARAN_CHECK_OP_(LessEqual, <=, a, b)
#define TRIMARAN_CHECK_GT(a, b) TRIMARAN_CHECK_OP_(Greater, >, a, b)
#define TRIMARAN_CHECK_GE(a, b) TRIMARAN_CHECK_OP_(GreaterEqual, >=, a, b)

#if !defined(NDEBUG) || defined(TRIMARAN_DCHECKS)
#define TRIMARAN_DCHECK_IS_ON 1
#define TRIMARAN_DCHECK_GUARD_
#else
#define TRIMARAN_DCHECK_IS_ON 0
#define TRIMARAN_DCHECK_GUARD_ while (false)
#endif

#define TRIMARAN_DCHECK(condition) \
  TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK(condition)
#define TRIMARAN_DCHECK_EQ(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_EQ(a, b)
#define TRIMARAN_DCHECK_NE(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_NE(a, b)
#define TRIMARAN_DCHECK_LT(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_LT(a, b)
#define TRIMARAN_DCHECK_LE(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_LE(a, b)
#define TRIMARAN_DCHECK_GT(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_GT(a, b)
#define TRIMARAN_DCHECK_GE(a, b) TRIMARAN_DCHECK_GUARD_ TRIMARAN_CHECK_GE(a, b)

// Everything below is for the macros only.

// A loop rather than an if, so that an else behind the macro still belongs to
// the caller's own if. It never runs twice: its body does not return.
#define TRIMARAN_CHECK_OP_(comparison, op, a, b)                   \
  while (::std::ostream* trimaran_check_failure =                  \
             ::trimaran::check_internal::CheckOp<                  \
                 ::trimaran::check_internal::comparison>(          \
                 (a), (b), __FILE__, __LINE__, #a " " #op " " #b)) \
  ::trimaran::check_internal::Abort() &                            \
      ::trimaran::check_internal::FailureMessage(trimaran_check_failure)

namespace trimaran::check_internal {

// Starts a message. This and all that follows it is cold and out of line, and
// takes what it can by value: a reference would have the fast path keep its
// operands in memory. So a check costs its caller one branch. The stream is
// never freed, since the process ends.
ABSL_ATTRIBUTE_COLD ABSL_ATTRIBUTE_NOINLINE ABSL_ATTRIBUTE_RETURNS_NONNULL
    std::ostream*
    BeginFailure(const char* file, int line, const char* expression);

template <typename T>
using Operand =
    std::conditional_t<std::is_trivially_copyable_v<T> && !std::is_array_v<T> &&
                           sizeof(T) <= sizeof(void*),
                       T, const T&>;

template <typename T>
ABSL_ATTRIBUTE_COLD ABSL_ATTRIBUTE_NOINLINE void Append(std::ostream* stream,
                                                        Operand<T> value) {
  *stream << value;
}

class FailureMessage {
 public:
  explicit FailureMessage(std::ostream* stream) : stream_(stream) {}

  template <typename T>
  ABSL_ATTRIBUTE_ALWAYS_INLINE FailureMessage& operator<<(const T& value) {
    Append<T>(stream_, value);
    return *this;
  }
  // One function for literals of every length.
  FailureMessage& operator<<(const char* text) {
    Append<const char*>(stream_, text);
    return *this;
  }

  std::ostream* stream() const { return stream_; }

 private:
  std::ostream* stream_;
};

// An operator of lower precedence than <<, so that it receives the whole
// message.
struct Abort {};
[[noreturn]] ABSL_ATTRIBUTE_COLD void operator&(Abort, FailureMessage message);

template <typename T>
inline constexpr bool kIsCharacter =
    std::is_same_v<T, char> || std::is_same_v<T, signed char> ||
    std::is_same_v<T, unsigned char>;

// The types that std::cmp_equal and its kin accept.
template <typename T>
inline constexpr bool kIsInteger =
    std::is_integral_v<T> && !std::is_same_v<T, bool> &&
    !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t> &&
    !std::is_same_v<T, char8_t> && !std::is_same_v<T, char16_t> &&
    !std::is_same_v<T, char32_t>;

#define TRIMARAN_CHECK_COMPARISON_(Name, op, std_function) \
  struct Name {                                            \
    template <typename A, typename B>                      \
    static constexpr bool Holds(const A& a, const B& b) {  \
      if constexpr (kIsInteger<A> && kIsInteger<B>) {      \
        return std_function(a, b);                         \
      } else {                                             \
        return static_cast<bool>(a op b);                  \
      }                                                    \
    }                                                      \
  };
TRIMARAN_CHECK_COMPARISON_(Equal, ==, std::cmp_equal)
TRIMARAN_CHECK_COMPARISON_(NotEqual, !=, std::cmp_not_equal)
TRIMARAN_CHECK_COMPARISON_(Less, <, std::cmp_less)
TRIMARAN_CHECK_COMPARISON_(LessEqual, <=, std::cmp_less_equal)
TRIMARAN_CHECK_COMPARISON_(Greater, >, std::cmp_greater)
TRIMARAN_CHECK_COMPARISON_(GreaterEqual, >=, std::cmp_greater_equal)
#undef TRIMARAN_CHECK_COMPARISON_

template <typename T>
void PrintOperand(std::ostream& out, const T& value) {
  if constexpr (kIsCharacter<T>) {
    out << static_cast<int>(value);
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else {
    static_assert(std::is_enum_v<T>, "the operand of a check needs operator<<");
    out << +static_cast<std::underlying_type_t<T>>(value);
  }
}

template <typename A, typename B>
ABSL_ATTRIBUTE_COLD ABSL_ATTRIBUTE_NOINLINE ABSL_ATTRIBUTE_RETURNS_NONNULL
    std::ostream*
    BeginOpFailure(Operand<A> a, Operand<B> b, const char* file, int line,
                   const char* expression) {
  std::ostream* out = BeginFailure(file, line, expression);
  *out << '(';
  PrintOperand(*out, a);
  *out << " vs. ";
  PrintOperand(*out, b);
  *out << ") ";
  return out;
}

// Null when the comparison holds.
template <typename Comparison, typename A, typename B>
inline std::ostream* CheckOp(const A& a, const B& b, const char* file, int line,
                             const char* expression) {
  if (ABSL_PREDICT_TRUE(Comparison::Holds(a, b))) return nullptr;
  return BeginOpFailure<A, B>(a, b, file, line, expression);
}

}  // namespace trimaran::check_internal

#endif  // TRIMARAN_ENGINE_BASE_CHECK_H_
