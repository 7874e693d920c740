// Goal: the program `trimaran` shows and verifies what is on disk, says by its
// exit code what is wrong, and changes nothing. Method: runs of the real
// program on stores that the engine makes.

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/bytes.h"
#include "engine/base/crc32c.h"
#include "engine/engine.h"
#include "engine/founding.h"
#include "engine/home/home_paths.h"
#include "engine/snapshot/backup.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine/sole_replica.h"
#include "tests/support/engine/temp_home.h"
#include "tests/tools/trimaran/program_run.h"

namespace trimaran::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

using tool::AsNobody;
using tool::Contents;
using tool::Image;
using tool::ImageOf;
using tool::InterruptedTrimaran;
using tool::Outcome;
using tool::Overwrite;
using tool::Shell;
using tool::Trimaran;

class ProgramTest : public ::testing::Test {
 protected:
  // A store with some rows; `count` more entries than the last time.
  std::unique_ptr<Engine> MakeStore() {
    EXPECT_TRUE(FoundGroup(home_.options(), SoleStore()).ok());
    auto engine = Engine::Open(home_.options());
    EXPECT_TRUE(engine.ok()) << engine.status();
    auto replica = SoleReplica::Start(**engine);
    EncodeAndAppend(*replica);
    EXPECT_TRUE(replica->ApplyAll().ok());
    return *std::move(engine);
  }

  void MakeClosedStore() {
    const auto engine = MakeStore();
    EXPECT_TRUE(engine->Close().ok());
  }

  // Two commands in entry 6, one in entry 7.
  static void EncodeAndAppend(SoleReplica& replica) {
    const std::vector<std::vector<Command>> entries = {
        {{std::nullopt, WriteCommand{{},
                                     {PutOp{kDefaultFamily, "apple", "red"},
                                      PutOp{kDefaultFamily, "b\xff", "\x01"}},
                                     {}}},
         {std::nullopt, CreateFamilyCommand{"pears"}}},
        {{std::nullopt,
          WriteCommand{{}, {PutOp{FamilyId(2), "conference", "green"}}, {}}}}};
    std::vector<LogEntry> log;
    LogIndex index = replica.last().index;
    for (const auto& commands : entries) {
      EntryEncoder encoder;
      for (const Command& command : commands) {
        EXPECT_TRUE(encoder.Add(command).ok());
      }
      index = index + 1;
      log.push_back(
          {index, replica.term(), EntryType::kNormal, Payload(encoder.Take())});
    }
    EXPECT_TRUE(replica.Append(std::move(log)).ok());
  }

  std::string path() const { return home_.path(); }

  TempHome home_;
};

TEST_F(ProgramTest, HelpAndVersionAreNoErrors) {
  EXPECT_THAT(Trimaran("--help").out, HasSubstr("dump"));
  EXPECT_THAT(Trimaran("dump --help").out, HasSubstr("--log-from N"));
  EXPECT_THAT(Trimaran("verify --help").out,
              HasSubstr("has another one than its backup"));
  EXPECT_THAT(Trimaran("restore --help").out,
              HasSubstr("Its state hash is not that of the\nbackup"));
  const Outcome version = Trimaran("--version");
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, HasSubstr("trimaran 0."));
}

TEST_F(ProgramTest, HelpOfASubcommandIsWhatItSaysItself) {
  const Outcome run = Trimaran("help add");
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, HasSubstr("usage: trimaran add"));
  EXPECT_EQ(run.out, Trimaran("add --help").out);
  EXPECT_EQ(Trimaran("help").out, Trimaran("--help").out);
  const Outcome unknown = Trimaran("help ad");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_EQ(unknown.out, "");
  EXPECT_THAT(unknown.err, HasSubstr("did you mean add?"));
  EXPECT_EQ(Trimaran("help add remove").code, 2);
}

TEST_F(ProgramTest, WrongUsageIsTwoAndGivesAHint) {
  EXPECT_EQ(Trimaran("").code, 2);
  EXPECT_EQ(Trimaran("dump").code, 2);
  EXPECT_EQ(Trimaran("dump a b").code, 2);
  const Outcome run = Trimaran("dump --jsn a");
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean --json?"));
  EXPECT_THAT(Trimaran("verfy a").err, HasSubstr("did you mean verify?"));
  EXPECT_THAT(Trimaran("dump --limit=x a").err,
              HasSubstr("--limit: \"x\" is not a number"));
}

TEST_F(ProgramTest, DumpShowsRowsEntriesAndStates) {
  MakeClosedStore();

  const Outcome run = Trimaran(absl::StrCat("dump ", path()));

  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Raft state (RaftLocalState)\n"
                                 "  key hex         "
                                 "0102000000000000000102\n"));
  EXPECT_THAT(run.out, HasSubstr("  applied index    7\n"));
  EXPECT_THAT(run.out, HasSubstr("Rows of \"default\"\n"));
  EXPECT_THAT(run.out, HasSubstr("\"apple\""));
  EXPECT_THAT(run.out, HasSubstr("\"b\\xff\""));
  EXPECT_THAT(run.out, HasSubstr("\"pears\""));
  EXPECT_THAT(run.out, HasSubstr("index=6"));
}

TEST_F(ProgramTest, DumpAsJsonIsExact) {
  MakeClosedStore();

  const Outcome run =
      Trimaran(absl::StrCat("dump --json --what=data ", path()));

  EXPECT_EQ(run.out,
            "{\"type\":\"row\",\"family\":\"default\",\"key\":\"apple\","
            "\"version\":6,\"bytes\":3,\"value\":\"red\"}\n"
            "{\"type\":\"row\",\"family\":\"default\",\"key\":\"b\\\\xff\","
            "\"key_base64\":\"Yv8=\",\"version\":6,\"bytes\":1,"
            "\"value\":\"\\u0001\"}\n"
            "{\"type\":\"row\",\"family\":\"pears\",\"key\":\"conference\","
            "\"version\":7,\"bytes\":5,\"value\":\"green\"}\n");
}

TEST_F(ProgramTest, DumpChoosesKeysAndEntries) {
  MakeClosedStore();
  const auto keys = [&](const std::string& options) {
    return Trimaran(absl::StrCat("dump --keys-only ", options, " ", path()))
        .out;
  };
  EXPECT_THAT(keys("--prefix=app"), HasSubstr("apple"));
  EXPECT_THAT(keys("--prefix=app"), Not(HasSubstr("conference")));
  EXPECT_THAT(keys("--from=b --to=d"), HasSubstr("conference"));
  EXPECT_THAT(keys("--from=b --to=d"), Not(HasSubstr("apple")));
  EXPECT_THAT(keys("--family=pears"), Not(HasSubstr("apple")));
  EXPECT_THAT(keys("--limit=1"), Not(HasSubstr("conference")));
  EXPECT_THAT(keys("--limit=1"), HasSubstr("no more than 1 rows"));
  EXPECT_EQ(Trimaran(absl::StrCat("dump --family=plums ", path())).code, 2);
  const std::string log =
      Trimaran(absl::StrCat("dump --log-from=7 ", path())).out;
  EXPECT_THAT(log, HasSubstr("index=7"));
  EXPECT_THAT(log, Not(HasSubstr("index=6")));
}

TEST_F(ProgramTest, ReaderThatGoesAwayIsNoError) {
  MakeClosedStore();
  const Outcome run =
      Shell(absl::StrCat("{ ", ::getenv("TRIMARAN_BINARY"), " dump ", path(),
                         "; echo ended with $? >&2; } | true"));
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.err, "ended with 0\n");
}

TEST_F(ProgramTest, VerifyPassesASoundStoreWithItsReplay) {
  MakeClosedStore();
  const Outcome run = Trimaran(absl::StrCat("verify --deep --replay ", path()));
  EXPECT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("state hash"));
  EXPECT_THAT(run.out, Not(HasSubstr("damage")));
  EXPECT_THAT(run.out, HasSubstr("replay"));
}

// Of three rows in two families, whose records are the group's own.
TEST_F(ProgramTest, VerifySaysRowsOfRowsAlone) {
  MakeClosedStore();
  const std::string whole = Trimaran("verify " + path()).out;
  EXPECT_THAT(whole, HasSubstr("3 rows in 2 families"));
  EXPECT_THAT(whole, HasSubstr("\n  records     "));
  EXPECT_THAT(whole, Not(HasSubstr("\n  rows")));
}

TEST_F(ProgramTest, QuickVerifySaysThatItReadsNoRows) {
  MakeClosedStore();
  const Outcome run = Trimaran("verify --quick " + path());
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("rows not read, 2 families"));
}

TEST_F(ProgramTest, LookingChangesNothing) {
  MakeClosedStore();
  const Image before = ImageOf(path());
  EXPECT_EQ(Trimaran(absl::StrCat("dump ", path())).code, 0);
  EXPECT_EQ(Trimaran(absl::StrCat("verify --deep --replay ", path())).code, 0);
  EXPECT_EQ(ImageOf(path()), before);
}

TEST_F(ProgramTest, LookingAtWhatACrashLeftChangesNothing) {
  // The files of a store at work, as a killed process leaves them: the log is
  // ahead of the state, and WiredTiger was about to replace its turtle file.
  const auto engine = MakeStore();
  const std::string crashed = home_.Beside("crashed");
  fs::copy(path(), crashed, fs::copy_options::recursive);
  std::ofstream(fs::path(crashed) / "kv" / "WiredTiger.turtle.set") << "half";
  const Image before = ImageOf(crashed);

  const Outcome dump = Trimaran(absl::StrCat("dump ", crashed));
  EXPECT_EQ(dump.code, 0) << dump.err;
  EXPECT_THAT(dump.out, HasSubstr("  applied index    5\n"));
  const Outcome verify = Trimaran(absl::StrCat("verify --replay ", crashed));
  EXPECT_EQ(verify.code, 0) << verify.out << verify.err;
  EXPECT_THAT(verify.out, HasSubstr("entries 6 to 7 in two ways"));

  EXPECT_EQ(ImageOf(crashed), before);
}

TEST_F(ProgramTest, NothingThereIsThree) {
  EXPECT_EQ(Trimaran(absl::StrCat("dump ", path())).code, 3);
  fs::create_directory(path());
  EXPECT_EQ(Trimaran(absl::StrCat("dump ", path())).code, 3);
  EXPECT_EQ(Trimaran("dump ''").code, 3);
  std::ofstream(fs::path(path()) / "somebody's") << "text";
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", path())).code, 3);
  EXPECT_EQ(Trimaran(absl::StrCat("dump \"", path(), "/somebody's\"")).code, 3);
  EXPECT_EQ(fs::exists(fs::path(path()) / "LOCK"), false);
}

TEST_F(ProgramTest, StoreInUseIsFour) {
  const auto engine = MakeStore();
  const Outcome run = Trimaran(absl::StrCat("dump ", path()));
  EXPECT_EQ(run.code, 4);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr(path()));
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", path())).code, 4);
}

TEST_F(ProgramTest, DamageIsFiveToDumpAndOneToVerify) {
  MakeClosedStore();
  Overwrite(fs::path(path()) / kIdentityFile, 12, "damage");
  EXPECT_EQ(Trimaran(absl::StrCat("dump ", path())).code, 5);
  const Outcome run = Trimaran(absl::StrCat("verify ", path()));
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_THAT(run.out, HasSubstr("damaged"));
}

TEST_F(ProgramTest, VerifyNamesTheFileThatIsDamaged) {
  MakeClosedStore();
  Overwrite(fs::path(path()) / kFloorFile, 100, "damage");
  Overwrite(fs::path(path()) / kFloorFile, 4096 + 100, "damage");
  const Outcome run = Trimaran(absl::StrCat("verify --json ", path()));
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.out, HasSubstr("{\"type\":\"check\",\"check\":\"floor\","
                                 "\"result\":\"damaged\""));
  EXPECT_THAT(run.out, HasSubstr("{\"type\":\"check\",\"check\":\"log\","
                                 "\"result\":\"ok\""));
}

TEST_F(ProgramTest, LostLogEntriesAreFoundByTheFloorAndTheState) {
  MakeClosedStore();
  // Everything behind the first block of each segment.
  for (const auto& file : fs::directory_iterator(fs::path(path()) / "log")) {
    const auto size = static_cast<size_t>(file.file_size());
    Overwrite(file.path(), 4096, std::string(size - 4096, '\0'));
  }
  const Outcome run = Trimaran(absl::StrCat("verify ", path()));
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.out, HasSubstr("has lost what it had acknowledged"));
  EXPECT_THAT(run.out, HasSubstr("the log ends before the applied index"));
}

TEST_F(ProgramTest, MissingTableIsDamage) {
  MakeClosedStore();
  fs::remove(fs::path(path()) / "kv" / "kv_g1.wt");
  const Outcome run = Trimaran(absl::StrCat("verify ", path()));
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_EQ(Trimaran(absl::StrCat("dump --what=data ", path())).code, 5);
}

TEST_F(ProgramTest, NewerFormatIsSix) {
  MakeClosedStore();
  const fs::path file = fs::path(path()) / kIdentityFile;
  // The version, in a file that is intact.
  std::string identity = Contents(file).substr(0, 52);
  identity[11] = 2;
  const uint32_t checksum = Crc32c(identity);
  ByteWriter(identity).WriteU32(checksum);
  Overwrite(file, 0, identity);
  const Image before = ImageOf(path());

  const Outcome run = Trimaran(absl::StrCat("dump ", path()));
  EXPECT_EQ(run.code, 6);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("format version 2"));
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", path())).code, 6);

  EXPECT_EQ(ImageOf(path()), before);
}

TEST_F(ProgramTest, NoPermissionIsSeven) {
  MakeClosedStore();
  fs::permissions(path(), fs::perms::none);
  const auto nobody = AsNobody();
  if (!nobody.has_value()) GTEST_SKIP() << "no setpriv";
  const Outcome run = Trimaran(absl::StrCat("dump ", path()), *nobody);
  fs::permissions(path(), fs::perms::owner_all);
  EXPECT_EQ(run.code, 7) << run.err;
}

TEST_F(ProgramTest, FullOutputIsEight) {
  MakeClosedStore();
  const Outcome run = Trimaran(absl::StrCat("dump ", path(), " >/dev/full"));
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err, HasSubstr("No space left"));
}

TEST_F(ProgramTest, InterruptionIs130AndEndsWhatIsUnderWay) {
  const auto engine = MakeStore();
  auto replica = SoleReplica::Start(*engine);
  ASSERT_TRUE(replica.ok());
  // More than a pipe holds, many times.
  WriteCommand many;
  std::vector<std::string> keys;
  for (int i = 1000; i < 9000; ++i) {
    keys.push_back(absl::StrCat("key ", i, std::string(100, '.')));
  }
  for (const std::string& key : keys) {
    many.operations.emplace_back(PutOp{kDefaultFamily, key, "value"});
  }
  EntryEncoder encoder;
  ASSERT_TRUE(encoder.Add({std::nullopt, many}).ok());
  ASSERT_TRUE(replica
                  ->Append({{replica->last().index + 1, replica->term(),
                             EntryType::kNormal, Payload(encoder.Take())}})
                  .ok());
  ASSERT_TRUE(replica->ApplyAll().ok());
  ASSERT_TRUE(engine->Close().ok());
  const Image before = ImageOf(path());

  const Outcome run =
      InterruptedTrimaran(absl::StrCat("dump --what=data ", path()));

  EXPECT_EQ(run.code, 130);
  EXPECT_THAT(run.out, HasSubstr("key 1000"));
  EXPECT_THAT(run.out, Not(HasSubstr("key 8999")));
  EXPECT_EQ(ImageOf(path()), before);
}

TEST_F(ProgramTest, BackupAndItsChunksAreDumpedAndVerified) {
  const auto engine = MakeStore();
  const std::string backup = home_.Beside("backup");
  {
    auto state = engine->machine().NewExport();
    ASSERT_TRUE(state.ok()) << state.status();
    const SnapshotIdentity identity{SnapshotId(7), engine->identity().cluster,
                                    engine->identity().group};
    auto writer = BackupWriter::Start(home_.files(), backup, identity,
                                      *std::move(state), {});
    ASSERT_TRUE(writer.ok()) << writer.status();
    while (true) {
      const auto progress = (*writer)->Step();
      ASSERT_TRUE(progress.ok()) << progress.status();
      if (progress->done) break;
    }
  }
  const Outcome dump = Trimaran(absl::StrCat("dump --what=data ", backup));
  EXPECT_EQ(dump.code, 0) << dump.err;
  EXPECT_THAT(dump.out, HasSubstr("\"conference\""));
  EXPECT_THAT(Trimaran(absl::StrCat("dump --what=snapshots ", backup)).out,
              AllOf(HasSubstr("\n  records     "), Not(HasSubstr("\n  rows")),
                    HasSubstr("name=\"pears\"  rows=1")));
  EXPECT_THAT(Trimaran(absl::StrCat("dump --from=b --to=c ", backup)).out,
              HasSubstr("\"b\\xff\""));
  const Outcome verify = Trimaran(absl::StrCat("verify --deep ", backup));
  EXPECT_EQ(verify.code, 0) << verify.out << verify.err;
  const std::string chunk = backup + "/chunk-000001";
  EXPECT_THAT(Trimaran(absl::StrCat("dump ", chunk)).out,
              HasSubstr("\"conference\""));
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", chunk)).code, 0);

  Overwrite(chunk, 60, "damage");
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", backup)).code, 1);
  EXPECT_EQ(Trimaran(absl::StrCat("verify ", chunk)).code, 1);
  EXPECT_EQ(Trimaran(absl::StrCat("dump ", chunk)).code, 5);
}

// Foreign eyes: WiredTiger's own program knows the home as its own.
TEST_F(ProgramTest, TheWtUtilityListsVerifiesAndDumpsTheState) {
  MakeClosedStore();
  if (Shell("command -v wt").code != 0) GTEST_SKIP() << "no wt utility";
  const std::string wt = absl::StrCat("wt -h ", path(), "/kv ");
  EXPECT_THAT(Shell(wt + "list").out, HasSubstr("file:kv_g1.wt"));
  const Outcome verify = Shell(wt + "verify file:kv_g1.wt");
  EXPECT_EQ(verify.code, 0) << verify.err;
  const Outcome dump = Shell(wt + "dump file:kv_g1.wt");
  EXPECT_THAT(dump.out, HasSubstr("apple"));
}

}  // namespace
}  // namespace trimaran::engine
