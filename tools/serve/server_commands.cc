// Commands about the server.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/serve/command_docs.h"
#include "tools/serve/command_table.h"
#include "tools/serve/glob.h"
#include "tools/serve/member_address.h"
#include "tools/serve/numbers.h"
#include "tools/serve/session_state.h"

namespace trimaran::serve {
namespace {

void Info(SessionCall& call) {
  if (call.command.size() > 2) return call.reply.Error(kSyntaxError);
  std::string section;
  if (call.command.size() == 2) section = LowerCase(call.command[1]);
  if (section == "all" || section == "everything" || section == "default") {
    section.clear();
  }
  call.reply.Bulk(call.server.Info(section));
}

void Config(SessionCall& call) {
  if (!SameWord(call.command[1], "get") || call.command.size() < 3) {
    return call.reply.Error(
        "ERR only CONFIG GET is supported; settings are those of the file and "
        "of the command line");
  }
  std::vector<std::string> found;
  for (const auto& [name, value] : call.server.Config()) {
    bool wanted = false;
    for (size_t at = 2; at < call.command.size(); ++at) {
      wanted = wanted || GlobMatches(LowerCase(call.command[at]), name);
    }
    if (!wanted) continue;
    found.push_back(name);
    found.push_back(value);
  }
  call.reply.Array(found.size());
  for (const std::string& each : found) call.reply.Bulk(each);
}

// ---- COMMAND ----

void AnswerFlags(const CommandSpec& spec, Reply& reply) {
  std::vector<std::string_view> flags;
  switch (spec.kind) {
    case CommandKind::kRead:
    case CommandKind::kScan:
      flags.emplace_back("readonly");
      break;
    case CommandKind::kWrite:
    case CommandKind::kUpdate:
      flags.emplace_back("write");
      break;
    case CommandKind::kPure:
      flags.emplace_back("fast");
      break;
    case CommandKind::kSession:
      flags.emplace_back("noscript");
      break;
  }
  if (spec.anybody) flags.emplace_back("no_auth");
  reply.Array(flags.size());
  for (const std::string_view flag : flags) reply.Simple(flag);
}

void AnswerSpec(const CommandSpec& spec, Reply& reply) {
  reply.Array(10);
  reply.Bulk(spec.name);
  reply.Integer(spec.arity);
  AnswerFlags(spec, reply);
  reply.Integer(spec.keys.first);
  reply.Integer(spec.keys.last);
  reply.Integer(spec.keys.step);
  // Categories, tips, specifications of keys, subcommands.
  for (int i = 0; i < 4; ++i) reply.Array(0);
}

std::vector<const CommandSpec*> AllSpecs() {
  std::vector<const CommandSpec*> specs;
  for (const auto& group : AllCommands()) {
    for (const CommandSpec& spec : group) specs.push_back(&spec);
  }
  return specs;
}

void AnswerSpecs(const Command& command, Reply& reply) {
  if (command.size() <= 2) {
    const auto specs = AllSpecs();
    reply.Array(specs.size());
    for (const CommandSpec* spec : specs) AnswerSpec(*spec, reply);
    return;
  }
  reply.Array(command.size() - 2);
  for (size_t at = 2; at < command.size(); ++at) {
    const CommandSpec* spec = FindCommand(command[at]);
    if (spec == nullptr) {
      reply.NullArray();
    } else {
      AnswerSpec(*spec, reply);
    }
  }
}

// COMMAND LIST [FILTERBY PATTERN pattern]
void AnswerList(const Command& command, Reply& reply) {
  std::string_view pattern = "*";
  if (command.size() == 5 && SameWord(command[2], "filterby") &&
      SameWord(command[3], "pattern")) {
    pattern = command[4];
  } else if (command.size() != 2) {
    return reply.Error(kSyntaxError);
  }
  std::vector<std::string_view> names;
  for (const CommandSpec* spec : AllSpecs()) {
    if (GlobMatches(pattern, spec->name)) names.push_back(spec->name);
  }
  reply.Array(names.size());
  for (const std::string_view name : names) reply.Bulk(name);
}

// COMMAND DOCS [name ...]: of those that there are.
void AnswerAllDocs(const Command& command, Reply& reply) {
  std::string found;
  Reply inner(found);
  size_t count = 0;
  for (const CommandDocsGroup& group : AllCommandDocs()) {
    for (const CommandDocs& docs : group.commands) {
      bool wanted = command.size() == 2;
      for (size_t at = 2; at < command.size(); ++at) {
        wanted = wanted || SameWord(command[at], docs.name);
      }
      if (!wanted) continue;
      AnswerDocs(group.name, docs, inner);
      ++count;
    }
  }
  reply.Array(2 * count);
  reply.Raw(found);
}

void CommandInfo(SessionCall& call) {
  const Command& command = call.command;
  if (command.size() == 1 || SameWord(command[1], "info")) {
    AnswerSpecs(command, call.reply);
  } else if (SameWord(command[1], "count") && command.size() == 2) {
    call.reply.Integer(static_cast<int64_t>(AllSpecs().size()));
  } else if (SameWord(command[1], "list")) {
    AnswerList(command, call.reply);
  } else if (SameWord(command[1], "docs")) {
    AnswerAllDocs(command, call.reply);
  } else {
    call.reply.Error(
        "ERR unknown subcommand or wrong number of arguments for 'command'; "
        "there are COUNT, DOCS, INFO and LIST");
  }
}

// ---- Replication ----

void AnswerLeader(const ReplicaStatus& status, Reply& reply) {
  reply.Array(3);
  reply.Bulk("master");
  reply.Integer(static_cast<int64_t>(status.commit));
  const auto others = std::count_if(
      status.peers.begin(), status.peers.end(),
      [&](const PeerStatus& peer) { return peer.id != status.replica_id; });
  reply.Array(static_cast<size_t>(others));
  for (const PeerStatus& peer : status.peers) {
    if (peer.id == status.replica_id) continue;
    const HostAndPort place = AddressOf(status, peer.id);
    reply.Array(3);
    reply.Bulk(place.host);
    reply.Bulk(place.port);
    reply.Bulk(absl::StrCat(peer.durable));
  }
}

void Role(SessionCall& call) {
  const ReplicaStatus status = call.server.Status();
  if (status.role == ReplicaRole::kLeader) {
    return AnswerLeader(status, call.reply);
  }
  const HostAndPort place = AddressOf(status, status.leader);
  int64_t port = 0;
  if (const auto number = ParseInteger(place.port)) port = *number;
  call.reply.Array(5);
  call.reply.Bulk("slave");
  call.reply.Bulk(place.host);
  call.reply.Integer(port);
  call.reply.Bulk(status.leader == 0 ? "connect" : "connected");
  call.reply.Integer(static_cast<int64_t>(status.applied.index));
}

// What came before it is answered, so that it is on a majority.
void Wait(SessionCall& call) {
  if (!ParseInteger(call.command[1]) || !ParseInteger(call.command[2])) {
    return call.reply.Error(kNotAnInteger);
  }
  call.reply.Integer(
      static_cast<int64_t>(OthersWithEveryWrite(call.server.Status())));
}

constexpr auto kSession = CommandKind::kSession;

constexpr std::array kCommands = {
    CommandSpec{.name = "command",
                .arity = -1,
                .kind = kSession,
                .session = CommandInfo},
    CommandSpec{
        .name = "config", .arity = -2, .kind = kSession, .session = Config},
    CommandSpec{.name = "info", .arity = -1, .kind = kSession, .session = Info},
    CommandSpec{.name = "role", .kind = kSession, .session = Role},
    CommandSpec{.name = "wait", .arity = 3, .kind = kSession, .session = Wait},
};

}  // namespace

size_t OthersWithEveryWrite(const ReplicaStatus& status) {
  const auto voters =
      std::count_if(status.members.begin(), status.members.end(),
                    [](const MemberStatus& member) { return member.voter; });
  return static_cast<size_t>(voters) / 2;
}

absl::Span<const CommandSpec> ServerCommands() { return kCommands; }

}  // namespace trimaran::serve
