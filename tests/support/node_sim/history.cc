#include "tests/support/node_sim/history.h"

#include <charconv>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"

namespace trimaran::node_sim {
namespace {

using engine::kDefaultFamily;

uint64_t ParseId(std::string_view text) {
  uint64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

// Keys and values of clients need no escapes.
std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", ToAbsl(text), "\"");
}
std::string Quoted(const RowValue& value) {
  return value ? Quoted(std::string_view(*value)) : "null";
}

std::string ToJson(const Op& op) {
  const bool returned = op.return_order > 0;
  std::string keys = absl::StrJoin(op.keys, ",", [](auto* out, const auto& k) {
    absl::StrAppend(out, Quoted(std::string_view(k)));
  });
  std::string scanned =
      absl::StrJoin(op.scanned, ",", [](auto* out, const auto& value) {
        absl::StrAppend(out, Quoted(value));
      });
  return absl::StrCat(
      "{\"id\":", op.id, ",\"client\":", op.client,
      ",\"replica\":", op.replica.value(),
      ",\"op\":", Quoted(OpKindName(op.kind)), ",\"keys\":[", keys,
      "],\"argument\":", Quoted(std::string_view(op.value)),
      ",\"expected\":", Quoted(op.expected), ",\"call_us\":", op.called_at,
      ",\"return_us\":", returned ? absl::StrCat(op.returned_at) : "null",
      ",\"call\":", op.call_order,
      ",\"return\":", returned ? absl::StrCat(op.return_order) : "null",
      ",\"outcome\":", Quoted(OutcomeName(op.outcome)),
      ",\"index\":", op.index.value(),
      ",\"succeeded\":", op.succeeded ? "true" : "false",
      ",\"observed\":", Quoted(op.observed), ",\"scanned\":[", scanned, "]}\n");
}

}  // namespace

std::string_view OpKindName(OpKind kind) {
  constexpr std::string_view kNames[] = {"put",
                                         "delete",
                                         "compare-and-put",
                                         "swap",
                                         "put-several",
                                         "read-by-command",
                                         "read-linearizable",
                                         "read-lease",
                                         "read-at-least",
                                         "read-bounded",
                                         "scan"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view OutcomeName(OpOutcome outcome) {
  constexpr std::string_view kNames[] = {"open", "ok", "not-applied",
                                         "unknown"};
  return kNames[static_cast<size_t>(outcome)];
}

OpCommand::OpCommand(const Op& op) : marker(absl::StrCat("~", op.id)) {
  const std::string& key = op.keys.front();
  const engine::Compare always{.family = kDefaultFamily,
                               .key = marker,
                               .kind = engine::CompareKind::kAbsent,
                               .value = {},
                               .version = {}};
  switch (op.kind) {
    case OpKind::kDelete:
      write.compares = {always};
      write.operations = {engine::DeleteOp{kDefaultFamily, key}};
      break;
    case OpKind::kReadByCommand:
      write.compares = {always};
      write.operations = {engine::GetOp{kDefaultFamily, key}};
      break;
    case OpKind::kCompareAndPut:
      write.compares = {{.family = kDefaultFamily,
                         .key = key,
                         .kind = op.expected ? engine::CompareKind::kValueEquals
                                             : engine::CompareKind::kAbsent,
                         .value = op.expected ? std::string_view(*op.expected)
                                              : std::string_view(),
                         .version = {}}};
      write.operations = {engine::PutOp{kDefaultFamily, key, op.value}};
      break;
    case OpKind::kSwap:
      write.operations = {engine::GetOp{kDefaultFamily, key},
                          engine::PutOp{kDefaultFamily, key, op.value}};
      break;
    default:
      for (const std::string& one : op.keys) {
        write.operations.push_back(
            engine::PutOp{kDefaultFamily, one, op.value});
      }
  }
}

uint64_t OpIdOf(const engine::WriteCommand& write) {
  for (const engine::Compare& compare : write.compares) {
    if (compare.key.starts_with('~')) return ParseId(compare.key.substr(1));
  }
  for (const engine::Operation& operation : write.operations) {
    const auto* put = std::get_if<engine::PutOp>(&operation);
    if (put != nullptr) return ParseId(put->value);
  }
  return 0;
}

Op& History::Call(Op op) {
  op.id = ops_.size() + 1;
  op.call_order = ++order_;
  ops_.push_back(std::move(op));
  return ops_.back();
}

void History::Write(std::FILE* out) const {
  for (const Op& op : ops_) {
    const std::string line = ToJson(op);
    TRIMARAN_CHECK_EQ(std::fwrite(line.data(), 1, line.size(), out),
                      line.size());
  }
}

}  // namespace trimaran::node_sim
