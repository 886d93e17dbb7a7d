#pragma once

#include "messages/money.hpp"

#include <cstdint>
#include <string_view>

namespace hub {

/// What a call of a well-known paid tool costs, about: list prices without free quotas, in the
/// smallest paid plan, for a request of usual size. Whoever pays other prices says so in the configuration.
struct known_price {
  /// What the name, program, arguments or address of its server have in them, in lower case.
  std::string_view mark;

  /// With `*` and `?`.
  std::string_view tool;

  /// Millionths of a cent.
  int64_t units;
};

/// When the list was made, and what it is called.
inline constexpr std::string_view known_prices_origin = "known prices of 2025-06";

inline constexpr int64_t known_cent = money::cent;

/// The first one that matches counts.
inline constexpr known_price known_prices[] = {
  {"exa", "web_search*exa", known_cent / 2},
  {"exa", "company_research*exa", known_cent / 2},
  {"exa", "crawling*exa", known_cent / 10},
  {"exa", "deep_research*", 10 * known_cent},
  {"exa", "*_search_exa", known_cent / 2},
  {"tavily", "tavily?search", known_cent * 8 / 10},
  {"tavily", "tavily?extract", known_cent * 8 / 10},
  {"tavily", "tavily?map", known_cent * 16 / 10},
  {"tavily", "tavily?crawl", 2 * known_cent},
  {"perplexity", "perplexity?search", known_cent / 2},
  {"perplexity", "perplexity?ask", known_cent},
  {"perplexity", "perplexity?reason", 2 * known_cent},
  {"perplexity", "perplexity?research", 40 * known_cent},
  {"firecrawl", "firecrawl?scrape", known_cent * 6 / 10},
  {"firecrawl", "firecrawl?map", known_cent * 6 / 10},
  {"firecrawl", "firecrawl?search", known_cent * 12 / 10},
  {"firecrawl", "firecrawl?extract", 3 * known_cent},
  {"firecrawl", "firecrawl?crawl", 6 * known_cent},
  {"firecrawl", "firecrawl?deep?research", 6 * known_cent},
  {"brave", "brave_*_search", known_cent / 2},
  {"kagi", "kagi_search*", known_cent * 25 / 10},
  {"kagi", "kagi_summarizer", 3 * known_cent},
  {"serper", "*search*", known_cent / 10},
  {"serpapi", "search*", known_cent * 15 / 10},
  {"linkup", "*search*", known_cent / 2},
  {"brightdata", "search_engine", known_cent * 15 / 100},
  {"brightdata", "scrape_as_*", known_cent * 15 / 100},
};

} // namespace hub
