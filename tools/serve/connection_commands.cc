// Commands about the connection.

#include <array>
#include <string>
#include <utility>

#include "tools/serve/command_table.h"
#include "tools/serve/numbers.h"
#include "tools/serve/session_state.h"

namespace trimaran::serve {
namespace {

constexpr int kFailedLoginsMax = 8;
constexpr size_t kNameBytesMax = 256;

// ---- AUTH ----

// The error, or empty.
std::string_view LogIn(SessionCall& call, std::string_view user,
                       std::string_view password) {
  if (SameWord(user, "default") && call.server.PasswordIs(password)) {
    call.state.authenticated = true;
    call.state.failed_logins = 0;
    return {};
  }
  // Whoever guesses has to connect anew for every few guesses.
  if (++call.state.failed_logins >= kFailedLoginsMax) call.state.closing = true;
  return "WRONGPASS invalid username-password pair or user is disabled.";
}

void Auth(SessionCall& call) {
  if (call.command.size() > 3) return call.reply.Error(kSyntaxError);
  const bool named = call.command.size() == 3;
  if (!call.server.needs_password()) {
    return call.reply.Error(
        "ERR AUTH <password> called without any password configured for the "
        "default user. Are you sure your configuration is correct?");
  }
  const std::string_view error = LogIn(
      call, named ? call.command[1] : "default", call.command[named ? 2 : 1]);
  if (!error.empty()) return call.reply.Error(error);
  call.reply.Ok();
}

// ---- CLIENT ----

bool IsName(std::string_view name) {
  if (name.size() > kNameBytesMax) return false;
  for (const char c : name) {
    if (c < '!' || c > '~') return false;
  }
  return true;
}

void SetName(SessionCall& call, std::string_view name) {
  if (!IsName(name)) {
    return call.reply.Error(
        "ERR Client names cannot contain spaces, newlines or special "
        "characters.");
  }
  call.state.facts.name = std::string(name);
  call.reply.Ok();
}

void SetInfo(SessionCall& call) {
  const std::string_view what = call.command[2];
  const std::string_view value = call.command[3];
  if (!IsName(value)) {
    return call.reply.Error(
        "ERR lib-name and lib-ver cannot contain spaces, newlines or special "
        "characters.");
  }
  if (SameWord(what, "lib-name")) {
    call.state.facts.library = std::string(value);
  } else if (SameWord(what, "lib-ver")) {
    call.state.facts.library_version = std::string(value);
  } else {
    return call.reply.Error("ERR Unrecognized option");
  }
  call.reply.Ok();
}

void Client(SessionCall& call) {
  const std::string_view what = call.command[1];
  const size_t size = call.command.size();
  if (SameWord(what, "id") && size == 2) {
    call.reply.Integer(static_cast<int64_t>(call.state.facts.id));
  } else if (SameWord(what, "getname") && size == 2) {
    call.reply.Bulk(call.state.facts.name);
  } else if (SameWord(what, "setname") && size == 3) {
    SetName(call, call.command[2]);
  } else if (SameWord(what, "setinfo") && size == 4) {
    SetInfo(call);
  } else if (SameWord(what, "list") && size == 2) {
    call.reply.Bulk(call.server.ClientList());
  } else if (SameWord(what, "info") && size == 2) {
    call.reply.Bulk(call.server.ClientLine(call.state.facts.id));
  } else {
    call.reply.Error(
        "ERR unknown subcommand or wrong number of arguments for 'client'; "
        "there are ID, INFO, LIST, GETNAME, SETNAME and SETINFO");
  }
}

// ---- HELLO ----

// Whatever stands behind the version. The error, or empty.
std::string_view ReadHelloOptions(SessionCall& call) {
  const Command& command = call.command;
  for (size_t at = 2; at < command.size(); ++at) {
    if (SameWord(command[at], "auth") && at + 2 < command.size()) {
      const std::string_view error =
          LogIn(call, command[at + 1], command[at + 2]);
      if (!error.empty()) return error;
      at += 2;
    } else if (SameWord(command[at], "setname") && at + 1 < command.size()) {
      if (!IsName(command[++at])) return kSyntaxError;
      call.state.facts.name = std::string(command[at]);
    } else {
      return kSyntaxError;
    }
  }
  return {};
}

void Hello(SessionCall& call) {
  if (call.command.size() > 1 && call.command[1] != "2") {
    return call.reply.Error("NOPROTO unsupported protocol version");
  }
  const std::string_view error = ReadHelloOptions(call);
  if (!error.empty()) return call.reply.Error(error);
  if (!call.state.authenticated) {
    return call.reply.Error(
        "NOAUTH HELLO must be called with the client already authenticated, "
        "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to "
        "authenticate the client and select the RESP protocol version at the "
        "same time");
  }
  const ReplicaStatus status = call.server.Status();
  call.reply.Array(14);
  call.reply.Bulk("server");
  call.reply.Bulk("trimaran");
  call.reply.Bulk("version");
  call.reply.Bulk(TRIMARAN_VERSION);
  call.reply.Bulk("proto");
  call.reply.Integer(2);
  call.reply.Bulk("id");
  call.reply.Integer(static_cast<int64_t>(call.state.facts.id));
  call.reply.Bulk("mode");
  call.reply.Bulk("standalone");
  call.reply.Bulk("role");
  call.reply.Bulk(status.role == ReplicaRole::kLeader ? "master" : "replica");
  call.reply.Bulk("modules");
  call.reply.Array(0);
}

// ---- The rest ----

void Select(SessionCall& call) {
  const auto number = ParseInteger(call.command[1]);
  if (!number) return call.reply.Error(kNotAnInteger);
  if (*number != 0) {
    return call.reply.Error("ERR DB index is out of range: there is 0 only");
  }
  call.reply.Ok();
}

void Quit(SessionCall& call) {
  call.reply.Ok();
  call.state.closing = true;
}

void Reset(SessionCall& call) {
  ClientFacts facts = std::move(call.state.facts);
  facts.name.clear();
  const ReadLevel level = call.state.usual_level;
  // Whoever may reset may not be known yet, and would go on guessing.
  const int failed_logins = call.state.failed_logins;
  call.state = {};
  call.state.facts = std::move(facts);
  call.state.failed_logins = failed_logins;
  call.state.level = level;
  call.state.usual_level = level;
  call.state.authenticated = !call.server.needs_password();
  call.reply.Simple("RESET");
}

// TRIMARAN.READ LINEARIZABLE | LEASE | LOCAL
void Read(SessionCall& call) {
  const std::string_view level = call.command[1];
  if (SameWord(level, "linearizable")) {
    call.state.level = ReadLevel::kLinearizable;
  } else if (SameWord(level, "lease")) {
    call.state.level = ReadLevel::kLease;
  } else if (SameWord(level, "local")) {
    call.state.level = ReadLevel::kLocal;
  } else {
    return call.reply.Error(
        "ERR read levels are LINEARIZABLE, LEASE and LOCAL");
  }
  call.reply.Ok();
}

constexpr auto kSession = CommandKind::kSession;

constexpr std::array kCommands = {
    CommandSpec{.name = "auth",
                .arity = -2,
                .kind = kSession,
                .session = Auth,
                .anybody = true},
    CommandSpec{
        .name = "client", .arity = -2, .kind = kSession, .session = Client},
    CommandSpec{.name = "hello",
                .arity = -1,
                .kind = kSession,
                .session = Hello,
                .anybody = true},
    CommandSpec{.name = "quit",
                .arity = -1,
                .kind = kSession,
                .session = Quit,
                .anybody = true,
                .ends_multi = true},
    CommandSpec{.name = "reset",
                .kind = kSession,
                .session = Reset,
                .anybody = true,
                .ends_multi = true},
    CommandSpec{
        .name = "select", .arity = 2, .kind = kSession, .session = Select},
    CommandSpec{
        .name = "trimaran.read", .arity = 2, .kind = kSession, .session = Read},
};

}  // namespace

absl::Span<const CommandSpec> ConnectionCommands() { return kCommands; }

}  // namespace trimaran::serve
