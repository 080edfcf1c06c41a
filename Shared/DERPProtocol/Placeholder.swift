enum DERPProtocolPlaceholder {}
