#include "server/status_text.hpp"

#include <cstring>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

namespace hub {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// How much of a session id lists show. The whole id would let its reader act as
/// the session.
constexpr size_t shown_of_id = 8;

/// Writes the members of one JSON text.
class object_writer {
public:
  object_writer& begin() {
    out_.StartObject();
    return *this;
  }

  object_writer& end() {
    out_.EndObject();
    return *this;
  }

  object_writer& begin(std::string_view key) {
    put_key(key);
    return begin();
  }

  object_writer& text(std::string_view key, std::string_view value) {
    put_key(key);
    put(value);
    return *this;
  }

  template <class Integer>
  object_writer& number(std::string_view key, Integer value) {
    put_key(key);
    out_.Int64(static_cast<int64_t>(value));
    return *this;
  }

  object_writer& real(std::string_view key, double value) {
    put_key(key);
    out_.Double(value);
    return *this;
  }

  object_writer& flag(std::string_view key, bool value) {
    put_key(key);
    out_.Bool(value);
    return *this;
  }

  /// Writes an array by calling `f(x)` for each element.
  template <class Range, class F>
  object_writer& list(std::string_view key, const Range& range, F&& f) {
    put_key(key);
    out_.StartArray();
    for (auto& x : range)
      f(x);
    out_.EndArray();
    return *this;
  }

  object_writer& texts(std::string_view key, const std::vector<std::string>& values) {
    return list(key, values, [this](const std::string& x) { put(x); });
  }

  void put(std::string_view value) {
    out_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  std::string take() const {
    return {buffer_.GetString(), buffer_.GetSize()};
  }

private:
  void put_key(std::string_view key) {
    out_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  }

  rapidjson::StringBuffer buffer_;
  json_writer out_{buffer_};
};

/// Writes the members of one server, without the braces.
void write_server(object_writer& out, const server_status& x) {
  out.text("name", x.name)
    .number("session", x.session)
    .text("isolation", x.session == 0 ? "shared" : x.exclusive ? "call" : "session")
    .text("state", to_name(x.state))
    .number("pid", x.pid)
    .text("transport", x.transport)
    .number("tools", x.tools)
    .number("resources", x.resources)
    .number("prompts", x.prompts)
    .number("calls", x.calls)
    .number("errors", x.errors)
    .number("starts", x.starts)
    .number("crashes", x.crashes)
    .real("p95_ms", x.p95_ms)
    .number("resident_bytes", x.resident_bytes)
    .text("last_error", x.last_error)
    .text("fix", x.fix)
    .list("last_stderr", x.last_stderr, [&out](const std::string& line) { out.put(line); })
    .number("next_try_ms", x.next_try_ms)
    .number("in_state_seconds", x.in_state_seconds)
    .text("why", x.why)
    .text("next", x.next);
}

void write_servers(object_writer& out, const hub_status& status) {
  out.list("servers", status.servers, [&out](const server_status& x) {
    out.begin();
    write_server(out, x);
    out.end();
  });
}

void write_session(object_writer& out, const session_status& x) {
  out.begin()
    .text("id", std::string_view{x.id}.substr(0, shown_of_id))
    .text("client_name", x.client_name)
    .text("client_version", x.client_version)
    .text("protocol_version", x.protocol_version)
    .text("door", x.door)
    .number("age_seconds", x.age_seconds)
    .number("idle_seconds", x.idle_seconds)
    .end();
}

void write_lock(object_writer& out, const lock_status& x) {
  out.begin()
    .text("name", x.name)
    .text("scope", "hub")
    .text("client_name", x.client)
    .number("token", x.token)
    .number("lease_ms", x.lease_ms)
    .number("held_ms", x.held_ms)
    .number("waiting", x.waiting)
    .end();
}

} // namespace

std::string_view to_name(server_state state) noexcept {
  switch (state) {
    case server_state::disabled:
      return "disabled";
    case server_state::known:
      return "known";
    case server_state::queued:
      return "queued";
    case server_state::starting:
      return "starting";
    case server_state::ready:
      return "ready";
    case server_state::stopping:
      return "stopping";
    case server_state::backing_off:
      return "backing_off";
    case server_state::failed:
      return "failed";
  }
  return "unknown";
}

namespace {

/// Empty without TLS.
std::string fingerprint_of(const hub_facts& facts) {
  auto secured = facts.tls ? facts.tls->load() : nullptr;
  return secured ? secured->fingerprint() : std::string{};
}

} // namespace

std::string health_text(const hub_facts& facts, const hub_status& status) {
  object_writer out;
  out.begin()
    .text("status", "ok")
    .text("state", status.state)
    .text("version", facts.version)
    .number("uptime_seconds", status.uptime_seconds)
    .number("pid", facts.pid)
    .text("run", facts.run)
    .number("servers_configured", std::ranges::count(status.servers, uint64_t{0}, &server_status::session))
    .end();
  return out.take();
}

std::string status_text(const hub_facts& facts, const hub_status& status,
                        const sessions_listed& sessions, const call_counts& calls,
                        const locks_listed& locks) {
  object_writer out;
  out.begin()
    .text("state", status.state)
    .text("version", facts.version)
    .number("pid", facts.pid)
    .number("uptime_seconds", status.uptime_seconds)
    .text("endpoint", facts.endpoint)
    .text("tls_fingerprint", fingerprint_of(facts))
    .flag("token_required", facts.token_required && facts.token_required->load())
    .text("config_file", facts.config_file)
    .text("config_dir", facts.config_dir)
    .number("starts_running", status.starts_running)
    .number("starts_queued", status.starts_queued)
    .number("runs_retiring", status.runs_retiring)
    .begin("warm_up")
    .text("mode", status.warm_up)
    .number("hits", status.predictions_hit)
    .number("misses", status.predictions_missed)
    .begin("joined")
    .number("hits", status.joined_hit)
    .number("misses", status.joined_missed)
    .number("uses_seen", status.uses_seen)
    .end()
    .end();
  out.begin("audit");
  if (!facts.audit || !facts.audit->wanted) {
    out.text("state", "off");
  } else {
    auto failure = facts.audit->failure.load();
    out.text("state", failure == 0 ? "ok" : "degraded")
      .number("lines", facts.audit->written.load())
      .number("dropped", facts.audit->dropped.load());
    if (failure != 0)
      out.text("error", std::strerror(failure)).text("fix", "Make room on the disk, or repair the rights of audit.jsonl");
  }
  out.end().begin("store");
  auto trouble = facts.store ? facts.store->load() : nullptr;
  out.text("state", trouble ? "degraded" : "ok");
  if (trouble)
    out.text("error", *trouble);
  out.end()
    .begin("calls")
    .number("in_flight", calls.in_flight)
    .number("answered", calls.answered)
    .number("failed", calls.failed)
    .number("cancelled", calls.cancelled)
    .end()
    .list("sessions", sessions.sessions,
          [&out](const session_status& x) { write_session(out, x); })
    .list("locks", locks.locks, [&out](const lock_status& x) { write_lock(out, x); });
  write_servers(out, status);
  out.end();
  return out.take();
}

std::string servers_text(const hub_status& status) {
  object_writer out;
  out.begin();
  write_servers(out, status);
  out.end();
  return out.take();
}

std::string server_text(const hub_status& status, std::string_view name) {
  auto i = std::find_if(status.servers.begin(), status.servers.end(),
                        [name](const server_status& x) { return x.name == name; });
  if (i == status.servers.end())
    return {};
  object_writer out;
  out.begin();
  write_server(out, *i);
  out.text("log", i->log).end();
  return out.take();
}

std::string tools_text(const tools_listed& tools) {
  object_writer out;
  out.begin()
    .list("tools", tools.tools,
          [&out](const tool_summary& x) {
            out.begin()
              .text("name", x.name)
              .text("server", x.server)
              .text("tool", x.tool)
              .text("title", x.title)
              .text("description", x.description)
              .end();
          })
    .end();
  return out.take();
}

std::string restart_text(const server_restarted& restarted) {
  object_writer out;
  out.begin().flag("ok", restarted.ok).text("message", restarted.message).end();
  return out.take();
}

std::string reload_text(const configuration_reloaded& x) {
  object_writer out;
  out.begin().flag("ok", x.ok).texts("errors", x.errors).texts("warnings", x.warnings);
  out.texts("added", x.added).texts("removed", x.removed).texts("changed", x.changed);
  out.texts("at_next_start", x.at_next_start).end();
  return out.take();
}

std::string login_text(const login_begun& begun) {
  object_writer out;
  out.begin().flag("ok", begun.ok).text("address", begun.address).number("login", begun.login);
  out.text("error", begun.message).text("fix", begun.fix).end();
  return out.take();
}

std::string login_text(const login_status& status) {
  using kind = login_status::kind;
  auto state = status.what == kind::done ? "done" : status.what == kind::failed ? "failed" : "waiting";
  object_writer out;
  out.begin().text("state", state).text("message", status.message).text("fix", status.fix).end();
  return out.take();
}

std::string logout_text(const logged_out& done) {
  object_writer out;
  out.begin().flag("ok", done.ok).text(done.ok ? "message" : "error", done.message).text("fix", done.fix).end();
  return out.take();
}

std::string access_text(const access_reloaded& x) {
  object_writer out;
  out.begin().flag("ok", x.ok).number("tokens", x.tokens);
  if (!x.ok)
    out.text("error", x.error).text("fix", "The tokens that were read before count on until the file is repaired");
  out.end();
  return out.take();
}

std::string error_text(std::string_view error, std::string_view fix) {
  object_writer out;
  out.begin().text("error", error).text("fix", fix).end();
  return out.take();
}

} // namespace hub
