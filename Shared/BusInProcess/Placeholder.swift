enum BusInProcessPlaceholder {}
