#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "coordinator/store/split_operands.h"
#include "wire/digest.h"

namespace enxame::coordinator {

/// Finds what tiles share by its digest, as long as a task that needs it is not finished.
/// Thread-safe.
class OperandIndex {
 public:
  /// A frame, and who keeps it.
  struct Found {
    std::shared_ptr<const SplitOperands> keeper;
    std::string_view frame;
  };

  /// Makes b_frame(tile) of `operands` known under its digest, and returns that.
  wire::Digest add(const std::shared_ptr<const SplitOperands>& operands, std::size_t tile);

  /// The frame of that digest; one without keeper when there is none (any more).
  Found find(const wire::Digest& digest);

 private:
  struct Place {
    std::weak_ptr<const SplitOperands> operands;
    std::size_t tile;
  };

  void sweep();

  std::mutex mutex_;
  std::map<wire::Digest, std::vector<Place>> places_;
  std::size_t sweep_at_ = 64;
};

}  // namespace enxame::coordinator
