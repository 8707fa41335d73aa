#pragma once

#include "load/clients/client.h"

namespace enxame::load {

/// "rest": workers of a coordinator, whose REST API the client speaks.
const Client& rest_client();

}  // namespace enxame::load
