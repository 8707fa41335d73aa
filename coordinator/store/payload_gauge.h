#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace enxame::coordinator {

/// Counts the bytes of payloads from when they are stored until the last one who has them lets go:
/// a product that was forgotten while it is being sent still takes memory. Thread-safe.
class PayloadGauge {
 public:
  /// `payload` under another control block that counts `bytes` as long as it lives.
  template <typename T>
  std::shared_ptr<const T> count(std::shared_ptr<const T> payload, std::size_t bytes) {
    const T* address = payload.get();
    auto counted = std::make_shared<Counted<T>>(std::move(payload), bytes_, bytes);
    return {std::move(counted), address};
  }

  std::size_t bytes() const { return *bytes_; }

 private:
  using Bytes = std::shared_ptr<std::atomic<std::size_t>>;

  template <typename T>
  struct Counted {
    Counted(std::shared_ptr<const T> of, Bytes gauge_bytes, std::size_t of_bytes)
        : payload(std::move(of)), total(std::move(gauge_bytes)), bytes(of_bytes) {
      *total += bytes;
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() {
      payload.reset();
      *total -= bytes;
    }

    std::shared_ptr<const T> payload;
    Bytes total;  // payloads may outlive the gauge
    std::size_t bytes;
  };

  Bytes bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace enxame::coordinator
