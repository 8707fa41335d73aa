#pragma once

#include <cstddef>

#include "load/dispatcher.h"
#include "load/sample.h"
#include "load/workload.h"
#include "matmul/matmul.h"

namespace enxame::load {

/// Has `system` solve `problem` and checks the product. The response time begins with the submit;
/// between the two readings of the clock that make it there is nothing but the call. The check
/// comes after it. Does not throw what the system throws: that is the sample's error.
Sample make_request(Matmul& system, const Problem& problem, std::size_t client);

/// The same for an arrival: the response time begins with its intended start, however much later it
/// is submitted, and `backlog` is that much.
Sample make_request(Matmul& system, const Problem& problem, std::size_t client,
                    const Arrival& arrival);

}  // namespace enxame::load
