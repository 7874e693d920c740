#ifndef TRIMARAN_TOOLS_SERVE_SCAN_CALL_H_
#define TRIMARAN_TOOLS_SERVE_SCAN_CALL_H_

#include <cstddef>

#include "tools/serve/command.h"
#include "tools/serve/cursor_table.h"
#include "tools/serve/reply.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// A command that walks over rows, on a thread where it may wait.
struct ScanCall {
  const Command& command;
  DB& db;
  ReadOptions read;
  CursorTable& cursors;
  Reply& reply;
  size_t reply_bytes_max = 0;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SCAN_CALL_H_
