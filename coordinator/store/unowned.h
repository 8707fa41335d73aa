#pragma once

#include "coordinator/store/payload_store.h"

namespace enxame::coordinator {

/// Drops payloads that no task has come to own.
class Unowned {
 public:
  explicit Unowned(PayloadStore& payloads, const PayloadRef& ref)
      : payloads_(payloads), ref_(ref) {}
  Unowned(const Unowned&) = delete;
  Unowned& operator=(const Unowned&) = delete;
  ~Unowned() {
    if (ref_) payloads_.drop(ref_);
  }

  void owned() { ref_ = {}; }

 private:
  PayloadStore& payloads_;
  PayloadRef ref_;
};

}  // namespace enxame::coordinator
