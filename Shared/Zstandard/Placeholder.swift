enum ZstandardPlaceholder {}
