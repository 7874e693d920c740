#ifndef TRIMARAN_TOOLS_SERVE_KEY_SPAN_H_
#define TRIMARAN_TOOLS_SERVE_KEY_SPAN_H_

#include <string_view>
#include <vector>

#include "tools/serve/answers.h"

namespace trimaran::serve {

// The first and the last key that jobs name, as long as these live.
struct KeySpan {
  std::string_view first;
  std::string_view last;
};

// Thread: any.
KeySpan SpanOf(const std::vector<PendingJob>& jobs);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_KEY_SPAN_H_
