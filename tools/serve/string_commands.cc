// Commands about the values of rows that are named.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/serve/command_table.h"
#include "tools/serve/numbers.h"

namespace trimaran::serve {
namespace {

constexpr size_t kValueBytesMax = size_t{16} << 20;

// Answers with a value, unless the answer would become too large.
void AnswerValue(DataCall& call, std::optional<std::string_view> value) {
  if (value && value->size() > call.reply_bytes_max) {
    call.reply.Error(TooLargeReply(call.reply_bytes_max));
    return;
  }
  call.reply.BulkOrNull(value);
}

void Get(DataCall& call) { AnswerValue(call, call.rows.Get(call.command[1])); }

// ---- SET and its relatives ----

struct SetOptions {
  bool if_absent = false;
  bool if_present = false;
  bool get = false;
  // Empty if there is none.
  std::string_view error;
};

SetOptions ParseSetOptions(const Command& command) {
  SetOptions options;
  for (size_t at = 3; at < command.size(); ++at) {
    const std::string_view word = command[at];
    if (SameWord(word, "nx")) {
      options.if_absent = true;
    } else if (SameWord(word, "xx")) {
      options.if_present = true;
    } else if (SameWord(word, "get")) {
      options.get = true;
    } else if (SameWord(word, "ex") || SameWord(word, "px") ||
               SameWord(word, "exat") || SameWord(word, "pxat")) {
      options.error =
          "ERR rows do not expire: EX, PX, EXAT and PXAT are not "
          "supported";
      return options;
    } else if (!SameWord(word, "keepttl")) {
      options.error = kSyntaxError;
      return options;
    }
  }
  if (options.if_absent && options.if_present) options.error = kSyntaxError;
  return options;
}

void Set(DataCall& call) {
  const std::string_view key = call.command[1];
  const SetOptions options = ParseSetOptions(call.command);
  if (!options.error.empty()) return call.reply.Error(options.error);
  bool put = true;
  if (options.if_absent || options.if_present || options.get) {
    const auto old =
        options.get ? call.rows.Get(key) : std::optional<std::string_view>();
    if (options.if_absent) put = !call.rows.Exists(key);
    if (options.if_present) put = call.rows.Exists(key);
    // What is not answered is not done.
    if (options.get && old && old->size() > call.reply_bytes_max) put = false;
    if (options.get) AnswerValue(call, old);
  }
  if (put) call.rows.Put(key, call.command[2]);
  if (options.get) return;
  if (put) {
    call.reply.Ok();
  } else {
    call.reply.Null();
  }
}

void SetNx(DataCall& call) {
  const bool absent = !call.rows.Exists(call.command[1]);
  if (absent) call.rows.Put(call.command[1], call.command[2]);
  call.reply.Integer(absent ? 1 : 0);
}

void GetSet(DataCall& call) {
  const auto old = call.rows.Get(call.command[1]);
  AnswerValue(call, old);
  if (old && old->size() > call.reply_bytes_max) return;
  call.rows.Put(call.command[1], call.command[2]);
}

void GetDel(DataCall& call) {
  const auto old = call.rows.Get(call.command[1]);
  AnswerValue(call, old);
  if (!old || old->size() > call.reply_bytes_max) return;
  call.rows.Delete(call.command[1]);
}

// ---- Several ----

void MGet(DataCall& call) {
  const size_t begin = call.reply.size();
  call.reply.Array(call.command.size() - 1);
  for (size_t at = 1; at < call.command.size(); ++at) {
    call.reply.BulkOrNull(call.rows.Get(call.command[at]));
    if (call.reply.size() - begin > call.reply_bytes_max) {
      call.reply.Truncate(begin);
      return call.reply.Error(TooLargeReply(call.reply_bytes_max));
    }
  }
}

void PutAll(DataCall& call) {
  for (size_t at = 1; at < call.command.size(); at += 2) {
    call.rows.Put(call.command[at], call.command[at + 1]);
  }
}

void MSet(DataCall& call) {
  PutAll(call);
  call.reply.Ok();
}

void MSetNx(DataCall& call) {
  for (size_t at = 1; at < call.command.size(); at += 2) {
    if (call.rows.Exists(call.command[at])) return call.reply.Integer(0);
  }
  PutAll(call);
  call.reply.Integer(1);
}

// ---- Lengths and pieces ----

void StrLen(DataCall& call) {
  const auto value = call.rows.Get(call.command[1]);
  call.reply.Integer(value ? static_cast<int64_t>(value->size()) : 0);
}

void GetRange(DataCall& call) {
  const auto first = ParseInteger(call.command[2]);
  const auto last = ParseInteger(call.command[3]);
  if (!first || !last) return call.reply.Error(kNotAnInteger);
  const std::string_view value =
      call.rows.Get(call.command[1]).value_or(std::string_view());
  const auto size = static_cast<int64_t>(value.size());
  // Negative numbers count from the end; compared first, lest they overflow.
  const auto place = [size](int64_t at) {
    if (at >= 0) return at;
    return at < -size ? int64_t{0} : size + at;
  };
  const int64_t from = place(*first);
  const int64_t to = std::min(place(*last), size - 1);
  if (size == 0 || from > to || (*first < 0 && *last < 0 && *first > *last)) {
    return call.reply.Bulk("");
  }
  AnswerValue(call, value.substr(static_cast<size_t>(from),
                                 static_cast<size_t>(to - from + 1)));
}

void Append(DataCall& call) {
  const auto old = call.rows.Get(call.command[1]);
  std::string value(old.value_or(std::string_view()));
  if (value.size() + call.command[2].size() > kValueBytesMax) {
    return call.reply.Error(
        absl::StrCat("ERR a value has at most ", kValueBytesMax, " bytes"));
  }
  value.append(call.command[2]);
  call.rows.Put(call.command[1], value);
  call.reply.Integer(static_cast<int64_t>(value.size()));
}

// ---- Counters ----

void AddTo(DataCall& call, int64_t amount) {
  const auto old = call.rows.Get(call.command[1]);
  const auto number = old ? ParseInteger(*old) : int64_t{0};
  if (!number) return call.reply.Error(kNotAnInteger);
  int64_t sum = 0;
  if (__builtin_add_overflow(*number, amount, &sum)) {
    return call.reply.Error("ERR increment or decrement would overflow");
  }
  call.rows.Put(call.command[1], absl::StrCat(sum));
  call.reply.Integer(sum);
}

void Incr(DataCall& call) { AddTo(call, 1); }
void Decr(DataCall& call) { AddTo(call, -1); }

void IncrBy(DataCall& call) {
  const auto amount = ParseInteger(call.command[2]);
  if (!amount) return call.reply.Error(kNotAnInteger);
  AddTo(call, *amount);
}

void DecrBy(DataCall& call) {
  const auto amount = ParseInteger(call.command[2]);
  if (!amount) return call.reply.Error(kNotAnInteger);
  if (*amount == INT64_MIN) {
    return call.reply.Error("ERR decrement would overflow");
  }
  AddTo(call, -*amount);
}

constexpr KeyWords kOneKey{1, 1, 1};
constexpr KeyWords kAllKeys{1, -1, 1};
constexpr KeyWords kPairs{1, -1, 2};

constexpr auto kRead = CommandKind::kRead;
constexpr auto kWrite = CommandKind::kWrite;
constexpr auto kUpdate = CommandKind::kUpdate;

constexpr std::array kCommands = {
    CommandSpec{.name = "append",
                .arity = 3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = Append},
    CommandSpec{.name = "decr",
                .arity = 2,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = Decr},
    CommandSpec{.name = "decrby",
                .arity = 3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = DecrBy},
    CommandSpec{
        .name = "get", .arity = 2, .kind = kRead, .keys = kOneKey, .data = Get},
    CommandSpec{.name = "getdel",
                .arity = 2,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = GetDel},
    CommandSpec{.name = "getrange",
                .arity = 4,
                .kind = kRead,
                .keys = kOneKey,
                .data = GetRange},
    CommandSpec{.name = "getset",
                .arity = 3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = GetSet},
    CommandSpec{.name = "incr",
                .arity = 2,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = Incr},
    CommandSpec{.name = "incrby",
                .arity = 3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = IncrBy},
    CommandSpec{.name = "mget",
                .arity = -2,
                .kind = kRead,
                .keys = kAllKeys,
                .data = MGet},
    CommandSpec{.name = "mset",
                .arity = -3,
                .kind = kWrite,
                .keys = kPairs,
                .data = MSet},
    CommandSpec{.name = "msetnx",
                .arity = -3,
                .kind = kUpdate,
                .keys = kPairs,
                .data = MSetNx},
    CommandSpec{.name = "set",
                .arity = -3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = Set,
                .plain_words = 3},
    CommandSpec{.name = "setnx",
                .arity = 3,
                .kind = kUpdate,
                .keys = kOneKey,
                .data = SetNx},
    CommandSpec{.name = "strlen",
                .arity = 2,
                .kind = kRead,
                .keys = kOneKey,
                .data = StrLen},
    CommandSpec{.name = "substr",
                .arity = 4,
                .kind = kRead,
                .keys = kOneKey,
                .data = GetRange},
};

}  // namespace

absl::Span<const CommandSpec> StringCommands() { return kCommands; }

}  // namespace trimaran::serve
