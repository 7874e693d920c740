#include "tools/serve/key_span.h"

#include <algorithm>

namespace trimaran::serve {

KeySpan SpanOf(const std::vector<PendingJob>& jobs) {
  KeySpan span;
  bool empty = true;
  const auto widen = [&span, &empty](std::string_view key) {
    span.first = empty ? key : std::min(span.first, key);
    span.last = empty ? key : std::max(span.last, key);
    empty = false;
  };
  for (const PendingJob& pending : jobs) {
    for (const WatchedKey& each : pending.job.watched) widen(each.key);
    for (const KnownCommand& each : pending.job.commands) {
      VisitKeys(*each.spec, each.command, widen);
    }
  }
  return span;
}

}  // namespace trimaran::serve
