#include "tests/support/script/foreign.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "tests/support/script/interpreter.h"

namespace trimaran::script {
namespace {

using raft::RaftStatus;

// Reads one line from left to right.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Eat(std::string_view literal) {
    if (rest_.substr(0, literal.size()) != literal) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  bool Eat(uint64_t& number) {
    const size_t end =
        std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const absl::StatusOr<uint64_t> parsed = ParseNumber(rest_.substr(0, end));
    if (!parsed.ok()) return false;
    number = *parsed;
    rest_.remove_prefix(end);
    return true;
  }
  std::string Word() {
    const size_t end = std::min(rest_.find_first_of(" "), rest_.size());
    const std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// What a text says of one node; what it does not say is not compared.
struct Expectation {
  std::optional<std::string> role;
  std::optional<uint64_t> lead;
  std::optional<uint64_t> term;
  std::optional<uint64_t> commit;
  std::optional<bool> voter;
};

// "Lead:1 State:StateLeader" or "HardState Term:1 Vote:1 Commit:10".
void ReadReadyLine(std::string_view line, Expectation& expectation) {
  Cursor cursor(line);
  uint64_t number = 0;
  if (cursor.Eat("Lead:")) {
    if (!cursor.Eat(number) || !cursor.Eat(" State:State")) return;
    expectation.lead = number;
    expectation.role = cursor.Word();
  } else if (cursor.Eat("HardState Term:") && cursor.Eat(number)) {
    expectation.term = number;
    uint64_t vote = 0;
    if (cursor.Eat(" Vote:") && !cursor.Eat(vote)) return;
    if (cursor.Eat(" Commit:") && cursor.Eat(number)) {
      expectation.commit = number;
    }
  }
}

// What the Readys that a stabilize prints leave behind.
std::map<uint64_t, Expectation> ReadStabilize(const Block& block) {
  std::map<uint64_t, Expectation> nodes;
  std::optional<uint64_t> current;
  for (const std::string& line : block.expected) {
    Cursor cursor(line);
    uint64_t id = 0;
    if (cursor.Eat("> ")) {
      current.reset();
      if (cursor.Eat(id) && cursor.rest() == " handling Ready") current = id;
    } else if (current && cursor.Eat("  ")) {
      ReadReadyLine(cursor.rest(), nodes[*current]);
    }
  }
  return nodes;
}

// "1: StateLeader (Voter) Term:1 Lead:1"
std::map<uint64_t, Expectation> ReadRaftState(const Block& block) {
  std::map<uint64_t, Expectation> nodes;
  for (const std::string& line : block.expected) {
    Cursor cursor(line);
    uint64_t id = 0;
    uint64_t term = 0;
    uint64_t lead = 0;
    if (!cursor.Eat(id) || !cursor.Eat(": State")) continue;
    Expectation expectation;
    expectation.role = cursor.Word();
    if (!cursor.Eat(" (")) continue;
    expectation.voter = cursor.Eat("Voter)");
    if (!*expectation.voter && !cursor.Eat("Non-Voter)")) continue;
    if (!cursor.Eat(" Term:") || !cursor.Eat(term)) continue;
    if (!cursor.Eat(" Lead:") || !cursor.Eat(lead)) continue;
    expectation.term = term;
    expectation.lead = lead;
    nodes[id] = expectation;
  }
  return nodes;
}

uint64_t ForeignTerm(Term term) {
  return term.value() == 0 ? 0 : term.value() - 1;
}

bool IsVoter(const RaftStatus& status) {
  const auto has = [&status](const std::vector<ReplicaId>& ids) {
    return std::find(ids.begin(), ids.end(), status.id) != ids.end();
  };
  return has(status.conf.voters) || has(status.conf.voters_outgoing);
}

template <typename T, typename U>
void Compare(std::string_view what, const std::optional<T>& expected,
             const U& actual, std::string& differences) {
  if (!expected || *expected == actual) return;
  std::ostringstream text;
  text << "  " << what << ": expected " << *expected << ", is " << actual
       << "\n";
  differences += text.str();
}

std::string CompareNode(uint64_t id, const Expectation& expected,
                        const Cluster& cluster) {
  const Node& node = *cluster.nodes()[id - 1];
  const RaftStatus status = node.core().status();
  std::ostringstream role;
  role << status.role;
  std::string differences;
  Compare("role", expected.role, role.str(), differences);
  Compare("leader", expected.lead, status.leader.value(), differences);
  Compare("term", expected.term, ForeignTerm(status.term), differences);
  Compare("commit", expected.commit, status.commit.value(), differences);
  Compare("voter", expected.voter, IsVoter(status), differences);
  return differences.empty() ? ""
                             : absl::StrCat(" node ", id, "\n", differences);
}

std::string CompareNodes(const std::map<uint64_t, Expectation>& nodes,
                         const Cluster& cluster) {
  std::string differences;
  for (const auto& [id, expected] : nodes) {
    if (id == 0 || id > cluster.nodes().size()) continue;
    differences += CompareNode(id, expected, cluster);
  }
  return differences;
}

// "1: StateReplicate match=11 next=12 ..."
std::string CompareProgress(const Block& block, const Node& leader) {
  const RaftStatus status = leader.core().status();
  std::string differences;
  for (const std::string& line : block.expected) {
    Cursor cursor(line);
    uint64_t id = 0;
    uint64_t match = 0;
    if (!cursor.Eat(id) || !cursor.Eat(": State")) continue;
    const std::optional<std::string> state = cursor.Word();
    if (!cursor.Eat(" match=") || !cursor.Eat(match)) continue;
    const auto peer = std::find_if(
        status.peers.begin(), status.peers.end(),
        [id](const raft::PeerStatus& each) { return each.id.value() == id; });
    if (peer == status.peers.end()) {
      absl::StrAppend(&differences, " no progress of node ", id, "\n");
      continue;
    }
    std::ostringstream actual;
    actual << peer->state;
    std::string own;
    Compare("state", state, actual.str(), own);
    Compare("match", std::optional(match), peer->match.value(), own);
    if (!own.empty()) {
      absl::StrAppend(&differences, " progress of node ", id, "\n", own);
    }
  }
  return differences;
}

// "1/11 EntryNormal "x"": term, index, and what a normal entry carries.
std::string CompareLog(const Block& block, const Node& node) {
  std::vector<std::string> expected;
  for (const std::string& line : block.expected) {
    Cursor cursor(line);
    uint64_t term = 0;
    uint64_t index = 0;
    if (!cursor.Eat(term) || !cursor.Eat("/") || !cursor.Eat(index)) continue;
    const bool normal = cursor.Eat(" EntryNormal ");
    expected.push_back(absl::StrCat(term, "/", index, " ",
                                    normal ? ToAbsl(cursor.rest()) : "change"));
  }
  std::vector<std::string> actual;
  for (const LogEntry& entry : node.stored().entries()) {
    const bool normal = entry.type == EntryType::kNormal;
    actual.push_back(absl::StrCat(
        ForeignTerm(entry.term), "/", entry.index.value(), " ",
        normal ? absl::StrCat("\"", ToAbsl(entry.payload.bytes()), "\"")
               : "change"));
  }
  if (expected == actual) return "";
  std::string text = absl::StrCat(" log of node ", node.id().value(), "\n");
  for (const std::string& line : expected) text += "  expected " + line + "\n";
  for (const std::string& line : actual) text += "  is       " + line + "\n";
  return text;
}

// The one command of the block with that name; empty words if there is none.
std::optional<Command> FindCommand(const Block& block, std::string_view name) {
  std::optional<Command> found;
  for (const std::string& line : block.commands) {
    absl::StatusOr<Command> command = Command::Parse(line);
    if (command.ok() && command->name() == name) found = *std::move(command);
  }
  return found;
}

absl::StatusOr<const Node*> NodeOf(const Command& command,
                                   const Cluster& cluster) {
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t id, command.NumberAt(0));
  if (id == 0 || id > cluster.nodes().size()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no node ", id));
  }
  return cluster.nodes()[id - 1].get();
}

// See the header.
absl::Status LetLeaderCommitInItsTerm(const Block& block,
                                      Interpreter& interpreter) {
  const auto command = FindCommand(block, "propose-conf-change");
  if (!command) return absl::OkStatus();
  TRIMARAN_ASSIGN_OR_RETURN(const Node* node,
                            NodeOf(*command, interpreter.cluster()));
  const RaftStatus status = node->core().status();
  const bool committed =
      status.role == raft::Role::kLeader &&
      node->core().log().TermAt(status.applied) == status.term;
  if (committed || status.role == raft::Role::kFollower) {
    return absl::OkStatus();
  }
  Block stabilize;
  stabilize.commands = {absl::StrCat("stabilize ", node->id().value())};
  return interpreter.Run(stabilize).status();
}

absl::StatusOr<std::string> CompareBlock(const Block& block,
                                         const Cluster& cluster) {
  std::string differences;
  if (FindCommand(block, "stabilize")) {
    differences += CompareNodes(ReadStabilize(block), cluster);
  }
  if (FindCommand(block, "raft-state")) {
    differences += CompareNodes(ReadRaftState(block), cluster);
  }
  if (const auto command = FindCommand(block, "status")) {
    TRIMARAN_ASSIGN_OR_RETURN(const Node* node, NodeOf(*command, cluster));
    differences += CompareProgress(block, *node);
  }
  if (const auto command = FindCommand(block, "raft-log")) {
    TRIMARAN_ASSIGN_OR_RETURN(const Node* node, NodeOf(*command, cluster));
    differences += CompareLog(block, *node);
  }
  return differences;
}

}  // namespace

absl::Status CheckForeignScript(const Script& script) {
  Interpreter interpreter;
  for (const Block& block : script.blocks) {
    const std::string place = absl::StrCat(script.path, ":", block.line, ": ");
    TRIMARAN_RETURN_IF_ERROR(LetLeaderCommitInItsTerm(block, interpreter));
    const auto lines = interpreter.Run(block);
    if (!lines.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, lines.status().ToString()));
    }
    TRIMARAN_ASSIGN_OR_RETURN(const std::string differences,
                              CompareBlock(block, interpreter.cluster()));
    if (!differences.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(place, "\"", block.commands.front(),
                       "\" ends differently\n", differences));
    }
  }
  return absl::OkStatus();
}

}  // namespace trimaran::script
