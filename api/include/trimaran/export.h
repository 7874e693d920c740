#ifndef TRIMARAN_EXPORT_H_
#define TRIMARAN_EXPORT_H_

// Marks what users of the shared library can reach: everything that is declared
// in the headers beside this one and defined in the library. Also for C.
#if defined(__GNUC__)
#define TRIMARAN_EXPORT __attribute__((visibility("default")))
#else
#define TRIMARAN_EXPORT
#endif

#endif  // TRIMARAN_EXPORT_H_
