#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/store/task.h"
#include "http/client/client.h"
#include "matmul/codec/codec.h"
#include "matmul/matmul.h"
#include "matmul/timing/clock_offset.h"

namespace enxame::coordinator {

/// How a client learns that its product is there.
enum class Collection {
  long_poll,  ///< the coordinator answers when it is
  poll,       ///< by asking every poll_interval, as the original system's client does
};

/// "long-poll" or "poll".
std::string_view to_string(Collection collection);

struct CoordinatorMatmulOptions {
  std::chrono::milliseconds wait{20'000};  ///< of one long-poll
  std::chrono::milliseconds timeout{
      300'000};  ///< of one multiplication, from the submit to the product
  Collection collection = Collection::long_poll;
  std::chrono::milliseconds poll_interval{500};
  Split split{};  ///< how the coordinator is to divide each multiplication
  /// Whether what was not answered, or with 503, is asked again until `timeout`: a coordinator with
  /// a journal that was started again knows the task, which is submitted under a key.
  bool repeats = false;
  http::ClientOptions http{};
};

/// A worker as the coordinator sees it.
struct ListedWorker {
  std::string id;
  std::string state;  ///< "asking", "working" or "silent"
};

/// Multiplies through a coordinator's REST API: submits a task, waits for its result or asks for it
/// again and again. Each thread that multiplies has a connection of its own while it does.
///
/// Phases: `submit` ends when the coordinator has accepted the task, `collect` begins when it has
/// the product; what lies between comes from the coordinator. Where those two moments are on the
/// caller's clock is estimated from the exchanges that carry them (matmul/timing/clock_offset.h),
/// so that the phases add up to the caller's time whatever the estimate is. A coordinator that does
/// not tell its clock: `submit` ends with its answer, `collect` begins with that of the product,
/// and what lies between may be in no phase.
class CoordinatorMatmul : public Matmul {
 public:
  /// `url` is "http://HOST:PORT". Throws std::invalid_argument for anything else; connects only
  /// when it multiplies.
  CoordinatorMatmul(const std::string& url, Codec codec, CoordinatorMatmulOptions options = {});

  /// Throws std::runtime_error, which names the coordinator and what it said, when there is no
  /// product.
  Product multiply(const Matrix& a, const Matrix& b) override;

  /// The coordinator's workers, as soon as `count` of them are asking or working, or after
  /// `patience`. Throws std::runtime_error.
  std::vector<ListedWorker> wait_for_workers(std::size_t count, std::chrono::milliseconds patience);

 private:
  /// What was answered; when, on this process's clock, the question set off and the head of the
  /// answer was here.
  struct Answer {
    http::Reply reply;
    Duration sent_at;
    Duration answered_at;
  };

  Answer submit(const Matrix& a, const Matrix& b, std::chrono::steady_clock::time_point deadline);
  Answer await_result(const std::string& task, std::chrono::steady_clock::time_point deadline);
  std::string task_of(const Answer& submitted) const;
  bool has_product(const http::Reply& reply, const std::string& task) const;
  std::chrono::milliseconds next_wait(std::chrono::milliseconds left) const;
  Matrix decode(const http::Reply& reply) const;
  Phases phases_since(Duration started_at, const Answer& submitted, const Answer& completed);
  Answer call(const http::Call& call);
  Answer call_until(const http::Call& call, std::chrono::steady_clock::time_point deadline);

  CoordinatorMatmulOptions options_;
  Codec codec_;
  http::Client client_;
  ClockOffset clock_;  // the coordinator's
};

}  // namespace enxame::coordinator
