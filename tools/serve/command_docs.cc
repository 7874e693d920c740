#include "tools/serve/command_docs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "engine/base/absl_compat.h"

namespace trimaran::serve {
namespace {

constexpr std::array kString = {
    CommandDocs{"append",
                "Appends to a value; a row that is not there is empty.",
                "key value"},
    CommandDocs{"decr", "Subtracts one from a number.", "key"},
    CommandDocs{"decrby", "Subtracts from a number.", "key decrement"},
    CommandDocs{"get", "The value of a row.", "key"},
    CommandDocs{"getdel", "The value of a row, which is removed.", "key"},
    CommandDocs{"getrange", "A part of a value.", "key start end"},
    CommandDocs{"getset", "The value of a row, which is then another.",
                "key value"},
    CommandDocs{"incr", "Adds one to a number.", "key"},
    CommandDocs{"incrby", "Adds to a number.", "key increment"},
    CommandDocs{"mget", "The values of rows, as of one moment.", "key..."},
    CommandDocs{"mset", "Writes rows, all of them or none.", "{key value}..."},
    CommandDocs{"msetnx", "Writes rows if none of them is there.",
                "{key value}..."},
    CommandDocs{"set", "Writes a row.", "key value [NX|XX] [GET] [KEEPTTL]"},
    CommandDocs{"setnx", "Writes a row if it is not there.", "key value"},
    CommandDocs{"strlen", "How many bytes a value has.", "key"},
    CommandDocs{"substr", "A part of a value.", "key start end"},
};

constexpr std::array kGeneric = {
    CommandDocs{"dbsize", "Counts all rows, by reading them.", ""},
    CommandDocs{"del", "Removes rows.", "key..."},
    CommandDocs{"exists", "How many of these rows there are.", "key..."},
    CommandDocs{"flushall", "Removes all rows, a million at most.",
                "[ASYNC|SYNC]"},
    CommandDocs{"flushdb", "Removes all rows, a million at most.",
                "[ASYNC|SYNC]"},
    CommandDocs{"keys", "The keys of a pattern, of all rows.", "pattern"},
    CommandDocs{"pttl", "-1: rows do not expire.", "key"},
    CommandDocs{"scan", "Walks over the keys in their order.",
                "cursor [MATCH pattern] [COUNT count] [TYPE type]"},
    CommandDocs{"touch", "How many of these rows there are.", "key..."},
    CommandDocs{"trimaran.range", "Keys and values from start to before end.",
                "start end [LIMIT count] [REVERSE] [KEYS]"},
    CommandDocs{"ttl", "-1: rows do not expire.", "key"},
    CommandDocs{"type", "string, or none.", "key"},
    CommandDocs{"unlink", "Removes rows.", "key..."},
};

constexpr std::array kTransactions = {
    CommandDocs{"discard", "Forgets what was queued.", ""},
    CommandDocs{"exec",
                "Does what was queued, if nothing that is watched has changed.",
                ""},
    CommandDocs{"multi", "Queues the commands that follow.", ""},
    CommandDocs{"unwatch", "Watches nothing any more.", ""},
    CommandDocs{"watch",
                "EXEC does nothing if one of these rows is written before it.",
                "key..."},
};

constexpr std::array kConnection = {
    CommandDocs{"auth", "Says who asks.", "[username] password"},
    CommandDocs{"client", "Clients, and the name of this one.",
                "ID|INFO|LIST|GETNAME|SETNAME|SETINFO [value...]"},
    CommandDocs{"echo", "Says the same.", "message"},
    CommandDocs{"hello", "Version 2 of the protocol, and who asks.",
                "[protover] [AUTH {username password}] [SETNAME clientname]"},
    CommandDocs{"ping", "Answers.", "[message]"},
    CommandDocs{"quit", "Answers, and closes the connection.", ""},
    CommandDocs{"reset", "Makes the connection as it was at first.", ""},
    CommandDocs{"select", "There is database 0 only.", "index"},
    CommandDocs{"trimaran.read", "How fresh reads of this connection are.",
                "LINEARIZABLE|LEASE|LOCAL"},
};

constexpr std::array kServer = {
    CommandDocs{"command", "What there is.",
                "[COUNT|DOCS|INFO|LIST] [name...]"},
    CommandDocs{"config", "The settings of Redis that there are.",
                "GET pattern..."},
    CommandDocs{"info", "About this replica and its group.", "[section]"},
    CommandDocs{"role", "Whether it leads, and who follows.", ""},
    CommandDocs{"wait", "How many others hold every acknowledged write.",
                "numreplicas timeout"},
};

// Of the words of one command.
class Parser {
 public:
  explicit Parser(std::string_view words) : rest_(words) {}

  // Up to `end`, which is taken as well.
  std::vector<DocsArgument> ReadUntil(char end) {
    std::vector<DocsArgument> arguments;
    while (!rest_.empty() && rest_.front() != end) {
      if (rest_.front() == ' ') {
        rest_.remove_prefix(1);
        continue;
      }
      DocsArgument next = ReadOne();
      // A token belongs to what comes behind it.
      if (!arguments.empty() && arguments.back().type == "pure-token" &&
          !arguments.back().optional && !next.optional) {
        next.token = arguments.back().token;
        arguments.pop_back();
      }
      arguments.push_back(std::move(next));
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return arguments;
  }

 private:
  DocsArgument ReadOne() {
    DocsArgument argument;
    if (rest_.front() == '[') {
      rest_.remove_prefix(1);
      argument = Together(ReadUntil(']'));
      argument.optional = true;
    } else if (rest_.front() == '{') {
      rest_.remove_prefix(1);
      argument = Together(ReadUntil('}'));
    } else {
      argument = ReadWord();
    }
    if (rest_.starts_with("...")) {
      rest_.remove_prefix(3);
      argument.multiple = true;
    }
    return argument;
  }

  static DocsArgument Together(std::vector<DocsArgument> arguments) {
    if (arguments.size() == 1) return std::move(arguments.front());
    DocsArgument block;
    block.name = "data";
    block.type = "block";
    block.inside = std::move(arguments);
    return block;
  }

  DocsArgument ReadWord() {
    const std::string_view word =
        rest_.substr(0, rest_.find_first_of(" [{]}|."));
    rest_.remove_prefix(word.size());
    DocsArgument argument;
    argument.name = absl::AsciiStrToLower(ToAbsl(word));
    if (absl::ascii_isupper(static_cast<unsigned char>(word.front()))) {
      argument.type = "pure-token";
      argument.token = word;
    } else if (word == "key") {
      argument.type = "key";
    }
    if (!rest_.starts_with('|')) return argument;
    DocsArgument either;
    either.name = "choice";
    either.type = "oneof";
    either.inside.push_back(std::move(argument));
    while (rest_.starts_with('|')) {
      rest_.remove_prefix(1);
      DocsArgument other = ReadWord();
      if (other.type == "oneof") {
        std::move(other.inside.begin(), other.inside.end(),
                  std::back_inserter(either.inside));
      } else {
        either.inside.push_back(std::move(other));
      }
    }
    return either;
  }

  std::string_view rest_;
};

void AnswerField(std::string_view name, std::string_view value, Reply& reply) {
  reply.Bulk(name);
  reply.Bulk(value);
}

void AnswerArguments(const std::vector<DocsArgument>& arguments, Reply& reply) {
  reply.Bulk("arguments");
  reply.Array(arguments.size());
  for (const DocsArgument& each : arguments) {
    const bool flagged = each.optional || each.multiple;
    const size_t fields = size_t{2} + (each.token.empty() ? 0 : 1) +
                          (flagged ? 1 : 0) + (each.inside.empty() ? 0 : 1);
    reply.Array(2 * fields);
    AnswerField("name", each.name, reply);
    AnswerField("type", each.type, reply);
    if (!each.token.empty()) AnswerField("token", each.token, reply);
    if (flagged) {
      reply.Bulk("flags");
      reply.Array((each.optional ? 1 : 0) + (each.multiple ? 1 : 0));
      if (each.optional) reply.Simple("optional");
      if (each.multiple) reply.Simple("multiple");
    }
    if (!each.inside.empty()) AnswerArguments(each.inside, reply);
  }
}

}  // namespace

absl::Span<const CommandDocsGroup> AllCommandDocs() {
  static constexpr std::array groups = {
      CommandDocsGroup{"string", kString},
      CommandDocsGroup{"generic", kGeneric},
      CommandDocsGroup{"transactions", kTransactions},
      CommandDocsGroup{"connection", kConnection},
      CommandDocsGroup{"server", kServer},
  };
  return groups;
}

std::vector<DocsArgument> ParseDocsWords(std::string_view words) {
  return Parser(words).ReadUntil('\0');
}

void AnswerDocs(std::string_view group, const CommandDocs& docs, Reply& reply) {
  const std::vector<DocsArgument> arguments = ParseDocsWords(docs.words);
  reply.Bulk(docs.name);
  reply.Array(arguments.empty() ? 6 : 8);
  AnswerField("summary", docs.summary, reply);
  AnswerField("since", TRIMARAN_VERSION, reply);
  AnswerField("group", group, reply);
  if (!arguments.empty()) AnswerArguments(arguments, reply);
}

}  // namespace trimaran::serve
