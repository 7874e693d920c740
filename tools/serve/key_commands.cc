// Commands about rows as such, and about nothing.

#include <array>
#include <cstdint>

#include "tools/serve/command_table.h"

namespace trimaran::serve {
namespace {

void Del(DataCall& call) {
  int64_t deleted = 0;
  for (size_t at = 1; at < call.command.size(); ++at) {
    if (!call.rows.Exists(call.command[at])) continue;
    call.rows.Delete(call.command[at]);
    ++deleted;
  }
  call.reply.Integer(deleted);
}

void Exists(DataCall& call) {
  int64_t found = 0;
  for (size_t at = 1; at < call.command.size(); ++at) {
    if (call.rows.Exists(call.command[at])) ++found;
  }
  call.reply.Integer(found);
}

void Type(DataCall& call) {
  call.reply.Simple(call.rows.Exists(call.command[1]) ? "string" : "none");
}

// Rows do not expire.
void Ttl(DataCall& call) {
  call.reply.Integer(call.rows.Exists(call.command[1]) ? -1 : -2);
}

void FlushDb(DataCall& call) {
  for (size_t at = 1; at < call.command.size(); ++at) {
    const std::string_view word = call.command[at];
    // It is done when it is answered, whatever was asked for.
    if (!SameWord(word, "sync") && !SameWord(word, "async")) {
      return call.reply.Error(kSyntaxError);
    }
  }
  call.rows.DeleteAll();
  call.reply.Ok();
}

void Ping(DataCall& call) {
  if (call.command.size() > 2) {
    return call.reply.Error("ERR wrong number of arguments for 'ping' command");
  }
  if (call.command.size() == 2) return call.reply.Bulk(call.command[1]);
  call.reply.Simple("PONG");
}

void Echo(DataCall& call) { call.reply.Bulk(call.command[1]); }

constexpr KeyWords kOneKey{1, 1, 1};
constexpr KeyWords kAllKeys{1, -1, 1};

constexpr auto kPure = CommandKind::kPure;
constexpr auto kRead = CommandKind::kRead;
constexpr auto kWrite = CommandKind::kWrite;
constexpr auto kUpdate = CommandKind::kUpdate;

constexpr std::array kCommands = {
    CommandSpec{.name = "del",
                .arity = -2,
                .kind = kUpdate,
                .keys = kAllKeys,
                .data = Del},
    CommandSpec{.name = "echo", .arity = 2, .kind = kPure, .data = Echo},
    CommandSpec{.name = "exists",
                .arity = -2,
                .kind = kRead,
                .keys = kAllKeys,
                .data = Exists},
    CommandSpec{
        .name = "flushall", .arity = -1, .kind = kWrite, .data = FlushDb},
    CommandSpec{
        .name = "flushdb", .arity = -1, .kind = kWrite, .data = FlushDb},
    CommandSpec{.name = "ping", .arity = -1, .kind = kPure, .data = Ping},
    CommandSpec{.name = "pttl",
                .arity = 2,
                .kind = kRead,
                .keys = kOneKey,
                .data = Ttl},
    CommandSpec{.name = "touch",
                .arity = -2,
                .kind = kRead,
                .keys = kAllKeys,
                .data = Exists},
    CommandSpec{
        .name = "ttl", .arity = 2, .kind = kRead, .keys = kOneKey, .data = Ttl},
    CommandSpec{.name = "type",
                .arity = 2,
                .kind = kRead,
                .keys = kOneKey,
                .data = Type},
    CommandSpec{.name = "unlink",
                .arity = -2,
                .kind = kUpdate,
                .keys = kAllKeys,
                .data = Del},
};

}  // namespace

absl::Span<const CommandSpec> KeyCommands() { return kCommands; }

}  // namespace trimaran::serve
