#ifndef TRIMARAN_TOOLS_SERVE_ANSWERS_H_
#define TRIMARAN_TOOLS_SERVE_ANSWERS_H_

#include <cstddef>
#include <vector>

#include "tools/serve/job.h"

namespace trimaran::serve {

struct PendingJob {
  Job job;
  JobDone done;
};

struct AnsweredJob {
  JobDone done;
  JobResult result;
};

// Where answers go.
//
// Thread: any.
class AnswerPort {
 public:
  virtual ~AnswerPort() = default;
  // Has `done` of each called, on the thread that has submitted the jobs. Does
  // not wait.
  virtual void Deliver(std::vector<AnsweredJob> answers) = 0;
};

// The answers of a round, which go to the loop together, so that it is woken
// once for all of them. Those that are large go before.
//
// Thread: owner.
class Answers {
 public:
  // `port` outlives this.
  explicit Answers(AnswerPort& port) : port_(port) {}
  // As Flush does.
  ~Answers() { Flush(); }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  void Add(PendingJob& job, JobResult result);
  // Whoever is in it waits no longer.
  void Flush();

 private:
  AnswerPort& port_;
  std::vector<AnsweredJob> answers_;
  size_t bytes_ = 0;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_ANSWERS_H_
