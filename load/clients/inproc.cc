#include "load/clients/inproc.h"

#include "native-baseline/local/local_matmul.h"

namespace enxame::load {
namespace {

class InprocClient : public Client {
 public:
  InprocClient() : Client({.transport = "inproc", .flags = {"kernel"}, .names_workers = false}) {}

  std::unique_ptr<Matmul> open(const SystemOptions& options) const override {
    return std::make_unique<native::LocalMatmul>(options.kernel, options.workers);
  }
};

}  // namespace

const Client& inproc_client() {
  static const InprocClient client;
  return client;
}

}  // namespace enxame::load
