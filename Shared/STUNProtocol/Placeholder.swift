enum STUNProtocolPlaceholder {}
