enum TailcfgWirePlaceholder {}
