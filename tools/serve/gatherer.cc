#include "tools/serve/gatherer.h"

#include "tools/serve/carry_out.h"

namespace trimaran::serve {
namespace {

// One write of it all must not become too large.
constexpr size_t kBytesMax = size_t{1} << 20;
constexpr size_t kWordsMax = 20'000;

}  // namespace

void Gatherer::Add(PendingJob job) {
  const JobSize size = SizeOf(job.job);
  bytes_ += size.bytes;
  words_ += size.words;
  jobs_.push_back(std::move(job));
  if (bytes_ > kBytesMax || words_ > kWordsMax) {
    BeginAll();
  } else if (!std::exchange(about_to_, true)) {
    loop_.AtEndOfTurn([this] {
      about_to_ = false;
      BeginAll();
    });
  }
}

void Gatherer::BeginAll() {
  if (jobs_.empty()) return;
  std::vector<PendingJob> jobs;
  jobs.swap(jobs_);
  bytes_ = 0;
  words_ = 0;
  begin_(std::move(jobs));
}

}  // namespace trimaran::serve
