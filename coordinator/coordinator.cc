#include "coordinator/coordinator.h"

#include <algorithm>
#include <utility>

namespace enxame::coordinator {

namespace {

std::size_t most_of_a_product(const CoordinatorOptions& options) {
  return options.max_product_bytes.value_or(
      most_product_bytes(options.http.max_body_bytes, options.http.max_in_flight_bytes));
}

std::optional<Journal> journal_of(const CoordinatorOptions& options, const PayloadStore& payloads) {
  if (options.journal.folder.empty()) return std::nullopt;
  JournalOptions journal = options.journal;
  journal.log = options.http.log;
  return std::optional<Journal>(std::in_place, std::move(journal), payloads);
}

StoreOptions store_options(StoreOptions options, const std::optional<Journal>& journal) {
  if (!journal) return options;
  options.first_id = std::max(options.first_id, journal->first_free_id());
  if (journal->oldest_id() < journal->first_free_id()) options.oldest_id = journal->oldest_id();
  return options;
}

BrokerOptions broker_options(BrokerOptions options, std::optional<Journal>& journal) {
  if (journal) options.durability = &*journal;
  return options;
}

std::optional<StaticSite> site_of(const std::string& folder) {
  if (folder.empty()) return std::nullopt;
  return std::optional<StaticSite>(std::in_place, folder);
}

}  // namespace

Coordinator::Coordinator(CoordinatorOptions options)
    : options_(std::move(options)),
      journal_(journal_of(options_, payloads_)),
      store_(store_options(options_.store, journal_), payloads_),
      broker_(store_, payloads_, broker_options(options_.broker, journal_)),
      metrics_(store_, broker_, Routes::names()),
      site_(site_of(options_.site)),
      routes_(broker_, site_ ? &*site_ : nullptr, metrics_, most_of_a_product(options_),
              options_.longest_wait, options_.http.max_in_flight_bytes) {
  for (TaskObserver* observer : options_.observers) store_.add_observer(*observer);
  if (!journal_) return;
  journal_->restore([this](RestoredTask task) {
    broker_.restore(std::move(task));
    ++restored_;
  });
  journal_->restore_workers([this](const RestoredWorker& worker) { broker_.restore(worker); });
}

// Those who wait hold connections, which the server waits for.
Coordinator::~Coordinator() { close(); }

std::uint16_t Coordinator::listen() {
  http::ServerOptions http = api_options(options_.http);
  http.observer = &metrics_.observer();
  server_.emplace(std::move(http), [this](http::Request& request) { return answer(request); });
  return port();
}

std::string Coordinator::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

bool Coordinator::drain(std::chrono::milliseconds patience) {
  return server_.value().drain(patience);
}

}  // namespace enxame::coordinator
