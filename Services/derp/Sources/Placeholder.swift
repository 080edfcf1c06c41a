enum P_derp {}
