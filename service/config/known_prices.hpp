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

  /// The month that the price is of.
  std::string_view month;
};

/// When the vendors told these prices; the others are what they were then, and were not looked up again.
inline constexpr std::string_view looked_up = "2026-10";
inline constexpr std::string_view remembered = "2025-06";

inline constexpr int64_t known_cent = money::cent;

/// The first one that matches counts.
inline constexpr known_price known_prices[] = {
  {"exa", "web_search*exa", known_cent / 2, remembered},
  {"exa", "company_research*exa", known_cent / 2, remembered},
  {"exa", "crawling*exa", known_cent / 10, remembered},
  {"exa", "deep_research*", 10 * known_cent, remembered},
  {"exa", "*_search_exa", known_cent / 2, remembered},
  {"tavily", "tavily?search", known_cent * 8 / 10, looked_up},
  {"tavily", "tavily?extract", known_cent * 8 / 10, looked_up},
  {"tavily", "tavily?map", known_cent * 16 / 10, looked_up},
  {"tavily", "tavily?crawl", 2 * known_cent, looked_up},
  {"perplexity", "perplexity?search", known_cent / 2, looked_up},
  {"perplexity", "perplexity?ask", known_cent, remembered},
  {"perplexity", "perplexity?reason", 2 * known_cent, remembered},
  {"perplexity", "perplexity?research", 40 * known_cent, remembered},
  {"firecrawl", "firecrawl?scrape", known_cent * 6 / 10, remembered},
  {"firecrawl", "firecrawl?map", known_cent * 6 / 10, remembered},
  {"firecrawl", "firecrawl?search", known_cent * 12 / 10, remembered},
  {"firecrawl", "firecrawl?extract", 3 * known_cent, remembered},
  {"firecrawl", "firecrawl?crawl", 6 * known_cent, remembered},
  {"firecrawl", "firecrawl?deep?research", 6 * known_cent, remembered},
  {"brave", "brave_*_search", known_cent / 2, remembered},
  {"kagi", "kagi_search*", known_cent * 25 / 10, remembered},
  {"kagi", "kagi_summarizer", 3 * known_cent, remembered},
  {"serper", "*search*", known_cent / 10, remembered},
  {"serpapi", "search*", known_cent * 15 / 10, remembered},
  {"linkup", "*search*", known_cent / 2, remembered},
  {"brightdata", "search_engine", known_cent * 15 / 100, remembered},
  {"brightdata", "scrape_as_*", known_cent * 15 / 100, remembered},
};

} // namespace hub
