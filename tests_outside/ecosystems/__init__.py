"""One module an ecosystem, each with an `ECOSYSTEM`; it is imported without the packages that it installs."""
