// Goal: frames leave whole and in order, however the stream takes them, and
// what is urgent does not wait behind what is queued.

#include "replication/tcp/frame_writer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "replication/tcp/direct_writer.h"

namespace trimaran {
namespace {

wire::OutgoingFrame FrameOf(std::string head, std::vector<std::string> blobs) {
  wire::OutgoingFrame frame;
  frame.head = std::move(head);
  for (const std::string& blob : blobs) frame.blobs.emplace_back(blob);
  return frame;
}

// Takes so many bytes, and then waits until it is told to go on.
class FakeStream final : public ByteStream {
 public:
  int fd() const override { return -1; }
  bool writes_on_any_thread() const override { return true; }
  IoResult Handshake() override { return {}; }
  IoResult Read(absl::Span<char>) override { return {}; }
  bool HasPending() const override { return false; }
  std::vector<std::string> PeerNames() const override { return {}; }
  void EndWriting() override {}

  IoResult Write(absl::Span<const iovec> parts) override {
    IoResult result;
    ++calls;
    if (broken) {
      result.kind = IoResult::Kind::kFailed;
      result.error = absl::UnavailableError("broken");
      return result;
    }
    for (const iovec& part : parts) {
      const size_t count = std::min(part.iov_len, room);
      written.append(static_cast<const char*>(part.iov_base), count);
      room -= count;
      result.bytes += count;
    }
    if (result.bytes == 0) result.kind = IoResult::Kind::kWaitWritable;
    return result;
  }

  size_t room = 1u << 20;
  bool broken = false;
  int calls = 0;
  std::string written;
};

class FrameWriterTest : public testing::Test {
 protected:
  void Queue(std::vector<wire::OutgoingFrame> frames) {
    queue_->Put(std::move(frames));
  }

  const std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  const std::shared_ptr<SendQueue> queue_ =
      std::make_shared<SendQueue>(100, 10000);
  FrameWriter writer_{stream_};
};

TEST_F(FrameWriterTest, ManyFramesLeaveByOneCall) {
  writer_.Open(queue_, 1000);
  Queue({FrameOf("a", {"b", "c"}), FrameOf("d", {}), FrameOf("e", {"f"})});
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kDone);
  EXPECT_EQ(stream_->written, "abcdef");
  EXPECT_EQ(stream_->calls, 1);
  EXPECT_EQ(writer_.bytes_written(), 6u);
}

TEST_F(FrameWriterTest, GoesOnWhereItWasInterrupted) {
  writer_.Open(queue_, 1000);
  Queue({FrameOf("head", {"first", "second"}), FrameOf("next", {"blob"})});
  stream_->room = 0;
  for (int i = 0; i < 40 && stream_->written.size() < 22; ++i) {
    EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kWaitWritable);
    stream_->room = 1;
  }
  stream_->room = 100;
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kDone);
  EXPECT_EQ(stream_->written, "headfirstsecondnextblob");
}

TEST_F(FrameWriterTest, NothingOfTheQueueLeavesBeforeTheWelcome) {
  Queue({FrameOf("message", {})});
  writer_.Push(FrameOf("hello", {}));
  writer_.Flush();
  EXPECT_EQ(stream_->written, "hello");
  writer_.Open(queue_, 1000);
  writer_.Flush();
  EXPECT_EQ(stream_->written, "hellomessage");
}

TEST_F(FrameWriterTest, APingWaitsForNoMoreThanABatch) {
  writer_.Open(queue_, 2);
  Queue(
      {FrameOf("a", {}), FrameOf("b", {}), FrameOf("c", {}), FrameOf("d", {})});
  stream_->room = 1;
  writer_.Flush();
  writer_.Push(FrameOf("ping", {}));
  stream_->room = 100;
  writer_.Flush();
  EXPECT_EQ(stream_->written, "abpingcd");
}

TEST_F(FrameWriterTest, CountsWhatIsLostWithTheConnection) {
  writer_.Open(queue_, 1000);
  Queue({FrameOf("aaaa", {}), FrameOf("bbbb", {}), FrameOf("cccc", {})});
  writer_.Push(FrameOf("p", {}));
  stream_->room = 7;
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kWaitWritable);
  EXPECT_EQ(writer_.Abandon(), 2u);
  stream_->room = 100;
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kDone);
  EXPECT_EQ(stream_->written, "paaaabb");
}

TEST_F(FrameWriterTest, CountsFramesOfTheQueueThatAreWrittenToTheirEnds) {
  writer_.Open(queue_, 1000);
  writer_.Push(FrameOf("ping", {}));
  writer_.Flush();
  EXPECT_EQ(writer_.frames_written(), 0u);
  Queue({FrameOf("aaaa", {}), FrameOf("bbbb", {})});
  stream_->room = 7;
  writer_.Flush();
  EXPECT_EQ(writer_.frames_written(), 1u);
  EXPECT_TRUE(writer_.HasWork());
  stream_->room = 100;
  writer_.Flush();
  EXPECT_EQ(writer_.frames_written(), 2u);
  EXPECT_FALSE(writer_.HasWork());
}

TEST_F(FrameWriterTest, KeepsTheErrorOfTheStream) {
  stream_->broken = true;
  writer_.Push(FrameOf("x", {}));
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kFailed);
  EXPECT_EQ(writer_.error().message(), "broken");
}

TEST_F(FrameWriterTest, WhoAsksAndDoesNotReadGetsABoundedNumberOfAnswers) {
  stream_->room = 0;
  for (int i = 0; i < 10000; ++i) writer_.Push(FrameOf("p", {}));
  stream_->room = 1u << 20;
  writer_.Flush();
  EXPECT_EQ(stream_->written.size(), 64u);
}

TEST_F(FrameWriterTest, MoreThanOneCallTakesIsSentByMore) {
  writer_.Open(queue_, 1u << 20);
  std::string all;
  for (int i = 0; i < 90; ++i) {
    const std::string number = std::to_string(i);
    Queue({FrameOf(number, {number, number, "x"})});
    all += number + number + number + "x";
  }
  EXPECT_EQ(writer_.Flush(), FrameWriter::Result::kDone);
  EXPECT_EQ(stream_->written, all);
}

TEST_F(FrameWriterTest, WhatASenderCannotWriteItselfIsLeftToTheLoop) {
  DirectWriter direct;
  const auto writer = std::make_shared<FrameWriter>(stream_);
  writer->Open(queue_, 1000);
  Queue({FrameOf("a", {})});
  EXPECT_FALSE(direct.Flush()) << "there is no connection";
  direct.Set(writer);
  EXPECT_TRUE(direct.Flush());
  EXPECT_EQ(stream_->written, "a");
  Queue({FrameOf("b", {})});
  stream_->room = 0;
  EXPECT_FALSE(direct.Flush()) << "the socket is full";
  stream_->broken = true;
  EXPECT_FALSE(direct.Flush()) << "the loop has to close it";
  direct.Set(nullptr);
  EXPECT_FALSE(direct.Flush());
}

}  // namespace
}  // namespace trimaran
