#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "replication/wire/frame.h"

namespace trimaran::wire {
namespace {

// What a reader holds between long frames. Whoever has not introduced himself
// gets room for the longest Hello, and no more.
size_t UsualBytes(FrameReader::Stage stage) {
  return stage == FrameReader::Stage::kHandshake ? size_t{8} << 10
                                                 : size_t{64} << 10;
}

FrameReader::Stage StageOf(FrameType type) {
  switch (type) {
    case FrameType::kHello:
    case FrameType::kWelcome:
    case FrameType::kRefusal:
      return FrameReader::Stage::kHandshake;
    default:
      return FrameReader::Stage::kMessages;
  }
}

}  // namespace

FrameReader::FrameReader(Stage stage) : stage_(stage) {}

absl::Span<char> FrameReader::Space() {
  // Nobody reads the rest of a stream that was misread.
  if (!error_.ok()) end_ = begin_;
  const size_t usual = UsualBytes(stage_);
  const size_t frame =
      header_ ? header_->frame_bytes() : size_t{kFrameHeaderBytes};
  if (capacity_ < usual ||
      (capacity_ > usual && frame <= usual && pending() < usual)) {
    Reallocate(usual);
  } else if (pending() == capacity_) {
    // As much again as has come, but no more than is to come.
    Reallocate(frame > pending() ? std::min(frame, 2 * pending())
                                 : pending() + usual);
  } else if (begin_ > 0 && (capacity_ - begin_ < frame || end_ == capacity_)) {
    MoveToFront();
  }
  return absl::MakeSpan(buffer_.get() + end_, capacity_ - end_);
}

void FrameReader::Filled(size_t count) {
  TRIMARAN_CHECK_LE(count, capacity_ - end_);
  end_ += count;
}

absl::StatusOr<std::optional<FrameView>> FrameReader::Next() {
  if (error_.ok() && !header_ && pending() >= kFrameHeaderBytes) {
    error_ = ReadHeader();
  }
  if (!error_.ok()) return error_;
  if (!header_ || pending() < header_->frame_bytes()) return std::nullopt;

  const std::string_view bytes(buffer_.get() + begin_, header_->frame_bytes());
  const std::string_view body = bytes.substr(kFrameHeaderBytes);
  if (Crc32c(body) != header_->body_crc32c) {
    error_ = absl::DataLossError(
        absl::StrCat(FrameTypeName(static_cast<uint8_t>(header_->type)), " of ",
                     bytes.size(), " bytes: the checksum is wrong"));
    return error_;
  }
  const FrameView frame{header_->type, body.substr(0, header_->meta_bytes),
                        body.substr(header_->meta_bytes)};
  begin_ += bytes.size();
  if (begin_ == end_) begin_ = end_ = 0;
  header_.reset();
  return frame;
}

absl::Status FrameReader::ReadHeader() {
  auto header = DecodeFrameHeader({buffer_.get() + begin_, kFrameHeaderBytes});
  if (!header.ok()) return std::move(header).status();
  if (StageOf(header->type) != stage_) {
    return absl::InvalidArgumentError(absl::StrCat(
        FrameTypeName(static_cast<uint8_t>(header->type)),
        stage_ == Stage::kHandshake ? " before the end of" : " after",
        " the handshake"));
  }
  header_ = *header;
  return absl::OkStatus();
}

void FrameReader::EnterMessages() { stage_ = Stage::kMessages; }

void FrameReader::Reallocate(size_t capacity) {
  const size_t kept = pending();
  auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
  if (kept > 0) std::memcpy(buffer.get(), buffer_.get() + begin_, kept);
  buffer_ = std::move(buffer);
  capacity_ = capacity;
  begin_ = 0;
  end_ = kept;
}

void FrameReader::MoveToFront() {
  const size_t kept = pending();
  if (kept > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  begin_ = 0;
  end_ = kept;
}

}  // namespace trimaran::wire
