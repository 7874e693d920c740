#include "tests/support/sim/toy_machine.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "tests/support/sim/mix.h"

namespace trimaran::sim {
namespace {

// The number, byte by byte, and the key.
constexpr size_t kHeaderBytes = 9;
// Longer payloads are told apart by their beginning, which is unique.
constexpr size_t kHashedBytesMax = 64;

}  // namespace

Payload EncodeCommand(Command command, size_t bytes_min) {
  char header[kHeaderBytes];
  for (size_t i = 0; i < 8; ++i) {
    header[i] = static_cast<char>((command.number >> (8 * i)) & 0xff);
  }
  header[8] = static_cast<char>(command.key);
  if (bytes_min <= kHeaderBytes) {
    return Payload(std::string_view(header, kHeaderBytes));
  }
  std::string bytes(bytes_min, '.');
  std::memcpy(bytes.data(), header, kHeaderBytes);
  return Payload(bytes);
}

std::optional<Command> DecodeCommand(const LogEntry& entry) {
  if (entry.type != EntryType::kNormal) return std::nullopt;
  const std::string_view bytes = entry.payload.bytes();
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  Command command;
  for (size_t i = 0; i < 8; ++i) {
    command.number |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  command.key = static_cast<uint8_t>(bytes[8]) % kKeyCount;
  return command;
}

uint64_t ContentHash(const LogEntry& entry) {
  const std::string_view bytes = entry.payload.bytes();
  uint64_t hash = Mix(static_cast<uint64_t>(entry.type) + 1, bytes.size());
  const size_t end = std::min(bytes.size(), kHashedBytesMax);
  for (size_t i = 0; i < end; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<size_t>(8, end - i));
    hash = Mix(hash, word);
  }
  return hash;
}

void MachineState::Apply(const LogEntry& entry) {
  TRIMARAN_CHECK_EQ(entry.index, applied.index + 1);
  applied = entry.id();
  hash = Mix(Mix(hash, entry.term.value()), ContentHash(entry));
  if (const auto command = DecodeCommand(entry)) {
    written[command->key] = entry.index;
  }
}

}  // namespace trimaran::sim
