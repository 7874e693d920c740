#ifndef TRIMARAN_ENGINE_WT_WIREDTIGER_TYPES_H_
#define TRIMARAN_ENGINE_WT_WIREDTIGER_TYPES_H_

// WiredTiger's handles by name. Its own header is included by the sources of
// this folder only, so that nobody else can call it.

// NOLINTBEGIN(bugprone-reserved-identifier): the names are WiredTiger's.
struct __wt_connection;
struct __wt_cursor;
struct __wt_session;
// NOLINTEND(bugprone-reserved-identifier)

namespace trimaran::wt {

using RawConnection = __wt_connection;
using RawCursor = __wt_cursor;
using RawSession = __wt_session;

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_WIREDTIGER_TYPES_H_
