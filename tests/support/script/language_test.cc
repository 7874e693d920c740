// The scenario language itself: what is refused, and with which words; that a
// rewritten scenario passes and nothing else in it changes.

#include <cstdio>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/script/foreign.h"
#include "tests/support/script/interpreter.h"
#include "tests/support/script/runner.h"
#include "tests/support/script/script.h"

namespace trimaran::script {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Script Parsed(const std::string& text) {
  const auto script = ParseScript("story.txt", text);
  EXPECT_TRUE(script.ok()) << script.status();
  return script.ok() ? *script : Script();
}

std::string ParseError(const std::string& text) {
  const auto script = ParseScript("story.txt", text);
  EXPECT_FALSE(script.ok());
  return std::string(script.status().message());
}

std::string CheckError(const std::string& text) {
  return std::string(CheckScript(Parsed(text)).message());
}

std::string ForeignError(const std::string& text) {
  return std::string(CheckForeignScript(Parsed(text)).message());
}

TEST(CommandTest, IsCutAtBlanksOutsideParentheses) {
  const auto command = Command::Parse("deliver-msgs 2 drop=(1, 3) type=MsgApp");
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->name(), "deliver-msgs");
  EXPECT_THAT(command->words(), ElementsAre("2"));
  ASSERT_NE(command->Find("drop"), nullptr);
  EXPECT_THAT(command->Find("drop")->values, ElementsAre("1", "3"));
  EXPECT_THAT(command->Find("type")->values, ElementsAre("MsgApp"));
}

TEST(CommandTest, MalformedTextIsRefused) {
  EXPECT_FALSE(Command::Parse("").ok());
  EXPECT_FALSE(Command::Parse("campaign drop=(1").ok());
  EXPECT_FALSE(Command::Parse("campaign =1").ok());
}

TEST(CommandTest, NumbersAreChecked) {
  const auto command = Command::Parse("tick one count=-1 many=(1,2)");
  ASSERT_TRUE(command.ok());
  EXPECT_FALSE(command->NumberAt(0).ok());
  EXPECT_FALSE(command->NumberAt(1).ok());
  uint64_t value = 7;
  EXPECT_FALSE(command->Read("count", value).ok());
  EXPECT_FALSE(command->Read("many", value).ok());
  EXPECT_TRUE(command->Read("absent", value).ok());
  EXPECT_EQ(value, 7u);
}

TEST(ScriptTest, TextSurvivesParsing) {
  const std::string text =
      "# A story.\n"
      "\n"
      "log-level none\n"
      "raft-state\n"
      "----\n"
      "ok\n"
      "\n"
      "# The end, with two empty lines before it.\n"
      "\n"
      "raft-state\n"
      "----\n"
      "1: anything\n";
  const Script script = Parsed(text);
  ASSERT_EQ(script.blocks.size(), 2u);
  EXPECT_EQ(script.blocks[0].line, 3);
  EXPECT_EQ(script.blocks[0].expected_line, 5);
  EXPECT_EQ(ScriptText(script), text);
}

TEST(ScriptTest, MissingNewlineAtTheEndIsRefused) {
  EXPECT_EQ(ParseError("raft-state\n----\nok"),
            "story.txt:3: the last line has no newline");
}

TEST(ScriptTest, CommandWithoutDashesIsRefused) {
  EXPECT_EQ(ParseError("raft-state\n\n----\nok\n"),
            "story.txt:2: a command is not followed by ----");
  EXPECT_EQ(ParseError("# no end\nraft-state\n"),
            "story.txt:2: a command is not followed by ----");
}

TEST(ScriptTest, DashesWithoutCommandAreRefused) {
  EXPECT_EQ(ParseError("# nothing to do\n----\nok\n"),
            "story.txt:2: dashes without a command before them");
}

TEST(RunnerTest, DifferenceIsShownWithFileAndLine) {
  const std::string error =
      CheckError("add-nodes 1 voters=(1)\n----\nok\n\ncampaign 1\n----\nwon\n");
  EXPECT_THAT(error, HasSubstr("story.txt:7: output of \"campaign 1\""));
  EXPECT_THAT(error, HasSubstr("expected: won"));
  EXPECT_THAT(error, HasSubstr("actual:   ok"));
}

TEST(RunnerTest, TextAfterTheExpectedOutputIsShownWithItsLine) {
  const std::string error =
      CheckError("add-nodes 1 voters=(1)\n----\nok\nand more\n");
  EXPECT_THAT(error, HasSubstr("story.txt:4:"));
  EXPECT_THAT(error, HasSubstr("expected: and more"));
  EXPECT_THAT(error, HasSubstr("actual:   (end of output)"));
}

TEST(RunnerTest, ScriptThatMakesNoSenseIsRefusedWithItsLine) {
  EXPECT_THAT(CheckError("# here\njump 1\n----\nok\n"),
              HasSubstr("story.txt:2: NOT_FOUND: unknown command jump"));
  EXPECT_THAT(CheckError("campaign 1\n----\nok\n"),
              HasSubstr("there is no node 1"));
  EXPECT_THAT(CheckError("add-nodes 1 voter=(1)\n----\nok\n"),
              HasSubstr("unknown argument in \"voter\""));
  EXPECT_THAT(CheckError("add-nodes 1 voters=(1)\ncrash 1\ncampaign 1\n"
                         "----\nok\n"),
              HasSubstr("node 1 is down"));
}

TEST(RunnerTest, RewrittenScriptPassesAndKeepsItsComments) {
  Script script = Parsed(
      "# Why.\nadd-nodes 1 voters=(1)\n----\nwrong\n\n# What.\nraft-state\n"
      "----\n");
  ASSERT_TRUE(RewriteScript(script).ok());
  const std::string text = ScriptText(script);
  EXPECT_THAT(text, HasSubstr("# Why.\nadd-nodes 1 voters=(1)\n----\nok\n\n"));
  EXPECT_THAT(text, HasSubstr("# What.\nraft-state\n----\n1: Follower"));
  const Script again = Parsed(text);
  EXPECT_TRUE(CheckScript(again).ok());
  EXPECT_EQ(ScriptText(again), text);
}

TEST(RunnerTest, RewritingAFileIsDoneInPlaceAndOnlyOnce) {
  const std::string path = ::testing::TempDir() + "rewritten_story.txt";
  std::ofstream(path) << "add-nodes 1 voters=(1)\n----\nwrong\n";
  EXPECT_FALSE(RunScriptFile(path, FileMode::kCheck).ok());
  EXPECT_TRUE(RunScriptFile(path, FileMode::kRewrite).ok());
  EXPECT_TRUE(RunScriptFile(path, FileMode::kCheck).ok());
  const auto script = ReadScript(path);
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(ScriptText(*script), "add-nodes 1 voters=(1)\n----\nok\n");
  EXPECT_EQ(std::remove(path.c_str()), 0);
}

TEST(RunnerTest, MissingFilesAndDirectoriesAreErrors) {
  EXPECT_FALSE(RunScriptFile("no/such/story.txt", FileMode::kCheck).ok());
  EXPECT_FALSE(ScriptFilesIn("no/such/directory").ok());
}

TEST(InterpreterTest, StepsOfAChangeStandOnTheNextLine) {
  EXPECT_EQ(CheckError("quiet\nadd-nodes 1 voters=(1)\ncampaign 1\nstabilize\n"
                       "propose-conf-change 1 v1=true\nl2\nstabilize\n"
                       "----\nok\n\n"
                       "state\n----\n"
                       "1: applied 2 \"\" voters=(1) learners=(2)\n"),
            "");
}

// The beginning of every foreign text below: one node leads at term 1, and
// its log goes from 4 to 5.
constexpr char kForeignStart[] =
    "log-level none\nadd-nodes 1 voters=(1) index=3\ncampaign 1\nstabilize\n"
    "propose 1 x\nstabilize\n----\nok\n\n";

TEST(ForeignScriptTest, AgreesWithATextThatIsRight) {
  EXPECT_EQ(ForeignError(std::string(kForeignStart) +
                         "raft-state\n----\n"
                         "1: StateLeader (Voter) Term:1 Lead:1\n\n"
                         "status 1\n----\n"
                         "1: StateReplicate match=5 next=6\n\n"
                         "raft-log 1\n----\n"
                         "1/4 EntryNormal \"\"\n1/5 EntryNormal \"x\"\n"),
            "");
}

TEST(ForeignScriptTest, FindsADifferentRole) {
  EXPECT_THAT(ForeignError(std::string(kForeignStart) +
                           "raft-state\n----\n"
                           "1: StateFollower (Voter) Term:2 Lead:1\n"),
              AllOf(HasSubstr("story.txt:10:"),
                    HasSubstr("role: expected Follower, is Leader"),
                    HasSubstr("term: expected 2, is 1")));
}

TEST(ForeignScriptTest, FindsADifferentLog) {
  EXPECT_THAT(ForeignError(std::string(kForeignStart) +
                           "raft-log 1\n----\n1/4 EntryNormal \"\"\n"),
              HasSubstr("log of node 1"));
}

TEST(ForeignScriptTest, FindsDifferentProgress) {
  EXPECT_THAT(ForeignError(std::string(kForeignStart) +
                           "status 1\n----\n"
                           "1: StateProbe match=4 next=6\n"),
              AllOf(HasSubstr("state: expected Probe, is Replicate"),
                    HasSubstr("match: expected 4, is 5")));
}

TEST(ForeignScriptTest, FindsADifferentEndOfStabilize) {
  EXPECT_THAT(ForeignError("add-nodes 1 voters=(1) index=3\ncampaign 1\n"
                           "stabilize\n----\n"
                           "> 1 handling Ready\n"
                           "  Ready MustSync=true:\n"
                           "  Lead:0 State:StateCandidate\n"
                           "  HardState Term:1 Vote:1 Commit:3\n"),
              AllOf(HasSubstr("role: expected Candidate, is Leader"),
                    HasSubstr("leader: expected 0, is 1"),
                    HasSubstr("commit: expected 3, is 4")));
}

}  // namespace
}  // namespace trimaran::script
