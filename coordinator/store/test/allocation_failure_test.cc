// What happens to tasks when there is no memory. A program of its own: it takes the place of
// operator new.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <string>

#include "coordinator/broker/test/test_broker.h"
#include "matmul/codec/binary_codec.h"

namespace {

/// How many more allocations succeed, of whatever thread; negative: all.
std::atomic<long> allocations_left{-1};

bool may_allocate() {
  long left = allocations_left.load();
  while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1)) {
  }
  return left != 0;
}

}  // namespace

// Not inlined: the compiler would take free() for a mistake where it sees what frees.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (may_allocate()) {
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;

std::string frame(const Matrix& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

/// Does `attempt` with 0, 1, 2, … allocations until it succeeds, and `check`s after each failure.
/// Returns how often it failed.
int with_ever_more_memory(const std::function<void()>& attempt,
                          const std::function<void()>& check) {
  for (int allowed = 0;; ++allowed) {
    allocations_left = allowed;
    try {
      attempt();
      allocations_left = -1;
      return allowed;
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
      check();
    }
  }
}

class AllocationFailure : public testing::Test {
 protected:
  Claimed claim() { return store_.claim(kWorker, kNow, still_there); }

  /// Everything is as it was when `before` was taken.
  void expect_unchanged(const StoreStats& before) {
    const StoreStats now = store_.stats();
    EXPECT_EQ(now.total, before.total);
    EXPECT_EQ(now.active, before.active);
    EXPECT_EQ(now.queued, before.queued);
    EXPECT_EQ(now.completed, before.completed);
    EXPECT_EQ(now.stored_bytes, before.stored_bytes);
  }

  /// Too long to be copied without memory.
  const std::string kWorker = std::string(100, 'w');

  ManualClock clock_;
  TestBroker store_{
      kMemoryStore, {.limits = {.attempts = 1}}, {.now = [this] { return clock_.now(); }}};
};

TEST_F(AllocationFailure, OfASubmissionChangesNothing) {
  for (const SplitKind split : {SplitKind::none, SplitKind::rows}) {
    const auto task = std::make_shared<const Operands>(parse_operands(
        Codec::binary, frame(random_matrix<double>({6, 2}, 1)) + frame(Matrix{{1, 2}, {3, 4}})));
    const StoreStats before = store_.stats();
    EXPECT_GT(with_ever_more_memory(
                  [&] {
                    store_.submit(task, {split, 3});
                  },
                  [&] { expect_unchanged(before); }),
              0);
    while (const auto claimed = claim()) store_.fail(claimed->id, kWorker, "enough");
  }
}

TEST_F(AllocationFailure, OfAClaimLeavesTheTaskInTheQueue) {
  store_.submit(operands());
  const StoreStats before = store_.stats();
  const std::string worker(100, 'w');
  EXPECT_GT(with_ever_more_memory([&] { EXPECT_TRUE(store_.claim(worker, kNow, still_there)); },
                                  [&] { expect_unchanged(before); }),
            0);
}

TEST_F(AllocationFailure, OfAProductLeavesTheTaskWithItsWorker) {
  const TaskId id = store_.submit(operands());
  claim();
  const StoreStats before = store_.stats();
  const Result done = text_product(std::string(100, '1'));
  EXPECT_GT(with_ever_more_memory([&] { store_.complete(id, kWorker, done); },
                                  [&] { expect_unchanged(before); }),
            0);
  EXPECT_EQ(store_.result(id).state, TaskState::completed);
}

TEST_F(AllocationFailure, OfWhatAWorkerSaysLeavesTheTaskWithIt) {
  const std::string reason(100, 'r');
  const TaskId refused = store_.submit(operands());
  claim();
  StoreStats before = store_.stats();
  EXPECT_GT(with_ever_more_memory([&] { store_.fail(refused, kWorker, reason); },
                                  [&] { expect_unchanged(before); }),
            0);
  const TaskId rejected = store_.submit(operands());
  claim();
  before = store_.stats();
  EXPECT_GT(with_ever_more_memory([&] { store_.nack(rejected, kWorker, reason); },
                                  [&] { expect_unchanged(before); }),
            0);
  EXPECT_EQ(store_.seen().failed(), 2u);
}

TEST_F(AllocationFailure, OfTheLastTilesProductLeavesItWithItsWorker) {
  const TaskId id = store_.submit(std::make_shared<const Operands>(parse_operands(
                                      Codec::binary, frame(Matrix{{1}, {2}}) + frame(Matrix{{3}}))),
                                  {SplitKind::rows, 2});
  const auto tile = [](double value) { return Result{Codec::binary, frame(Matrix{{value}})}; };
  store_.complete(claim()->id, kWorker, tile(3));
  const TaskId last = claim()->id;
  const StoreStats before = store_.stats();
  const Result done = tile(6);
  EXPECT_GT(with_ever_more_memory([&] { store_.complete(last, kWorker, done); },
                                  [&] { expect_unchanged(before); }),
            0);
  EXPECT_EQ(decode_frame<double>(store_.result(id).result->wire), (Matrix{{3}, {6}}));
}

/// What cannot be refused happens all the same, in fewer words.
TEST_F(AllocationFailure, DoesNotKeepALostOrLateTaskFromComingBack) {
  const TaskId lost = store_.submit(operands());
  const Assignment of_lost = *claim();
  const TaskId late = store_.submit(operands());
  claim();
  clock_.advance(StoreOptions{}.hold);
  allocations_left = 0;
  store_.abandon(of_lost, "its connection ended, which takes some words to tell");
  store_.expire_leases();
  allocations_left = -1;
  EXPECT_EQ(store_.result(lost).state, TaskState::failed);
  EXPECT_EQ(store_.result(late).state, TaskState::failed);
  EXPECT_EQ(store_.stats().active, 0u);
}

/// The thread that watches leases has nobody to tell.
TEST(AllocationFailureOfAThread, EndsNoProgram) {
  TestBroker store(
      kMemoryStore,
      {.lease = milliseconds(20), .hold = milliseconds(20), .limits = {.attempts = 1}});
  const TaskId id = store.submit(operands());
  store.claim(std::string(100, 'w'), kNow, still_there);
  allocations_left = 0;
  while (store.stats().active > 0) std::this_thread::yield();
  allocations_left = -1;
  EXPECT_EQ(store.result(id).state, TaskState::failed);
}

}  // namespace
}  // namespace enxame::coordinator
