#include "tools/serve/answers.h"

#include <utility>

namespace trimaran::serve {
namespace {

// What is worth waking somebody for.
constexpr size_t kBytesMax = size_t{256} << 10;

}  // namespace

void Answers::Add(PendingJob& job, JobResult result) {
  bytes_ += result.replies.size();
  answers_.push_back({std::move(job.done), std::move(result)});
  if (bytes_ > kBytesMax) Flush();
}

void Answers::Flush() {
  bytes_ = 0;
  if (answers_.empty()) return;
  std::vector<AnsweredJob> answers;
  answers.swap(answers_);
  port_.Deliver(std::move(answers));
}

}  // namespace trimaran::serve
