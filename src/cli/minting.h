#pragma once

#include "cli/gateway_access.h"
#include "config/service_config.h"
#include "mws/domain/reservation.h"

#include <chrono>
#include <string>
#include <variant>

namespace mws::cli {

enum class KeySource {
    Configuration, ///< the configuration or the state folder has to have the signing key
    Given,         ///< the caller has one
};

/// The gateway as the service would have it, as far as that matters for signing a token: its id, settings and
/// signing keys. An empty id: the default one. Failures name what is missing.
std::variant<Gateway, Failure> signingGateway(const ServiceConfig &config, const std::string &id,
                                              KeySource source);

/// A socket of its own, from now on, without tags.
Reservation newReservation(std::chrono::seconds life);

} // namespace mws::cli
