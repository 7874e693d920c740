#include "tests/serve/talker.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "tools/serve/resp_parser.h"

namespace trimaran::serve {

SmallServer::SmallServer() {
  Options options;
  options.cache_bytes = 8 << 20;
  options.log_segment_bytes = 256 << 10;
  options.watch_bytes_max = 256 << 10;
  options.log_severity_min = LogSeverity::kError;
  auto db = DB::Open(options, directory_.path());
  EXPECT_TRUE(db.ok()) << db.status();
  db_ = *std::move(db);
  auto loop = ClientLoop::Create();
  EXPECT_TRUE(loop.ok()) << loop.status();
  loop_ = *std::move(loop);
  runner_ = std::make_unique<DbJobRunner>(*db_, 1000, *loop_);
  loop_->Start();
}

SmallServer::~SmallServer() {
  EXPECT_TRUE(db_->Close().ok());
  runner_->Stop();
  loop_->Stop();
}

bool SmallServer::PasswordIs(std::string_view password) {
  return password == password_;
}

std::string SmallServer::Info(std::string_view section) {
  return "section " + std::string(section);
}

Talker::Talker(SmallServer& server, const SessionLimits& limits)
    : server_(server),
      session_(limits, server, ClientFacts{.id = 7}, ReadLevel::kLinearizable) {
}

std::string Talker::Say(std::string_view bytes) {
  RespParser parser(ParserLimits{});
  bool whole = false;
  while (!whole) {
    switch (parser.Next(bytes)) {
      case RespParser::Result::kNeedMore:
        EXPECT_EQ(parser.buffered(), 0u);
        whole = true;
        break;
      case RespParser::Result::kCommand:
        session_.Push(parser.Take());
        break;
      case RespParser::Result::kError:
        session_.PushLast(parser.error());
        whole = true;
        break;
    }
  }
  std::string all;
  while (session_.can_advance()) {
    std::string output;
    std::optional<Job> job = session_.Advance(output);
    if (job) {
      std::promise<JobResult> result;
      server_.loop().Post([&] {
        server_.runner().Submit(*std::move(job), [&result](JobResult done) {
          result.set_value(std::move(done));
        });
      });
      session_.Finish(result.get_future().get(), output);
    }
    all += output;
  }
  return all;
}

}  // namespace trimaran::serve
