#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "coordinator/broker/task_broker.h"
#include "coordinator/metrics/metrics.h"
#include "coordinator/rest/operand_index.h"
#include "coordinator/rest/request_values.h"
#include "coordinator/rest/returned_products.h"
#include "coordinator/rest/static_site.h"
#include "http/server/router.h"
#include "http/server/server.h"

namespace enxame::coordinator {

/// `options` with what pages of an origin that is let in need to use the API.
http::ServerOptions api_options(http::ServerOptions options);

/// The REST API: turns requests into calls of the broker and what comes of them into answers.
class Routes {
 public:
  /// `site` may be null; all must outlive this. `max_product_bytes`: the most that a worker may
  /// return; tasks with larger products are refused. `longest_wait`: whoever asks for a longer wait
  /// is answered after it, as if the wait was over. `max_answer_bytes`: what all answers may take
  /// together.
  Routes(TaskBroker& broker, const StaticSite* site, CoordinatorMetrics& metrics,
         std::size_t max_product_bytes = std::numeric_limits<std::size_t>::max(),
         std::chrono::milliseconds longest_wait = kMaxWait,
         std::size_t max_answer_bytes = std::numeric_limits<std::size_t>::max())
      : broker_(broker),
        site_(site),
        metrics_(metrics),
        max_product_bytes_(max_product_bytes),
        longest_wait_(longest_wait),
        max_answer_bytes_(max_answer_bytes),
        returned_(broker) {}

  /// What answer() puts into http::Request::route: a pattern of the API such as "/result/{id}",
  /// "site" or "preflight"; nothing for what it does not know.
  static std::vector<std::string_view> names();

  /// Whether `path` is the API's, whatever the method; everything else is the site's.
  static bool is_route(std::string_view path);

  /// Whom a request is for, where there are tokens; pages and what is not known are for anyone.
  /// Throws http::Error 400 for a WebSocket that says no role.
  static http::Role role_of(const http::Request& request);

  /// Throws http::Error for whatever a client does wrong.
  http::Response answer(http::Request& request);

 private:
  static http::Router<Routes> router();

  http::Response submit(http::Request& request);
  http::Response claim(http::Request& request);
  http::Response complete(http::Request& request);
  http::Response renew(http::Request& request);
  http::Response inspect(http::Request& request);
  http::Response cancel(http::Request& request);
  http::Response retry(http::Request& request);
  http::Response operand(http::Request& request);
  http::Response result(http::Request& request);
  http::Response push(http::Request& request);
  http::Response stats(http::Request& request);
  http::Response workers(http::Request& request);
  http::Response drain(http::Request& request);
  http::Response readmit(http::Request& request);
  http::Response health(http::Request& request);
  http::Response metrics(http::Request& request);

  std::chrono::milliseconds patience_of(const http::Request& request) const;
  http::Response dispatch(http::Request& request);
  http::Response collect(const TaskView& task, const http::Request& request,
                         std::chrono::steady_clock::time_point asked_at);
  http::Response hand_over(const Assignment& task, const http::Request& request);
  http::Response task_for(const Assignment& task, const http::Request& request);

  TaskBroker& broker_;
  const StaticSite* site_;
  CoordinatorMetrics& metrics_;
  const std::size_t max_product_bytes_;
  const std::chrono::milliseconds longest_wait_;
  const std::size_t max_answer_bytes_;
  ReturnedProducts returned_;
  OperandIndex operands_;
};

}  // namespace enxame::coordinator
