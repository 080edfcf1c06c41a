enum StorageSQLitePlaceholder {}
