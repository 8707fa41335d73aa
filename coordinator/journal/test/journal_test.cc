// What is still there after a coordinator has gone, however it went.

#include "coordinator/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/coordinator.h"
#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "matmul/codec/binary_codec.h"
#include "testing/scratch.h"

namespace enxame::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kTask = R"({"A":"[[1],[2]]","B":"[[3]]"})";

std::shared_ptr<const Operands> task_operands() {
  return std::make_shared<const Operands>(parse_operands(Codec::json, kTask));
}

class JournalTest : public ::testing::Test {
 protected:
  /// A coordinator with that journal; one at a time.
  std::unique_ptr<Coordinator> begin(StoreOptions store = {}) {
    JournalOptions journal{.folder = folder(), .patience = std::chrono::milliseconds(2'000)};
    http::ServerOptions http;
    http.log = [this](std::string_view line) { log_.emplace_back(line); };
    return std::make_unique<Coordinator>(
        CoordinatorOptions{.store = store, .http = std::move(http), .journal = std::move(journal)});
  }
  std::string folder() const { return scratch_.path() + "/journal"; }
  std::string file(const char* name) const { return folder() + "/" + name; }

  static Claimed claim(TaskBroker& broker, const std::string& worker = "w1") {
    return broker.claim({worker, Fence::lease}, kNow, still_there);
  }
  static TaskView complete(TaskBroker& broker, const Claimed& task,
                           const std::string& product = "[[3],[6]]") {
    return broker.complete(*task, "w1", text_product(product), {});
  }

  Scratch scratch_;
  std::vector<std::string> log_;
};

TEST_F(JournalTest, KeepsTasksAndProducts) {
  TaskId waiting = 0;
  TaskId held = 0;
  TaskId completed = 0;
  TaskId failed = 0;
  TaskId cancelled = 0;
  {
    auto coordinator = begin();
    TaskBroker& broker = coordinator->broker();
    completed = broker.submit(task_operands());
    complete(broker, claim(broker));
    failed = broker.submit(task_operands());
    broker.fail(*claim(broker), "too odd");
    cancelled = broker.submit(task_operands());
    broker.cancel(cancelled);
    held = broker.submit(task_operands());
    claim(broker);
    waiting = broker.submit(task_operands());
  }
  auto coordinator = begin();
  EXPECT_EQ(coordinator->restored(), 5u);
  TaskBroker& broker = coordinator->broker();
  EXPECT_EQ(broker.look(completed).result->wire, "[[3],[6]]");
  EXPECT_EQ(broker.look(completed).worker, "w1");
  EXPECT_EQ(broker.look(failed).error, "too odd");
  EXPECT_EQ(broker.look(cancelled).state, TaskState::cancelled);
  EXPECT_EQ(broker.look(held).state, TaskState::pending) << "its worker is another's by now";
  EXPECT_EQ(broker.look(waiting).state, TaskState::pending);
  EXPECT_EQ(claim(broker)->id, held) << "in the order of their submission";
  EXPECT_EQ(claim(broker)->id, waiting);
  EXPECT_GT(broker.submit(task_operands()), waiting) << "no number comes again";
  broker.retry(failed);
  EXPECT_EQ(complete(broker, claim(broker)).id, failed) << "with the matrices that it had";
  EXPECT_EQ(broker.stats().completed, 2u);
}

TEST_F(JournalTest, KeepsAttemptsAndNumbers) {
  TaskId id = 0;
  {
    auto coordinator = begin();
    id = coordinator->broker().submit(task_operands());
    for (int i = 0; i < 2; ++i) {
      coordinator->broker().nack(*claim(coordinator->broker()), "no memory");
    }
  }
  auto coordinator = begin();
  coordinator->broker().nack(*claim(coordinator->broker()), "no memory");
  EXPECT_EQ(coordinator->broker().look(id).state, TaskState::failed);
  EXPECT_THAT(coordinator->broker().look(id).error, HasSubstr("after 3 attempts"));
}

TEST_F(JournalTest, KeepsNumbersOfTasksThatAreForgotten) {
  TaskId last = 0;
  {
    auto coordinator = begin({.max_stored_bytes = 4'000});
    for (int i = 0; i < 20; ++i) {
      last = coordinator->broker().submit(task_operands());
      complete(coordinator->broker(), claim(coordinator->broker()));
    }
  }
  auto coordinator = begin();
  EXPECT_LT(coordinator->restored(), 5u);
  EXPECT_EQ(coordinator->broker().look(last).result->wire, "[[3],[6]]");
  EXPECT_GT(coordinator->broker().submit(task_operands()), last);
  EXPECT_THROW(coordinator->broker().look(1), ForgottenTask);
  EXPECT_THROW(coordinator->broker().look(0), UnknownTask);
  EXPECT_THROW(coordinator->broker().look(last + 2), UnknownTask);
}

TEST_F(JournalTest, IsForItsUserAlone) {
  const auto coordinator = begin();
  coordinator->broker().submit(task_operands());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder()).permissions(), perms::owner_all);
  for (const auto& each : std::filesystem::directory_iterator(folder())) {
    EXPECT_EQ(each.status().permissions(), perms::owner_read | perms::owner_write) << each.path();
  }
}

TEST_F(JournalTest, NoticesWhatADiskHasChanged) {
  TaskId id = 0;
  for (const char* column : {"operands", "product"}) {
    {
      auto coordinator = begin();
      id = coordinator->broker().submit(task_operands());
      if (column == std::string_view("product")) {
        const auto task = claim(coordinator->broker());
        id = task->id;
        complete(coordinator->broker(), task);
      }
    }
    const auto change = [&](const char* from, const char* to) {
      Database database(file("tasks.db"));
      database.run("UPDATE task SET " + std::string(column) + " = CAST(replace(CAST(" + column +
                   " AS TEXT), '" + from + "', '" + to +
                   "') AS BLOB) WHERE id = " + std::to_string(id));
    };
    change("[3]", "[4]");
    try {
      begin();
      ADD_FAILURE() << column << " came from a damaged journal";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(column), HasSubstr("task " + std::to_string(id))));
    }
    change("[4]", "[3]");
    begin()->broker().look(id);
  }
}

TEST_F(JournalTest, RefusesATaskTwice) {
  {
    auto coordinator = begin();
    coordinator->broker().submit(task_operands());
    coordinator->broker().submit(task_operands());
  }
  {
    Database database(file("tasks.db"));
    database.run("UPDATE task SET split = 'rows', tiles = 2 WHERE id = 1");
  }
  EXPECT_THROW(begin(), std::invalid_argument) << "the second is a tile of the first";
}

TEST_F(JournalTest, KeepsWhatASubmissionIsCalled) {
  const auto submit = [](Coordinator& coordinator, unsigned char fingerprint) {
    SubmissionKey key{"a", {}};
    key.fingerprint.bytes[3] = fingerprint;
    return coordinator.broker().submit(task_operands(), {}, key);
  };
  TaskId first = 0;
  {
    auto coordinator = begin();
    first = submit(*coordinator, 1);
  }
  auto coordinator = begin();
  EXPECT_EQ(submit(*coordinator, 1), first);
  EXPECT_THROW(submit(*coordinator, 2), KeyReused);
}

TEST_F(JournalTest, KnowsARequestThatComesAgainAfterARestart) {
  const auto submit = [this](const char* body) {
    Api api({.journal = {.folder = folder()}});
    return api.post("/task", body, {{"Idempotency-Key", "a"}});
  };
  const http::Response first = submit(kTask);
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(submit(kTask).body, first.body);
  EXPECT_EQ(submit(R"({"A":"[[1],[2]]","B":"[[4]]"})").status, 422);
}

TEST_F(JournalTest, KeepsThatASplitTaskIsTriedAgain) {
  for (const bool has_a_tile : {false, true}) {
    TaskId id = 0;
    {
      auto coordinator = begin();
      TaskBroker& broker = coordinator->broker();
      id = broker.submit(task_operands(), {SplitKind::rows, 2});
      if (has_a_tile) complete(broker, claim(broker), "[[3]]");
      broker.fail(*claim(broker), "too odd");
      ASSERT_EQ(broker.look(id).state, TaskState::failed);
      broker.retry(id);
    }
    auto coordinator = begin();
    EXPECT_EQ(coordinator->broker().look(id).state, TaskState::pending) << has_a_tile;
    EXPECT_EQ(coordinator->broker().stats().queued, 2u) << has_a_tile;
    coordinator->broker().cancel(id);
  }
}

TEST_F(JournalTest, RefusesWhatADatabaseCannotTake) {
  MemoryPayloadStore payloads;
  Journal journal({.folder = folder()}, payloads);
  const auto huge =
      std::make_shared<const Operands>(Operands{Codec::json, "", {10'000, 10'000}, {}});
  const PayloadRef ref = payloads.keep(huge);
  EXPECT_THROW(journal.announce(ref, {huge}), TaskTooLarge);
}

TEST_F(JournalTest, DoesASplitTaskWholeAgain) {
  TaskId id = 0;
  {
    auto coordinator = begin();
    TaskBroker& broker = coordinator->broker();
    id = broker.submit(task_operands(), {SplitKind::rows, 2});
    complete(broker, claim(broker), "[[3]]");
  }
  auto coordinator = begin();
  TaskBroker& broker = coordinator->broker();
  EXPECT_EQ(broker.look(id).state, TaskState::pending);
  complete(broker, claim(broker), "[[3]]");
  complete(broker, claim(broker), "[[6]]");
  ASSERT_EQ(broker.look(id).state, TaskState::completed);
  EXPECT_EQ(decode_frame<double>(broker.look(id).result->wire), (Matrix{{3}, {6}}));
  coordinator.reset();
  coordinator = begin();
  EXPECT_EQ(decode_frame<double>(coordinator->broker().look(id).result->wire), (Matrix{{3}, {6}}));
}

TEST_F(JournalTest, IsOneCoordinatorsAtATime) {
  const auto coordinator = begin();
  try {
    begin();
    FAIL() << "two coordinators have one journal";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("another coordinator"), HasSubstr(folder())));
  }
}

TEST_F(JournalTest, IsNotAnotherVersions) {
  begin().reset();
  {
    Database database(file("tasks.db"));
    database.run("PRAGMA user_version = 99");
  }
  try {
    begin();
    FAIL() << "it was taken for this version's";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("schema 99, expected 1"));
  }
}

TEST_F(JournalTest, IsNotSomethingElse) {
  std::filesystem::create_directories(folder());
  std::ofstream(file("tasks.db")) << std::string(10'000, 'x');
  EXPECT_THROW(begin(), DatabaseError);
  std::ofstream(scratch_.path() + "/a-file") << "not a folder";
  EXPECT_THROW(Coordinator({.journal = {.folder = scratch_.path() + "/a-file"}}),
               std::runtime_error);
}

/// Copies what is there while a coordinator runs, as a crash would leave it, and cuts some bytes
/// off the end of its log.
TEST_F(JournalTest, LeavesOutATransactionThatIsNotWhole) {
  constexpr int kTasks = 20;
  const std::string crashed = scratch_.path() + "/crashed";
  {
    auto coordinator = begin();
    for (int i = 0; i < kTasks; ++i) coordinator->broker().submit(task_operands());
    std::filesystem::copy(folder(), crashed);
  }
  const std::string log = crashed + "/tasks.db-wal";
  const auto whole = std::filesystem::file_size(log);
  std::size_t before = kTasks + 1;
  for (std::uintmax_t cut = 0; cut < whole; cut += 1'000) {
    std::filesystem::resize_file(log, whole - cut);
    const std::string again = scratch_.path() + "/again";
    std::filesystem::remove_all(again);
    std::filesystem::copy(crashed, again);
    try {
      Coordinator coordinator({.journal = {.folder = again}});
      EXPECT_LE(coordinator.restored(), before) << "the first ones are there";
      before = coordinator.restored();
      EXPECT_TRUE(cut > 0 || coordinator.restored() == static_cast<std::size_t>(kTasks));
      for (std::size_t i = 0; i < coordinator.restored(); ++i) {
        EXPECT_EQ(to_json(*claim(coordinator.broker())->operands), kTask);
      }
      EXPECT_GT(coordinator.broker().submit(task_operands()), 0u) << "and it goes on";
    } catch (const std::exception& error) {
      FAIL() << "cut by " << cut << ": " << error.what();
    }
  }
}

/// Files of this process may not grow beyond a limit for as long as this lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t most_bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = most_bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(JournalTest, AFullDiskTakesNothingNewAndLosesNothing) {
  auto coordinator = begin();
  TaskBroker& broker = coordinator->broker();
  const TaskId before = broker.submit(task_operands());
  complete(broker, claim(broker));
  const TaskId id = broker.submit(task_operands());
  const auto task = claim(broker);
  {
    const FullDisk full(std::filesystem::file_size(file("tasks.db-wal")) + 100);
    EXPECT_THROW(complete(broker, task), StoreUnavailable) << "it is not written down";
    EXPECT_THROW(broker.submit(task_operands()), StoreUnavailable);
    EXPECT_THROW(broker.look(id), StoreUnavailable) << "nobody is told what may be lost";
    EXPECT_THROW(broker.inspect(id), StoreUnavailable);
    EXPECT_EQ(broker.look(before).state, TaskState::completed) << "this is written down";
    EXPECT_EQ(broker.stats().total, 2u);
    EXPECT_EQ(broker.written().waiting, 1u);
  }
  eventually([&] {
    try {
      return broker.look(id).state == TaskState::completed;
    } catch (const StoreUnavailable&) {
      return false;
    }
  });
  broker.submit(task_operands());
  coordinator.reset();
  EXPECT_THAT(log_, ElementsAre(HasSubstr("nothing new is taken"), HasSubstr("written again")));
  EXPECT_EQ(begin()->restored(), 3u);
}

TEST_F(JournalTest, ManyShareATransaction) {
  MemoryPayloadStore payloads;
  Journal journal({.folder = folder()}, payloads);
  MemoryTaskStore store({}, payloads);
  store.add_observer(journal);
  constexpr std::uint64_t kTasks = 500;
  TaskId last = 0;
  for (std::uint64_t i = 0; i < kTasks; ++i) {
    const PayloadRef ref = payloads.keep(task_operands());
    journal.announce(ref, {task_operands()});
    last = store.submit({.operands = ref}, {}).id;
  }
  journal.settle(last);
  EXPECT_EQ(journal.written().entries, kTasks);
  EXPECT_LT(journal.written().transactions, kTasks / 2);
}

}  // namespace
}  // namespace enxame::coordinator
