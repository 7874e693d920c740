// Goal: what a system does in part is done whole, in the right place.

#include "engine/file/whole_transfer.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

// A file of a system that does at most so many bytes at a time, and fails
// after so many calls.
struct Sluggish {
  std::string content;
  size_t bytes_max = 3;
  int calls_left = 100;

  absl::StatusOr<size_t> Write(uint64_t offset, std::string_view data) {
    if (calls_left-- == 0) return absl::InternalError("no more");
    data = data.substr(0, bytes_max);
    content.resize(std::max(content.size(), offset + data.size()));
    content.replace(offset, data.size(), data);
    return data.size();
  }
  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> buffer) {
    if (calls_left-- == 0) return absl::InternalError("no more");
    if (offset >= content.size()) return 0;
    return content.copy(buffer.data(), std::min(bytes_max, buffer.size()),
                        offset);
  }
};

TEST(WholeTransferTest, WritesAndReadsUntilAllIsDone) {
  for (const size_t bytes_max : {1u, 3u, 9u, 10u, 11u}) {
    Sluggish file{.content = "..", .bytes_max = bytes_max};
    const auto write = [&](uint64_t offset, std::string_view data) {
      return file.Write(offset, data);
    };
    const auto read = [&](uint64_t offset, absl::Span<char> buffer) {
      return file.Read(offset, buffer);
    };
    EXPECT_TRUE(WriteWhole(2, "0123456789", write).ok());
    EXPECT_EQ(file.content, "..0123456789");
    std::string buffer(20, '?');
    EXPECT_EQ(*ReadWhole(4, absl::MakeSpan(buffer), read), 8u);
    EXPECT_EQ(buffer.substr(0, 9), "23456789?");
    EXPECT_EQ(*ReadWhole(0, absl::MakeSpan(buffer).subspan(0, 5), read), 5u);
    EXPECT_EQ(buffer.substr(0, 5), "..012");
  }
}

TEST(WholeTransferTest, FirstErrorEndsIt) {
  Sluggish file{.content = "abcdef", .calls_left = 1};
  const auto write = [&](uint64_t offset, std::string_view data) {
    return file.Write(offset, data);
  };
  const auto read = [&](uint64_t offset, absl::Span<char> buffer) {
    return file.Read(offset, buffer);
  };
  EXPECT_TRUE(absl::IsInternal(WriteWhole(0, "ABCDEF", write)));
  EXPECT_EQ(file.content, "ABCdef");
  file.calls_left = 1;
  std::string buffer(6, '?');
  EXPECT_TRUE(
      absl::IsInternal(ReadWhole(0, absl::MakeSpan(buffer), read).status()));
}

}  // namespace
}  // namespace trimaran::engine
