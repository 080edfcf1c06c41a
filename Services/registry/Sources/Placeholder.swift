enum P_registry {}
