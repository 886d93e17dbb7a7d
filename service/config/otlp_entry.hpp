#pragma once

#include "service/config/config_value.hpp"
#include "service/config/environment.hpp"
#include "service/config/hub_config.hpp"
#include "service/config/value_reader.hpp"

#include <vector>

namespace hub {

/// Reads the setting `otlp`: `{"endpoint": URL, "headers": {...}, "sample": 0 to 1, "service": NAME}`.
void read_otlp(const config_value& value, value_reader& reader, hub_config::otlp_config& x);

/// Takes what the variables of OpenTelemetry say over what the file says: `OTEL_EXPORTER_OTLP_ENDPOINT`,
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `..._HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_TRACES_EXPORTER` and
/// `OTEL_SDK_DISABLED`. What the hub cannot do is a warning.
void apply_otlp_environment(hub_config& config, const variable_map& environment, std::vector<config_error>& errors);

} // namespace hub
