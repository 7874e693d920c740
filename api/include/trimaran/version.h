#ifndef TRIMARAN_VERSION_H_
#define TRIMARAN_VERSION_H_

#include "trimaran/export.h"

// The version of these headers, which is that of the project: CMakeLists.txt
// reads it here. Semantic versioning. While the major number is 0, another
// minor number may change any interface, and the shared library carries both in
// its name. Also for C.
#define TRIMARAN_VERSION_MAJOR 0
#define TRIMARAN_VERSION_MINOR 1
#define TRIMARAN_VERSION_PATCH 0

// For comparisons: 1.2.3 is 1002003.
#define TRIMARAN_VERSION_NUMBER                                       \
  (TRIMARAN_VERSION_MAJOR * 1000000 + TRIMARAN_VERSION_MINOR * 1000 + \
   TRIMARAN_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

// The version of the library that the program is linked with, or has loaded:
// TRIMARAN_VERSION_NUMBER as it was there, and "major.minor.patch".
//
// Thread: any.
TRIMARAN_EXPORT int trimaran_version_number(void);
TRIMARAN_EXPORT const char* trimaran_version(void);

#ifdef __cplusplus
}
#endif

#endif  // TRIMARAN_VERSION_H_
