#ifndef TRIMARAN_C_H_
#define TRIMARAN_C_H_

// The library for programs in C (from C99 on), and for all languages that call
// C. What an operation does, promises and costs is said in the headers for C++
// (trimaran/db.h and those beside it); here is what differs. Not in C: how many
// rows and bytes a backup has, the place of a comparison and the rows of each
// digest, looking into a batch, a transaction or a range that was made, the
// name of a role. Only in C: the status as JSON.
//
// Handles: every object is behind a pointer, and is made and freed by functions
// of its type. Each xxx_free takes NULL too. Setters never fail: what was wrong
// (a NULL, no memory) is told by the call that the object is used for.
//
// NULL: options may be NULL, which means the defaults, and so may every place
// for a result that says so. A text that is set as an option, or that is the
// name or address of a member, may be NULL, which is the empty one. A call that
// gets NULL elsewhere returns TRIMARAN_INVALID_ARGUMENT and does nothing; a
// function that cannot return an error then returns 0, false, NULL, or an empty
// text. xxx_create returns NULL if there is no memory.
//
// Bytes: keys, values, and the ends of ranges are a pointer and a size, and
// hold any bytes; the pointer may be NULL if the size is 0. They are copied, or
// used until the call returns, and no longer. `char*` without a size is a text
// that ends with a zero byte.
//
// Results: what is returned through a `**` belongs to the caller, who gives it
// back with xxx_free, or with trimaran_free where it is plain memory. A `const`
// pointer that a function returns belongs to the object that was asked, and is
// valid until that is freed or changed.
//
// Errors: a call that can fail returns a trimaran_code; TRIMARAN_OK is 0. Its
// last parameter is the place for an error object with everything else
// (trimaran/c/types.h), or NULL for somebody who does not want to know. The
// place is written always, with NULL for success, so that it need not be set
// before, and must not hold an error that was not freed. After an error,
// results that are handles or memory are NULL, and all others as they were.
//
// Threads: a trimaran_db, a trimaran_network, and all functions without a
// handle may be used by any threads at the same time; trimaran_watcher_cancel
// and trimaran_watcher_next_index too. Of every other object, one thread at a
// time may change it, or several look at it while nobody does. Nobody may be in
// a call with an object that is freed.
//
// Stability: within a major version of the library (while that is 0, within a
// minor one) no function goes or changes, no value of a constant changes, and
// trimaran_bytes and trimaran_place stay as they are. Functions and constants
// may be added: be ready for a code, or a kind of change, that is not listed.

#include "trimaran/c/admin.h"
#include "trimaran/c/batch.h"
#include "trimaran/c/db.h"
#include "trimaran/c/options.h"
#include "trimaran/c/scan.h"
#include "trimaran/c/types.h"
#include "trimaran/c/watch.h"
#include "trimaran/version.h"

#endif  // TRIMARAN_C_H_
