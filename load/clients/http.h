#pragma once

#include "load/clients/client.h"

namespace enxame::load {

/// "http": the native system behind its HTTP front, as the original's clients reach it.
const Client& http_client();

}  // namespace enxame::load
