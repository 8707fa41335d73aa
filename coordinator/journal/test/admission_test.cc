// Which workers got no tasks when a coordinator ended, and get none from the next.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "coordinator/coordinator.h"
#include "coordinator/journal/database.h"
#include "coordinator/journal/journal.h"
#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "testing/scratch.h"

namespace enxame::coordinator {
namespace {

class AdmissionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Coordinator> begin() {
    JournalOptions journal{.folder = scratch_.path() + "/journal"};
    return std::make_unique<Coordinator>(CoordinatorOptions{.journal = std::move(journal)});
  }

  /// What is known of a worker; nothing of one that is not known.
  static WorkerView worker(Coordinator& coordinator, const std::string& name) {
    for (const WorkerView& each : coordinator.broker().workers(0, kNow, still_there)) {
      if (each.id == name) return each;
    }
    return {};
  }

  Scratch scratch_;
};

TEST_F(AdmissionTest, OutlivesACoordinator) {
  {
    auto coordinator = begin();
    for (const char* name : {"liar", "leaving", "forgiven", "good"}) {
      coordinator->broker().saw(name);
    }
    coordinator->broker().quarantine("liar", "the product is wrong");
    coordinator->broker().quarantine("forgiven", "the product is wrong");
    coordinator->broker().drain("leaving");
    coordinator->broker().readmit("forgiven");
  }
  for (int i = 0; i < 2; ++i) {
    auto coordinator = begin();
    EXPECT_EQ(worker(*coordinator, "liar").admission, Admission::quarantined);
    EXPECT_EQ(worker(*coordinator, "liar").reason, "the product is wrong");
    EXPECT_EQ(worker(*coordinator, "leaving").admission, Admission::draining);
    EXPECT_EQ(worker(*coordinator, "forgiven").id, "");
    EXPECT_EQ(worker(*coordinator, "good").id, "");
    EXPECT_THROW(coordinator->broker().claim({"liar", Fence::lease}, kNow, still_there),
                 Quarantined);
  }
  begin()->broker().readmit("liar");
  EXPECT_EQ(worker(*begin(), "liar").id, "");
}

TEST_F(AdmissionTest, IsKeptOfNoMoreWorkersThanAreKnown) {
  const std::size_t most = WorkerRegistry::kMaxWorkers;
  const auto quarantine = [&](std::size_t from, std::size_t to) {
    auto coordinator = begin();
    for (std::size_t i = from; i < to; ++i) {
      coordinator->broker().saw("w" + std::to_string(i));
      coordinator->broker().quarantine("w" + std::to_string(i), "wrong");
    }
  };
  quarantine(0, most);
  // Of whom the first have been silent for longest.
  quarantine(most, most + 10);
  {
    auto coordinator = begin();
    EXPECT_EQ(coordinator->broker().workers(0, kNow, still_there).size(), most);
    EXPECT_EQ(worker(*coordinator, "w0").id, "");
    EXPECT_EQ(worker(*coordinator, "w" + std::to_string(most + 9)).admission,
              Admission::quarantined);
  }
  Database database(scratch_.path() + "/journal/tasks.db");
  Database::Statement count(database, "SELECT count(*) FROM worker");
  ASSERT_TRUE(count.next());
  EXPECT_EQ(count.integer(0), static_cast<std::int64_t>(most));
}

}  // namespace
}  // namespace enxame::coordinator
