enum P_policy {}
