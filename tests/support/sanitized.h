#ifndef TRIMARAN_TESTS_SUPPORT_SANITIZED_H_
#define TRIMARAN_TESTS_SUPPORT_SANITIZED_H_

namespace trimaran {

// Whether a sanitizer watches the program, which then takes a multiple of the
// memory that it takes by itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Whether that is ThreadSanitizer, for which each word that an uninstrumented
// library copies from one thread's memory to another's is a race to be looked
// into, and then left out: megabytes of them take minutes.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_SUPPORT_SANITIZED_H_
