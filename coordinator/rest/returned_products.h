#pragma once

#include "coordinator/broker/task_broker.h"
#include "http/message.h"

namespace enxame::coordinator {

/// Takes what workers return for their tasks over REST: a product, or that there is none.
class ReturnedProducts {
 public:
  /// `broker` outlives this.
  explicit ReturnedProducts(TaskBroker& broker) : broker_(broker) {}

  /// Takes what a request brings for the task in its path, and answers what has become of that.
  /// Throws http::Error for what cannot be taken.
  http::Response take(http::Request& request);

 private:
  TaskView settle(http::Request& request, const HeldTask& task);
  TaskView take_json(const http::Request& request, const HeldTask& task,
                     const WorkerPhases& phases);
  http::Response take_second(TaskId id, const http::Request& request);
  http::Response taken_answer(const TaskView& task, const http::Request& request);

  TaskBroker& broker_;
};

}  // namespace enxame::coordinator
